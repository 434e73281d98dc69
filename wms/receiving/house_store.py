"""SQL of what receiving asks of the house: who waits for goods, what left, what lies where."""

from datetime import datetime

import asyncpg


async def may_come_back(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """The items of an order that were handed over: how many left, how many came back."""
    return await connection.fetch(
        """
        select g.item_id, i.sku, i.scale, g.shipped, coalesce(b.returned, 0)::bigint as returned
        from (select f.item_id, sum(c.packed)::bigint as shipped
              from fulfilment_order q join parcel p on p.fulfilment_order_id = q.id
              join parcel_line c on c.parcel_id = p.id
              join fulfilment_line f on f.id = c.fulfilment_line_id
              where q.order_id = $1 and p.state = 'handed_over' group by 1) g
        join item i on i.id = g.item_id
        left join (select l.item_id, sum(l.received) as returned
                   from inbound_shipment s join inbound_line l on l.inbound_id = s.id
                   where s.order_id = $1 group by 1) b on b.item_id = g.item_id
        order by g.item_id
        """,
        order_id,
    )


async def shipped_from(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    """The warehouse that the first goods of an order left, or None while none has."""
    return await connection.fetchrow(
        """
        select w.* from fulfilment_order f join warehouse w on w.id = f.warehouse_id
        where f.order_id = $1 and exists (
            select 1 from parcel p where p.fulfilment_order_id = f.id and p.state = 'handed_over')
        order by f.id limit 1
        """,
        order_id,
    )


async def serials_in_house(
    connection: asyncpg.Connection, item_id: int, serials: list[str]
) -> set[str]:
    rows = await connection.fetch(
        "select serial from balance where item_id = $1 and serial = any($2) and on_hand > 0",
        item_id,
        serials,
    )
    return {row["serial"] for row in rows}


async def wanted_at_once(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int], now: datetime
) -> dict[int, int]:
    """How much of items waiting orders want that no bin covers and no move brings to the dock.

    Waiting are paid orders that a wave may take. A bin covers what lies free in it and may be
    picked.
    """
    rows = await connection.fetch(
        """
        select w.item_id, (w.quantity - coalesce(b.quantity, 0) - coalesce(t.quantity, 0))::bigint
            as quantity
        from (select l.item_id, sum(l.quantity - l.picked) as quantity
              from fulfilment_order f join fulfilment_line l on l.fulfilment_order_id = f.id
              where f.warehouse_id = $1 and f.state = 'open' and f.firm_at is not null
                and l.item_id = any($2)
                and not exists (select 1 from hold h
                                where h.fulfilment_order_id = f.id and h.lifted_at is null)
              group by 1) w
        left join (select b.item_id, sum(b.on_hand - b.reserved) as quantity
                   from balance b join place p on p.id = b.place_id
                   join warehouse h on h.id = p.warehouse_id
                   where h.id = $1 and p.kind = 'bin' and not p.blocked_out
                     and b.item_id = any($2) and b.status = 'available'
                     and (b.expires_on is null
                          or days_left(b.expires_on, $3, h.time_zone) >= 0)
                   group by 1) b on b.item_id = w.item_id
        left join (select t.item_id, sum(t.quantity) as quantity from move_task t
                   where t.warehouse_id = $1 and t.kind in ('putaway', 'cross_dock')
                     and t.state in ('open', 'claimed') and t.item_id = any($2)
                   group by 1) t on t.item_id = w.item_id
        """,
        warehouse_id,
        item_ids,
        now,
    )
    return {row["item_id"]: row["quantity"] for row in rows if row["quantity"] > 0}


async def lock_availability(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int]
) -> None:
    await connection.execute(
        """
        select 1 from availability where item_id = any($2) and warehouse_id = $1
        order by id for no key update
        """,
        warehouse_id,
        item_ids,
    )


async def balances_of(
    connection: asyncpg.Connection, owner_id: int, place_ids: list[int], item_ids: list[int]
) -> list[asyncpg.Record]:
    """Goods for sale at these places that nothing has been planned for."""
    return await connection.fetch(
        """
        select b.* from balance b
        where b.owner_id = $1 and b.place_id = any($2) and b.item_id = any($3)
          and b.status = 'available' and b.on_hand > b.reserved
        order by b.expires_on nulls last, b.id
        """,
        owner_id,
        place_ids,
        item_ids,
    )


async def owners(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select id, tenant_id, name from owner order by name, id limit $1", limit
    )


async def moves_waiting(connection: asyncpg.Connection, reason: str) -> int:
    waiting: int = await connection.fetchval(
        "select count(*) from move_task where reason = $1 and state in ('open', 'claimed')", reason
    )
    return waiting
