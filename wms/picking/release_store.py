"""SQL of what waits for a wave, and of what is in the house for it."""

from datetime import datetime

import asyncpg


async def releasable(
    connection: asyncpg.Connection, warehouse_id: int, only: list[int] | None, limit: int
) -> list[asyncpg.Record]:
    """Fulfilment orders that a wave may take, by rank, with how many lines are to be picked.

    They are firm, have a waybill, are free of holds and in no wave. One that was begun and is
    short of something waits too, as soon as its last walk is over.
    """
    return await connection.fetch(
        """
        select f.id, f.tenant_id, f.order_id, f.state, o.rank_at, l.lines,
            f.waybill_ready_at as since,
            (select min(c.cut_off) from parcel p join waybill b on b.parcel_id = p.id
             join carrier c on c.id = b.carrier_id
             where p.fulfilment_order_id = f.id and b.state = 'made') as cut_off
        from fulfilment_order f join shop_order o on o.id = f.order_id
        cross join lateral (
            select count(*) as lines from fulfilment_line l
            where l.fulfilment_order_id = f.id and l.quantity > l.picked) l
        where f.state in ('open', 'picking') and f.warehouse_id = $1 and f.firm_at is not null
          and f.waybill_ready_at is not null and not o.sandbox and o.state = 'accepted'
          and l.lines > 0
          and ($2::bigint[] is null or f.id = any($2))
          and not exists (select 1 from hold h
                          where h.fulfilment_order_id = f.id and h.lifted_at is null)
          and not exists (select 1 from wave_order w
                          where w.fulfilment_order_id = f.id and w.standing)
        order by o.rank_at, f.id limit $3
        """,
        warehouse_id,
        only,
        limit,
    )


async def waiting_for_release(
    connection: asyncpg.Connection, warehouse_id: int, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """The orders that the timer may ask a wave for, with their carrier's cut-off."""
    return await connection.fetch(
        """
        select f.id, f.state, f.waybill_ready_at as since,
            (select min(c.cut_off) from parcel p join waybill b on b.parcel_id = p.id
             join carrier c on c.id = b.carrier_id
             where p.fulfilment_order_id = f.id and b.state = 'made') as cut_off
        from fulfilment_order f join shop_order o on o.id = f.order_id
        where f.state in ('open', 'picking') and f.warehouse_id = $1 and f.firm_at is not null
          and f.waybill_ready_at is not null and not o.sandbox and o.state = 'accepted'
          and exists (select 1 from fulfilment_line l
                      where l.fulfilment_order_id = f.id and l.quantity > l.picked)
          and not exists (select 1 from hold h
                          where h.fulfilment_order_id = f.id and h.lifted_at is null)
          and not exists (select 1 from wave_order w
                          where w.fulfilment_order_id = f.id and w.standing)
          and not exists (select 1 from release_wait w
                          where w.fulfilment_order_id = f.id and w.until > $2)
        order by o.rank_at, f.id limit $3
        """,
        warehouse_id,
        now,
        limit,
    )


async def demand_of(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[asyncpg.Record]:
    """The lines to be picked, with the sizes of a whole unit and what the customer asks for."""
    return await connection.fetch(
        """
        select l.id as line_id, l.fulfilment_order_id, l.tenant_id, l.item_id,
            l.quantity - l.picked as quantity, i.mass_g,
            i.width_mm::bigint * i.depth_mm * i.height_mm as volume_mm3,
            power(10::numeric, i.scale)::bigint as whole, coalesce(g.factor, 0) as case_quantity,
            greatest(o.shelf_life_min_days, i.shelf_life_min_days) as shelf_life_min_days,
            o.insert_rule_id is not null as inserted
        from fulfilment_line l join item i on i.id = l.item_id
        join order_line o on o.id = l.order_line_id
        left join item_packaging g on g.item_id = i.id and g.level = 'case'
        where l.fulfilment_order_id = any($1) and l.quantity > l.picked
        order by l.fulfilment_order_id, l.id
        """,
        fulfilment_order_ids,
    )


async def want_of_line(connection: asyncpg.Connection, fulfilment_line_id: int) -> asyncpg.Record:
    """What a line asks of the goods that are picked for it."""
    row = await connection.fetchrow(
        """
        select l.id as line_id, l.fulfilment_order_id, l.tenant_id, l.item_id, i.mass_g,
            i.width_mm::bigint * i.depth_mm * i.height_mm as volume_mm3,
            power(10::numeric, i.scale)::bigint as whole, coalesce(g.factor, 0) as case_quantity,
            greatest(o.shelf_life_min_days, i.shelf_life_min_days) as shelf_life_min_days
        from fulfilment_line l join item i on i.id = l.item_id
        join order_line o on o.id = l.order_line_id
        left join item_packaging g on g.item_id = i.id and g.level = 'case'
        where l.id = $1
        """,
        fulfilment_line_id,
    )
    assert row is not None
    return row


async def in_the_house(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int], now: datetime
) -> list[asyncpg.Record]:
    """Where the items lie that no order's pick or tote has yet, bins that are walked to or not.

    Goods that wait on a dock, for a move or in a paused zone are here; what is in a blocked bin
    comes to nobody.
    """
    return await connection.fetch(
        """
        select b.id as balance_id, b.item_id, b.place_id, b.expires_on, d.days_left, p.code,
            p.zone, p.purpose, coalesce(p.aisle, 0) as aisle, coalesce(p.y_mm, 0) as y_mm,
            coalesce(p.walk_seq, 0) as walk_seq,
            (b.on_hand - coalesce(
                (select sum(r.quantity) from reservation r
                 where r.balance_id = b.id and r.fulfilment_line_id is not null), 0))::bigint
                as free
        from balance b join place p on p.id = b.place_id
        join warehouse w on w.id = p.warehouse_id
        cross join lateral (select days_left(b.expires_on, $3, w.time_zone) as days_left) d
        where b.item_id = any($2) and p.warehouse_id = $1 and not p.virtual
          and b.status = 'available' and b.on_hand > 0 and not p.blocked_out
          and not exists (
              select 1 from handling_unit u join fulfilment_order f on f.id = u.fulfilment_order_id
              where u.id = b.handling_unit_id and f.state <> 'cancelled')
        order by b.id
        """,
        warehouse_id,
        item_ids,
        now,
    )


async def lines_open(connection: asyncpg.Connection, warehouse_id: int) -> int:
    """How many lines the pickers of a warehouse have before them."""
    lines: int = await connection.fetchval(
        """
        select count(distinct t.fulfilment_line_id) from wave w
        join pick_batch k on k.wave_id = w.id join pick_task t on t.batch_id = k.id
        where w.warehouse_id = $1 and w.state = 'released' and t.state = 'open'
        """,
        warehouse_id,
    )
    return lines
