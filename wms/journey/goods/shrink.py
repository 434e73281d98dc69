"""Goods that turn out not to be there, or not to be usable: who gives way, and what follows.

One way for a short pick, a count, damage and expiry. Reservations are kept as far as what is left
allows: moves of the house give way first, then the youngest of the orders. Where the house holds
too little for all that is promised, the youngest claims are freed and their orders told. What the
others lost is reserved in other bins and joins the walks it belongs to. All of it happens in the
transaction that posts the movement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.claim.claim import lose_claims
from wms.journey.claim.insert import leave_out_lost
from wms.journey.claim.supply import supply_waiting
from wms.journey.goods.elsewhere import fetch_elsewhere
from wms.moving import commands as moving
from wms.picking import commands as picking
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line

LOSS = "loss"

# A task of a walk, and how much of it lost the goods that were reserved for it.
Part = tuple[asyncpg.Record, int]


@dataclass(frozen=True, slots=True)
class Given:
    """What gave way: parts of tasks without goods now, and how much of which lines is freed."""

    cut: tuple[Part, ...] = ()
    freed: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What a shrinking came to: its movement, what it took, and what was found nowhere else."""

    movement_id: int | None
    quantity: int
    cut: tuple[Part, ...] = ()
    freed: dict[int, int] = field(default_factory=dict)
    unsolved: tuple[Part, ...] = ()


async def shrink(
    connection: asyncpg.Connection,
    balance: asyncpg.Record,
    to_quantity: int,
    *,
    to: str,
    reason: str,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
    kind: str | None = None,
    wanted: Sequence[Part] = (),
) -> Shrunk:
    """Leaves `to_quantity` of a balance; the rest is lost, or gets another status where it lies.

    `balance` names the balance; it is read again under its lock. `to` is `loss` or a status.
    `wanted` are parts of the caller's own tasks that lost their reservation already; they are
    looked for elsewhere together with what others lose, before them. Who calls this after other
    postings on the item locks all of it first: `lock_for_shrinking`.

    Raises:
        Conflict: `not_enough_stock`, what gives way is not enough.
    """
    assert to_quantity >= 0, "no less than nothing is left"
    place = await bins.place_of_id(connection, balance["place_id"])
    await lock_for_shrinking(connection, place["warehouse_id"], [balance])
    balance = await stock.balance_for_update(connection, balance["id"])
    quantity = max(0, balance["on_hand"] - to_quantity)
    movement_id: int | None = None
    given: Given = Given()
    if quantity:
        lost = quantity if balance["status"] == "available" else 0
        given = await give_way(
            connection, balance, to_quantity, place["warehouse_id"], lost, actor, now
        )
        movement_id = await stock.post(
            connection,
            balance["tenant_id"],
            kind or ("count" if to == LOSS else "status"),
            [await _line(connection, balance, place["warehouse_id"], quantity, to)],
            command_id=command_id,
            actor=actor,
            device=device,
            reason=reason,
            now=now,
        )
    unsolved = await serve_elsewhere(connection, Given((*wanted, *given.cut), given.freed), now)
    found = await without_inserts(connection, unsolved, actor, now)
    if given.freed or len(found) < len(unsolved):
        # Claims are freed whole: what they held beyond the loss goes to who waits.
        await supply_waiting(connection, [balance["item_id"]], place["warehouse_id"], actor, now)
    return Shrunk(movement_id, quantity, given.cut, given.freed, found)


async def without_inserts(
    connection: asyncpg.Connection, unsolved: Sequence[Part], actor: str, now: datetime
) -> tuple[Part, ...]:
    """What was found nowhere and is waited for: what rules added is left out of its order."""
    missing: dict[int, int] = {}
    for task, quantity in unsolved:
        line_id = task["fulfilment_line_id"]
        missing[line_id] = missing.get(line_id, 0) + quantity
    gone = await leave_out_lost(connection, missing, actor, now) if missing else set()
    return tuple(part for part in unsolved if part[0]["fulfilment_line_id"] not in gone)


