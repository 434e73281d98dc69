"""What changes counts: they are asked for, claimed, counted, reviewed and closed."""

from datetime import datetime

import asyncpg

from wms.counting import line_store, store
from wms.counting.count import CLAIM_LASTS, Event, State, after, share_out
from wms.counting.cycle import store as cycle
from wms.error import NotFound


async def ask_count(
    connection: asyncpg.Connection,
    tenant_id: int | None,
    place_id: int,
    item_id: int | None,
    reason: str,
    not_by: int | None,
    now: datetime,
    *,
    asked_by: str = "",
    recount_of: int | None = None,
) -> int:
    """Asks for a count of a place, or of one item in it; its number.

    `not_by` is the staff_id of somebody who may not count it, since their own count is in question.
    Where the same count is asked for already, that one stands, and is not for them either. Without
    a tenant the goods of all of them are counted.
    """
    return await store.insert_task(
        connection,
        tenant_id,
        place_id,
        item_id,
        reason,
        [] if not_by is None else [not_by],
        asked_by,
        recount_of,
        now,
    )


async def claim_count(
    connection: asyncpg.Connection, staff_id: int, warehouse_id: int, now: datetime
) -> asyncpg.Record | None:
    """The count in a warehouse that this person is at, or the next that they may do there, or None.

    Nothing is counted in a zone that is paused.
    """
    return await store.claim_task(connection, staff_id, warehouse_id, now + CLAIM_LASTS, now)


async def count_for_update(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record:
    """A count with its place, locked.

    Raises:
        NotFound: `unknown_count`.
    """
    task = await store.task_for_update(connection, task_id)
    if task is None:
        raise NotFound("unknown_count", f"There is no count {task_id}.")
    return task


async def close_lines(
    connection: asyncpg.Connection, task: asyncpg.Record, counted_by: str, now: datetime
) -> list[asyncpg.Record]:
    """Completes what was counted by what was not found; the lines with what the books say.

    Totals are shared out over the balances of the same goods: a counter sees no status. The caller
    has locked what the books say lies there.
    """
    for line in await line_store.lines_of(connection, task["id"]):
        shares = await line_store.shares_of(connection, line["id"])
        # The line itself is one of them: it may be the only one.
        parts = share_out(line["counted"], [max(0, share["on_hand"]) for share in shares])
        for share, part in zip(shares, parts, strict=True):
            if (share["unit_id"], share["status"]) == (line["unit_id"], line["status"]):
                await line_store.set_shared(connection, line["id"], part)
            else:
                await line_store.insert_shared(
                    connection, line["id"], share["unit_id"], share["status"], part
                )
    for row in await line_store.unseen(connection, task["id"]):
        await line_store.upsert_line(
            connection,
            task["id"],
            row["tenant_id"],
            dict(row),
            0,
            counted_by,
            task["begun_at"],
            now,
        )
    return await line_store.lines_of(connection, task["id"])


async def finish_count(
    connection: asyncpg.Connection,
    task: asyncpg.Record,
    counted_by: str,
    value_minor: int | None,
    now: datetime,
) -> None:
    """Notes that a count is done; what it says is not booked yet.

    Raises:
        Conflict: `wrong_state`.
    """
    state = after(State(task["state"]), Event.FINISH)
    await store.set_counted(connection, task["id"], state, counted_by, value_minor, now)


async def close_count(
    connection: asyncpg.Connection,
    task_id: int,
    event: Event,
    reviewed_by: str | None,
    now: datetime,
) -> State:
    """Leads a count on from its present state, and says where to.

    Raises:
        NotFound: `unknown_count`.
        Conflict: `wrong_state`.
    """
    task = await count_for_update(connection, task_id)
    state = after(State(task["state"]), event)
    closed_at = None if state is State.REVIEW else now
    await store.close(connection, task_id, state, reviewed_by, closed_at)
    if state is State.POSTED and task["item_id"] is None and task["tenant_id"] is None:
        await store.set_place_counted(connection, task["place_id"], task["counted_at"])
    return state


note_count = store.insert_counted
begin_count = store.begin
give_back_count = store.give_back
note_line = line_store.upsert_line
book_line = line_store.book_line
note_plan = cycle.note_plan
