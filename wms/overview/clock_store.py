"""SQL of what paid orders waited for, and of clocks that have run out."""

from datetime import datetime

import asyncpg


async def waits(
    connection: asyncpg.Connection, since: datetime, bounds_s: list[float]
) -> list[asyncpg.Record]:
    """Orders firm since then by how long they waited: within each bound, all, and the sum in s."""
    return await connection.fetch(
        """
        with firm as (
            select extract(epoch from f.waybill_ready_at - f.firm_at)::float8 as waybill,
                extract(epoch from f.pickup_requested_at - f.firm_at)::float8 as pickup
            from fulfilment_order f where f.firm_at >= $1
        ), waited as (
            select 'waybill' as clock, waybill as s from firm where waybill is not null
            union all
            select 'pickup', pickup from firm where pickup is not null
        )
        select c.clock, count(w.s) as orders, coalesce(sum(w.s), 0)::float8 as sum_s,
            array(select count(x.s) from unnest($2::float8[]) with ordinality b(bound, place)
                  left join waited x on x.clock = c.clock and x.s <= b.bound
                  group by b.place order by b.place) as within
        from unnest(array['waybill', 'pickup']) c(clock)
        left join waited w on w.clock = c.clock
        group by c.clock order by c.clock
        """,
        since,
        bounds_s,
    )


async def run_out(connection: asyncpg.Connection, late_since: datetime) -> asyncpg.Record:
    """Standing holds whose time is over, and paid orders without waybill and carrier."""
    row = await connection.fetchrow(
        """
        select
            (select count(*) from hold where lifted_at is null and overdue_at is not null)
                as holds_overdue,
            count(*) as at_risk, count(*) filter (where firm_at < $1) as late
        from fulfilment_order
        where firm_at is not null and pickup_requested_at is null and at_risk_at is not null
          and state in ('open', 'released', 'picking', 'picked', 'sorted', 'packed')
        """,
        late_since,
    )
    assert row is not None
    return row


async def order_holds(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's standing holds: whose each is, and until when."""
    return await connection.fetch(
        """
        select h.kind, h.reason, h.owned_by, h.until, h.overdue_at
        from hold h join fulfilment_order f on f.id = h.fulfilment_order_id
        where f.order_id = $1 and h.lifted_at is null order by h.id
        """,
        order_id,
    )


async def order_touches(connection: asyncpg.Connection, order_id: int) -> int:
    """How many decisions of the staff an order needed."""
    touches: int = await connection.fetchval(
        "select count(*) from human_touch where order_id = $1", order_id
    )
    return touches
