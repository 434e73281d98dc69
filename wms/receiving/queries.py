"""Inbound shipments and inspections as others read them."""

import asyncpg

from wms.error import NotFound
from wms.receiving import house_store, inspection_store, store
from wms.receiving.inbound import Difference

inbounds_after = store.inbounds_after
inbounds_of_code = store.inbounds_of_code
inbounds_waiting = store.inbounds_waiting
inbound_of_purchase = store.inbound_of_purchase
lines_of = store.lines_of
lines_of_receipt = store.lines_of_receipt
receipt_of_movement = store.receipt_of_movement
inspections_after = inspection_store.inspections_after
inspections_of = inspection_store.inspections_of
in_quarantine = inspection_store.in_quarantine
may_come_back = house_store.may_come_back
shipped_from = house_store.shipped_from
serials_in_house = house_store.serials_in_house
wanted_at_once = house_store.wanted_at_once
balances_of = house_store.balances_of
lock_availability = house_store.lock_availability
overdue = store.overdue
owners = house_store.owners
moves_waiting = house_store.moves_waiting


async def the_inbound(connection: asyncpg.Connection, inbound_id: int) -> asyncpg.Record:
    """The inbound shipment of that number.

    Raises:
        NotFound: `unknown_inbound`.
    """
    row = await store.inbound_of_id(connection, inbound_id)
    if row is None:
        raise NotFound("unknown_inbound", f"There is no inbound shipment {inbound_id}.")
    return row


def differences_of(lines: list[asyncpg.Record]) -> list[Difference]:
    """What came of each line against what was announced, where the two differ."""
    found = [
        Difference(
            line["sku"],
            line["scale"],
            line["expected"],
            line["received"],
            line["damaged"],
            line["held"],
        )
        for line in lines
    ]
    return [each for each in found if each.any]
