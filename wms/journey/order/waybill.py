"""From firm to waybill: cartons planned, numbers drawn, the carrier told, before anyone walks."""

from datetime import datetime

import asyncpg

from routing.pack.plan import CartonPlan
from routing.pack.problem import Carton, PackItem
from routing.pack.solver import plan_cartons
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.claim.supply import ask_delivery
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, State
from wms.outbox import commands as outbox
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.packing.carton import Unpacked, carton_from, pack_item
from wms.shipping import commands as shipping

ACTOR = "job:waybill"


@again_on_deadlock
async def prepare_waybills(pool: asyncpg.Pool, fulfilment_order_id: int, now: datetime) -> bool:
    """Plans a firm order's cartons and makes a waybill for each; False where nothing is to do.

    What no carton takes puts the order on hold with the reason, so that nothing ships by halves.
    """
    async with staff_transaction(pool) as connection:
        order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
        lines = await order_rows.lines_of_fulfilment(connection, fulfilment_order_id)
        cartons = await packing_rows.cartons_of(connection, order["warehouse_id"])
        if order["digital"]:
            await ask_delivery(connection, fulfilment_order_id, now)
            return False
    if order["waybill_ready_at"] is not None or order["state"] in OVER or order["sandbox"]:
        # Whoever asks for it, no carrier is told of what is of a sandbox.
        return False
    if order["held"] or order["state"] == State.SCHEDULED:
        # Whoever lifts the hold asks for the waybill again, and so does the day it waits for.
        return False
    items: list[PackItem] = [pack_item(line["id"], line["quantity"], line) for line in lines]
    kinds: list[Carton] = [carton_from(row) for row in cartons]
    plan = plan_cartons(items, kinds)
    async with staff_transaction(pool) as connection:
        current = await orders.fulfilment_for_update(connection, fulfilment_order_id)
        if current is None or current["waybill_ready_at"] or current["version"] != order["version"]:
            return False
        # Under the lock the address stays as it is, and a hold is seen.
        order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
        if order["held"]:
            return False
        if plan.unpacked:
            key, quantity, reason = plan.unpacked[0]
            why = f"{quantity} unit(s) of line {key} fit no carton: {reason}"
            await orders.hold_and_tell(
                connection, fulfilment_order_id, "no_carton", why, ACTOR, now
            )
            return True
        parcel_ids = await packing.add_parcels(
            connection, order["tenant_id"], fulfilment_order_id, _parcels(plan, lines)
        )
        masses = [parcel.mass_g for parcel in plan.parcels]
        tracking = await shipping.make_waybills(
            connection, order, list(zip(parcel_ids, masses, strict=True)), now
        )
        await orders.set_waybill_ready(connection, fulfilment_order_id, now)
        await outbox.emit(
            connection,
            order["tenant_id"],
            "order.waybill_ready",
            f"order/{order['order_id']}",
            order["order_id"],
            {
                "order_id": order["order_id"],
                "external_order_id": order["external_order_id"],
                "tracking_numbers": tracking,
            },
            ACTOR,
            now,
        )
    return True


def _parcels(plan: CartonPlan, lines: list[asyncpg.Record]) -> list[dict[str, object]]:
    """The planned parcels with their contents in smallest units."""
    unpacked = {str(line["id"]): Unpacked(line["quantity"], line["scale"]) for line in lines}
    return [
        {
            "number": number,
            "carton_code": parcel.carton_code,
            "mass_g": parcel.mass_g,
            "contents": [
                {"line_id": int(key), "quantity": unpacked[key].take(units)}
                for key, units in parcel.contents
            ],
        }
        for number, parcel in enumerate(plan.parcels, start=1)
    ]


async def carrier_told(connection: asyncpg.Connection, tracking_number: str, now: datetime) -> None:
    """The carrier has answered: sets `pickup_requested_at` once it knows of every parcel."""
    row = await shipping.set_told(connection, tracking_number, now)
    if row is not None and row["all_told"]:
        await orders.set_pickup_requested(connection, row["fulfilment_order_id"], now)


@again_on_deadlock
async def carrier_accepted(
    pool: asyncpg.Pool, carrier_code: str, tracking_number: str, at: datetime, now: datetime
) -> bool:
    """The carrier's own scan of a parcel; False where it has no such parcel of ours."""
    async with staff_transaction(pool) as connection:
        row = await shipping.set_accepted(connection, carrier_code, tracking_number, at)
        if row is None:
            return False
        await outbox.emit(
            connection,
            row["tenant_id"],
            "order.carrier_accepted",
            f"order/{row['order_id']}",
            row["order_id"],
            {"order_id": row["order_id"], "tracking_number": tracking_number},
            f"carrier:{carrier_code}",
            now,
        )
    return True


@again_on_deadlock
async def carrier_delivered(
    pool: asyncpg.Pool, carrier_code: str, tracking_number: str, at: datetime, now: datetime
) -> bool:
    """The carrier has brought a parcel; False where it has no such parcel of ours.

    The shop hears of it once. How long parcels were on their way is what later dates are made of.
    """
    async with staff_transaction(pool) as connection:
        row = await shipping.set_delivered(connection, carrier_code, tracking_number, at)
        if row is None:
            return False
        if not row["told"]:
            await outbox.emit(
                connection,
                row["tenant_id"],
                "order.delivered",
                f"order/{row['order_id']}",
                row["order_id"],
                {
                    "order_id": row["order_id"],
                    "external_order_id": row["external_order_id"],
                    "tracking_number": tracking_number,
                    "delivered_at": at.isoformat(),
                },
                f"carrier:{carrier_code}",
                now,
            )
    return True
