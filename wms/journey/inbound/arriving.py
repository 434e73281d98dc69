"""What is on its way, as orders are promised from it: announced lines, and samples in quarantine.

Who lowers a supply has let those who wait take what came before: `supply_waiting` goes first, or
goods that are in the house would look lost to them.
"""

from datetime import datetime

import asyncpg

from wms.journey.claim.supply import announce_supply
from wms.receiving import queries as receiving
from wms.receiving.inbound import (
    Kind,
    State,
    inspection_source,
    line_source,
    still_to_come,
)


async def expect_lines(
    connection: asyncpg.Connection,
    shipment: asyncpg.Record,
    state: State,
    expected_at: datetime | None,
    actor: str,
    now: datetime,
) -> None:
    """Says of every line of a shipment in this state how much is still to come, and when."""
    if shipment["kind"] != Kind.ASN:
        return
    assert expected_at is not None, "an ASN is dated"
    lines = sorted(
        await receiving.lines_of(connection, shipment["id"]), key=lambda line: line["item_id"]
    )
    # All at once and in id order, as whoever promises locks them.
    await receiving.lock_availability(
        connection, shipment["warehouse_id"], [line["item_id"] for line in lines]
    )
    for line in lines:
        await announce_supply(
            connection,
            tenant_id=shipment["tenant_id"],
            owner_id=shipment["owner_id"],
            item_id=line["item_id"],
            warehouse_id=shipment["warehouse_id"],
            source=line_source(shipment["id"], line["line"]),
            expected_at=expected_at,
            quantity=still_to_come(state, Kind.ASN, line["expected"], line["received"]),
            actor=actor,
            now=now,
        )


async def expect_sample(
    connection: asyncpg.Connection,
    inspection: asyncpg.Record,
    quantity: int,
    actor: str,
    now: datetime,
) -> None:
    """Says how much of a sample may still become stock, on the day its inspection is due."""
    await announce_supply(
        connection,
        tenant_id=inspection["tenant_id"],
        owner_id=inspection["owner_id"],
        item_id=inspection["item_id"],
        warehouse_id=inspection["warehouse_id"],
        source=inspection_source(inspection["id"]),
        expected_at=inspection["due_at"],
        quantity=quantity,
        actor=actor,
        now=now,
    )
