"""SQL of refill rules and of what forward bins need."""

from datetime import datetime

import asyncpg

# What firm orders still want of items, and nothing is reserved for yet.
_DEMAND = """
    select f.warehouse_id, l.item_id,
        sum(l.quantity - l.picked - coalesce(r.quantity, 0)) as quantity
    from fulfilment_line l
    join fulfilment_order f on f.id = l.fulfilment_order_id
    join shop_order o on o.id = f.order_id
    left join lateral (select sum(r.quantity) as quantity from reservation r
                       where r.fulfilment_line_id = l.id) r on true
    where f.state in ('open', 'released', 'picking') and f.firm_at is not null
      and o.state = 'accepted' and not o.sandbox
      and not exists (select 1 from hold h
                      where h.fulfilment_order_id = f.id and h.lifted_at is null)
"""

_BIN = """
    select r.*, p.code as place, coalesce(p.walk_seq, 2147483647) as walk_seq, p.zone,
        h.free + c.coming as free, h.here + c.coming as here
    from refill_rule r join place p on p.id = r.place_id and not p.blocked_in
    join warehouse w on w.id = r.warehouse_id
    cross join lateral (
        select coalesce(sum(b.on_hand), 0)::bigint as here,
            coalesce(sum(b.on_hand - b.reserved) filter (
                where b.status = 'available'
                  and coalesce(days_left(b.expires_on, $1, w.time_zone), 0) >= 0),
                0)::bigint as free
        from balance b where b.place_id = r.place_id and b.item_id = r.item_id) h
    cross join lateral (
        select coalesce(sum(t.quantity), 0)::bigint as coming
        from move_task t where t.to_place_id = r.place_id and t.item_id = r.item_id
          and t.state in ('open', 'claimed')) c
"""


async def items_in_need(connection: asyncpg.Connection, now: datetime) -> list[asyncpg.Record]:
    """Items of which a bin is below its least, or all its bins below what orders wait for."""
    return await connection.fetch(
        f"""
        with bin as ({_BIN}), demand as ({_DEMAND}
            and l.item_id in (select item_id from refill_rule) group by 1, 2)
        select b.warehouse_id, b.item_id from bin b
        left join demand d on d.warehouse_id = b.warehouse_id and d.item_id = b.item_id
        group by 1, 2
        having bool_or(b.free < b.quantity_min and b.here < b.quantity_max)
            or coalesce(max(d.quantity), 0) > sum(b.free) and bool_or(b.here < b.quantity_max)
        order by 1, 2
        """,
        now,
    )


async def lock_rules(connection: asyncpg.Connection, warehouse_id: int, item_id: int) -> None:
    """Holds an item's rules, so that only one plans its refills at a time."""
    await connection.execute(
        """
        select 1 from refill_rule where warehouse_id = $1 and item_id = $2
        order by id for no key update
        """,
        warehouse_id,
        item_id,
    )


async def bins_of_item(
    connection: asyncpg.Connection, warehouse_id: int, item_id: int, now: datetime
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{_BIN} where r.warehouse_id = $2 and r.item_id = $3 order by walk_seq, r.id",
        now,
        warehouse_id,
        item_id,
    )


async def demand_of(connection: asyncpg.Connection, warehouse_id: int, item_id: int) -> int:
    quantity: int = await connection.fetchval(
        f"""
        select coalesce(sum(d.quantity), 0)::bigint from (
            {_DEMAND} and f.warehouse_id = $1 and l.item_id = $2 group by 1, 2) d
        """,
        warehouse_id,
        item_id,
    )
    return quantity


async def upsert_rule(
    connection: asyncpg.Connection,
    item_id: int,
    place_id: int,
    quantity_min: int,
    quantity_max: int,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into refill_rule (tenant_id, owner_id, warehouse_id, item_id, place_id,
            quantity_min, quantity_max, updated_at)
        select i.tenant_id, i.owner_id, p.warehouse_id, i.id, p.id, $3, $4, $5
        from item i, place p where i.id = $1 and p.id = $2
        on conflict (item_id, place_id) do update set quantity_min = excluded.quantity_min,
            quantity_max = excluded.quantity_max, updated_at = excluded.updated_at
        """,
        item_id,
        place_id,
        quantity_min,
        quantity_max,
        now,
    )


_RULE = """
    select r.*, i.sku, i.scale, o.name as owner, p.code as place, w.code as warehouse
    from refill_rule r join item i on i.id = r.item_id join owner o on o.id = r.owner_id
    join place p on p.id = r.place_id join warehouse w on w.id = r.warehouse_id
"""


async def rule_of(
    connection: asyncpg.Connection, item_id: int, place_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{_RULE} where r.item_id = $1 and r.place_id = $2", item_id, place_id
    )


async def rules_after(
    connection: asyncpg.Connection, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(f"{_RULE} where r.id > $1 order by r.id limit $2", after, limit)


async def delete_rule(connection: asyncpg.Connection, item_id: int, place_id: int) -> bool:
    deleted: int | None = await connection.fetchval(
        "delete from refill_rule where item_id = $1 and place_id = $2 returning id",
        item_id,
        place_id,
    )
    return deleted is not None
