"""What a count found against the books: looked at where it is worth much, and then posted.

The difference is the one of the moment at which it was counted, posted onto whatever lies there by
now: a pick, a receipt or a move before or after the count changes nothing about it. What is missing
goes the way of every loss; where goods have left since, only what is still there can be lost, and
the rest is told and counted again.
"""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.counting import queries as counts
from wms.counting.count import Event, State, Worth, applied, needs_review, value_minor
from wms.journey.claim.supply import supply_waiting
from wms.journey.goods.shrink import LOSS, lock_for_shrinking, shrink
from wms.outbox import commands as outbox
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line

LEFT_SINCE = "goods left since the count"
SERIAL_HERE = "a serial of this place was found elsewhere"


async def settle_count(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    *,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> State:
    """Ends a claimed count: it is posted, or waits for a planner where much is at stake.

    Raises:
        Conflict: `wrong_state`.
    """
    await _lock_books(connection, task)
    lines = await counting.close_lines(connection, task, actor, now)
    values = [_value(line, line["counted"] - line["expected_at"]) for line in lines]
    total = sum(value for value in values if value is not None)
    await counting.finish_count(connection, task, actor, total, now)
    if needs_review(values, task["count_review_minor"]):
        for line, value in zip(lines, values, strict=True):
            await counting.book_line(
                connection, line["id"], line["expected_at"], 0, 0, value, "", None
            )
        return await counting.close_count(connection, task["id"], Event.ASK_REVIEW, None, now)
    return await post_count(
        connection, task, None, command_id=command_id, actor=actor, device=device, now=now
    )


async def post_count(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    reviewed_by: str | None,
    *,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> State:
    """Posts the variances of a count that is done.

    Raises:
        Conflict: `wrong_state`.
    """
    await _lock_books(connection, task)
    state = await counting.close_count(connection, task["id"], Event.POST, reviewed_by, now)
    gained: set[int] = set()
    # Read under the locks: what lies there now is what the difference is posted onto.
    for line in await counts.lines_of_count(connection, task["id"]):
        change = await _post_line(connection, task, line, command_id, actor, device, now)
        if change > 0:
            gained.add(line["item_id"])
    if gained:
        await supply_waiting(connection, sorted(gained), task["warehouse_id"], actor, now)
    return state


async def _lock_books(connection: asyncpg.Connection, task: asyncpg.Record) -> None:
    books = await counts.books_of_count(connection, task["id"])
    await lock_for_shrinking(connection, task["warehouse_id"], books)


async def _post_line(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    line: asyncpg.Record,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> int:
    """Posts one line's variance as far as it can be; what was posted."""
    variance = line["counted"] - line["expected_at"]
    change = applied(variance, line["on_hand"])
    note, movement_id = "", None
    if change > 0:
        change, note = await _refuse_twin(connection, task, line, change, now)
    if change < 0:
        balance = await stock.balance_for_update(connection, line["balance_id"])
        shrunk = await shrink(
            connection,
            balance,
            balance["on_hand"] + change,
            to=LOSS,
            reason=task["reason"],
            command_id=command_id,
            actor=actor,
            device=device,
            now=now,
        )
        movement_id = shrunk.movement_id
    elif change > 0:
        movement_id = await _post_gain(
            connection, task, line, change, command_id, actor, device, now
        )
    if change > variance:
        note = LEFT_SINCE
        await counting.ask_count(
            connection, None, task["place_id"], line["item_id"], LEFT_SINCE, None, now
        )
    unapplied = abs(variance - change)
    await counting.book_line(
        connection,
        line["id"],
        line["expected_at"],
        change,
        unapplied,
        _value(line, variance),
        note,
        movement_id,
    )
    if variance:
        await _tell(connection, task, line, change, unapplied, actor, now)
    return change


async def _refuse_twin(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    line: asyncpg.Record,
    change: int,
    now: datetime,
) -> tuple[int, str]:
    """Keeps a serial from being in two places: the other place is counted before it is gained."""
    if line["serial"] == "":
        return change, ""
    twin = await counts.serial_elsewhere(
        connection, line["item_id"], line["serial"], task["place_id"]
    )
    if twin is None:
        return change, ""
    await counting.ask_count(
        connection, None, twin["place_id"], line["item_id"], SERIAL_HERE, None, now
    )
    return 0, f"the books have it at {twin['code']}"


async def _post_gain(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    line: asyncpg.Record,
    quantity: int,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
) -> int:
    loss = await bins.place_of_kind(connection, task["warehouse_id"], LOSS)
    goods = Goods(
        line["owner_id"],
        line["item_id"],
        line["lot"],
        line["serial"],
        line["status"],
        line["expires_on"],
    )
    found = Line(goods, quantity, loss["id"], task["place_id"], 0, line["unit_id"])
    return await stock.post(
        connection,
        line["tenant_id"],
        "count",
        [found],
        command_id=command_id,
        actor=actor,
        device=device,
        reason=task["reason"],
        now=now,
    )


async def _tell(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    line: asyncpg.Record,
    change: int,
    unapplied: int,
    actor: str,
    now: datetime,
) -> None:
    await outbox.emit(
        connection,
        line["tenant_id"],
        "stock.counted",
        f"count/{task['id']}",
        None,
        {
            "count_id": task["id"],
            "place": task["place"],
            "sku": line["sku"],
            "lot": line["lot"],
            "serial": line["serial"],
            "status": line["status"],
            "change": change,
            "unapplied": unapplied,
            "reason": task["reason"],
        },
        actor,
        now,
    )


def _value(line: asyncpg.Record, quantity: int) -> int | None:
    return value_minor(quantity, Worth(line["unit_minor"], line["scale"]))
