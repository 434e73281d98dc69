"""Re-slotting: asked for, planned apart from any transaction, accepted, and followed to its end.

The moves of one chain make room for each other, so only the first of each becomes a task at once;
the next is asked for when the one before it is done.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

import asyncpg

from routing.pick.floor.layout import Layout
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem
from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict
from wms.items.unit import format_quantity
from wms.journey.request import StaffRequest, once
from wms.moving import commands as moving
from wms.moving.move import MoveKind, MoveOrder
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.slotting import commands as slotting
from wms.slotting import queries as slotting_rows
from wms.slotting.slotting import (
    LOOKBACK,
    NO_GAIN,
    NO_PICKS,
    WALKS_MAX,
    Event,
    State,
    after,
    metres_a_day,
    slot_problem,
)

SolveSlots = Callable[[SlotProblem], Awaitable[SlotPlan]]
ACCEPTED_FOR = timedelta(days=7)
TOO_LATE = "could not be done in time"


class Led(StrEnum):
    """How a chain stands: a task was added, one is waited for, or nothing is left to do."""

    ON = "on"
    WAITING = "waiting"
    OUT = "out"


async def request_slotting(
    pool: asyncpg.Pool,
    request: StaffRequest,
    warehouse: str | None,
    moves_max: int,
    now: datetime,
) -> Answer:
    """Asks for a proposal; it is planned by a job.

    Raises:
        NotFound: `unknown_warehouse`.
        Conflict: `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            place = await bins.the_warehouse(connection, warehouse)
            proposal_id = await slotting.request_proposal(
                connection, place["id"], moves_max, request.actor, now
            )
            await outbox.enqueue(
                connection,
                "slotting",
                f"slotting/{proposal_id}",
                {"proposal_id": proposal_id},
                now,
            )
            return Answer(202, await proposal_view(connection, proposal_id))

        return await once(connection, request, act)


async def plan_slotting(
    pool: asyncpg.Pool, proposal_id: int, solve: SolveSlots, now: datetime
) -> None:
    """Plans a proposal that was asked for, with no transaction open while it is solved."""
    since = now - LOOKBACK
    async with staff_transaction(pool) as connection:
        proposal = await slotting.proposal_for_update(connection, proposal_id)
        if proposal["state"] != State.REQUESTED:
            return
        warehouse = await bins.warehouse_of_id(connection, proposal["warehouse_id"])
        slots = await slotting_rows.bins_of(connection, warehouse["id"])
        goods = await slotting_rows.goods_in(connection, warehouse["id"])
        visits = await slotting_rows.visits_since(connection, warehouse["id"], since, WALKS_MAX)
        walked = await slotting_rows.walked(
            connection,
            warehouse["id"],
            warehouse["time_zone"],
            since,
            sorted({row["batch_id"] for row in visits}),
        )
    plan = None
    if visits:
        problem = slot_problem(
            Layout(
                warehouse["aisles"],
                warehouse["aisle_length_mm"],
                warehouse["aisle_pitch_mm"],
                warehouse["depot_aisle"],
            ),
            [slotting_rows.slot_from(row) for row in slots],
            [slotting_rows.lying_from(row) for row in goods],
            [slotting_rows.visit_from(row) for row in visits],
            proposal["moves_max"],
        )
        plan = await solve(problem)
    async with staff_transaction(pool) as connection:
        current = await slotting.proposal_for_update(connection, proposal_id)
        if current["state"] == State.REQUESTED:
            carts = len({row["batch_id"] for row in visits})
            await _save(connection, proposal_id, plan, goods, walked, carts, since, now)


@again_on_deadlock
async def accept_slotting(
    pool: asyncpg.Pool, request: StaffRequest, proposal_id: int, now: datetime
) -> Answer:
    """Accepts a proposal: its moves become tasks, those of a chain one after the other.

    Raises:
        NotFound: `unknown_proposal`.
        Conflict: `wrong_state`, `in_flight`.
    """
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            proposal = await slotting.proposal_for_update(connection, proposal_id)
            after(State(proposal["state"]), Event.ACCEPT)
            await slotting.set_accepted(connection, proposal_id, request.actor, now)
            await _follow(connection, proposal_id, now)
            return Answer(200, await proposal_view(connection, proposal_id))

        return await once(connection, request, act)


async def follow_slotting(pool: asyncpg.Pool, now: datetime) -> int:
    """Asks for the next moves of accepted proposals as far as they can be done; how many."""
    async with staff_transaction(pool) as connection:
        accepted = await slotting_rows.accepted_proposals(connection)
    asked = 0
    for proposal_id in accepted:
        asked += await _follow_alone(pool, proposal_id, now)
    return asked


@again_on_deadlock
async def _follow_alone(pool: asyncpg.Pool, proposal_id: int, now: datetime) -> int:
    async with staff_transaction(pool) as connection:
        return await _follow(connection, proposal_id, now)


async def proposal_view(connection: asyncpg.Connection, proposal_id: int) -> dict[str, object]:
    """A proposal with its moves and what it would spare, as planners read it.

    Raises:
        NotFound: `unknown_proposal`.
    """
    proposal = await slotting_rows.proposal_of_id(connection, proposal_id)
    if proposal is None:
        raise slotting.unknown_proposal(proposal_id)
    names = ("id", "warehouse", "state", "moves_max", "asked_by", "method", "orders", "reason")
    moments = ("asked_at", "planned_at", "accepted_at", "done_at")
    days, today_mm, proposed_mm = proposal["days"], proposal["today_mm"], proposal["proposed_mm"]
    known = today_mm is not None
    moves = await slotting_rows.moves_of(connection, proposal_id)
    return (
        {name: proposal[name] for name in names}
        | {name: None if proposal[name] is None else proposal[name].isoformat() for name in moments}
        | {
            "carts": proposal["walks"],
            "days": days,
            "metres_a_day_today": metres_a_day(today_mm, days) if known else None,
            "metres_a_day_proposed": metres_a_day(proposed_mm, days) if known else None,
            "saving": 1 - proposed_mm / today_mm if today_mm else None,
            "moves": [_move_view(move) for move in moves],
        }
    )


def _move_view(move: asyncpg.Record) -> dict[str, object]:
    return {
        "chain": move["chain"],
        "step": move["step"],
        "owner": move["owner"],
        "sku": move["sku"],
        "lot": move["lot"],
        "quantity": format_quantity(move["quantity"], move["scale"]),
        "from": move["from_place"],
        "to": move["to_place"],
        "swap": move["swap"],
        "state": move["state"],
        "note": move["note"],
    }


async def _save(
    connection: asyncpg.Connection,
    proposal_id: int,
    plan: SlotPlan | None,
    goods: list[asyncpg.Record],
    walked: asyncpg.Record,
    carts: int,
    since: datetime,
    now: datetime,
) -> None:
    better = plan is not None and bool(plan.moves)
    event = Event.PROPOSE if better else Event.FIND_NOTHING
    await slotting.save_plan(
        connection,
        proposal_id,
        {
            "state": str(after(State.REQUESTED, event)),
            "since": since,
            "method": None if plan is None else plan.method,
            "orders": walked["orders"],
            "walks": carts,
            "days": walked["days"],
            "today_mm": None if plan is None else plan.today_mm,
            "proposed_mm": None if plan is None else plan.proposed_mm,
            "reason": NO_PICKS if plan is None else "" if better else NO_GAIN,
        },
        now,
    )
    if plan is None or not plan.moves:
        return
    row_of = {row["id"]: row for row in goods}
    kept = ("tenant_id", "owner_id", "item_id", "lot", "serial", "status")
    await slotting.save_moves(
        connection,
        proposal_id,
        [
            {name: row_of[move.holding_id][name] for name in kept}
            | {
                "from_place_id": move.from_slot_id,
                "to_place_id": move.to_slot_id,
                "quantity": row_of[move.holding_id]["on_hand"],
                "chain": move.chain,
                "step": move.step,
                "swap": move.swap,
            }
            for move in plan.moves
        ],
    )


async def _follow(connection: asyncpg.Connection, proposal_id: int, now: datetime) -> int:
    """Leads every chain on by what has been done since; how many tasks were added."""
    proposal = await slotting.proposal_for_update(connection, proposal_id)
    if proposal["state"] != State.ACCEPTED:
        return 0
    asked, standing = 0, False
    moves = await slotting_rows.moves_of(connection, proposal_id)
    for _, chain in groupby(moves, key=lambda move: move["chain"]):
        led = await _lead_on(connection, proposal, list(chain), now)
        asked += led is Led.ON
        standing = standing or led is not Led.OUT
    if not standing:
        after(State.ACCEPTED, Event.FINISH)
        await slotting.set_done(connection, proposal_id, now)
    return asked


async def _lead_on(
    connection: asyncpg.Connection,
    proposal: asyncpg.Record,
    chain: list[asyncpg.Record],
    now: datetime,
) -> Led:
    """Leads one chain on by what has been done since."""
    for number, move in enumerate(chain):
        if move["state"] in ("done", "void"):
            continue
        if move["state"] == "tasked":
            if move["task_state"] in ("open", "claimed"):
                return Led.WAITING
            if move["task_state"] == "done":
                await slotting.set_move(connection, move["id"], "done", move["move_task_id"], "")
                continue
            await _end(connection, chain[number:], "its move was given up")
            return Led.OUT
        if move["on_hand"] == 0:
            # Picked empty meanwhile: the bin is as free as if the goods had been moved.
            await slotting.set_move(connection, move["id"], "void", None, "nothing is left there")
            continue
        if now - proposal["accepted_at"] > ACCEPTED_FOR:
            await _end(connection, chain[number:], TOO_LATE)
            return Led.OUT
        return await _ask(connection, proposal["warehouse_id"], move, now)
    return Led.OUT


async def _ask(
    connection: asyncpg.Connection, warehouse_id: int, move: asyncpg.Record, now: datetime
) -> Led:
    order = MoveOrder(
        MoveKind.RESLOT,
        move["tenant_id"],
        move["owner_id"],
        warehouse_id,
        move["item_id"],
        move["lot"],
        move["serial"],
        move["status"],
        move["from_place_id"],
        0,
        move["to_place_id"],
        move["on_hand"],
        f"slotting {move['proposal_id']}",
    )
    try:
        task_id = await moving.add_move(connection, order, now)
    except Conflict as refusal:
        # Reserved for a pick, or the room is taken: it is asked for again, for some days.
        await slotting.set_move(connection, move["id"], "waiting", None, refusal.detail)
        return Led.WAITING
    await slotting.set_move(connection, move["id"], "tasked", task_id, "")
    return Led.ON


async def _end(connection: asyncpg.Connection, moves: list[asyncpg.Record], note: str) -> None:
    for move in moves:
        await slotting.set_move(connection, move["id"], "void", move["move_task_id"], note)
