"""Refill rules, and what forward bins need, as others read them."""

from datetime import datetime

import asyncpg

from wms.refill import store
from wms.refill.rule import ForwardBin, Need, needs

items_in_need = store.items_in_need
rule_of = store.rule_of
rules_after = store.rules_after


async def needs_of_item(
    connection: asyncpg.Connection, warehouse_id: int, item_id: int, now: datetime
) -> list[Need]:
    """What the forward bins of an item need just now, the nearest bin first."""
    rows = await store.bins_of_item(connection, warehouse_id, item_id, now)
    bins = [
        ForwardBin(
            row["place_id"], row["quantity_min"], row["quantity_max"], row["free"], row["here"]
        )
        for row in rows
    ]
    return needs(bins, await store.demand_of(connection, warehouse_id, item_id))
