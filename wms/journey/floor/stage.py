"""The label is on: the parcel goes out to the place that its departure leaves from."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.floor import message
from wms.journey.floor.screen import Input, Verdict
from wms.journey.wave.departure import put_out
from wms.orders import queries as order_rows
from wms.shipping import queries as shipping_rows
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
    if given.code not in (waybill["sscc"], waybill["tracking_number"]):
        other = await shipping_rows.parcel_of_sscc(connection, given.code)
        if other is not None and other["waybill_state"] == "void":
            return message.void_label()
        return message.wrong_label()
    if waybill["label_printed_at"] is None:
        return message.label_not_printed()
    order = await order_rows.fulfilment_summary(connection, fulfilment_order_id)
    dock = await bins.place_of_kind(connection, order["warehouse_id"], "departure")
    await put_out(
        connection,
        parcel,
        order["warehouse_id"],
        waybill["carrier_id"],
        dock["id"],
        command_id=given.id,
        actor=staff.actor,
        device=staff.device,
        now=now,
    )
    return message.right()
