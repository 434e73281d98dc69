"""Staff work through the queue: take the next ticket or a certain one, answer it, give it back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from textwrap import wrap

import asyncpg

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.database.seal import Personal
from wms.error import Conflict, NotFound
from wms.handoff import commands as handoffs
from wms.handoff import queries as ticket_rows
from wms.handoff.ticket import AskedBy, Event, State, check_words, opened_to
from wms.journey.handoff.view import ticket_view
from wms.journey.request import StaffRequest, once
from wms.notice import commands as notices
from wms.notice.notice import Kind, can_be_mailed
from wms.orders import queries as order_rows
from wms.outbox.command import Answer
from wms.tenants.staff import Role, Staff

# A mail's texts are cut at some length.
LINE_MAX = 400

Act = Callable[[asyncpg.Connection, asyncpg.Record], Awaitable[None]]


async def claim_next(pool: asyncpg.Pool, request: StaffRequest, now: datetime) -> Answer:
    """Gives the asker the ticket that is due first of those they may take; no two get one.

    Raises:
        NotFound: `queue_empty`.
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    staff = request.staff
    async with staff_transaction(pool) as connection:

        async def claim() -> Answer:
            roles = [role.value for role in opened_to(staff.role)]
            ticket = await handoffs.lock_next(connection, roles)
            if ticket is None:
                raise NotFound("queue_empty", "No ticket waits.")
            await handoffs.claim(connection, ticket, staff, now)
            return Answer(200, await ticket_view(connection, staff, ticket["id"]))

        return await once(connection, request, claim)


async def claim(
    pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, now: datetime
) -> Answer:
    """Gives the asker a ticket; of two who ask one gets it.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, `wrong_role`, `in_flight`.
        Refused: `idempotency_key_reused`.
    """

    async def act(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        await handoffs.claim(connection, ticket, request.staff, now)

    return await _changed(pool, request, handoff_id, act)


async def release(
    pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, now: datetime
) -> Answer:
    """Gives a ticket back to the queue, where it keeps the time that it has waited.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, `held_by_other`, `in_flight`.
        Refused: `idempotency_key_reused`.
    """

    async def act(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        _refuse_others(ticket, request.staff)
        await handoffs.move(connection, ticket, Event.RELEASE, request.actor, now)

    return await _changed(pool, request, handoff_id, act)


@again_on_deadlock
async def answer(
    pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, words: str, now: datetime
) -> Answer:
    """Answers a ticket: its shop hears of it, and a buyer who asked is written to.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, nobody has taken it; `held_by_other`, `in_flight`.
        Refused: `bad_words`, `idempotency_key_reused`.
    """
    check_words(words)

    async def act(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        _refuse_others(ticket, request.staff)
        await handoffs.add_note(
            connection, ticket, handoffs.STAFF, request.actor, handoffs.ANSWER, words, now
        )
        said = Personal({"words": words})
        await handoffs.move(connection, ticket, Event.ANSWER, request.actor, now, answer=said)
        if ticket["asked_by"] == AskedBy.BUYER:
            await _write_to_buyer(connection, ticket, words, now)

    return await _changed(pool, request, handoff_id, act)


async def close(
    pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, words: str | None, now: datetime
) -> Answer:
    """Ends a ticket; without an answer it wants a reason.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, `held_by_other`, `reason_wanted`, `in_flight`.
        Refused: `bad_words`, `idempotency_key_reused`.
    """

    async def act(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        if ticket["state"] == State.CLAIMED:
            _refuse_others(ticket, request.staff)
        if ticket["state"] != State.ANSWERED and words is None:
            raise Conflict("reason_wanted", "Say why it is closed without an answer.")
        await _give_reason(connection, ticket, request, words, now)
        await handoffs.move(connection, ticket, Event.CLOSE, request.actor, now)

    return await _changed(pool, request, handoff_id, act)


async def escalate(
    pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, words: str, now: datetime
) -> Answer:
    """Gives a ticket to the next role, with the reason.

    Raises:
        NotFound: `unknown_handoff`.
        Conflict: `wrong_state`, `held_by_other`, `in_flight`; `nobody_above`.
        Refused: `bad_words`, `idempotency_key_reused`.
    """

    async def act(connection: asyncpg.Connection, ticket: asyncpg.Record) -> None:
        if ticket["state"] == State.CLAIMED:
            _refuse_others(ticket, request.staff)
        if Role(ticket["role"]) is Role.ADMIN:
            raise Conflict("nobody_above", "It waits for the highest role already.")
        await _give_reason(connection, ticket, request, words, now)
        await handoffs.move(connection, ticket, Event.ESCALATE, request.actor, now)

    return await _changed(pool, request, handoff_id, act)


def _refuse_others(ticket: asyncpg.Record, staff: Staff) -> None:
    """Whoever has it acts on it, or a supervisor."""
    held = ticket["holder_id"]
    if held is not None and held != staff.staff_id and not staff.may(Role.SUPERVISOR):
        raise Conflict("held_by_other", f"{ticket['holder']} has this ticket.")


async def _give_reason(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    request: StaffRequest,
    words: str | None,
    now: datetime,
) -> None:
    if words is None:
        return
    check_words(words)
    await handoffs.add_note(
        connection, ticket, handoffs.STAFF, request.actor, handoffs.REASON, words, now
    )


async def _write_to_buyer(
    connection: asyncpg.Connection, ticket: asyncpg.Record, words: str, now: datetime
) -> None:
    order = await order_rows.any_order(connection, ticket["order_id"])
    if order is None or order["sandbox"] or order["erased_at"] is not None:
        return
    notes = await ticket_rows.notes_of(connection, ticket["id"])
    mails = [note["said"].get("email") for note in notes if note["author"] == AskedBy.BUYER]
    to = next((mail for mail in reversed(mails) if can_be_mailed(mail)), None)
    cause = f"handoff/{ticket['id']}/{len(notes)}"
    facts: dict[str, object] = {"answer": Personal({"lines": lines_of(words)})}
    await notices.queue(connection, order, Kind.HANDOFF, cause, facts, now, to=to)


def lines_of(words: str) -> list[str]:
    """A text as a mail says it: its lines, and long ones in pieces of which none is cut."""
    return [part for line in words.splitlines() for part in wrap(line, LINE_MAX) or [""]]


async def _changed(pool: asyncpg.Pool, request: StaffRequest, handoff_id: int, act: Act) -> Answer:
    """The ticket after something was done with it, once for each key."""
    async with staff_transaction(pool) as connection:

        async def change() -> Answer:
            ticket = await handoffs.lock_ticket(connection, handoff_id)
            if ticket is None:
                raise NotFound("unknown_handoff", f"There is no ticket {handoff_id}.")
            await act(connection, ticket)
            return Answer(200, await ticket_view(connection, request.staff, handoff_id))

        return await once(connection, request, change)
