"""Inbound shipments and inspections as others read them."""

import asyncpg

from wms.error import NotFound
from wms.receiving import store
from wms.receiving.inbound import Difference

inbounds_after = store.inbounds_after
inbounds_of_code = store.inbounds_of_code
inbounds_waiting = store.inbounds_waiting
inbound_of_purchase = store.inbound_of_purchase
lines_of = store.lines_of
lines_of_receipt = store.lines_of_receipt
receipt_of_movement = store.receipt_of_movement
inspections_after = store.inspections_after
inspections_of = store.inspections_of
in_quarantine = store.in_quarantine
may_come_back = store.may_come_back
shipped_from = store.shipped_from
serials_in_house = store.serials_in_house
wanted_at_once = store.wanted_at_once
balances_of = store.balances_of
lock_availability = store.lock_availability
overdue = store.overdue
owners = store.owners
moves_waiting = store.moves_waiting


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