async def lock_for_shrinking(
    connection: asyncpg.Connection, warehouse_id: int, balances: Sequence[asyncpg.Record]
) -> None:
    """Locks the picks of balances' items, then their bins and the balances, then what is sold."""
    await picking.lock_goods(
        connection,
        warehouse_id,
        sorted({balance["item_id"] for balance in balances}),
        [balance["id"] for balance in balances],
    )


async def give_way(
    connection: asyncpg.Connection,
    balance: asyncpg.Record,
    to_quantity: int,
    warehouse_id: int,
    lost: int,
    actor: str,
    now: datetime,
) -> Given:
    """Makes a balance ready to be posted down to `to_quantity`, `lost` of it no longer for sale."""
    cut = await _cut_youngest(connection, balance, to_quantity, now)
    if not lost:
        return Given(tuple(cut))
    freed = await lose_claims(connection, balance["item_id"], warehouse_id, lost, actor, now)
    return Given(tuple(cut), freed)


async def serve_elsewhere(
    connection: asyncpg.Connection, given: Given, now: datetime
) -> tuple[Part, ...]:
    """Finds what was cut in other bins, after the posting; what of it was found nowhere."""
    unsolved: list[Part] = []
    for task, part in await _strike_freed(connection, given):
        missing = await fetch_elsewhere(connection, task, part, now)
        if missing:
            unsolved.append((task, missing))
    return tuple(unsolved)


async def _line(
    connection: asyncpg.Connection,
    balance: asyncpg.Record,
    warehouse_id: int,
    quantity: int,
    to: str,
) -> Line:
    place_id, unit_id = balance["place_id"], balance["handling_unit_id"]
    if to == LOSS:
        loss = await bins.place_of_kind(connection, warehouse_id, LOSS)
        return Line(goods_from(balance), quantity, place_id, loss["id"], unit_id)
    return Line(goods_from(balance), quantity, place_id, place_id, unit_id, unit_id, to_status=to)


async def _cut_youngest(
    connection: asyncpg.Connection, balance: asyncpg.Record, left: int, now: datetime
) -> list[Part]:
    """Takes reservations beyond what is left back; the parts of orders' tasks that lost theirs."""
    excess = balance["reserved"] - left
    cut: list[Part] = []
    for reservation in await stock.reservations_youngest_first(connection, balance["id"], None):
        if excess <= 0:
            break
        quantity = min(excess, reservation["quantity"])
        excess -= quantity
        if reservation["move_task_id"] is not None:
            await moving.cut_move(connection, reservation["move_task_id"], quantity, now)
            continue
        task = await picking.task_of_reservation(connection, reservation["id"])
        assert task is not None, "a reservation is of an open task"
        await strike(connection, task, quantity)
        cut.append((task, quantity))
    return cut


async def strike(connection: asyncpg.Connection, task: asyncpg.Record, quantity: int) -> None:
    """Takes a part of an open task away, and what is reserved for it once its wave is released."""
    if task["reservation_id"] is not None:
        await stock.release_reserved(connection, task["balance_id"], quantity)
        if quantity == task["quantity"]:
            await stock.drop_reservation(connection, task["reservation_id"])
        else:
            await stock.shrink_reservation(connection, task["reservation_id"], quantity)
    await picking.shrink_task(connection, task["id"], quantity)


async def _strike_freed(connection: asyncpg.Connection, given: Given) -> list[Part]:
    """Gives up what is promised no more; answers what is still to be fetched elsewhere.

    A line gives up what it misses anyway, and only then what is reserved for it.
    """
    left = dict(given.freed)
    kept: list[Part] = []
    for task, quantity in given.cut:
        struck = min(quantity, left.get(task["fulfilment_line_id"], 0))
        if struck:
            left[task["fulfilment_line_id"]] -= struck
        if quantity > struck:
            kept.append((task, quantity - struck))
    for line_id, quantity in left.items():
        for task in await picking.open_tasks_of_line(connection, line_id):
            struck = min(quantity, task["quantity"])
            if struck:
                await strike(connection, task, struck)
                quantity -= struck
    return kept
