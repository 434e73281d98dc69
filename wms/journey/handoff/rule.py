"""What happened asks for a human by itself: a ticket each, once for each cause, none skipped."""

from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.handoff import commands as handoffs
from wms.handoff import queries as ticket_rows
from wms.handoff import rule
from wms.handoff.ticket import Event, NewTicket
from wms.orders import queries as order_rows

ACTOR = "rule:handoff"
AT_ONCE = 1_000
FEW = 200
SETTLED = "It settled itself before anybody had to look."


async def follow_rules(pool: asyncpg.Pool, refund_wait: timedelta, now: datetime) -> int:
    """Opens tickets of what has happened since, and closes those that settled themselves; how many.

    A tenant's cursor moves on in the transaction that opens them: nothing is left out or doubled.
    """
    async with staff_transaction(pool) as connection:
        tenants = await ticket_rows.tenants_with_news(connection)
    opened = 0
    for tenant_id in tenants:
        while True:
            more, made = await _follow(pool, tenant_id, refund_wait, now)
            opened += made
            if not more:
                break
    opened += await _take_due(pool, now)
    await _close_settled(pool, now)
    return opened


async def _follow(
    pool: asyncpg.Pool, tenant_id: int, refund_wait: timedelta, now: datetime
) -> tuple[bool, int]:
    async with staff_transaction(pool) as connection:
        after = await handoffs.lock_cursor(connection, tenant_id)
        if after is None:
            return False, 0
        page = await ticket_rows.events_after(connection, tenant_id, after, rule.TYPES, AT_ONCE)
        opened = 0
        for row in page.rows:
            wanted = rule.wanted_by(row["type"], row["seq"], row["order_id"], row["data"])
            if wanted is None:
                continue
            ticket = wanted.ticket
            if not wanted.later:
                opened += await _open(connection, row["order_id"], ticket, now)
                continue
            await handoffs.watch(
                connection, tenant_id, ticket.cause, row["order_id"], row["occurred_at"],
                refund_wait,
            )  # fmt: skip
        if page.next != after:
            await handoffs.move_cursor(connection, tenant_id, page.next)
        return page.more, opened


async def _take_due(pool: asyncpg.Pool, now: datetime) -> int:
    opened = 0
    async with staff_transaction(pool) as connection:
        for row in await handoffs.take_due(connection, now, FEW):
            if row["unanswered"]:
                ticket = rule.refund_ticket(row["order_id"], row["cause"])
                opened += await _open(connection, row["order_id"], ticket, now)
    return opened


async def _open(
    connection: asyncpg.Connection, order_id: int, ticket: NewTicket, now: datetime
) -> bool:
    order = await order_rows.any_order(connection, order_id)
    if order is None or order["sandbox"]:
        return False
    number = await handoffs.open_ticket(
        connection, order["tenant_id"], order["shop_id"], ticket, ACTOR, now
    )
    return number is not None


async def _close_settled(pool: asyncpg.Pool, now: datetime) -> None:
    async with staff_transaction(pool) as connection:
        for ticket in await handoffs.settled(connection, FEW):
            await handoffs.add_note(
                connection, ticket, "rule", ACTOR, handoffs.REASON, SETTLED, now
            )
            await handoffs.move(connection, ticket, Event.CLOSE, ACTOR, now)
