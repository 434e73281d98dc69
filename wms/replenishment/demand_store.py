"""SQL of what forecasts read: what was ordered and refused, could not be sold, and is on offer."""

from datetime import date, datetime

import asyncpg

# An order that counts: not of a sandbox, not cancelled, and paid for or still held for its buyer.
# What is sent by mail lies nowhere and is picked by nobody.
COUNTS = """
    not o.sandbox and not f.digital and o.state = 'accepted' and f.state <> 'cancelled'
    and (f.firm_at is not null
         or exists (select 1 from promise p where p.order_line_id = l.order_line_id
                    and p.state in ('open', 'firm')))
"""


async def kept_items(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every item that a warehouse keeps, with what there is of it and what it is held by.

    sellable is free of promises and not held back; coming is announced beyond backorders, or bought
    and not sent, or not sent yet by a warehouse that still has it; leaving is promised to another
    warehouse.
    """
    return await connection.fetch(
        """
        select a.item_id, a.warehouse_id, a.tenant_id, a.owner_id, i.scale, i.storage_class,
            i.mass_g, i.width_mm::bigint * i.depth_mm * i.height_mm as volume_mm3,
            a.sellable - a.promised - a.held_back as sellable, p.service_percent,
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
            select l.item_id, o.to_warehouse_id as warehouse_id,
                sum(least(l.quantity, s.sellable - s.promised))::bigint as quantity
            from transfer_line l join transfer o on o.id = l.transfer_id
            join availability s on s.item_id = l.item_id
             and s.warehouse_id = o.from_warehouse_id and s.channel = ''
            where o.state = 'requested' group by 1, 2
        ) t on t.item_id = a.item_id and t.warehouse_id = a.warehouse_id
        left join (
            select l.item_id, o.from_warehouse_id as warehouse_id,
                sum(l.quantity)::bigint as quantity
            from transfer_line l join transfer o on o.id = l.transfer_id
            where o.state = 'requested' group by 1, 2
        ) g on g.item_id = a.item_id and g.warehouse_id = a.warehouse_id
        where a.channel = '' and i.kind <> 'bundle' and i.digital = ''
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
        f"""
        select l.item_id, f.warehouse_id, (o.received_at at time zone w.time_zone)::date as day,
            l.quantity, count(*)::int as lines
        from shop_order o join fulfilment_order f on f.order_id = o.id
        join fulfilment_line l on l.fulfilment_order_id = f.id
        join warehouse w on w.id = f.warehouse_id
        where o.received_at >= $1 and o.received_at < $2 and {COUNTS}
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """,
        since,
        until,
    )


async def awaited(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """What was ordered on each day and waits until now for goods that are not here."""
    return await connection.fetch(
        """
        select a.item_id, a.warehouse_id, (o.received_at at time zone w.time_zone)::date as day,
            sum(p.quantity)::bigint as quantity
        from promise p join availability a on a.id = p.availability_id
        join warehouse w on w.id = a.warehouse_id
        join order_line l on l.id = p.order_line_id join shop_order o on o.id = l.order_id
        where p.supply = 'inbound' and p.state in ('open', 'firm')
          and o.received_at >= $1 and o.received_at < $2
        group by 1, 2, 3 order by 1, 2, 3
        """,
        since,
        until,
    )


async def refused(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """What was wanted and refused: once an order number, on the day of its first refusal.

    It is the first warehouse's, which orders go to. An order that was accepted later is none, but
    for one that was paid when its goods were gone.
    """
    return await connection.fetch(
        """
        with house as (select id, time_zone from warehouse order by id limit 1)
        select d.item_id, house.id as warehouse_id,
            min((d.at at time zone house.time_zone)::date) as day,
            max(d.quantity)::bigint as quantity, 1 as lines
        from refused_demand d join item i on i.id = d.item_id and i.digital = '' cross join house
        where d.at >= $1 and d.at < $2
          and not exists (select 1 from shop_order o join order_line l on l.order_id = o.id
                          join fulfilment_order f on f.order_id = o.id
                          join fulfilment_line p on p.fulfilment_order_id = f.id
                              and p.order_line_id = l.id
                          where o.tenant_id = d.tenant_id and p.item_id = d.item_id
                            and o.external_order_id = d.external_order_id
                            and (f.firm_at is not null or o.paid_at is null))
        group by d.tenant_id, d.item_id, house.id, d.external_order_id order by 1, 3
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


async def lines_by_day(
    connection: asyncpg.Connection, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    """How many order lines came in for each warehouse on each of its days."""
    return await connection.fetch(
        f"""
        select f.warehouse_id, (o.received_at at time zone w.time_zone)::date as day,
            count(*) as lines
        from shop_order o join fulfilment_order f on f.order_id = o.id
        join fulfilment_line l on l.fulfilment_order_id = f.id
        join warehouse w on w.id = f.warehouse_id
        where o.received_at >= $1 and o.received_at < $2 and {COUNTS}
        group by 1, 2 order by 1, 2
        """,
        since,
        until,
    )


async def work_of(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime, today: date
) -> asyncpg.Record:
    """What was left for today in a warehouse, and what was done in it since a moment.

    waiting and best_day are order lines; best_sorted_hour is those of the orders whose first tote
    was sorted in that hour.
    """
    row = await connection.fetchrow(
        f"""
        with house as (select id, time_zone from warehouse where id = $1
        ), picked as (
            select (t.done_at at time zone house.time_zone)::date as day, count(*) as lines
            from house join wave w on w.warehouse_id = house.id
            join pick_batch k on k.wave_id = w.id join pick_task t on t.batch_id = k.id
            where t.state = 'done' and t.done_at >= $2 group by 1
        ), rode as (
            select r.fulfilment_order_id, min(r.diverted_at) as at
            from sort_route r join fulfilment_order f on f.id = r.fulfilment_order_id
            where f.warehouse_id = $1 and r.diverted_at >= $2 group by 1
        ), sorted as (
            select date_trunc('hour', rode.at) as hour,
                sum((select count(*) from fulfilment_line l
                     where l.fulfilment_order_id = rode.fulfilment_order_id)) as lines
            from rode group by 1
        )
        select
            (select count(*) from house join fulfilment_order f on f.warehouse_id = house.id
             join fulfilment_line l on l.fulfilment_order_id = f.id
             join shop_order o on o.id = f.order_id
             where l.picked < l.quantity and f.state in ('open', 'released', 'picking')
               and o.received_at < $3::date::timestamp at time zone house.time_zone
               and {COUNTS}) as waiting,
            coalesce((select max(lines) from picked), 0)::int as best_day,
            coalesce((select max(lines) from sorted), 0)::int as best_sorted_hour
        """,
        warehouse_id,
        since,
        today,
    )
    assert row is not None
    return row
