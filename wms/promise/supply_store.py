"""SQL of goods on their way, and of the claims that wait for them."""

from datetime import datetime

import asyncpg


async def availability_made(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, item_id: int, warehouse_id: int
) -> asyncpg.Record:
    """The availability of an item in a warehouse, locked; made where it was never in stock."""
    await connection.execute(
        """
        insert into availability (tenant_id, owner_id, item_id, warehouse_id)
        values ($1, $2, $3, $4) on conflict (item_id, warehouse_id, channel) do nothing
        """,
        tenant_id,
        owner_id,
        item_id,
        warehouse_id,
    )
    row = await connection.fetchrow(
        """
        select * from availability
        where item_id = $1 and warehouse_id = $2 and channel = '' for no key update
        """,
        item_id,
        warehouse_id,
    )
    assert row is not None
    return row


async def set_supply(
    connection: asyncpg.Connection,
    tenant_id: int,
    availability_id: int,
    source: str,
    expected_at: datetime,
    quantity: int,
) -> int:
    """Writes what a source brings; by how much that is more than before."""
    before: int | None = await connection.fetchval(
        "select quantity from supply where availability_id = $1 and source = $2",
        availability_id,
        source,
    )
    if quantity == 0:
        await connection.execute(
            "delete from supply where availability_id = $1 and source = $2",
            availability_id,
            source,
        )
    else:
        await connection.execute(
            """
            insert into supply (tenant_id, availability_id, source, expected_at, quantity)
            values ($1, $2, $3, $4, $5)
            on conflict (availability_id, source)
            do update set expected_at = excluded.expected_at, quantity = excluded.quantity
            """,
            tenant_id,
            availability_id,
            source,
            expected_at,
            quantity,
        )
    return quantity - (before or 0)


async def add_inbound(connection: asyncpg.Connection, availability_id: int, change: int) -> None:
    await connection.execute(
        "update availability set inbound = inbound + $2 where id = $1 and $2 <> 0",
        availability_id,
        change,
    )


async def backordered_of(connection: asyncpg.Connection, availability_id: int) -> int:
    quantity: int = await connection.fetchval(
        "select backordered from availability where id = $1", availability_id
    )
    return quantity


async def waiting_availability(
    connection: asyncpg.Connection, item_ids: list[int], warehouse_id: int
) -> list[int]:
    """Where claims wait for goods of these items, locked in id order."""
    rows = await connection.fetch(
        """
        select id from availability
        where item_id = any($1) and warehouse_id = $2 and channel = '' and backordered > 0
        order by id for no key update
        """,
        item_ids,
        warehouse_id,
    )
    return [row["id"] for row in rows]


async def supply_backorders(
    connection: asyncpg.Connection, availability_id: int, forced: int
) -> list[int]:
    """The orders that got goods; the first `forced` of them no other order may have."""
    rows = await connection.fetch(
        "select supply_backorders($1, $2) as order_id", availability_id, forced
    )
    return [row["order_id"] for row in rows]


async def free_backorders(
    connection: asyncpg.Connection, availability_id: int, excess: int
) -> list[asyncpg.Record]:
    """Frees the waiting claims of latest rank until `excess` is covered."""
    return await connection.fetch(
        """
        with waiting as (
            select id, quantity, sum(quantity) over (
                order by rank_at desc, admission desc, id desc) as running
            from promise
            where availability_id = $1 and supply = 'inbound' and state in ('open', 'firm')
        ), freed as (
            update promise p set state = 'freed', expires_at = null
            from waiting w where w.id = p.id and w.running - w.quantity < $2
            returning p.tenant_id, p.order_line_id, p.fulfilment_line_id, p.quantity
        ), given as (
            update availability set backordered = backordered
                - coalesce((select sum(quantity) from freed), 0)
            where id = $1
        )
        select f.tenant_id, l.order_id, f.order_line_id, u.fulfilment_order_id, f.quantity
        from freed f join order_line l on l.id = f.order_line_id
        join fulfilment_line u on u.id = f.fulfilment_line_id order by l.order_id, l.id, u.id
        """,
        availability_id,
        excess,
    )


async def date_backorders(
    connection: asyncpg.Connection, availability_id: int
) -> list[asyncpg.Record]:
    """Dates the waiting claims by rank from what is expected; the orders whose date moved."""
    return await connection.fetch(
        """
        with waiting as (
            select id, supply_date($1, sum(quantity) over (
                order by rank_at, admission, id)::bigint) as expected_at
            from promise
            where availability_id = $1 and supply = 'inbound' and state in ('open', 'firm')
        ), dated as (
            update promise p set expected_at = w.expected_at
            from waiting w where w.id = p.id and p.expected_at is distinct from w.expected_at
            returning p.tenant_id, p.order_line_id, p.fulfilment_line_id, p.expected_at
        )
        select d.tenant_id, l.order_id, u.fulfilment_order_id, max(d.expected_at) as expected_at
        from dated d join order_line l on l.id = d.order_line_id
        join fulfilment_line u on u.id = d.fulfilment_line_id group by 1, 2, 3 order by 2, 3
        """,
        availability_id,
    )


async def served_fulfilments(
    connection: asyncpg.Connection, order_ids: list[int], warehouse_id: int
) -> list[asyncpg.Record]:
    """Those orders' fulfilment orders in which every line is promised of the stock."""
    return await connection.fetch(
        """
        select f.id, f.tenant_id, f.order_id, f.state, f.firm_at, f.waybill_ready_at
        from fulfilment_order f
        where f.order_id = any($1) and f.warehouse_id = $2
          and f.state not in ('cancelled', 'incomplete')
          and not exists (
            select 1 from fulfilment_line l
            where l.fulfilment_order_id = f.id and l.quantity > coalesce((
                select sum(p.quantity) from promise p
                where p.order_line_id = l.order_line_id and p.fulfilment_line_id = l.id
                  and p.supply = 'stock' and p.state in ('open', 'firm', 'kept')), 0))
        order by f.id
        """,
        order_ids,
        warehouse_id,
    )


async def waits_for_supply(connection: asyncpg.Connection, fulfilment_order_id: int) -> bool:
    """Whether a part of the fulfilment order is promised of goods that are not here yet."""
    waits: bool = await connection.fetchval(
        """
        select exists (
            select 1 from promise p join fulfilment_line l
              on l.order_line_id = p.order_line_id and l.id = p.fulfilment_line_id
            where l.fulfilment_order_id = $1 and p.supply = 'inbound'
              and p.state in ('open', 'firm'))
        """,
        fulfilment_order_id,
    )
    return waits
