"""Waybills that say what is true no more: voided with their labels, and made anew.

The carrier is told of both. A label that may be on paper is void too: should it be scanned, at
packing, on a sorter or at a departure, it is refused, and another one is printed where it was.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.error import Conflict
from wms.journey.wave.label import tell
from wms.labelling import commands as labelling
from wms.labelling import queries as labels
from wms.labelling.label import Format
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.edit import WAY_BACK
from wms.outbox import commands as outbox
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.shipping import route_commands as routes

_OUT = "handed_over"


async def refuse_loaded(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Passes where all parcels of a fulfilment order are in the house yet, and keeps them there.

    Raises:
        Conflict: `parcel_gone`, one of them is in a van or on its way.
    """
    # Somebody may be loading it just now.
    await lock_departures(connection, [fulfilment_order_id])
    for parcel in await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id):
        found = await _on_its_way(connection, parcel["id"])
        gone = parcel["state"] == _OUT or (found is not None and found["loaded_at"] is not None)
        if gone:
            raise Conflict(
                "parcel_gone",
                f"Parcel {parcel['number']} of fulfilment order {fulfilment_order_id} is in a van "
                f"or on its way. {WAY_BACK}",
            )


async def keep_inside(connection: asyncpg.Connection, fulfilment_order_id: int) -> bool:
    """Keeps the parcels of a fulfilment order from leaving; False where one of them has left.

    The transaction keeps their departures open. What is in no van yet is put out no more; what is
    in one is to be taken out before its departure closes.
    """
    await lock_departures(connection, [fulfilment_order_id])
    parcels = await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id)
    if any(parcel["state"] == _OUT for parcel in parcels):
        return False
    await shipping.unstage_parcels(connection, [parcel["id"] for parcel in parcels])
    return True


async def lock_departures(
    connection: asyncpg.Connection, fulfilment_order_ids: Sequence[int]
) -> None:
    """Keeps the departures that have parcels of locked fulfilment orders from closing."""
    departures: set[int] = set()
    for number in fulfilment_order_ids:
        for parcel in await packing_rows.parcels_of_fulfilment(connection, number):
            found = await _on_its_way(connection, parcel["id"])
            if found is not None and found["departure_id"] is not None:
                departures.add(found["departure_id"])
    for departure_id in sorted(departures):
        await routes.lock_departure(connection, departure_id)


async def _on_its_way(connection: asyncpg.Connection, parcel_id: int) -> asyncpg.Record | None:
    waybill = await shipping_rows.waybill_of_parcel(connection, parcel_id)
    if waybill is None:
        return None
    return await shipping_rows.parcel_of_sscc(connection, waybill["sscc"])


async def void_waybills(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    reason: str,
    actor: str,
    now: datetime,
) -> dict[int, asyncpg.Record]:
    """Voids the waybills of a fulfilment order with their labels, which it gives by parcel."""
    voided: dict[int, asyncpg.Record] = {}
    for parcel in await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id):
        label = await labels.label_of_parcel(connection, parcel["id"])
        if label is not None:
            await labelling.void_label(connection, label["id"], actor, reason, now)
            voided[parcel["id"]] = label
        await shipping.void_waybill(connection, parcel["id"], reason)
    return voided


async def void_parcels(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Voids the parcels of a fulfilment order, which are to be planned anew, and their papers."""
    await void_waybills(connection, fulfilment_order_id, reason, actor, now)
    for parcel in await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id):
        await packing.set_parcel_state(connection, parcel["id"], "void", now)
    await orders.begin_anew(connection, fulfilment_order_id)


async def remake_waybills(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    reason: str,
    actor: str,
    now: datetime,
) -> list[str]:
    """Makes other waybills for the parcels of a fulfilment order; their tracking numbers.

    Labels that were asked for are asked for again, on the same printers.
    """
    voided = await void_waybills(connection, fulfilment_order_id, reason, actor, now)
    order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    parcels = await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id)
    await orders.clear_waybill(connection, fulfilment_order_id)
    masses = [(parcel["id"], parcel["mass_g"]) for parcel in parcels]
    tracking = await shipping.make_waybills(connection, order, masses, now)
    await orders.set_waybill_ready(connection, fulfilment_order_id, now)
    for parcel_id, label in voided.items():
        await _print_anew(connection, parcel_id, label, reason, actor, now)
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
        actor,
        now,
    )
    return tracking


async def _print_anew(
    connection: asyncpg.Connection,
    parcel_id: int,
    label: asyncpg.Record,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    waybill = await shipping_rows.waybill_of_parcel(connection, parcel_id)
    assert waybill is not None, "its waybill was made just now"
    label_id = await labelling.insert_label(
        connection,
        label["tenant_id"],
        Format.PARCEL,
        label["code"],
        label["content"],
        label["printer"],
        actor,
        now,
        waybill["id"],
        label["id"],
    )
    assert label_id is not None, "a new waybill has no label yet"
    facts: dict[str, object] = {"instead_of": label["tracking_number"], "reason": reason}
    await tell(connection, label_id, "parcel.label_reprinted", facts, actor, now)
