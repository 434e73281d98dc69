"""SQL of policies, of what could be promised, and of the record of what could not."""

from datetime import datetime

import asyncpg


async def set_held_back(
    connection: asyncpg.Connection, availability_id: int, held_back: int, has_allocations: bool
) -> None:
    await connection.execute(
        "update availability set held_back = $2, has_allocations = $3 where id = $1",
        availability_id,
        held_back,
        has_allocations,
    )


async def set_allocations(
    connection: asyncpg.Connection, availability_id: int, allocations: dict[str, int]
) -> None:
    """Writes what channels have to themselves, and nothing beside it; the availability is locked.

    A channel that is new here holds what its orders are promised already.
    """
    await connection.execute(
        """
        delete from channel_allocation c using availability a
        where a.id = $1 and c.item_id = a.item_id and c.warehouse_id = a.warehouse_id
          and not c.channel = any($2)
        """,
        availability_id,
        list(allocations),
    )
    await connection.execute(
        """
        insert into channel_allocation (tenant_id, item_id, warehouse_id, channel, quantity,
            promised)
        select a.tenant_id, a.item_id, a.warehouse_id, u.channel, u.quantity,
            coalesce((select sum(p.quantity - p.kept) from promise p
                      where p.availability_id = a.id and p.channel = u.channel
                        and p.supply = 'stock' and p.state in ('open', 'firm')), 0)
        from availability a, unnest($2::text[], $3::bigint[]) u(channel, quantity)
        where a.id = $1
        on conflict (item_id, warehouse_id, channel) do update set quantity = excluded.quantity
        """,
        availability_id,
        list(allocations),
        list(allocations.values()),
    )


async def policies_of(
    connection: asyncpg.Connection, item_id: int, warehouse_id: int
) -> list[asyncpg.Record]:
    """What is held back of an item in a warehouse: a row for each channel, at least one."""
    return await connection.fetch(
        """
        select a.held_back, c.channel, c.quantity
        from availability a left join channel_allocation c
          on a.has_allocations and c.item_id = a.item_id and c.warehouse_id = a.warehouse_id
        where a.item_id = $1 and a.warehouse_id = $2 and a.channel = '' order by c.channel
        """,
        item_id,
        warehouse_id,
    )


async def positions(
    connection: asyncpg.Connection,
    owner_id: int,
    item_ids: list[int],
    warehouse_id: int | None,
    channel: str,
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select a.id, a.item_id, a.warehouse_id, w.code as warehouse, a.sellable, a.promised,
            a.held_back, a.inbound, a.backordered,
            case when a.has_allocations
                 then allocated_to_others(a.item_id, a.warehouse_id, $3) else 0 end as elsewhere
        from availability a join warehouse w on w.id = a.warehouse_id
        where a.item_id = any($1) and a.channel = ''
          and a.owner_id = $4 and ($2::bigint is null or a.warehouse_id = $2)
        order by a.item_id, a.warehouse_id
        """,
        item_ids,
        warehouse_id,
        channel,
        owner_id,
    )


async def coming(
    connection: asyncpg.Connection, availability_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select availability_id, expected_at, quantity from supply
        where availability_id = any($1) and quantity > 0 order by availability_id, expected_at, id
        """,
        availability_ids,
    )


async def unsellable_after(
    connection: asyncpg.Connection,
    owner_id: int,
    sku: str | None,
    since: datetime | None,
    until: datetime | None,
    after: int,
    limit: int,
) -> list[asyncpg.Record]:
    """When which items could not be sold: the intervals that meet the time asked for."""
    return await connection.fetch(
        """
        select u.id, i.sku, w.code as warehouse, u.from_at, u.to_at
        from unsellable_interval u join item i on i.id = u.item_id
        join warehouse w on w.id = u.warehouse_id
        where i.owner_id = $1 and ($2::text is null or i.sku = $2)
          and ($3::timestamptz is null or u.to_at is null or u.to_at > $3)
          and ($4::timestamptz is null or u.from_at < $4) and u.id > $5
        order by u.id limit $6
        """,
        owner_id,
        sku,
        since,
        until,
        after,
        limit,
    )


async def refused_after(
    connection: asyncpg.Connection,
    owner_id: int,
    sku: str | None,
    since: datetime | None,
    until: datetime | None,
    after: int,
    limit: int,
) -> list[asyncpg.Record]:
    """Demand that was refused for want of goods, in the time asked for."""
    return await connection.fetch(
        """
        select d.id, i.sku, i.scale, d.quantity, d.available, d.external_order_id, d.channel,
            d.admission, d.at
        from refused_demand d join item i on i.id = d.item_id
        where i.owner_id = $1 and ($2::text is null or i.sku = $2)
          and ($3::timestamptz is null or d.at >= $3)
          and ($4::timestamptz is null or d.at < $4) and d.id > $5
        order by d.id limit $6
        """,
        owner_id,
        sku,
        since,
        until,
        after,
        limit,
    )
