"""SQL of what asks for a human by itself: a cursor over events, and what is to be seen later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Page:
    """Events that were asked for, behind which event they end, and whether there may be more."""

    rows: list[asyncpg.Record]
    next: tuple[int, int]
    more: bool


async def tenants_with_news(connection: asyncpg.Connection) -> list[int]:
    """Tenants with events behind their cursor that can be preceded by nothing more."""
    rows = await connection.fetch(
        """
        select t.id from tenant t left join handoff_cursor c on c.tenant_id = t.id
        cross join lateral (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
        where exists (select 1 from event e where e.tenant_id = t.id and e.xid < h.horizon
            and (e.xid, e.seq) > (coalesce(c.after_xid, 0)::text::xid8, coalesce(c.after_seq, 0)))
        order by t.id
        """
    )
    return [row["id"] for row in rows]


async def lock_cursor(connection: asyncpg.Connection, tenant_id: int) -> tuple[int, int] | None:
    """Where a tenant's events were left off; None where somebody reads them just now."""
    await connection.execute(
        "insert into handoff_cursor values ($1, 0, 0) on conflict do nothing", tenant_id
    )
    row = await connection.fetchrow(
        "select * from handoff_cursor where tenant_id = $1 for no key update skip locked", tenant_id
    )
    return None if row is None else (row["after_xid"], row["after_seq"])


async def move_cursor(
    connection: asyncpg.Connection, tenant_id: int, after: tuple[int, int]
) -> None:
    await connection.execute(
        "update handoff_cursor set after_xid = $2, after_seq = $3 where tenant_id = $1",
        tenant_id,
        *after,
    )


async def events_after(
    connection: asyncpg.Connection,
    tenant_id: int,
    after: tuple[int, int],
    types: Sequence[str],
    limit: int,
) -> Page:
    """Events of these types among the next `limit`, and behind which event that was.

    A number is drawn before its transaction commits: only what lies below the oldest running one
    is read, so that none is passed that shows later.
    """
    rows = await connection.fetch(
        """
        select e.xid::text::bigint as xid, e.seq, e.type, e.order_id, e.occurred_at,
            case when e.type = any($5::text[]) then e.data end as data
        from event e
        where e.tenant_id = $1 and (e.xid, e.seq) > ($2::bigint::text::xid8, $3::bigint)
          and e.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by e.xid, e.seq limit $4
        """,
        tenant_id,
        *after,
        limit,
        list(types),
    )
    last = (rows[-1]["xid"], rows[-1]["seq"]) if rows else after
    return Page([row for row in rows if row["data"] is not None], last, len(rows) == limit)


async def insert_watch(
    connection: asyncpg.Connection, tenant_id: int, cause: str, order_id: int, due_at: datetime
) -> None:
    await connection.execute(
        """
        insert into handoff_watch (tenant_id, cause, order_id, due_at) values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        tenant_id,
        cause,
        order_id,
        due_at,
    )


async def take_due(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Takes what is due from the list, each with whether its money still has to go back."""
    return await connection.fetch(
        """
        with due as (
            select tenant_id, cause from handoff_watch where due_at <= $1
            order by due_at limit $2 for update skip locked
        ), taken as (
            delete from handoff_watch w using due d
            where w.tenant_id = d.tenant_id and w.cause = d.cause
            returning w.*
        )
        select t.*, o.balance_minor < 0 as unanswered
        from taken t join shop_order o on o.id = t.order_id
        """,
        now,
        limit,
    )


async def settled(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """Tickets of rules that nobody has taken, and whose cause is gone; held till the end."""
    return await connection.fetch(
        """
        select h.* from handoff h
        where h.state = 'open' and h.asked_by = 'rule' and case split_part(h.cause, '/', 1)
            when 'hold' then exists (
                select 1 from hold x where x.id = split_part(h.cause, '/', 2)::bigint
                and x.lifted_at is not null)
            when 'promise' then exists (
                select 1 from fulfilment_order f
                where f.id = split_part(h.cause, '/', 2)::bigint
                  and (f.pickup_requested_at is not null or f.state in
                       ('handed_over', 'closed', 'cancelled', 'incomplete')))
            when 'refund' then exists (
                select 1 from shop_order o where o.id = h.order_id and o.balance_minor >= 0)
            else false end
        order by h.id limit $1 for no key update of h skip locked
        """,
        limit,
    )
