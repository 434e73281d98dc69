"""SQL of fulfilment orders that wait for their day."""

from datetime import datetime

import asyncpg


async def due_fulfilments(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select id, tenant_id, order_id from fulfilment_order
        where state = 'scheduled' and due_at <= $1 order by due_at, id limit $2
        """,
        now,
        limit,
    )


async def expected_of(connection: asyncpg.Connection, fulfilment_order_id: int) -> datetime | None:
    """When the last of the goods that it still waits for is expected, or None."""
    expected_at: datetime | None = await connection.fetchval(
        """
        select max(p.expected_at)
        from fulfilment_line l
        join promise p on p.order_line_id = l.order_line_id and p.fulfilment_line_id = l.id
        where l.fulfilment_order_id = $1 and p.supply = 'inbound' and p.state in ('open', 'firm')
        """,
        fulfilment_order_id,
    )
    return expected_at


async def set_due(
    connection: asyncpg.Connection, fulfilment_order_id: int, due_at: datetime
) -> None:
    await connection.execute(
        "update fulfilment_order set due_at = $2 where id = $1", fulfilment_order_id, due_at
    )


async def made_for_nobody(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """What is announced as being made for an order of which no part waits for a day any more.

    A source is `made/SHOP/NUMBER`, the order's number at its shop.
    """
    return await connection.fetch(
        """
        select s.source, a.tenant_id, a.owner_id, a.item_id, a.warehouse_id
        from supply s join availability a on a.id = s.availability_id
        where s.source like 'made/%' and not exists (
            select 1 from shop_order o join fulfilment_order f on f.order_id = o.id
            where o.tenant_id = a.tenant_id and f.state = 'scheduled'
              and o.shop_id = split_part(s.source, '/', 2)::bigint
              and o.external_order_id = substr(s.source, length(split_part(s.source, '/', 2)) + 7))
        order by a.id
        """
    )
