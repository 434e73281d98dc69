"""Tickets, limits and overdue steps as others read them."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.handoff import rule_store, step_store, store


@dataclass(frozen=True, slots=True)
class TicketCount:
    """Tickets of one urgency: standing, of these taken by nobody, and past their limit."""

    urgency: str
    standing: int
    waiting: int
    late: int
    oldest_at: datetime | None
    limit_s: int


@dataclass(frozen=True, slots=True)
class StepCount:
    """How often a step takes longer than it may, and whose it is."""

    step: str
    role: str
    overdue: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a human, at one glance."""

    tickets: tuple[TicketCount, ...]
    steps: tuple[StepCount, ...]

    @property
    def late(self) -> int:
        """Tickets that should have been answered by now."""
        return sum(row.late for row in self.tickets)

    @property
    def overdue(self) -> int:
        """Steps that take longer than they may."""
        return sum(row.overdue for row in self.steps)


async def desk(connection: asyncpg.Connection, now: datetime) -> Desk:
    """The counts of standing tickets and of overdue steps."""
    tickets = await store.counts(connection, now)
    steps = await step_store.counts(connection)
    return Desk(
        tuple(TicketCount(**row) for row in tickets), tuple(StepCount(**row) for row in steps)
    )


Chosen = store.Chosen
find_ticket = store.find_ticket
tickets_of_buyer = store.tickets_of_buyer
notes_of = store.notes_of
tickets_after = store.tickets_after
queue_after = store.queue_after
newest_tickets = store.newest_tickets
tenants_with_news = rule_store.tenants_with_news
events_after = rule_store.events_after
rules = step_store.rules
overdue_steps = step_store.standing
