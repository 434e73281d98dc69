"""Steps that take too long are told to whoever is responsible, and later to the next role."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.handoff import commands as handoffs
from wms.handoff import queries as ticket_rows
from wms.handoff.sop import Rule, Step
from wms.handoff.ticket import Event, State
from wms.tenants.staff import RANK, Role, Staff

ACTOR = "timer:sop"
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Watched:
    """How many steps were found overdue, given to the next role, and done at last."""

    overdue: int
    raised: int
    resolved: int


async def watch_steps(pool: asyncpg.Pool, now: datetime) -> Watched:
    """Tells of each step once that takes longer than it may, and once more after the second limit.

    What is done meanwhile is told too. A ticket that nobody answers goes to the next role with it.
    """
    async with staff_transaction(pool) as connection:
        resolved = await handoffs.resolve_steps(connection, now, AT_ONCE)
        await handoffs.tell_steps(connection, resolved, "resolved", ACTOR, now)
        overdue = await handoffs.raise_overdue(connection, now, AT_ONCE)
        await handoffs.tell_steps(connection, overdue, "overdue", ACTOR, now)
    async with staff_transaction(pool) as connection:
        raised = await handoffs.raise_further(connection, now, AT_ONCE)
        for row in raised:
            if row["step"] == Step.TICKET:
                await _escalate(connection, row["object_id"], Role(row["role"]), now)
        await handoffs.tell_steps(connection, raised, "overdue", ACTOR, now)
    return Watched(len(overdue), len(raised), len(resolved))


async def _escalate(
    connection: asyncpg.Connection, handoff_id: int, role: Role, now: datetime
) -> None:
    ticket = await handoffs.lock_ticket(connection, handoff_id)
    if ticket is None or ticket["state"] not in (State.OPEN, State.CLAIMED):
        return
    if RANK[Role(ticket["role"])] < RANK[role]:
        await handoffs.move(connection, ticket, Event.ESCALATE, ACTOR, now)


async def set_limit(pool: asyncpg.Pool, staff: Staff, rule: Rule, now: datetime) -> None:
    """Sets whose a step is and how long it may take, from now on."""
    async with staff_transaction(pool) as connection:
        await handoffs.set_rule(connection, rule, staff, now)


async def remove_limit(pool: asyncpg.Pool, staff: Staff, kind: str, now: datetime) -> bool:
    """Gives a kind of hold its own time again; False where it has it already."""
    async with staff_transaction(pool) as connection:
        return await handoffs.remove_rule(connection, kind, staff, now)


async def limits(pool: asyncpg.Pool) -> list[asyncpg.Record]:
    """All limits as they are."""
    async with staff_transaction(pool) as connection:
        return await ticket_rows.rules(connection)
