"""Counts as planners work with them: asked for, looked at, approved or counted again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.counting import commands as counting
from wms.counting import queries as counts
from wms.counting.count import Event, State
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity
from wms.journey.goods.variance import post_count
from wms.journey.request import StaffRequest, once
from wms.outbox.command import Answer

RECOUNT = "recount"


@dataclass(frozen=True, slots=True)
class CountWish:
    """A place to be counted; with an item, of whose owner, only that."""

    place: str
    reason: str
    warehouse: str | None = None
    sku: str | None = None
    owner_id: int | None = None


async def request_count(
    pool: asyncpg.Pool, request: StaffRequest, wish: CountWish, now: datetime
) -> Answer:
    """Asks for a count; one that is asked for already is answered as it stands.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_place`, `no_storage`, `unknown_item`.
        Conflict: `in_flight`.
    """

    async def act(connection: asyncpg.Connection) -> int:
        warehouse = await bins.the_warehouse(connection, wish.warehouse)
        place = await bins.place_of_code(connection, warehouse["id"], wish.place)
        if place is None:
            raise Refused("unknown_place", f"There is no place {wish.place!r}.", "/place")
        if place["kind"] not in ("bin", "receiving"):
            raise Refused("no_storage", f"{wish.place} stores nothing.", "/place")
        item = await _item(connection, wish)
        return await counting.ask_count(
            connection,
            None if item is None else item["tenant_id"],
            place["id"],
            None if item is None else item["id"],
            wish.reason,
            None,
            now,
            asked_by=request.actor,
        )

    return await _once(pool, request, 201, act)


async def approve_count(
    pool: asyncpg.Pool, request: StaffRequest, count_id: int, now: datetime
) -> Answer:
    """Posts the variances of a count that waits for review, each as of its moment.

    Raises:
        NotFound: `unknown_count`.
        Conflict: `wrong_state`; `own_count`, nobody approves their own count; `in_flight`.
    """

    async def act(connection: asyncpg.Connection) -> int:
        task = await _under_review(connection, count_id)
        if task["holder_id"] == request.staff.staff_id:
            raise Conflict("own_count", "Somebody else has to look at your count.")
        await post_count(
            connection,
            task,
            request.actor,
            command_id=request.key,
            actor=request.actor,
            device=request.staff.device,
            now=now,
        )
        return count_id

    return await _once(pool, request, 200, act)


async def reject_count(
    pool: asyncpg.Pool, request: StaffRequest, count_id: int, now: datetime
) -> Answer:
    """Voids a count that waits for review, and has the place counted by somebody else.

    Raises:
        NotFound: `unknown_count`.
        Conflict: `wrong_state`, `in_flight`.
    """

    async def act(connection: asyncpg.Connection) -> int:
        task = await _under_review(connection, count_id)
        await counting.close_count(connection, count_id, Event.REJECT, request.actor, now)
        await counting.ask_count(
            connection,
            task["tenant_id"],
            task["place_id"],
            task["item_id"],
            RECOUNT,
            task["holder_id"],
            now,
            asked_by=request.actor,
            recount_of=count_id,
        )
        return count_id

    return await _once(pool, request, 200, act)


async def count_view(connection: asyncpg.Connection, count_id: int) -> dict[str, object]:
    """A count with its lines, as planners read it.

    Raises:
        NotFound: `unknown_count`.
    """
    task = await counts.count_of_id(connection, count_id)
    if task is None:
        raise NotFound("unknown_count", f"There is no count {count_id}.")
    lines = await counts.lines_of_count(connection, count_id)
    return task_view(task) | {"lines": [_line_view(line, task["state"]) for line in lines]}


def task_view(task: asyncpg.Record) -> dict[str, object]:
    """A count without its lines."""
    names = ("id", "warehouse", "place", "zone", "sku", "reason", "state", "asked_by", "counted_by")
    moments = ("asked_at", "counted_at", "closed_at")
    return (
        {name: task[name] for name in (*names, "value_minor", "reviewed_by", "recount_of")}
        | {name: None if task[name] is None else task[name].isoformat() for name in moments}
        | {"lines": []}
    )


def _line_view(line: asyncpg.Record, state: str) -> dict[str, object]:
    # Until it is posted, what the books said may still be corrected by what is recorded late.
    expected = line["expected"] if state == State.POSTED else line["expected_at"]

    def said(quantity: int) -> int | str:
        return format_quantity(quantity, line["scale"])

    return {
        "owner": line["owner"],
        "sku": line["sku"],
        "lot": line["lot"],
        "serial": line["serial"],
        "status": line["status"],
        "handling_unit": line["unit_code"],
        "expected": None if expected is None else said(expected),
        "counted": said(line["counted"]),
        "variance": None if expected is None else said(line["counted"] - expected),
        "applied": said(line["applied"]),
        "unapplied": said(line["unapplied"]),
        "value_minor": line["value_minor"],
        "counted_at": line["counted_at"].isoformat(),
        "note": line["note"],
    }


async def _item(connection: asyncpg.Connection, wish: CountWish) -> asyncpg.Record | None:
    if wish.sku is None:
        return None
    assert wish.owner_id is not None, "an item is some owner's"
    found = await items.items_of_skus(connection, wish.owner_id, [canonical_sku(wish.sku)])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {wish.sku!r}.", "/sku")
    return found[0]


async def _under_review(connection: asyncpg.Connection, count_id: int) -> asyncpg.Record:
    task = await counting.count_for_update(connection, count_id)
    if task["state"] != State.REVIEW:
        raise Conflict("wrong_state", f"A count that is {task['state']} waits for no review.")
    return task


@again_on_deadlock
async def _once(
    pool: asyncpg.Pool,
    request: StaffRequest,
    status: int,
    act: Callable[[asyncpg.Connection], Awaitable[int]],
) -> Answer:
    async with staff_transaction(pool) as connection:

        async def answer() -> Answer:
            count_id = await act(connection)
            return Answer(status, await count_view(connection, count_id))

        return await once(connection, request, answer)
