"""SQL of what forecasts read: what was ordered and refused, could not be sold, and is on offer."""

from datetime import datetime

import asyncpg


async def kept_items(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every item that a warehouse keeps, with what there is of it and what it is held by.

    coming is announced beyond backorders, or bought and not sent, or fetched and not sent; leaving
    is promised to another warehouse.
    """
    return await connection.fetch(
        """
        select a.item_id, a.warehouse_id, a.tenant_id, a.owner_id, i.scale, i.storage_class,
            a.sellable - a.promised as sellable, p.service_percent,
            case when p.run_id is not null then p.order_up_to end as held_up_to,
            a.inbound - a.backordered + coalesce(d.quantity, 0) + coalesce(t.quantity, 0) as coming,
            coalesce(g.quantity, 0) as leaving
        from availability a join item i on i.id = a.item_id
        left join stock_policy p on p.item_id = a.item_id and p.warehouse_id = a.warehouse_id
        left join (
            select l.item_id, o.warehouse_id, sum(l.quantity)::bigint as quantity
            from purchase_line l join purchase_order o on o.id = l.purchase_order_id
            where o.state = 'draft' group by 1, 2
        ) d on d.item_id = a.item_id and d.warehouse_id = a.warehouse_id
        left join (
            select l.item_id, o.to_warehouse_id as warehouse_id, sum(l.quantity)::bigint as quantity
            from transfer_line l join transfer o on o.id = l.transfer_id
            where o.state = 'requested' group by 1, 2
        ) t on t.item_id = a.item_id and t.warehouse_id = a.warehouse_id
        left join (
            select l.item_id, o.from_warehouse_id as warehouse_id,
                sum(l.quantity)::bigint as quantity
            from transfer_line l join transfer o on o.id = l.transfer_id
            where o.state = 'requested' group by 1, 2
        ) g on g.item_id = a.item_id and g.warehouse_id = a.warehouse_id
        where a.channel = '' and i.kind <> 'bundle'
        order by a.item_id, a.warehouse_id
        """
    )


async def was_ordered(connection: asyncpg.Connection, before: datetime) -> bool:
    """Whether anybody ordered anything before a moment."""
    was: bool = await connection.fetchval(
        "select exists (select 1 from shop_order where received_at < $1 and not sandbox)", before
    )
    return was


async def ordered(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """What was ordered of each item on each day of its warehouse's calendar: so many lines of it.

    Left out are orders of a sandbox, cancelled ones, and those whose promise ended unpaid.
    """
    return await connection.fetch(
        """
        select l.item_id, f.warehouse_id, (o.received_at at time zone w.time_zone)::date as day,
            l.quantity, count(*)::int as lines
        from shop_order o join fulfilment_order f on f.order_id = o.id
        join fulfilment_line l on l.fulfilment_order_id = f.id
        join warehouse w on w.id = f.warehouse_id
        where o.received_at >= $1 and o.received_at < $2 and not o.sandbox
          and o.state = 'accepted' and f.state <> 'cancelled'
          and (f.firm_at is not null
               or exists (select 1 from promise p where p.order_line_id = l.order_line_id
                          and p.state in ('open', 'firm')))
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """,
        since,
        until,
    )


async def refused(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """What was wanted and refused, once an order number and day, unless it was accepted later.

    It is the first warehouse's, which orders go to.
    """
    return await connection.fetch(
        """
        with house as (select id, time_zone from warehouse order by id limit 1)
        select d.item_id, house.id as warehouse_id,
            (d.at at time zone house.time_zone)::date as day, max(d.quantity)::bigint as quantity,
            1 as lines
        from refused_demand d cross join house
        where d.at >= $1 and d.at < $2
          and not exists (select 1 from shop_order o join order_line l on l.order_id = o.id
                          where o.tenant_id = d.tenant_id and l.item_id = d.item_id
                            and o.external_order_id = d.external_order_id
                            and o.state = 'accepted')
        group by d.item_id, house.id, 3, d.external_order_id order by 1, 3
        """,
        since,
        until,
    )


async def unsellable(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """When what could not be sold, by its warehouse's clock."""
    return await connection.fetch(
        """
        select u.item_id, u.warehouse_id, u.from_at at time zone w.time_zone as from_at,
            least(coalesce(u.to_at, $2), $2) at time zone w.time_zone as to_at
        from unsellable_interval u join warehouse w on w.id = u.warehouse_id
        where u.from_at < $2 and (u.to_at is null or u.to_at > $1)
        """,
        since,
        until,
    )


async def promotions(connection: asyncpg.Connection, since: datetime) -> list[asyncpg.Record]:
    """What is or was on offer, an item each; one without items is for all that its owner has.

    days are those of the first warehouse's calendar.
    """
    return await connection.fetch(
        """
        with house as (select time_zone from warehouse order by id limit 1)
        select p.name, i.id as item_id,
            (p.starts_at at time zone house.time_zone)::date as from_day,
            ((p.ends_at - interval '1 second') at time zone house.time_zone)::date as to_day,
            case when i.usual_price_minor > 0 then x.price_minor::float8 / i.usual_price_minor end
                as price_share
        from promotion p join shop s on s.id = p.shop_id cross join house
        left join promotion_item x on x.promotion_id = p.id
        join item i on i.owner_id = s.owner_id and (x.item_id is null or i.id = x.item_id)
        where p.ends_at > $1 order by p.starts_at, p.id, i.id
        """,
        since,
    )


async def offers(connection: asyncpg.Connection, since: datetime) -> list[asyncpg.Record]:
    """What suppliers sell, and how late at most four of five of their shipments since then were."""
    return await connection.fetch(
        """
        with late as (
            select o.supplier_id, percentile_cont(0.8) within group (order by
                greatest(0, extract(epoch from r.first_at - o.expected_at) / 86400.0)) as days
            from purchase_order o join inbound_shipment b on b.purchase_order_id = o.id
            join lateral (select min(received_at) as first_at from receipt
                          where inbound_id = b.id) r on r.first_at is not null
            where o.sent_at >= $1 and o.expected_at is not null
            group by 1 having count(*) >= 3
        )
        select t.item_id, t.supplier_id, s.code as supplier, t.minimum, t.multiple,
            coalesce(t.lead_time_days, s.lead_time_days) as lead_days,
            ceil(coalesce(late.days, 0))::int as late_days,
            (select jsonb_agg(jsonb_build_object('from_quantity', p.from_quantity,
                                                 'price_minor', p.price_minor)
                              order by p.from_quantity)
             from supplier_price p
             where p.supplier_id = t.supplier_id and p.item_id = t.item_id) as prices
        from supplier_item t join supplier s on s.id = t.supplier_id
        left join late on late.supplier_id = t.supplier_id
        order by t.item_id, t.supplier_id
        """,
        since,
    )


async def lines_by_day(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """How many order lines came in for each warehouse on each of its days."""
    return await connection.fetch(
        """
        select f.warehouse_id, (o.received_at at time zone w.time_zone)::date as day,
            count(*) as lines
        from shop_order o join fulfilment_order f on f.order_id = o.id
        join fulfilment_line l on l.fulfilment_order_id = f.id
        join warehouse w on w.id = f.warehouse_id
        where o.received_at >= $1 and o.received_at < $2 and not o.sandbox
          and o.state = 'accepted' and f.state <> 'cancelled'
        group by 1, 2 order by 1, 2
        """,
        since,
        until,
    )


async def work_of(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime
) -> asyncpg.Record:
    """What waits in a warehouse and what was done in it on its best day and in its best hour.

    lines_sorted are order lines, by how many lines a tote on the sorter holds.
    """
    row = await connection.fetchrow(
        """
        with picked as (
            select date_trunc('hour', t.done_at) as hour, count(*) as lines
            from pick_task t join pick_batch k on k.id = t.batch_id join wave w on w.id = k.wave_id
            where w.warehouse_id = $1 and t.state = 'done' and t.done_at >= $2 group by 1
        ), rode as (
            select r.fulfilment_order_id, count(*) as totes, min(r.diverted_at) as at
            from sort_route r join fulfilment_order f on f.id = r.fulfilment_order_id
            where f.warehouse_id = $1 and r.diverted_at >= $2 group by 1
        ), sorted as (
            select date_trunc('hour', rode.at) as hour,
                sum((select count(*) from fulfilment_line l
                     where l.fulfilment_order_id = rode.fulfilment_order_id)) as lines
            from rode group by 1
        )
        select
            (select count(*) from fulfilment_line l
             join fulfilment_order f on f.id = l.fulfilment_order_id
             where f.warehouse_id = $1 and l.picked < l.quantity
               and f.state in ('open', 'released', 'picking')) as waiting,
            coalesce((select max(d.lines) from (select sum(lines) as lines from picked
                      group by date_trunc('day', hour)) d), 0)::int as best_day,
            coalesce((select max(lines) from sorted), 0)::int as best_sorted_hour
        """,
        warehouse_id,
        since,
    )
    assert row is not None
    return row
