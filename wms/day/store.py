"""SQL of a day's summary, and of the books as they are compared with what is really there."""

import asyncpg


async def summary(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        select
            (select count(*) from shop_order where state = 'accepted' and not sandbox)
                as orders_accepted,
            (select count(*) from shop_order o
             where exists (select 1 from fulfilment_order f
                           where f.order_id = o.id and f.handed_over_at is not null)
               and not exists (select 1 from fulfilment_order f
                               where f.order_id = o.id and f.handed_over_at is null
                                 and f.state not in ('cancelled', 'incomplete')))
                as orders_shipped,
            (select count(*) from fulfilment_line l
             join fulfilment_order f on f.id = l.fulfilment_order_id
             where f.handed_over_at is not null) as lines,
            (select coalesce(sum(l.quantity), 0)::bigint from movement_line l
             join movement m on m.id = l.movement_id and m.recorded_at = l.recorded_at
             where m.kind = 'pick') as units_picked,
            (select coalesce(sum(distance_mm), 0)::bigint from wave
             where state in ('released', 'done')) as pick_distance_mm,
            (select coalesce(sum(baseline_mm), 0)::bigint from wave
             where state in ('released', 'done')) as baseline_distance_mm,
            (select count(*) from parcel where state = 'handed_over') as parcels,
            (select count(*) from label_job where state = 'printed') as labels_printed,
            (select coalesce(sum(greatest(promised - sellable, 0)), 0)::bigint from availability)
                as oversold_units,
            (select count(*) from outbox where topic = 'webhook' and done_at is not null)
                as webhooks_delivered,
            (select count(*) from outbox where done_at is null and dead_at is null)
                as messages_waiting,
            (select count(*) from job where kind = 'routes' and done_at is null
             and dead_at is null) as routes_waiting,
            (select count(*) from human_touch) as human_touches
        """
    )
    assert row is not None
    return row


async def waybill_latency(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        select percentile_cont(0.5) within group (order by ms) as p50,
            percentile_cont(0.99) within group (order by ms) as p99, max(ms) as max
        from (select extract(epoch from f.waybill_ready_at - o.paid_at)::float8 * 1000 as ms
              from fulfilment_order f join shop_order o on o.id = f.order_id
              where f.waybill_ready_at is not null and o.paid_at is not null) w
        """
    )
    assert row is not None
    return row


async def held(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select o.external_order_id, array_agg(h.reason order by h.id) as reasons
        from hold h join fulfilment_order f on f.id = h.fulfilment_order_id
        join shop_order o on o.id = f.order_id
        where h.lifted_at is null group by o.id order by o.id
        """
    )


async def sorted_totes(connection: asyncpg.Connection) -> asyncpg.Record:
    """What the sorter's own events came to, as they were taken into the inbox."""
    row = await connection.fetchrow(
        """
        select count(*) as diverts,
            count(*) filter (where payload ->> 'planned' <> payload ->> 'actual') as missorts
        from device_inbox where kind = 'diverted'
        """
    )
    assert row is not None
    return row


async def states(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select state, count(*) as orders from fulfilment_order group by 1"
    )


async def bin_contents(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.code, i.sku, sum(b.on_hand)::bigint as quantity
        from balance b join place p on p.id = b.place_id and p.kind = 'bin'
        join item i on i.id = b.item_id
        where b.on_hand > 0 group by 1, 2
        """
    )


async def parcel_contents(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select w.sscc, i.sku, sum(l.packed)::bigint as quantity
        from parcel_line l join waybill w on w.parcel_id = l.parcel_id and w.state = 'made'
        join fulfilment_line f on f.id = l.fulfilment_line_id join item i on i.id = f.item_id
        where l.packed > 0 group by 1, 2
        """
    )


async def purpose(connection: asyncpg.Connection) -> str | None:
    """What the installation is for, or None where its database is empty."""
    if await connection.fetchval("select to_regclass('public.tenant') is null"):
        return None
    kept: str | None = None
    if await connection.fetchval("select to_regclass('public.installation') is not null"):
        kept = await connection.fetchval("select purpose from public.installation")
    return kept or "warehouse"


async def lock_demo(connection: asyncpg.Connection) -> bool:
    """Whether no other demo runs in this database; held until the connection is closed."""
    locked: bool = await connection.fetchval(
        "select pg_try_advisory_lock(hashtextextended('stowline demo', 1))"
    )
    return locked


async def set_purpose(connection: asyncpg.Connection, purpose: str) -> None:
    await connection.execute(
        "insert into installation (purpose) values ($1) "
        "on conflict (one) do update set purpose = excluded.purpose",
        purpose,
    )


async def empty(connection: asyncpg.Connection) -> None:
    """Drops everything that the database holds."""
    await connection.execute("drop schema public cascade")
    await connection.execute("create schema public")
