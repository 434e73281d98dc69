"""The timer that asks for waves by itself, and plans walks anew for orders that cannot wait."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.wave.replan import ORDERS_LOOKED_AT, replan_due, waiting_in
from wms.journey.wave.wave import ask_for_wave
from wms.outbox import commands as outbox
from wms.picking import queries as picking_rows
from wms.picking.release import Rule, due, lines_allowed

ACTOR = "timer:waves"


@again_on_deadlock
async def release_when_due(pool: asyncpg.Pool, rule: Rule, seed: int, now: datetime) -> list[int]:
    """Asks for a wave by itself in each warehouse where it is time; their numbers.

    It is time when enough orders wait, when one has waited long enough, or for those whose
    carrier's cut-off comes soon; but not while the pickers have all that they can do. For an order
    that cannot wait, walks that nobody has begun are planned anew together with it.
    """
    waves: list[int] = []
    async with staff_transaction(pool) as connection:
        if not await outbox.try_lock(connection, ACTOR):
            return waves
        for warehouse in await bins.warehouses(connection):
            if not await picking_rows.wave_in_planning(connection, warehouse["id"]):
                waves += await _ask(connection, warehouse, rule, seed, now)
    return waves


async def _ask(
    connection: asyncpg.Connection, warehouse: asyncpg.Record, rule: Rule, seed: int, now: datetime
) -> list[int]:
    looked_at = max(ORDERS_LOOKED_AT, rule.orders_min)
    waiting = await waiting_in(connection, warehouse["id"], now, looked_at)
    planned_anew = await replan_due(connection, warehouse, waiting, rule, ACTOR, seed, now)
    if planned_anew:
        return planned_anew
    if await _pickers_are_busy(connection, warehouse):
        return []
    only = due(waiting, rule, warehouse["time_zone"], now)
    if only is None:
        return []
    wave_id = await ask_for_wave(
        connection,
        warehouse["id"],
        ACTOR,
        list(only) or None,
        rule.mode,
        release_when_planned=True,
        seed=seed,
        now=now,
    )
    return [wave_id]


async def _pickers_are_busy(connection: asyncpg.Connection, warehouse: asyncpg.Record) -> bool:
    if not warehouse["pickers"]:
        return False
    open_lines = await picking_rows.lines_open(connection, warehouse["id"])
    return lines_allowed(warehouse["pickers"], warehouse["lines_per_picker_hour"], open_lines) == 0
