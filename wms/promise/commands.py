"""Promises: accepted orders' claims on availability, first come first served."""

from datetime import datetime

import asyncpg

from wms.promise import store
from wms.promise.claim import Claim, Short


async def claim(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_ids: list[int],
    quantities: list[int],
    channel: str = "",
) -> Claim:
    """Claims availability for all lines or for none; the database keeps it from being oversold."""
    row = await store.claim(connection, warehouse_id, channel, item_ids, quantities)
    if row["o_short"] is None:
        return Claim(row["o_admission"])
    return Claim(None, tuple(Short(**short) for short in row["o_short"]))


async def write_promises(
    connection: asyncpg.Connection,
    order_id: int,
    warehouse_id: int,
    admission: int,
    expires_at: datetime | None,
    channel: str = "",
) -> None:
    """Writes the promises of an order whose lines were claimed; without an expiry they are firm."""
    state = "firm" if expires_at is None else "open"
    await store.insert_promises(
        connection, order_id, warehouse_id, channel, admission, state, expires_at
    )


async def claim_missing(
    connection: asyncpg.Connection, order_id: int, warehouse_id: int, channel: str = ""
) -> Claim | None:
    """Claims again what an order lost its promise on; None where nothing is missing."""
    lines = await store.unclaimed_lines(connection, order_id)
    if not lines:
        return None
    quantities = [line["quantity"] for line in lines]
    again = await claim(
        connection, warehouse_id, [line["item_id"] for line in lines], quantities, channel
    )
    if again.admission is not None:
        line_ids = [line["order_line_id"] for line in lines]
        await store.renew(connection, warehouse_id, channel, again.admission, line_ids, quantities)
    return again


async def note_refusal(
    connection: asyncpg.Connection, tenant_id: int, external_order_id: str, claim: Claim
) -> None:
    """Keeps demand that was refused: forecasts need it and nothing else can bring it back."""
    await store.insert_refused_demand(
        connection,
        tenant_id,
        external_order_id,
        [{"item_id": s.item_id, "wanted": s.wanted, "available": s.available} for s in claim.short],
    )


make_firm = store.make_firm
free_order = store.free_order
keep = store.keep
free_youngest = store.free_youngest
availability_for_update = store.availability_for_update
