"""SQL of clocks that run out: holds, and the promise from payment to waybill."""

from datetime import datetime

import asyncpg


async def mark_overdue(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Marks standing holds whose time is over, each once; of which orders they are."""
    return await connection.fetch(
        """
        with due as (
            select id from hold
            where lifted_at is null and overdue_at is null and until <= $1
            order by until, id limit $2 for no key update skip locked
        )
        update hold h set overdue_at = $1
        from due, fulfilment_order f, shop_order o
        where h.id = due.id and f.id = h.fulfilment_order_id and o.id = f.order_id
        returning h.id, h.tenant_id, h.kind, h.reason, h.owned_by, h.until, h.fulfilment_order_id,
            o.id as order_id, o.external_order_id
        """,
        now,
        limit,
    )


async def mark_at_risk(
    connection: asyncpg.Connection,
    since: datetime,
    now: datetime,
    waited_for: list[str],
    dated: list[str],
    limit: int,
) -> list[asyncpg.Record]:
    """Marks paid fulfilment orders that wait for waybill and carrier since `since`, once a clock.

    The clock begins when the order became firm, and anew when a hold was lifted, its goods or its
    day came, or somebody changed it. What stands in a hold of one of `waited_for`, or of a kind in
    `dated`, does not wait for the house. Answered with what it waits for.
    """
    return await connection.fetch(
        """
        with waiting as (
            select f.id, b.since
            from fulfilment_order f
            join shop_order o on o.id = f.order_id
            cross join lateral (
                select greatest(f.firm_at,
                    (select max(h.lifted_at) from hold h where h.fulfilment_order_id = f.id),
                    (select max(e.occurred_at) from event e where e.order_id = f.order_id
                     and e.type in ('order.open', 'order.edited', 'order.moved', 'order.split',
                         'order.address_fixed'))) as since) b
            where f.firm_at <= $1 and f.pickup_requested_at is null
              and (f.at_risk_at is null or f.at_risk_at < b.since)
              and f.state in ('open', 'released', 'picking', 'picked', 'sorted', 'packed')
              and not o.sandbox and b.since <= $1
              and not exists (select 1 from hold h
                              where h.fulfilment_order_id = f.id and h.lifted_at is null
                                and (h.owned_by = any($3) or h.kind = any($4)))
            order by f.firm_at, f.id limit $5 for no key update of f skip locked
        )
        update fulfilment_order f set at_risk_at = $2
        from waiting w, shop_order o
        where f.id = w.id and o.id = f.order_id
        returning f.id, f.tenant_id, f.order_id, o.external_order_id, f.waybill_ready_at, w.since,
            (select jsonb_agg(jsonb_build_object('kind', h.kind, 'owned_by', h.owned_by)
                              order by h.id)
             from hold h where h.fulfilment_order_id = f.id and h.lifted_at is null) as holds,
            (select jsonb_build_object('attempts', j.attempts, 'error', j.last_error,
                        'given_up', j.dead_at is not null)
             from job j where j.kind in ('waybill', 'digital')
               and j.subject = 'fulfilment/' || f.id
               and j.done_at is null order by j.id desc limit 1) as job,
            (select jsonb_build_object('attempts', max(b.attempts), 'error', max(b.last_error),
                        'given_up', bool_or(b.dead_at is not null))
             from parcel p join outbox b
               on b.topic = 'carrier' and b.subject = 'parcel/' || p.id and b.done_at is null
             where p.fulfilment_order_id = f.id and p.state <> 'void') as message
        """,
        since,
        now,
        waited_for,
        dated,
        limit,
    )
