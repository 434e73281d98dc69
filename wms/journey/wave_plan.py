"""Plan a wave: read what waits and what is free, solve with no transaction open, save."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg

from routing.pick.plan import BatchPlan
from routing.pick.problem import BatchProblem, Layout
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.journey.wave import release_planned
from wms.orders import commands as order_commands
from wms.orders import queries as orders
from wms.picking import commands as picking
from wms.picking.allocation import Bin, Want, allocate
from wms.picking.tote import ToteLoad, fill_totes
from wms.picking.wave import batch_problem, wave_plan
from wms.stock import queries as stock

ORDERS_MAX = 1_000
ACTOR = "job:wave"

Solve = Callable[[BatchProblem, int], Awaitable[BatchPlan]]


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
        loads, short = await _loads(connection, wave)
    if not loads:
        async with staff_transaction(pool) as connection:
            await _hold_left_out(connection, tuple(short), now)
            await picking.refuse_wave(
                connection,
                wave_id,
                "No order of it can be picked now.",
                picking.left_out_rows(tuple(short)),
                now,
            )
        return
    layout = Layout(
        warehouse["aisles"],
        warehouse["aisle_length_mm"],
        warehouse["aisle_pitch_mm"],
        warehouse["depot_aisle"],
    )
    plan = wave_plan(loads, await solve(batch_problem(layout, loads), wave["seed"]), short)
    async with staff_transaction(pool) as connection:
        current = await picking.wave_for_update(connection, wave_id)
        if current is None or current["state"] != "requested":
            return
        await _hold_left_out(connection, plan.left_out, now)
        await picking.save_plan(connection, wave_id, plan, now)
        if wave["release_when_planned"]:
            await release_planned(connection, wave_id, wave["warehouse_id"], ACTOR, now)


async def give_up_wave(pool: asyncpg.Pool, wave_id: int, reason: str, now: datetime) -> None:
    """Refuses a wave that could not be planned after all tries, so that its orders wait again."""
    async with staff_transaction(pool) as connection:
        wave = await picking.wave_for_update(connection, wave_id)
        if wave is not None and wave["state"] == "requested":
            await picking.refuse_wave(connection, wave_id, reason, [], now)


async def _loads(
    connection: asyncpg.Connection, wave: asyncpg.Record
) -> tuple[list[ToteLoad], list[tuple[int, str]]]:
    """The wave's orders as filled totes, and the orders whose lines the bins cannot cover."""
    waiting = await orders.releasable(
        connection, wave["warehouse_id"], wave["orders_asked"], ORDERS_MAX
    )
    wants = [
        Want(
            row["line_id"],
            row["fulfilment_order_id"],
            row["tenant_id"],
            row["item_id"],
            row["quantity"],
            row["volume_mm3"],
            row["mass_g"],
        )
        for row in await orders.demand_of(connection, [row["id"] for row in waiting])
    ]
    sequence = {row["id"]: number for number, row in enumerate(waiting)}
    wants.sort(key=lambda want: (sequence[want.fulfilment_order_id], want.line_id))
    item_ids = sorted({want.item_id for want in wants})
    free = [_bin(row) for row in await stock.free_bins(connection, wave["warehouse_id"], item_ids)]
    short: list[tuple[int, str]] = []
    while True:
        allocation = allocate(wants, free)
        if not allocation.missing:
            return fill_totes(allocation.picks), short
        # The order with the first uncovered line is left out whole; its bins go to the others.
        want, missing = allocation.missing[0]
        short.append(
            (want.fulfilment_order_id, f"{missing} unit(s) of line {want.line_id} are in no bin")
        )
        wants = [w for w in wants if w.fulfilment_order_id != want.fulfilment_order_id]


async def _hold_left_out(
    connection: asyncpg.Connection, left_out: tuple[tuple[int, str], ...], now: datetime
) -> None:
    """Sets aside what no walk can fetch, with its reason: the timer must not ask for it again."""
    for fulfilment_order_id, reason in left_out:
        await order_commands.hold_and_tell(
            connection, fulfilment_order_id, "left_out", reason, ACTOR, now
        )


def _bin(row: asyncpg.Record) -> Bin:
    return Bin(
        row["balance_id"],
        row["item_id"],
        row["place_id"],
        row["code"],
        row["aisle"],
        row["y_mm"],
        row["walk_seq"],
        row["free"],
        row["expires_on"],
    )
