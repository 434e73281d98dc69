"""What changes moves: made with goods and room held, done in full or in part, or given up."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict, NotFound, Refused
from wms.moving import pause_store, room_store, store
from wms.moving.move import Event, MoveOrder, State, after
from wms.stock import commands as stock
from wms.stock.commands import goods_from
from wms.stock.ledger import Line

LEASE = timedelta(minutes=15)
REFUSALS = {
    "no_storage": "nothing is stored there",
    "blocked_in": "nothing may be put there now",
    "storage_class": "it does not store goods of this kind",
    "mixing": "it does not mix these goods with those that lie there",
    "volume": "its volume is used up",
    "mass": "it would be too heavy",
    "units": "it holds no more pieces",
}

lock_free = store.lock_free
lock_places = room_store.lock_places
set_step = store.set_step


async def add_move(connection: asyncpg.Connection, order: MoveOrder, now: datetime) -> int:
    """A new task, with its goods reserved and its room at the target held; its number.

    Whoever adds several at once locks their targets before, with `lock_places`.

    Raises:
        Conflict: `not_enough_stock`, the source holds less that is free; `no_room`, the target
            does not take the goods.
    """
    balance = await lock_source(connection, order)
    await refuse_without_room(
        connection,
        order.to_place_id,
        order.item_id,
        order.owner_id,
        order.lot,
        order.quantity,
        order.status,
    )
    return await store.insert_task(connection, order.row(), balance["id"], now)


async def lock_source(connection: asyncpg.Connection, order: MoveOrder) -> asyncpg.Record:
    """The balance that an order's goods lie in, locked.

    Raises:
        Conflict: `not_enough_stock`, it holds less that is free.
    """
    balance = await store.lock_source(
        connection,
        order.owner_id,
        order.item_id,
        order.from_place_id,
        order.from_unit_id,
        order.lot,
        order.serial,
        order.status,
    )
    if balance is None or balance["on_hand"] - balance["reserved"] < order.quantity:
        raise Conflict("not_enough_stock", "The place holds less that is free to move.")
    return balance


async def lock_loose(
    connection: asyncpg.Connection,
    owner_id: int,
    item_id: int,
    place_id: int,
    lot: str,
    serial: str,
    status: str,
) -> asyncpg.Record:
    """The balance of goods that lie loose in a place, locked.

    Raises:
        Conflict: `not_enough_stock`, there are none.
    """
    balance = await store.lock_source(
        connection, owner_id, item_id, place_id, 0, lot, serial, status
    )
    if balance is None:
        raise Conflict("not_enough_stock", "The place holds none of it.")
    return balance


async def refuse_without_room(
    connection: asyncpg.Connection,
    place_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    quantity: int,
    status: str,
    *,
    but_task: int | None = None,
) -> None:
    """Locks a place and passes where it takes the goods; `but_task` is left out of what it holds.

    Raises:
        Conflict: `no_room`, with the reason.
    """
    refusal = await room_store.place_refusal(
        connection, place_id, item_id, owner_id, lot, quantity, status, but_task
    )
    if refusal is not None:
        raise Conflict("no_room", f"The place does not take it: {REFUSALS[refusal]}.")


async def void_move(connection: asyncpg.Connection, task_id: int, now: datetime) -> None:
    """Gives a move up: its goods are free again where they lie, its room is free for others.

    Raises:
        NotFound: `unknown_task`.
        Conflict: `wrong_state`, it is done or was given up.
    """
    task = await _task(connection, task_id, Event.GIVE_UP)
    await store.lock_reserved_source(connection, task_id)
    await store.release_source(connection, task_id, task["quantity"])
    await store.drop_reserved(connection, task_id, task["quantity"])
    await store.end_task(connection, task_id, State.VOID, None, None, now)


async def cut_move(
    connection: asyncpg.Connection, task_id: int, quantity: int, now: datetime
) -> None:
    """Takes a part of an open move away, with what is reserved for it; all of it voids the move.

    Raises:
        NotFound: `unknown_task`.
        Conflict: `wrong_state`.
    """
    task = await _task(connection, task_id, Event.GIVE_UP)
    if quantity >= task["quantity"]:
        await void_move(connection, task_id, now)
        return
    await store.lock_reserved_source(connection, task_id)
    await store.release_source(connection, task_id, quantity)
    await store.drop_reserved(connection, task_id, quantity)
    await store.shrink_task(connection, task_id, quantity)


async def finish_move(
    connection: asyncpg.Connection,
    task_id: int,
    quantity: int,
    *,
    actor: str,
    device: str,
    command_id: str,
    now: datetime,
    to_place_id: int | None = None,
) -> int:
    """Books goods of a move at its target, or at another place that has room; the movement.

    Of less than all of it the rest stays a task as it is, with goods and room held; what was done
    is kept as a task of its own.

    Raises:
        NotFound: `unknown_task`.
        Conflict: `wrong_state`; `no_room`, the place does not take the goods; `same_place`, they
            are there; `not_enough_stock`.
    """
    task = await _task(connection, task_id, Event.FINISH)
    assert 0 < quantity <= task["quantity"], "a part of the task is done, or all of it"
    source = await source_of(connection, task_id)
    target = task["to_place_id"] if to_place_id is None else to_place_id
    if target == source["place_id"]:
        raise Conflict("same_place", "The goods are there already.")
    await refuse_without_room(
        connection,
        target,
        task["item_id"],
        task["owner_id"],
        task["lot"],
        quantity,
        task["status"],
        but_task=task_id,
    )
    await store.drop_reserved(connection, task_id, quantity)
    movement_id = await stock.post(
        connection,
        task["tenant_id"],
        task["kind"],
        [_line(source, target, quantity)],
        command_id=command_id,
        actor=actor,
        device=device,
        reason=task["reason"],
        now=now,
    )
    await _book(connection, task, quantity, target, movement_id, now)
    return movement_id


def _line(source: asyncpg.Record, target: int, quantity: int) -> Line:
    return Line(
        goods_from(source),
        quantity,
        source["place_id"],
        target,
        source["handling_unit_id"],
        0,
        quantity,
    )


async def _book(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    quantity: int,
    target: int,
    movement_id: int,
    now: datetime,
) -> None:
    """Notes on a task what was done of it."""
    if quantity == task["quantity"]:
        await store.end_task(connection, task["id"], State.DONE, target, movement_id, now)
        return
    await store.shrink_task(connection, task["id"], quantity)
    await store.insert_part_done(connection, task["id"], quantity, target, movement_id, now)


async def source_of(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record:
    """The balance, locked, in which the goods of a move that waits are reserved."""
    source = await store.lock_reserved_source(connection, task_id)
    assert source is not None, "a move that waits has its goods reserved"
    return source


async def claim_move(
    connection: asyncpg.Connection, staff_id: int, warehouse_id: int, now: datetime
) -> int | None:
    """The move in a warehouse that somebody is at, else the next there; None where nothing waits.

    What they hold stays theirs, also in a zone that is paused, until its claim runs out and
    somebody else takes it.
    """
    held = await store.held_task(connection, staff_id, warehouse_id)
    if held is not None:
        await store.renew_claim(connection, held, now + LEASE)
        return held
    return await store.claim_next(connection, staff_id, warehouse_id, now + LEASE, now)


async def lay_down(
    connection: asyncpg.Connection, task_id: int, staff_id: int, now: datetime
) -> None:
    """Leaves a move for others; for this person it comes after all the rest.

    Raises:
        NotFound: `unknown_task`.
        Conflict: `wrong_state`.
    """
    await _task(connection, task_id, Event.LAY_DOWN)
    await store.lay_down(connection, task_id, staff_id, now)


async def pause_floor(
    connection: asyncpg.Connection,
    warehouse_id: int,
    zone: str,
    reason: str,
    actor: str,
    now: datetime,
) -> int:
    """Stops picking and moving in a zone, '' for the whole house; the pause's number.

    Raises:
        Refused: `unknown_zone`, `no_reason`.
        Conflict: `paused_before`, it is paused already.
    """
    if not reason.strip():
        raise Refused("no_reason", "A pause says why.", "/reason")
    if zone and not await pause_store.has_zone(connection, warehouse_id, zone):
        raise Refused("unknown_zone", f"The warehouse has no zone {zone}.", "/zone")
    pause_id = await pause_store.insert_pause(connection, warehouse_id, zone, reason, actor, now)
    if pause_id is None:
        raise Conflict("paused_before", f"{zone or 'The whole house'} is paused already.")
    return pause_id


async def end_pause(
    connection: asyncpg.Connection, pause_id: int, actor: str, now: datetime
) -> None:
    """Ends a pause; whoever was stopped goes on at the same step. Ended before, it stays ended.

    Raises:
        NotFound: `unknown_pause`.
    """
    pause = await pause_store.pause_of_id(connection, pause_id)
    if pause is None:
        raise NotFound("unknown_pause", f"There is no pause {pause_id}.")
    if await pause_store.end_pause(connection, pause_id, actor, now):
        await store.extend_claims(connection, pause["warehouse_id"], pause["zone"], now + LEASE)


async def _task(connection: asyncpg.Connection, task_id: int, event: Event) -> asyncpg.Record:
    """A task, locked, that this may happen to."""
    task = await store.task_for_update(connection, task_id)
    if task is None:
        raise NotFound("unknown_task", f"There is no task {task_id}.")
    after(State(task["state"]), event)
    return task
