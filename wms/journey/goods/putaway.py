"""Goods that came in get a place: moves from the dock, with goods and room held.

What waiting orders need goes to cross-dock places first; the rest as the suggestions say. What no
place takes stays where it is, without a task: it is told, shown to planners and tried again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.moving import commands as moving
from wms.moving import queries as rooms
from wms.moving.move import MoveKind, MoveOrder
from wms.outbox import commands as outbox

TRIES = 3
PAGE = 200


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of goods without a place: tasks made, and balances still without one."""

    tasks: int
    unplaced: int


async def plan_putaway(
    connection: asyncpg.Connection,
    *,
    tenant_id: int,
    owner_id: int,
    warehouse_id: int,
    item_id: int,
    lot: str,
    serial: str,
    status: str,
    from_place_id: int,
    from_unit_id: int,
    quantity: int,
    cross_dock: int = 0,
    kind: MoveKind = MoveKind.PUTAWAY,
    reason: str = "",
    now: datetime,
) -> list[int]:
    """Moves for a quantity that lies free at a place, to where it should go; their numbers.

    The first `cross_dock` of it go to cross-dock places, as far as those have room. What fits
    nowhere gets no move and is told as `stock.unplaced`.

    Raises:
        Conflict: `not_enough_stock`, the place holds less that is free.
    """
    order = MoveOrder(
        kind,
        tenant_id,
        owner_id,
        warehouse_id,
        item_id,
        lot,
        serial,
        status,
        from_place_id,
        from_unit_id,
        # Replaced by each suggestion; no place has the number 0.
        0,
        quantity,
        reason,
    )
    # The goods are locked before any place, as whoever finishes a move does.
    await moving.lock_source(connection, order)
    tasks, left = await _place(connection, order, cross_dock, now)
    if left:
        await _tell_unplaced(connection, order, left, now)
    return tasks


async def _place(
    connection: asyncpg.Connection, order: MoveOrder, cross_dock: int, now: datetime
) -> tuple[list[int], int]:
    """The moves of a quantity, and how much of it no place takes."""
    tasks: list[int] = []
    left = order.quantity
    crossing = min(cross_dock, left) if order.status == "available" else 0
    if crossing:
        through = replace(order, kind=MoveKind.CROSS_DOCK, quantity=crossing)
        made, missed = await _spread(connection, through, now)
        tasks += made
        left -= crossing - missed
    if left:
        made, left = await _spread(connection, replace(order, quantity=left), now)
        tasks += made
    return tasks, left


async def _spread(
    connection: asyncpg.Connection, order: MoveOrder, now: datetime
) -> tuple[list[int], int]:
    """Moves to the suggested places; a suggestion that others overtook is made anew."""
    tasks: list[int] = []
    left = order.quantity
    for _ in range(TRIES):
        found = await rooms.suggest_place(
            connection,
            order.warehouse_id,
            order.item_id,
            order.owner_id,
            order.lot,
            left,
            order.kind,
            status=order.status,
            but_place_id=order.from_place_id,
        )
        # Places are locked in id order and only then looked at again, so that the suggestion
        # that counts is one that nobody can overtake.
        await moving.lock_places(connection, [place_id for place_id, _ in found])
        for place_id, quantity in found:
            takes = await rooms.place_takes(
                connection, place_id, order.item_id, order.owner_id, order.lot, order.status
            )
            put = min(quantity, takes)
            if put:
                part = replace(order, to_place_id=place_id, quantity=put)
                tasks.append(await moving.add_move(connection, part, now))
                left -= put
        if left == 0 or not found:
            break
    return tasks, left


async def _tell_unplaced(
    connection: asyncpg.Connection, order: MoveOrder, quantity: int, now: datetime
) -> None:
    await outbox.emit(
        connection,
        order.tenant_id,
        "stock.unplaced",
        f"item/{order.item_id}",
        None,
        {
            "item_id": order.item_id,
            "place_id": order.from_place_id,
            "lot": order.lot,
            "status": order.status,
            "quantity": quantity,
        },
        "house",
        now,
    )


async def retry_putaways(pool: asyncpg.Pool, now: datetime) -> Retried:
    """Looks for places again for goods that have none, each in a transaction of its own."""
    tasks = unplaced = after = 0
    while True:
        async with staff_transaction(pool) as connection:
            waiting = await rooms.unplaced_after(connection, after, PAGE)
        for row in waiting:
            made, left = await _retry_alone(pool, row, now)
            tasks += made
            unplaced += left > 0
        if len(waiting) < PAGE:
            return Retried(tasks, unplaced)
        after = waiting[-1]["id"]


@again_on_deadlock
async def _retry_alone(pool: asyncpg.Pool, row: asyncpg.Record, now: datetime) -> tuple[int, int]:
    async with staff_transaction(pool) as connection:
        return await _retry(connection, row, now)


async def _retry(
    connection: asyncpg.Connection, row: asyncpg.Record, now: datetime
) -> tuple[int, int]:
    """How many moves were made for a balance, and how much of it still has no place."""
    free = await moving.lock_free(connection, row["id"])
    if free == 0:
        return 0, 0
    kind = MoveKind.PUTAWAY if row["place_kind"] == "receiving" else MoveKind.PUT_BACK
    order = MoveOrder(
        kind,
        row["tenant_id"],
        row["owner_id"],
        row["warehouse_id"],
        row["item_id"],
        row["lot"],
        row["serial"],
        row["status"],
        row["place_id"],
        row["handling_unit_id"],
        0,
        free,
    )
    tasks, left = await _place(connection, order, 0, now)
    return len(tasks), left
