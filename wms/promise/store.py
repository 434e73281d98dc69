"""SQL of availability and the promises on it."""

from datetime import datetime

import asyncpg


async def claim(
    connection: asyncpg.Connection,
    warehouse_id: int,
    channel: str,
    item_ids: list[int],
    quantities: list[int],
) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select o_admission, o_short from claim_availability($1, $2, $3, $4)",
        warehouse_id,
        channel,
        item_ids,
        quantities,
    )
    assert row is not None
    return row


async def insert_refused_demand(
    connection: asyncpg.Connection,
    tenant_id: int,
    external_order_id: str,
    short: list[dict[str, int]],
) -> None:
    await connection.execute(
        """
        insert into refused_demand (tenant_id, item_id, quantity, available, external_order_id)
        select $1, s.item_id, s.wanted, s.available, $3
        from jsonb_to_recordset($2) s(item_id bigint, wanted bigint, available bigint)
        """,
        tenant_id,
        short,
        external_order_id,
    )


async def make_firm(connection: asyncpg.Connection, order_id: int, now: datetime) -> int:
    """Turns the open promises of an order firm; how many there were that had not expired."""
    status: str = await connection.execute(
        """
        update promise p set state = 'firm', expires_at = null
        from order_line l
        where l.order_id = $1 and p.order_line_id = l.id and p.state = 'open'
        """,
        order_id,
    )
    return int(status.split()[-1])


async def insert_promises(
    connection: asyncpg.Connection,
    order_id: int,
    warehouse_id: int,
    channel: str,
    admission: int,
    state: str,
    expires_at: datetime | None,
) -> None:
    await connection.execute(
        """
        insert into promise (tenant_id, availability_id, order_line_id, quantity, admission, state,
            expires_at)
        select l.tenant_id, a.id, l.id, l.quantity, $4, $5, $6
        from order_line l
        join availability a
          on a.item_id = l.item_id and a.warehouse_id = $2 and a.channel = $3
        where l.order_id = $1 order by l.line
        """,
        order_id,
        warehouse_id,
        channel,
        admission,
        state,
        expires_at,
    )


