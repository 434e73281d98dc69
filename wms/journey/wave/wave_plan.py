"""Plan a wave: read what waits and what is free, solve with no transaction open, save."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import asyncpg

from routing.effort import Effort
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.journey.claim.insert import leave_out_lost
from wms.journey.wave.wave import release_planned
from wms.journey.wave.wave_draft import (
    Choose,
    Draft,
    LeftOut,
    Reading,
    choose_orders,
    draft_of,
    read,
    time_to_solve,
)
from wms.orders import commands as order_commands
from wms.picking import commands as picking
from wms.picking.floor import floor_of
from wms.picking.limit import SOLVE_S_MIN, Limits
from wms.picking.release import WAITS
from wms.picking.tote import ToteLoad
from wms.picking.wave import Mode, WavePlan, batch_problem, split_loads, wave_plan

ACTOR = "job:wave"
# Each further plan of the same wave is given so many times less thought.
HASTE = (1, 4, 4)

Solve = Callable[[BatchProblem, Effort], Awaitable[BatchPlan]]


async def plan_wave(
    pool: asyncpg.Pool,
    wave_id: int,
    solve: Solve,
    now: datetime,
    *,
    choose: Choose | None = None,
    limits: Limits | None = None,
) -> None:
    """Plans a requested wave and, where it was asked for so, releases it.

    `solve` answers a batching problem, and `choose` which orders go where not all can, each in a
    process of its own. They get as long as the earliest cut-off leaves. A plan under which stock
    or orders have changed is made again at once, with less thought, so that less can change.

    Raises:
        Conflict: `plan_stale`, it changed each time; plan it again later.
    """
    limits = limits or Limits()
    for tried, haste in enumerate(HASTE, start=1):
        limits = limits.hurried(haste)
        try:
            await _plan_once(pool, wave_id, solve, choose, limits, now)
        except Conflict as conflict:
            if conflict.code != "plan_stale" or tried == len(HASTE):
                raise
        else:
            return


async def _plan_once(
    pool: asyncpg.Pool,
    wave_id: int,
    solve: Solve,
    choose: Choose | None,
    limits: Limits,
    now: datetime,
) -> None:
    async with staff_transaction(pool) as connection:
        wave = await picking.wave_for_update(connection, wave_id)
        if wave is None or wave["state"] != "requested":
            return
        warehouse = await bins.warehouse_of_id(connection, wave["warehouse_id"])
        reading = await read(connection, wave, warehouse, limits, now)
    effort = Effort(
        seed=wave["seed"],
        iterations=limits.iterations,
        seconds=time_to_solve(reading, limits, now),
    )
    left = effort.left()
    chosen = await choose_orders(reading, choose, effort, limits, now)
    draft = await draft_of(pool, reading, chosen, now)
    if not draft.loads:
        await _refuse(pool, wave_id, draft, now)
        return
    plan = await _solved(reading, draft, solve, limits, effort, left)
    await _save(pool, wave, draft, plan, now)


async def _solved(
    reading: Reading,
    draft: Draft,
    solve: Solve,
    limits: Limits,
    effort: Effort,
    left: Callable[[], float],
) -> WavePlan:
    """The plan of all totes; those that may not share a cart are solved apart, in equal times."""
    layout = floor_of(reading.warehouse)
    mode = Mode(reading.wave["mode"])
    groups = split_loads(draft.loads, mode)
    parts: list[tuple[list[ToteLoad], BatchPlan]] = []
    for loads in groups:
        share_s = max(left() / (len(groups) - len(parts)), SOLVE_S_MIN / len(groups))
        part = replace(effort, iterations=limits.iterations_for(len(loads)), seconds=share_s)
        parts.append((loads, await solve(batch_problem(layout, loads), part)))
    assert effort.seconds is not None
    return replace(
        wave_plan(parts, draft.left_out, mode, reading.cut_offs),
        solve_s=effort.seconds - left(),
        solve_s_max=effort.seconds,
        choice=draft.choice,
    )


@again_on_deadlock
async def _save(
    pool: asyncpg.Pool, wave: asyncpg.Record, draft: Draft, plan: WavePlan, now: datetime
) -> None:
    wave_id: int = wave["id"]
    async with staff_transaction(pool) as connection:
        current = await picking.wave_for_update(connection, wave_id)
        if current is None or current["state"] != "requested":
            return
        waiting = {order_id for order_id, _ in draft.waits}
        holds = [(order_id, why) for order_id, why in plan.left_out if order_id not in waiting]
        await _leave_out(connection, holds, draft.waits, now)
        if draft.missing:
            await leave_out_lost(connection, draft.missing, ACTOR, now)
        await picking.save_plan(connection, wave_id, plan, now)
        if wave["release_when_planned"]:
            # Who asked for it by hand released it; a timer's wave releases itself.
            asked_by = wave["asked_by"]
            actor = asked_by if asked_by.startswith("staff:") else ACTOR
            await release_planned(connection, wave_id, wave["warehouse_id"], actor, now)


@again_on_deadlock
async def _refuse(pool: asyncpg.Pool, wave_id: int, draft: Draft, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        await _leave_out(connection, draft.holds, draft.waits, now)
        if draft.missing:
            await leave_out_lost(connection, draft.missing, ACTOR, now)
        await picking.refuse_wave(
            connection,
            wave_id,
            "No order of it can be picked now.",
            picking.left_out_rows(tuple(draft.left_out)),
            now,
        )


@again_on_deadlock
async def give_up_wave(pool: asyncpg.Pool, wave_id: int, reason: str, now: datetime) -> None:
    """Refuses a wave that could not be planned after all tries, so that its orders wait again."""
    async with staff_transaction(pool) as connection:
        wave = await picking.wave_for_update(connection, wave_id)
        if wave is not None and wave["state"] == "requested":
            await picking.refuse_wave(connection, wave_id, reason, [], now)


async def _leave_out(
    connection: asyncpg.Connection, holds: LeftOut, waits: LeftOut, now: datetime
) -> None:
    """Holds what nobody can fetch; what only has to wait is left alone by the timer for a while."""
    for fulfilment_order_id, reason in holds:
        await order_commands.hold_and_tell(
            connection, fulfilment_order_id, "left_out", reason, ACTOR, now
        )
    if waits:
        await picking.release_waits(connection, picking.left_out_rows(tuple(waits)), now + WAITS)
