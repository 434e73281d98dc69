"""What a wave is planned from: which orders go, from which bins, and into which totes."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from wms.database.pool import staff_transaction
from wms.picking import queries as picking_rows
from wms.picking.allocation import Allocation, Bin, Want, allocate, bin_from, want_from
from wms.picking.choice import (
    Candidate,
    Chosen,
    Question,
    answer_of,
    fits,
    have_to_go,
    in_sequence,
    question_of,
)
from wms.picking.limit import Limits, seconds_to_solve, walk_time
from wms.picking.release import lines_allowed, next_cut_off, within_capacity
from wms.picking.tote import CART_SLOTS, ToteLoad, fill_totes
from wms.picking.wave import Mode
from wms.stock import queries as stock

# How many waves' orders are looked at when one wave's are chosen.
WAVES_LOOKED_AT = 3
# The share of a plan's time that the choice of its orders may take.
CHOICE_SHARE = 1 / 3

Choose = Callable[[WaveProblem, Effort], Awaitable[WaveChoice]]
LeftOut = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a plan has to know, as it was at one moment."""

    wave: asyncpg.Record
    warehouse: asyncpg.Record
    waiting: list[Candidate]
    lines_open: int
    wants: list[Want]
    bins: list[Bin]

    @property
    def lines_allowed(self) -> int | None:
        """How many lines the pickers can take now; None is without a limit."""
        hourly = self.warehouse["lines_per_picker_hour"]
        return lines_allowed(self.warehouse["pickers"], hourly, self.lines_open)

    @property
    def cut_offs(self) -> dict[int, datetime]:
        """When the carriers of the orders come."""
        return {
            order.fulfilment_order_id: order.cut_off_at
            for order in self.waiting
            if order.cut_off_at is not None
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """A wave's orders as filled totes; those that wait for another wave, and those to be held.

    `missing` is how much of which lines that rules added is in no bin: nobody waits for that.
    """

    loads: list[ToteLoad]
    waits: LeftOut
    holds: LeftOut
    choice: dict[str, object] | None = None
    missing: dict[int, int] = field(default_factory=dict)

    @property
    def left_out(self) -> LeftOut:
        return self.holds + self.waits


async def read(
    connection: asyncpg.Connection,
    wave: asyncpg.Record,
    warehouse: asyncpg.Record,
    limits: Limits,
    now: datetime,
) -> Reading:
    """Reads what waits for a wave, and what is free for it."""
    warehouse_id = warehouse["id"]
    asked = wave["orders_asked"]
    most = limits.orders_max * WAVES_LOOKED_AT if asked is None else max(1, len(asked))
    rows = await picking_rows.releasable(connection, warehouse_id, asked, most)
    zone = warehouse["time_zone"]
    waiting = [
        Candidate(
            row["id"],
            row["lines"],
            row["since"],
            None if row["cut_off"] is None else next_cut_off(row["cut_off"], zone, now),
        )
        for row in rows
    ]
    waiting = in_sequence(waiting, limits, now)
    order_ids = [order.fulfilment_order_id for order in waiting]
    demand = await picking_rows.demand_of(connection, order_ids)
    item_ids = sorted({row["item_id"] for row in demand})
    bins = await stock.free_bins(connection, warehouse_id, item_ids, now)
    return Reading(
        wave,
        warehouse,
        waiting,
        await picking_rows.lines_open(connection, warehouse_id),
        [want_from(row, row["quantity"]) for row in demand],
        [bin_from(row) for row in bins],
    )


def time_to_solve(reading: Reading, limits: Limits, now: datetime) -> float:
    """How long the plan may take, so that its walks still end before the earliest cut-off."""
    lines = sum(order.lines for order in reading.waiting)
    if reading.lines_allowed is not None:
        lines = min(lines, reading.lines_allowed)
    # Where nobody says how many pickers there are, each order's tote could be on a cart by now.
    pickers = reading.warehouse["pickers"] or max(1, len(reading.waiting) // CART_SLOTS)
    walk = walk_time(lines, reading.warehouse["lines_per_picker_hour"], pickers)
    earliest = min(reading.cut_offs.values(), default=None)
    return seconds_to_solve(limits.solve_s_max, earliest, walk, now)


async def choose_orders(
    reading: Reading, choose: Choose | None, effort: Effort, limits: Limits, now: datetime
) -> Chosen:
    """Which orders go: all where a wave takes them, else those that have to and the best others.

    `choose` answers which others; without it, or where it finds nothing, they go by rank.
    """
    chosen = Chosen(tuple(order.fulfilment_order_id for order in reading.waiting))
    question = None if choose is None else _question(reading, limits, now)
    if choose is not None and question is not None:
        assert effort.seconds is not None
        part = replace(
            effort,
            iterations=limits.choice_iterations,
            seconds=effort.seconds * CHOICE_SHARE,
        )
        try:
            choice = await choose(question.problem, part)
        except NoPlan:
            choice = None
        if choice is not None and choice.orders:
            chosen = answer_of(question, choice)
    return _within_limits(reading, chosen, limits)


def _question(reading: Reading, limits: Limits, now: datetime) -> Question | None:
    """What is to be chosen; nothing where all fit, have to go, or were asked for by name."""
    allowed = reading.lines_allowed
    if reading.wave["orders_asked"] is not None or fits(reading.waiting, allowed, limits):
        return None
    must = have_to_go(reading.waiting, limits, now)
    if len(must) == len(reading.waiting):
        return None
    return question_of(reading.waiting, reading.wants, reading.bins, must, allowed, limits)


def _within_limits(reading: Reading, chosen: Chosen, limits: Limits) -> Chosen:
    """The chosen orders as far as the pickers can take them, and a wave by its number."""
    lines = {order.fulfilment_order_id: order.lines for order in reading.waiting}
    taken, too_many = within_capacity(
        [(order_id, lines[order_id]) for order_id in chosen.orders],
        reading.lines_allowed,
        reading.lines_open,
    )
    if reading.wave["orders_asked"] is None:
        reason = f"a wave takes {limits.orders_max} order(s)"
        too_many = [(order, reason) for order in taken[limits.orders_max :]] + too_many
        taken = taken[: limits.orders_max]
    return Chosen(tuple(taken), chosen.aisles, tuple(too_many) + chosen.left_out, chosen.facts)


async def draft_of(pool: asyncpg.Pool, reading: Reading, chosen: Chosen, now: datetime) -> Draft:
    """The chosen orders' goods in totes; who cannot be picked whole waits, or is to be held."""
    sequence = {order_id: number for number, order_id in enumerate(chosen.orders)}
    wants = [want for want in reading.wants if want.fulfilment_order_id in sequence]
    wants.sort(key=lambda want: (sequence[want.fulfilment_order_id], want.line_id))
    allocation, short, missing = _whole_orders(wants, reading.bins, chosen.aisles)
    waits: LeftOut = list(chosen.left_out)
    holds: LeftOut = []
    if short:
        item_ids = sorted({want.item_id for want in wants})
        async with staff_transaction(pool) as connection:
            house = await picking_rows.in_the_house(
                connection, reading.warehouse["id"], item_ids, now
            )
        _, nowhere, _ = _whole_orders(wants, [bin_from(row) for row in house])
        lost = {order_id for order_id, _ in nowhere}
        holds = [entry for entry in short if entry[0] in lost]
        waits += [entry for entry in short if entry[0] not in lost]
    by_zone = reading.wave["mode"] == Mode.ZONE
    loads = fill_totes(allocation.picks, by_zone=by_zone)
    return Draft(loads, waits, holds, chosen.facts, missing)


def _whole_orders(
    wants: list[Want], bins: list[Bin], aisles: Iterable[int] = ()
) -> tuple[Allocation, LeftOut, dict[int, int]]:
    """The orders that the bins cover whole, and the others with what of them is in no bin.

    An order goes without what a rule added and no bin has; how much of which lines that is.
    """
    short: LeftOut = []
    while True:
        allocation = allocate(wants, bins, aisles=aisles)
        inserts = {want.line_id: left for want, left in allocation.missing if want.inserted}
        if len(inserts) == len(allocation.missing):
            return allocation, short, inserts
        # The order with the first uncovered line is left out whole; its bins go to the others.
        want, missing = next(one for one in allocation.missing if not one[0].inserted)
        short.append(
            (want.fulfilment_order_id, f"{missing} unit(s) of line {want.line_id} are in no bin")
        )
        wants = [w for w in wants if w.fulfilment_order_id != want.fulfilment_order_id]