async def unclaimed_lines(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """The lines of an order of which a part is promised no more, and how much that is."""
    return await connection.fetch(
        """
        select l.id as order_line_id, l.item_id,
            (l.quantity - coalesce(sum(p.quantity), 0))::bigint as quantity
        from order_line l
        left join promise p on p.order_line_id = l.id and p.state in ('open', 'firm', 'kept')
        where l.order_id = $1 group by l.id
        having l.quantity > coalesce(sum(p.quantity), 0) order by l.id
        """,
        order_id,
    )


async def renew(
    connection: asyncpg.Connection,
    warehouse_id: int,
    channel: str,
    admission: int,
    order_line_ids: list[int],
    quantities: list[int],
) -> None:
    """Writes what was claimed again: into the line's standing promise, or as a new firm one."""
    await connection.execute(
        """
        with want as (
            select u.line_id, u.quantity
            from unnest($4::bigint[], $5::bigint[]) u(line_id, quantity)
        ), grown as (
            update promise p set quantity = p.quantity + w.quantity from want w
            where p.order_line_id = w.line_id and p.state in ('open', 'firm')
            returning p.order_line_id
        )
        insert into promise (tenant_id, availability_id, order_line_id, quantity, admission, state)
        select l.tenant_id, a.id, l.id, w.quantity, $3, 'firm'
        from want w join order_line l on l.id = w.line_id
        join availability a on a.item_id = l.item_id and a.warehouse_id = $1 and a.channel = $2
        where l.id not in (select order_line_id from grown)
        """,
        warehouse_id,
        channel,
        admission,
        order_line_ids,
        quantities,
    )


async def expired_orders(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select distinct l.order_id, p.tenant_id from promise p
        join order_line l on l.id = p.order_line_id
        where p.expires_at < $1 limit $2
        """,
        now,
        limit,
    )


async def free_order(connection: asyncpg.Connection, order_id: int, state: str) -> int:
    """Gives an order's standing promises back to availability; how many there were."""
    await connection.execute(
        """
        select 1 from availability where id in (
            select p.availability_id from promise p join order_line l on l.id = p.order_line_id
            where l.order_id = $1 and p.state in ('open', 'firm'))
        order by id for no key update
        """,
        order_id,
    )
    freed: int = await connection.fetchval(
        """
        with freed as (
            update promise p set state = $2, expires_at = null from order_line l
            where l.order_id = $1 and p.order_line_id = l.id and p.state in ('open', 'firm')
            returning p.availability_id, p.quantity - p.kept as quantity
        ), given as (
            update availability a set promised = a.promised - f.quantity
            from (select availability_id, sum(quantity) as quantity from freed group by 1) f
            where a.id = f.availability_id
        )
        select count(*) from freed
        """,
        order_id,
        state,
    )
    return freed


async def keep(
    connection: asyncpg.Connection, order_line_ids: list[int], quantities: list[int]
) -> None:
    """Books what leaves the house as promise kept, so that it no longer claims availability."""
    await connection.execute(
        """
        select 1 from availability where id in (
            select availability_id from promise where order_line_id = any($1))
        order by id for no key update
        """,
        order_line_ids,
    )
    await connection.execute(
        """
        with gone as (
            select u.line_id, sum(u.quantity) as quantity
            from unnest($1::bigint[], $2::bigint[]) u(line_id, quantity) group by 1
        ), kept as (
            update promise p set kept = p.kept + g.quantity,
                state = case when p.kept + g.quantity = p.quantity then 'kept' else p.state end
            from gone g
            where p.order_line_id = g.line_id and p.state = 'firm'
            returning p.availability_id, g.quantity
        )
        update availability a set promised = a.promised - k.quantity
        from (select availability_id, sum(quantity) as quantity from kept group by 1) k
        where a.id = k.availability_id
        """,
        order_line_ids,
        quantities,
    )


async def availability_for_update(
    connection: asyncpg.Connection, item_id: int, warehouse_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select id, sellable, promised from availability
        where item_id = $1 and warehouse_id = $2 and channel = '' for no key update
        """,
        item_id,
        warehouse_id,
    )


async def free_youngest(
    connection: asyncpg.Connection, availability_id: int, excess: int
) -> list[asyncpg.Record]:
    """Frees the youngest standing promises until `excess` is covered; the lines they were of.

    What already left a bin stays promised: those goods are in a tote. Of a line that has begun so,
    no more is freed than has to be.
    """
    return await connection.fetch(
        """
        with standing as (
            select p.id, f.id as fulfilment_line_id, f.picked = 0 as whole, u.quantity,
                sum(u.quantity) over (order by p.admission desc, p.id desc) as running
            from promise p
            join fulfilment_line f on f.order_line_id = p.order_line_id
            cross join lateral (select p.quantity - greatest(p.kept, f.picked) as quantity) u
            where p.availability_id = $1 and p.state in ('open', 'firm') and u.quantity > 0
        ), chosen as (
            select id, fulfilment_line_id, whole,
                case when whole then quantity else least(quantity, $2 - running + quantity) end
                    as quantity
            from standing where running - quantity < $2
        ), freed as (
            update promise p set
                state = case when c.whole then 'freed' else p.state end,
                expires_at = case when c.whole then null else p.expires_at end,
                quantity = case when c.whole then p.quantity else p.quantity - c.quantity end
            from chosen c where p.id = c.id
            returning p.order_line_id, c.fulfilment_line_id, c.quantity
        ), given as (
            update availability set promised = promised
                - coalesce((select sum(quantity) from freed), 0)
            where id = $1
        )
        select f.fulfilment_line_id, l.order_id, l.tenant_id, f.quantity::bigint as quantity
        from freed f join order_line l on l.id = f.order_line_id
        """,
        availability_id,
        excess,
    )
