"""The cycle of counts: each day those places are asked for that are longest overdue."""

from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.counting import queries as counts
from wms.counting.cycle.pace import LOOKBACK, Shelf, due_shelves, paces
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.outbox import commands as outbox

REASON = "cycle"
ACTOR = "timer:counts"


@again_on_deadlock
async def plan_counts(pool: asyncpg.Pool, per_day: int, now: datetime) -> int:
    """Asks for the counts of this day in every warehouse that has not been planned today; how many.

    A day is that of the warehouse's own calendar, and has at most so many.
    """
    async with staff_transaction(pool) as connection:
        if not await outbox.try_lock(connection, ACTOR):
            return 0
        asked = 0
        for warehouse in await bins.warehouses(connection):
            asked += await _plan(connection, warehouse, per_day, now)
        return asked


async def _plan(
    connection: asyncpg.Connection, warehouse: asyncpg.Record, per_day: int, now: datetime
) -> int:
    today = now.astimezone(ZoneInfo(warehouse["time_zone"])).date()
    if await counts.planned_on(connection, warehouse["id"], today):
        return 0
    picks = await counts.picks_since(connection, warehouse["id"], now - LOOKBACK)
    classes = paces({row["item_id"]: row["picks"] for row in picks})
    shelves = [
        Shelf(row["id"], tuple(row["item_ids"]), row["counted_at"])
        for row in await counts.shelves_of(connection, warehouse["id"])
    ]
    due = due_shelves(shelves, classes, now, per_day)
    for shelf in due:
        await counting.ask_count(
            connection, None, shelf.place_id, None, REASON, None, now, asked_by=ACTOR
        )
    await counting.note_plan(connection, warehouse["id"], today, len(due))
    return len(due)
