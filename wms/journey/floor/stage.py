"""The label is on: the parcel goes out to the place that its departure leaves from."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.floor import message
from wms.journey.floor.screen import Input, Verdict
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import Event
from wms.packing import commands as packing
from wms.packing import queries as packing_rows
from wms.shipping import commands as shipping
from wms.shipping import queries as shipping_rows
from wms.stock import commands as stock
from wms.tenants.staff import Staff


async def stage_parcel(
    connection: asyncpg.Connection,
    staff: Staff,
    fulfilment_order_id: int,
    parcel: asyncpg.Record,
    given: Input,
    now: datetime,
) -> Verdict:
    """Takes the scan of a printed label: the right one puts the parcel out."""
    waybill = await shipping_rows.waybill_of_parcel(connection, parcel["id"])
    assert waybill is not None, "a closed parcel has a waybill"
    if given.code != waybill["sscc"]:
        other = await shipping_rows.parcel_of_sscc(connection, given.code)
        if other is not None and other["waybill_state"] == "void":
            return message.void_label()
        return message.wrong_label()
    if waybill["label_printed_at"] is None:
        return message.label_not_printed()
    order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    dock = await bins.place_of_kind(connection, order["warehouse_id"], "departure")
    departure_id = await shipping.open_departure(
        connection, order["warehouse_id"], waybill["carrier_id"], dock["id"], now
    )
    await shipping.stage_parcel(connection, parcel["tenant_id"], parcel["id"], departure_id, now)
    await stock.move_units(
        connection,
        [parcel["handling_unit_id"]],
        dock["id"],
        kind="stage",
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    await packing.set_parcel_state(connection, parcel["id"], "staged", now)
    parcels = await packing_rows.parcels_of_fulfilment(connection, fulfilment_order_id)
    # The first parcels of a large order may have left before its last is packed.
    if all(row["state"] in ("staged", "handed_over") for row in parcels):
        await orders.apply_fulfilment_event(
            connection, fulfilment_order_id, Event.PACK, staff.actor, now
        )
    return message.right()
