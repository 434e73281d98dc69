"""Plan a wave: read what waits and what is free, solve with no transaction open, save."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from routing.pick.floor.layout import Layout
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.wave.wave import release_planned
from wms.orders import commands as order_commands
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.picking.allocation import Allocation, Bin, Want, allocate, bin_from, want_from
from wms.picking.release import WAITS, lines_allowed, within_capacity
from wms.picking.tote import ToteLoad, fill_totes
from wms.picking.wave import Mode, WavePlan, batch_problem, split_loads, wave_plan
from wms.stock import queries as stock

ORDERS_MAX = 1_000
ACTOR = "job:wave"

Solve = Callable[[BatchProblem, int], Awaitable[BatchPlan]]
LeftOut = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A wave's orders as filled totes; those that wait for another wave, and those to be held."""

    loads: list[ToteLoad]
    waits: LeftOut
    holds: LeftOut

    @property
    def left_out(self) -> LeftOut:
        return self.holds + self.waits


async def plan_wave(pool: asyncpg.Pool, wave_id: int, solve: Solve, now: datetime) -> None:
    """Plans a requested wave and, where it was asked for so, releases it.

    `solve` answers a batching problem for a seed, in a process of its own.

    Raises:
        Conflict: `plan_stale`, stock or orders changed under the plan; plan it again.
    """
    async with staff_transaction(pool) as connection:
        wave = await picking.wave_for_update(connection, wave_id)
        if wave is None or wave["state"] != "requested":
            return
        warehouse = await bins.warehouse_of_id(connection, wave["warehouse_id"])
        draft = await _draft(connection, wave, warehouse, now)
    if not draft.loads:
        await _refuse(pool, wave_id, draft, now)
        return
    layout = Layout(
        warehouse["aisles"],
        warehouse["aisle_length_mm"],
        warehouse["aisle_pitch_mm"],
        warehouse["depot_aisle"],
    )
    mode = Mode(wave["mode"])
    parts = [
        (loads, await solve(batch_problem(layout, loads), wave["seed"]))
        for loads in split_loads(draft.loads, mode)
    ]
    plan = wave_plan(parts, draft.left_out, mode)
    await _save(pool, wave, draft, plan, now)


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
        await picking.save_plan(connection, wave_id, plan, now)
        if wave["release_when_planned"]:
            await release_planned(connection, wave_id, wave["warehouse_id"], ACTOR, now)


@again_on_deadlock
async def _refuse(pool: asyncpg.Pool, wave_id: int, draft: Draft, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        await _leave_out(connection, draft.holds, draft.waits, now)
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


async def _draft(
    connection: asyncpg.Connection, wave: asyncpg.Record, warehouse: asyncpg.Record, now: datetime
) -> Draft:
    """Which orders the pickers can take, from which bins and into which totes."""
    warehouse_id = wave["warehouse_id"]
    waiting = await picking_rows.releasable(
        connection, warehouse_id, wave["orders_asked"], ORDERS_MAX
    )
    open_lines = await picking_rows.lines_open(connection, warehouse_id)
    taken, too_many = within_capacity(
        [(row["id"], row["lines"]) for row in waiting],
        lines_allowed(warehouse["pickers"], warehouse["lines_per_picker_hour"], open_lines),
        open_lines,
    )
    wants = [
        want_from(row, row["quantity"]) for row in await picking_rows.demand_of(connection, taken)
    ]
    sequence = {order_id: number for number, order_id in enumerate(taken)}
    wants.sort(key=lambda want: (sequence[want.fulfilment_order_id], want.line_id))
    item_ids = sorted({want.item_id for want in wants})
    walked = [
        bin_from(row) for row in await stock.free_bins(connection, warehouse_id, item_ids, now)
    ]
    allocation, short = _whole_orders(wants, walked)
    waits, holds = too_many, []
    if short:
        house = await picking_rows.in_the_house(connection, warehouse_id, item_ids, now)
        _, nowhere = _whole_orders(wants, [bin_from(row) for row in house])
        lost = {order_id for order_id, _ in nowhere}
        holds = [entry for entry in short if entry[0] in lost]
        waits = too_many + [entry for entry in short if entry[0] not in lost]
    return Draft(fill_totes(allocation.picks, by_zone=wave["mode"] == Mode.ZONE), waits, holds)


def _whole_orders(wants: list[Want], bins: list[Bin]) -> tuple[Allocation, LeftOut]:
    """The orders that the bins cover whole, and the others with what of them is in no bin."""
    short: LeftOut = []
    while True:
        allocation = allocate(wants, bins)
        if not allocation.missing:
            return allocation, short
        # The order with the first uncovered line is left out whole; its bins go to the others.
        want, missing = allocation.missing[0]
        short.append(
            (want.fulfilment_order_id, f"{missing} unit(s) of line {want.line_id} are in no bin")
        )
        wants = [w for w in wants if w.fulfilment_order_id != want.fulfilment_order_id]


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
