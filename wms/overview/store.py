"""The SQL of the planners' screens. It only reads, over all tenants, and is run as staff."""

from datetime import datetime, timedelta

import asyncpg

# One that counts its boots anew sends what is not taken again and again.
_OLD_BOOT_LASTS = timedelta(minutes=5)

_STAGE = """
    case when o.state = 'received' then 'received'
         when o.state in ('rejected', 'cancelled') then o.state
         when f.state = 'open' and f.firm_at is null then 'accepted'
         when f.state = 'closed' then 'handed_over'
         when f.state = 'incomplete' then 'cancelled'
         else coalesce(f.state, 'accepted') end
"""

_ORDER_ROW = f"""
    select o.id, o.external_order_id, o.payment_state, o.total_minor, o.currency, o.received_at,
        o.customer, o.ship_to, o.buyer_index,
        {_STAGE} as stage, f.handed_over_at, n.lines, n.units
    from shop_order o
    left join lateral (
        select * from fulfilment_order where order_id = o.id
        order by state in ('cancelled', 'incomplete'), array_position(
            array['scheduled', 'backordered', 'open', 'released', 'picking', 'picked', 'sorted',
                  'packed', 'handed_over', 'closed'], state), id
        limit 1) f on true
    cross join lateral (select count(*) as lines, coalesce(sum(quantity), 0)::bigint as units
                        from order_line where order_id = o.id) n
"""

_WAVE_ROW = """
    select w.id, w.state, w.asked_by, w.method, w.distance_mm, w.baseline_mm, w.refusal,
        w.created_at, w.released_at, w.warehouse_id, w.left_out::text as left_out, w.bound_mm,
        w.walk_s, w.solve_s, w.solve_s_max, w.choice::text as choice, w.reason,
        jsonb_array_length(w.left_out) as left_out_count,
        (select count(*) from wave_order where wave_id = w.id) as orders,
        b.carts, b.carts_done, t.tasks, t.tasks_done
    from wave w
    cross join lateral (select count(*) as carts,
            count(*) filter (where state = 'dropped') as carts_done
        from pick_batch where wave_id = w.id) b
    cross join lateral (select count(*) filter (where t.state <> 'void') as tasks,
            count(*) filter (where t.state in ('done', 'short')) as tasks_done
        from pick_task t join pick_batch p on p.id = t.batch_id where p.wave_id = w.id) t
"""

_HAPPENING = """
    select e.occurred_at, e.type, e.subject, e.actor, e.order_id, e.data,
        o.external_order_id
    from event e left join shop_order o on o.id = e.order_id
"""


async def site(connection: asyncpg.Connection) -> asyncpg.Record | None:
    """The first warehouse."""
    return await connection.fetchrow("select name, time_zone from warehouse order by id limit 1")


async def stages(connection: asyncpg.Connection, since: datetime) -> list[asyncpg.Record]:
    """Orders by stage, and when the first of them came there; those gone only from `since` on."""
    return await connection.fetch(
        f"""
        select stage, count(*) as orders, min(came_at) as oldest_at from (
            select {_STAGE} as stage, case f.state
                when 'open' then coalesce(f.firm_at, o.received_at)
                when 'released' then f.released_at when 'picking' then f.released_at
                when 'picked' then f.picked_at when 'sorted' then f.sorted_at
                when 'packed' then f.packed_at else o.received_at end as came_at
            from fulfilment_order f join shop_order o on o.id = f.order_id
            where f.state not in ('closed', 'cancelled', 'incomplete', 'handed_over')
               or f.handed_over_at >= $1
            union all
            select 'received', received_at from shop_order where state = 'received'
        ) placed group by stage
        """,
        since,
    )


async def slots(
    connection: asyncpg.Connection, since: datetime, until: datetime, slot_s: int
) -> list[asyncpg.Record]:
    """What came in and went out in each slot of `slot_s` seconds from `since` to `until`."""
    return await connection.fetch(
        """
        with slot as (
            select generate_series($1::timestamptz, $2::timestamptz - make_interval(secs => $3),
                make_interval(secs => $3)) as at
        ), came as (
            select date_bin(make_interval(secs => $3), received_at, $1) as at, count(*) as orders
            from shop_order where received_at >= $1 and state <> 'rejected' group by 1
        ), went as (
            select date_bin(make_interval(secs => $3), handed_over_at, $1) as at, count(*) as orders
            from fulfilment_order where handed_over_at >= $1 group by 1
        )
        select slot.at, coalesce(came.orders, 0) as accepted,
            coalesce(went.orders, 0) as handed_over
        from slot left join came using (at) left join went using (at) order by slot.at
        """,
        since,
        until,
        slot_s,
    )


