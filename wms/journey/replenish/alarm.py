"""The alarm below safety stock: told once when it begins and once when it ends."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.items.unit import format_quantity
from wms.outbox import commands as outbox
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as rows_of

ACTOR = "timer:stock"


async def watch_stock(pool: asyncpg.Pool, now: datetime) -> int:
    """Tells of every item that fell below its safety stock, or rose above it; how many."""
    async with staff_transaction(pool) as connection:
        return await raise_alarms(connection, now)


async def raise_alarms(connection: asyncpg.Connection, now: datetime) -> int:
    """Tells the owners' shops what crossed its safety stock since anybody looked; how many."""
    rows = await rows_of.crossed(connection)
    for row in rows:
        begins = row["below_since"] is None
        await replenishment.set_below(
            connection, row["item_id"], row["warehouse_id"], now if begins else None
        )
        numbers = ("free", "coming", "safety_stock", "reorder_point")
        await outbox.emit(
            connection,
            row["tenant_id"],
            "stock.below_safety" if begins else "stock.recovered",
            f"item/{row['item_id']}",
            None,
            {"sku": row["sku"], "warehouse": row["warehouse"]}
            | {name: format_quantity(row[name], row["scale"]) for name in numbers},
            ACTOR,
            now,
        )
    return len(rows)
