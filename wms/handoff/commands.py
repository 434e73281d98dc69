"""What changes tickets and the limits of steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from wms.audit import commands as audit
from wms.database.seal import Personal
from wms.error import Conflict
from wms.handoff import rule_store, step_store, store
from wms.handoff.sop import Rule, Step
from wms.handoff.ticket import (
    Event,
    NewTicket,
    State,
    after,
    next_role,
    opened_to,
)
from wms.outbox import commands as outbox
from wms.tenants.staff import Role, Staff

WORDS, ANSWER, REASON = "words", "answer", "reason"
STAFF = "staff"


async def open_ticket(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    new: NewTicket,
    actor: str,
    now: datetime,
    *,
    sandbox: bool = False,
    email: str | None = None,
) -> int | None:
    """Opens a ticket and tells of it; its number, or None where its cause has one.

    email: where a buyer wants the answer, where that is not the order's address.
    """
    number = await store.insert_ticket(
        connection,
        tenant_id,
        shop_id,
        new.order_id,
        new.asked_by,
        new.kind,
        new.urgency,
        new.cause,
        sandbox,
        now,
    )
    if number is None:
        return None
    ticket = await store.find_ticket(connection, number)
    assert ticket is not None, "it was written just now"
    await add_note(connection, ticket, new.asked_by, actor, WORDS, new.words, now, email=email)
    await tell(connection, ticket, "opened", actor, now)
    return number


async def add_note(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    author: str,
    actor: str,
    kind: str,
    words: str,
    now: datetime,
    **more: object,
) -> None:
    """Keeps what somebody said, sealed."""
    said = Personal({"words": words} | more)
    await store.insert_note(
        connection,
        ticket["tenant_id"],
        ticket["id"],
        ticket["order_id"],
        author,
        actor,
        kind,
        said,
        now,
    )


async def tell(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    what: str,
    actor: str,
    now: datetime,
    **more: object,
) -> None:
    """Tells the shop what became of its ticket; its tenant's other shops hear nothing of it."""
    data: dict[str, object] = {
        "handoff_id": ticket["id"],
        "order_id": ticket["order_id"],
        "asked_by": ticket["asked_by"],
        "kind": ticket["kind"],
        "urgency": ticket["urgency"],
    }
    await outbox.emit(
        connection,
        ticket["tenant_id"],
        f"handoff.{what}",
        f"handoff/{ticket['id']}",
        ticket["order_id"],
        data | more,
        actor,
        now,
    )


async def claim(
    connection: asyncpg.Connection, ticket: asyncpg.Record, staff: Staff, now: datetime
) -> None:
    """Gives a locked ticket to one of the staff.

    Raises:
        Conflict: `wrong_state`, somebody else has it; `wrong_role`, it waits for a higher one.
    """
    to = after(State(ticket["state"]), Event.CLAIM)
    if Role(ticket["role"]) not in opened_to(staff.role):
        raise Conflict("wrong_role", f"This ticket waits for a {ticket['role']}.")
    await store.set_state(connection, ticket["id"], to, staff.staff_id, staff.name, now)
    await tell(connection, ticket, "claimed", staff.actor, now)


async def move(
    connection: asyncpg.Connection,
    ticket: asyncpg.Record,
    event: Event,
    actor: str,
    now: datetime,
    **more: object,
) -> None:
    """Takes a locked ticket along its table and tells of it.

    Raises:
        Conflict: `wrong_state`.
    """
    to = after(State(ticket["state"]), event)
    await store.set_state(connection, ticket["id"], to, None, None, now)
    if event is Event.REOPEN:
        # Whoever asks again waits anew.
        await store.set_waiting(connection, ticket["id"], ticket["role"], now)
    if event is Event.ESCALATE:
        role = next_role(Role(ticket["role"]))
        more |= {"role": role}
        await store.set_waiting(connection, ticket["id"], role, ticket["waiting_since"])
    await tell(connection, ticket, _PAST[event], actor, now, **more)


_PAST = {
    Event.RELEASE: "released",
    Event.ANSWER: "answered",
    Event.CLOSE: "closed",
    Event.REOPEN: "reopened",
    Event.ESCALATE: "escalated",
}


async def set_rule(connection: asyncpg.Connection, rule: Rule, by: Staff, now: datetime) -> None:
    """Says whose a step is and how long it may take, from now on; it is kept who said so."""
    limit_s = None if rule.limit is None else int(rule.limit.total_seconds())
    escalate_s = int(rule.escalate.total_seconds())
    await step_store.set_rule(
        connection, rule.step, rule.kind, rule.role, limit_s, escalate_s, by.actor, now
    )
    await audit.note(
        connection,
        audit.HOUSE,
        by.actor,
        "sop.changed",
        f"sop/{rule.step}",
        now,
        detail={
            "kind": rule.kind,
            "role": rule.role,
            "limit_s": limit_s,
            "escalate_s": escalate_s,
        },
    )


async def remove_rule(connection: asyncpg.Connection, kind: str, by: Staff, now: datetime) -> bool:
    """Gives a kind of hold its own time again; False where it has it already."""
    removed = await step_store.delete_rule(connection, Step.HOLD, kind)
    if removed:
        await audit.note(
            connection, audit.HOUSE, by.actor, "sop.removed", f"sop/{Step.HOLD}", now,
            detail={"kind": kind},
        )  # fmt: skip
    return removed


async def tell_steps(
    connection: asyncpg.Connection,
    rows: Sequence[asyncpg.Record],
    what: str,
    actor: str,
    now: datetime,
) -> None:
    """Tells of steps that are overdue, or are done at last; what is no tenant's is told to none."""
    for row in rows:
        if row["tenant_id"] is None:
            continue
        await outbox.emit(
            connection,
            row["tenant_id"],
            f"step.{what}",
            f"step/{row['id']}",
            row["order_id"],
            {
                "escalation_id": row["id"],
                "step": row["step"],
                "kind": row["kind"],
                "object": row["object"],
                "object_id": row["object_id"],
                "order_id": row["order_id"],
                "since": row["since"].isoformat(),
                "due_at": row["due_at"].isoformat(),
                "role": row["role"],
                "level": row["level"],
            },
            actor,
            now,
        )


async def watch(
    connection: asyncpg.Connection,
    tenant_id: int,
    cause: str,
    order_id: int,
    since: datetime,
    wait: timedelta,
) -> None:
    """Has something looked at later, once for each cause."""
    await rule_store.insert_watch(connection, tenant_id, cause, order_id, since + wait)


lock_ticket = store.lock_ticket
lock_next = store.lock_next
lock_cursor = rule_store.lock_cursor
move_cursor = rule_store.move_cursor
take_due = rule_store.take_due
settled = rule_store.settled
resolve_steps = step_store.resolve
raise_overdue = step_store.raise_overdue
raise_further = step_store.raise_further
