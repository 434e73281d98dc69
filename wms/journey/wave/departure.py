"""Hand over: parcels are put out, their departure closes, they leave the books, routes follow."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.route.route_request import plan_what_left
from wms.orders import commands as orders
from wms.orders.fulfilment import Event
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.promise import commands as promise
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.commands import goods_from
from wms.stock.ledger import Line
from wms.tenants.staff import Staff


async def close_departure(
    connection: asyncpg.Connection,
    departure: asyncpg.Record,
    staff: Staff,
    command_id: str,
    now: datetime,
) -> None:
    """Hands over what was loaded: promises kept, goods booked to the customer, shops told.

    Parcels that were not loaded wait for the next departure from the same place.
    """
    await _book_out(connection, departure, staff, command_id, now)
    for row in await packing.hand_over_parcels(connection, departure["id"]):
        tracking = await shipping_rows.tracking_of_fulfilment(connection, row["id"])
        await orders.apply_fulfilment_event(
            connection,
            row["id"],
            Event.HAND_OVER,
            staff.actor,
            now,
            {"tracking_numbers": tracking, "departure_id": departure["id"]},
        )
    await shipping.close_departure(connection, departure["id"], now)
    if departure["staged"] > departure["loaded"]:
        next_id = await shipping.open_departure(
            connection,
            departure["warehouse_id"],
            departure["carrier_id"],
            departure["place_id"],
            now,
        )
        await shipping.carry_over(connection, departure["id"], next_id)
    await plan_what_left(connection, departure["id"], staff.actor, now)


async def _book_out(
    connection: asyncpg.Connection,
    departure: asyncpg.Record,
    staff: Staff,
    command_id: str,
    now: datetime,
) -> None:
    contents = await packing_rows.loaded_contents(connection, departure["id"])
    await promise.keep(
        connection,
        [row["fulfilment_line_id"] for row in contents],
        [row["quantity"] for row in contents],
    )
    customer = await bins.place_of_kind(connection, departure["warehouse_id"], "customer")
    units = sorted({row["handling_unit_id"] for row in contents})
    lines_of: dict[int, list[Line]] = {}
    for row in await stock_rows.contents_of_units(connection, units):
        lines_of.setdefault(row["tenant_id"], []).append(
            Line(
                goods_from(row),
                row["on_hand"],
                row["place_id"],
                customer["id"],
                row["handling_unit_id"],
                row["handling_unit_id"],
            )
        )
    for tenant_id, lines in lines_of.items():
        await stock.post(
            connection,
            tenant_id,
            "hand_over",
            lines,
            command_id=command_id,
            actor=staff.actor,
            device=staff.device,
            now=now,
        )


async def put_out(
    connection: asyncpg.Connection,
    parcel: asyncpg.Record,
    warehouse_id: int,
    carrier_id: int,
    place_id: int,
    *,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> None:
    """Puts a labelled parcel to the departure of its carrier that leaves from a place."""
    departure_id = await shipping.open_departure(
        connection, warehouse_id, carrier_id, place_id, now
    )
    await shipping.stage_parcel(connection, parcel["tenant_id"], parcel["id"], departure_id, now)
    await stock.move_units(
        connection,
        [parcel["handling_unit_id"]],
        place_id,
        kind="stage",
        command_id=command_id,
        actor=actor,
        device=device,
        now=now,
    )
    await packing.set_parcel_state(connection, parcel["id"], "staged", now)
    fulfilment_order_id = parcel["fulfilment_order_id"]
    parcels = await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id)
    # The first parcels of a large order may have left before its last is packed.
    if all(row["state"] in ("staged", "handed_over") for row in parcels):
        await orders.apply_fulfilment_event(connection, fulfilment_order_id, Event.PACK, actor, now)