async def pace(connection: asyncpg.Connection, hour: datetime, day: datetime) -> asyncpg.Record:
    """Orders that left since `hour` and `day`, and how long a paid order waited for its waybill."""
    row = await connection.fetchrow(
        """
        select count(*) filter (where handed_over_at >= $1) as handed_over_hour,
            count(*) filter (where handed_over_at >= $2) as handed_over_day,
            percentile_cont(0.5) within group (order by wait_ms) as waybill_p50_ms,
            percentile_cont(0.99) within group (order by wait_ms) as waybill_p99_ms
        from (select handed_over_at,
                extract(epoch from waybill_ready_at - firm_at)::float8 * 1000 as wait_ms
            from fulfilment_order where firm_at >= $2) recent
        """,
        hour,
        day,
    )
    assert row is not None
    return row


async def oldest_waiting(connection: asyncpg.Connection) -> asyncpg.Record | None:
    """The paid order that has waited longest for its departure."""
    return await connection.fetchrow(
        """
        select o.id, o.external_order_id, f.state, f.firm_at
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.state not in ('closed', 'cancelled', 'incomplete', 'handed_over')
          and f.firm_at is not null
        order by f.firm_at, f.id limit 1
        """
    )


async def queues(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """What waits to leave the database, and what was given up that nobody has seen to."""
    return await connection.fetch(
        """
        select q.name, coalesce(waiting, 0) as waiting, oldest_at, coalesce(dead, 0) as dead
        from unnest(array['webhooks', 'carrier', 'mail', 'labels', 'jobs'])
            with ordinality q (name, n)
        left join (
            select case topic when 'webhook' then 'webhooks' when 'job' then 'jobs' else topic end
                    as name,
                sum(waiting)::bigint as waiting, min(oldest_at) as oldest_at,
                sum(dead)::bigint as dead
            from (
                -- Each by an index of its own: what was sent is kept, and is many times as much.
                select topic, count(*) as waiting, min(created_at) as oldest_at, 0 as dead
                from outbox where done_at is null and dead_at is null group by topic
                union all
                select o.topic, 0, null, count(*) from outbox o
                left join webhook_endpoint w on o.topic = 'webhook' and w.id = o.target
                where o.dead_at is not null and o.seen_at is null
                  and (o.topic <> 'webhook' or w.active)
                group by o.topic
                union all
                select 'job', count(*), min(due_at) filter (where due_at <= now()), 0
                from job where done_at is null and dead_at is null
                union all
                select 'job', 0, null, count(*)
                from job where dead_at is not null and done_at is null and seen_at is null
            ) outgoing group by topic
            union all
            select 'labels', count(*), min(asked_at), 0
            from label_job where state in ('queued', 'sent')
        ) waiting using (name) order by q.n
        """
    )


async def trouble(connection: asyncpg.Connection, hour: datetime, now: datetime) -> asyncpg.Record:
    """The counts that alarms are made of."""
    row = await connection.fetchrow(
        """
        select (select count(*) from label_job where state = 'unsure') as labels_unsure,
            (select count(*) from sort_route where missorts > 0 and diverted_at >= $1) as missorts,
            (select count(*) from hold where lifted_at is null) as holds,
            (select count(*) from stock_policy where below_since is not null) as stock_below,
            (select count(*) from capacity_day c join warehouse w on w.id = c.warehouse_id
             where c.day >= ($2 at time zone w.time_zone)::date
               and c.day < ($2 at time zone w.time_zone)::date + 14
               and c.waiting + c.lines > least(c.pick_capacity, c.sort_capacity)) as full_days,
            (select count(*) from wave where state = 'refused' and created_at >= $1)
                as waves_refused,
            array(select d.name from device_lease l join device d on d.id = l.device_id
                  where l.until < $2 order by d.name) as leases_lost,
            (select count(*) from label_job where state = 'failed') as labels_failed,
            (select count(*) from step_escalation where resolved_at is null) as steps_overdue,
            (select count(*) from handoff h join sop p on p.step = 'ticket' and p.kind = h.urgency
             where h.state in ('open', 'claimed') and not h.sandbox
               and h.waiting_since + make_interval(secs => p.limit_s) <= $2) as tickets_late,
            (select count(*) from device_inbox where dead_at is not null and replayed_at is null)
                as dead_letters,
            (select count(*) from bad_message where last_at >= $1 and kind <> 'old_boot')
                as bad_messages,
            array(select d.name from device_state s join device d on d.id = s.device_id
                  where d.in_service and d.class in ('sorter', 'printer') and not s.online
                  order by d.name) as devices_away,
            array(select d.name from bad_message b join device d on d.site = b.site
                    and b.device = concat_ws('/', d.site, d.area, d.class, d.name)
                  where b.kind = 'old_boot' and b.last_at >= $3 order by d.name) as old_boots
        """,
        hour,
        now,
        now - _OLD_BOOT_LASTS,
    )
    assert row is not None
    return row


async def happenings(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """The newest events of the house."""
    return await connection.fetch(f"{_HAPPENING} order by e.seq desc limit $1", limit)


async def order_rows(
    connection: asyncpg.Connection,
    stage: str | None,
    text: str,
    buyers: list[bytes],
    before_id: int | None,
    limit: int,
) -> list[asyncpg.Record]:
    """The newest orders before `before_id`, of one stage, of these buyers or of a number in which
    `text` is.
    """
    return await connection.fetch(
        f"""
        select * from ({_ORDER_ROW}) listed
        where ($1::text is null or stage = $1)
          and ($2 = '' or strpos(lower(external_order_id), lower($2)) > 0
               or buyer_index = any($3))
          and ($4::bigint is null or id < $4)
        order by id desc limit $5
        """,
        stage,
        text,
        buyers,
        before_id,
        limit,
    )


async def shop_ids(connection: asyncpg.Connection) -> list[int]:
    """All shops, each of which numbers its buyers by itself."""
    return [row["id"] for row in await connection.fetch("select id from shop order by id")]


async def order_head(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    """One order as the list shows it, and what only its own page shows."""
    return await connection.fetchrow(
        f"""
        select listed.*, o.service, o.admission, o.placed_at, o.paid_at, o.buyer_note
        from ({_ORDER_ROW} where o.id = $1) listed join shop_order o using (id)
        """,
        order_id,
    )


async def order_lines(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's lines, how far each has come, and what was promised."""
    return await connection.fetch(
        """
        select l.line, i.sku, i.name, l.quantity, p.state as promise, p.expires_at,
            coalesce(f.picked, 0)::bigint as picked, coalesce(f.packed, 0)::bigint as packed
        from order_line l join item i on i.id = l.item_id
        left join lateral (select state, expires_at from promise where order_line_id = l.id
                           order by id desc limit 1) p on true
        left join lateral (select sum(picked) as picked, sum(packed) as packed
                           from fulfilment_line where order_line_id = l.id) f on true
        where l.order_id = $1 order by l.line
        """,
        order_id,
    )


async def order_fulfilments(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's fulfilment orders with their moments."""
    return await connection.fetch(
        """
        select f.*, p.code as packing_place, w.code as warehouse,
            (select coalesce(sum(l.quantity), 0)::bigint from fulfilment_line l
             where l.fulfilment_order_id = f.id) as units
        from fulfilment_order f join warehouse w on w.id = f.warehouse_id
        left join place p on p.id = f.packing_place_id
        where f.order_id = $1 order by f.id
        """,
        order_id,
    )


async def order_tasks(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's picks in the sequence of their walks."""
    return await connection.fetch(
        """
        select b.wave_id, b.number as cart, u.code as tote, p.code as place, i.sku,
            t.quantity, t.picked, t.state, s.name as picker, t.done_at
        from fulfilment_order f
        join batch_slot bs on bs.fulfilment_order_id = f.id
        join pick_task t on t.slot_id = bs.id
        join pick_batch b on b.id = t.batch_id
        join place p on p.id = t.place_id
        join item i on i.id = t.item_id
        left join handling_unit u on u.id = bs.tote_id
        left join staff s on s.id = b.picker_id
        where f.order_id = $1 order by b.wave_id, b.number, t.seq, t.id
        """,
        order_id,
    )


async def order_parcels(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's parcels, each with all the waybills it ever had, the standing one first."""
    return await connection.fetch(
        """
        select p.number, p.carton_code, p.planned_carton_code, p.state, p.mass_g, w.sscc,
            w.tracking_number, w.routing_code, w.state as waybill_state, w.void_reason, w.made_at,
            w.told_at, w.label_printed_at, w.carrier_accepted_at
        from parcel p join fulfilment_order f on f.id = p.fulfilment_order_id
        left join waybill w on w.parcel_id = p.id
        where f.order_id = $1 order by p.fulfilment_order_id, p.number, w.state, w.id desc
        """,
        order_id,
    )


async def order_happenings(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """All events of an order, the oldest first."""
    return await connection.fetch(f"{_HAPPENING} where e.order_id = $1 order by e.seq", order_id)


async def wave_rows(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """The newest waves."""
    return await connection.fetch(f"{_WAVE_ROW} order by w.id desc limit $1", limit)


async def wave_row(connection: asyncpg.Connection, wave_id: int) -> asyncpg.Record | None:
    """One wave."""
    return await connection.fetchrow(f"{_WAVE_ROW} where w.id = $1", wave_id)


async def warehouse(connection: asyncpg.Connection, warehouse_id: int) -> asyncpg.Record:
    """The measures of one warehouse."""
    row = await connection.fetchrow("select * from warehouse where id = $1", warehouse_id)
    assert row is not None
    return row


async def bins(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    """Where bins stand, seen from above: those over each other are one."""
    return await connection.fetch(
        """
        select distinct coalesce(p.x_mm, p.aisle * w.aisle_pitch_mm) as x_mm, p.y_mm
        from place p join warehouse w on w.id = p.warehouse_id
        where p.warehouse_id = $1 and p.kind = 'bin' order by 1, 2
        """,
        warehouse_id,
    )


async def wave_can_be_taken_back(connection: asyncpg.Connection, wave_id: int) -> bool:
    """Whether a wave is planned or released and none of its carts was taken."""
    return bool(
        await connection.fetchval(
            """
            select exists (select 1 from wave
                    where id = $1 and state in ('planned', 'released'))
                and not exists (select 1 from pick_batch
                    where wave_id = $1 and state not in ('planned', 'void'))
            """,
            wave_id,
        )
    )


async def wave_can_be_planned_anew(connection: asyncpg.Connection, wave_id: int) -> bool:
    """Whether a wave is planned or released and one of its carts was not taken."""
    return bool(
        await connection.fetchval(
            """
            select exists (select 1 from wave w join pick_batch b on b.wave_id = w.id
                where w.id = $1 and w.state in ('planned', 'released') and b.state = 'planned')
            """,
            wave_id,
        )
    )


async def wave_walks(connection: asyncpg.Connection, wave_id: int) -> list[asyncpg.Record]:
    """The carts of a wave."""
    return await connection.fetch(
        """
        select b.id, b.number, b.state, b.distance_mm, b.path::text as path, s.name as picker,
            c.code as cart,
            (select count(distinct fulfilment_order_id) from batch_slot where batch_id = b.id)
                as orders
        from pick_batch b left join staff s on s.id = b.picker_id
        left join place c on c.id = b.cart_place_id
        where b.wave_id = $1 order by b.number
        """,
        wave_id,
    )


async def wave_visits(connection: asyncpg.Connection, wave_id: int) -> list[asyncpg.Record]:
    """The bins each cart of a wave stops at, in walking order, with how many picks are done."""
    return await connection.fetch(
        """
        select t.batch_id, p.code, coalesce(p.aisle, 0) as aisle, coalesce(p.y_mm, 0) as y_mm,
            count(*) as tasks, count(*) filter (where t.state in ('done', 'short')) as done,
            count(*) filter (where t.state = 'short') as short
        from pick_task t join pick_batch b on b.id = t.batch_id join place p on p.id = t.place_id
        where b.wave_id = $1 and t.state <> 'void'
        group by t.batch_id, p.code, p.aisle, p.y_mm order by t.batch_id, min(t.seq)
        """,
        wave_id,
    )


async def orders_of_fulfilments(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[asyncpg.Record]:
    """Which order each of these fulfilment orders belongs to."""
    return await connection.fetch(
        """
        select f.id as fulfilment_order_id, o.id as order_id, o.external_order_id
        from fulfilment_order f join shop_order o on o.id = f.order_id where f.id = any($1)
        """,
        fulfilment_order_ids,
    )
