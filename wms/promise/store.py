"""SQL of availability and the promises on it."""

from datetime import datetime

import asyncpg

from wms.promise.claim import Backordered, Claim


async def claim(
    connection: asyncpg.Connection,
    warehouse_id: int,
    channel: str,
    item_ids: list[int],
    quantities: list[int],
    backorder: bool,
) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select * from claim_availability($1, $2, $3, $4, $5)",
        warehouse_id,
        channel,
        item_ids,
        quantities,
        backorder,
    )
    assert row is not None
    return row


async def claim_coming(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int], quantities: list[int]
) -> list[dict[str, object]] | None:
    """Claims goods on their way for all items, as claim_availability tells it; or none."""
    rows: list[dict[str, object]] | None = await connection.fetchval(
        "select claim_coming($1, $2, $3)", warehouse_id, item_ids, quantities
    )
    return rows


async def next_admission(connection: asyncpg.Connection) -> int:
    admission: int = await connection.fetchval("select nextval('admission')")
    return admission


async def insert_refused_demand(
    connection: asyncpg.Connection,
    tenant_id: int,
    external_order_id: str,
    channel: str,
    admission: int,
    short: list[dict[str, int]],
) -> None:
    await connection.execute(
        """
        insert into refused_demand (tenant_id, item_id, quantity, available, external_order_id,
            channel, admission)
        select $1, s.item_id, s.wanted, s.available, $3, $4, $5
        from jsonb_to_recordset($2) s(item_id bigint, wanted bigint, available bigint)
        """,
        tenant_id,
        short,
        external_order_id,
        channel,
        admission,
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


async def write_promises(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    claim: Claim,
    expires_at: datetime | None,
) -> None:
    await connection.execute(
        "select write_promises($1, $2, $3, $4)",
        fulfilment_order_id,
        claim.admission,
        expires_at,
        _plain(claim.backordered),
    )


def _plain(backordered: tuple[Backordered, ...]) -> list[dict[str, object]]:
    return [
        {"item_id": row.item_id, "expected_at": row.expected_at.isoformat()} for row in backordered
    ]


async def missing_lines(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    """The lines of a fulfilment order of which a part is promised no more, and how much that is."""
    return await connection.fetch(
        """
        select l.id as fulfilment_line_id, l.item_id, o.channel, f.warehouse_id,
            (l.quantity - coalesce(p.quantity, 0))::bigint as quantity
        from fulfilment_order f join shop_order o on o.id = f.order_id
        join fulfilment_line l on l.fulfilment_order_id = f.id
        left join lateral (
            select sum(p.quantity) as quantity from promise p
            where p.order_line_id = l.order_line_id and p.fulfilment_line_id = l.id
              and p.state in ('open', 'firm', 'kept')) p on true
        where f.id = $1 and f.state not in ('cancelled', 'incomplete')
          and l.quantity > coalesce(p.quantity, 0)
        order by l.id
        """,
        fulfilment_order_id,
    )


async def add_promises(
    connection: asyncpg.Connection,
    admission: int,
    fulfilment_line_ids: list[int],
    quantities: list[int],
    backordered: tuple[Backordered, ...],
    expires_at: datetime | None,
) -> None:
    """Writes what lines have claimed more or again: into their standing promises, or as new ones.

    Without an expiry new ones are firm.
    """
    await connection.execute(
        """
        with want as (
            select l.id as line_id, l.tenant_id, l.order_line_id, o.channel, o.rank_at,
                a.id as availability_id, u.quantity, b.expected_at,
                case when b.item_id is null then 'stock' else 'inbound' end as supply
            from unnest($2::bigint[], $3::bigint[]) u(line_id, quantity)
            join fulfilment_line l on l.id = u.line_id
            join fulfilment_order f on f.id = l.fulfilment_order_id
            join shop_order o on o.id = f.order_id
            join availability a
              on a.item_id = l.item_id and a.warehouse_id = f.warehouse_id and a.channel = ''
            left join jsonb_to_recordset($4) b(item_id bigint, expected_at timestamptz)
              on b.item_id = l.item_id
        ), grown as (
            update promise p set quantity = p.quantity + w.quantity, expected_at = w.expected_at
            from want w
            where p.order_line_id = w.order_line_id and p.fulfilment_line_id = w.line_id
              and p.availability_id = w.availability_id and p.supply = w.supply
              and p.state in ('open', 'firm')
            returning p.fulfilment_line_id
        )
        insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id,
            quantity, admission, state, expires_at, supply, expected_at, channel, rank_at)
        select w.tenant_id, w.availability_id, w.order_line_id, w.line_id, w.quantity, $1,
            case when $5::timestamptz is null then 'firm' else 'open' end, $5, w.supply,
            w.expected_at, w.channel, w.rank_at
        from want w
        where not exists (select 1 from grown g where g.fulfilment_line_id = w.line_id)
        order by w.line_id
        """,
        admission,
        fulfilment_line_ids,
        quantities,
        _plain(backordered),
        expires_at,
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


_OF_ORDER = """
    p.order_line_id in (select l.id from order_line l where l.order_id = $1)
"""
_OF_FULFILMENT = """
    (p.order_line_id, p.fulfilment_line_id) in
        (select l.order_line_id, l.id from fulfilment_line l where l.fulfilment_order_id = $1)
"""


async def free_order(connection: asyncpg.Connection, order_id: int, state: str) -> int:
    """Gives an order's standing promises back to availability; how many there were."""
    return await _free(connection, _OF_ORDER, order_id, state)


async def free_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int, state: str
) -> int:
    """Gives a fulfilment order's standing promises back to availability; how many there were."""
    return await _free(connection, _OF_FULFILMENT, fulfilment_order_id, state)


async def _free(connection: asyncpg.Connection, of: str, owner_id: int, state: str) -> int:
    await connection.execute(
        f"""
        select 1 from availability where id in (
            select p.availability_id from promise p where {of} and p.state in ('open', 'firm'))
        order by id for no key update
        """,
        owner_id,
    )
    freed: int = await connection.fetchval(
        f"""
        with freed as (
            update promise p set state = $2, expires_at = null
            where {of} and p.state in ('open', 'firm')
            returning p.availability_id, p.supply, p.channel, p.quantity - p.kept as quantity
        ), given as (
            update availability a set promised = a.promised - f.stock,
                backordered = a.backordered - f.coming
            from (select availability_id,
                      coalesce(sum(quantity) filter (where supply = 'stock'), 0) as stock,
                      coalesce(sum(quantity) filter (where supply = 'inbound'), 0) as coming
                  from freed group by 1) f
            where a.id = f.availability_id
        ), allocated as (
            update channel_allocation c set promised = c.promised - f.quantity
            from (select availability_id, channel, sum(quantity) as quantity from freed
                  where supply = 'stock' group by 1, 2) f
            join availability a on a.id = f.availability_id
            where a.has_allocations and c.item_id = a.item_id and c.warehouse_id = a.warehouse_id
              and c.channel = f.channel
        )
        select count(*) from freed
        """,
        owner_id,
        state,
    )
    return freed


async def keep(
    connection: asyncpg.Connection, fulfilment_line_ids: list[int], quantities: list[int]
) -> None:
    """Books what leaves the house as promise kept, so that it no longer claims availability.

    What a channel has to itself shrinks by as much: it was sold.
    """
    await connection.execute(
        """
        select 1 from availability where id in (
            select p.availability_id from promise p join fulfilment_line l
              on l.order_line_id = p.order_line_id and l.id = p.fulfilment_line_id
            where l.id = any($1))
        order by id for no key update
        """,
        fulfilment_line_ids,
    )
    await connection.execute(
        """
        with gone as (
            select l.id as line_id, l.order_line_id, sum(u.quantity) as quantity
            from unnest($1::bigint[], $2::bigint[]) u(line_id, quantity)
            join fulfilment_line l on l.id = u.line_id group by 1, 2
        ), kept as (
            update promise p set kept = p.kept + g.quantity,
                state = case when p.kept + g.quantity = p.quantity then 'kept' else p.state end
            from gone g
            where p.order_line_id = g.order_line_id and p.fulfilment_line_id = g.line_id
              and p.state = 'firm' and p.supply = 'stock'
            returning p.availability_id, p.channel, g.quantity
        ), allocated as (
            update channel_allocation c set promised = c.promised - k.quantity,
                quantity = greatest(c.quantity - k.quantity, 0)
            from (select availability_id, channel, sum(quantity) as quantity from kept
                  group by 1, 2) k
            join availability a on a.id = k.availability_id
            where a.has_allocations and c.item_id = a.item_id and c.warehouse_id = a.warehouse_id
              and c.channel = k.channel
        )
        update availability a set promised = a.promised - k.quantity
        from (select availability_id, sum(quantity) as quantity from kept group by 1) k
        where a.id = k.availability_id
        """,
        fulfilment_line_ids,
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
    """Frees the standing promises of latest rank until `excess` is covered; the lines they were of.

    What already left a bin stays promised: those goods are in a tote. Of a line that has begun so,
    no more is freed than has to be.
    """
    return await connection.fetch(
        """
        with standing as (
            select p.id, f.id as fulfilment_line_id, f.fulfilment_order_id,
                f.picked = 0 as whole, u.quantity,
                sum(u.quantity) over (order by p.rank_at desc, p.admission desc, p.id desc)
                    as running
            from promise p
            join fulfilment_line f
              on f.order_line_id = p.order_line_id and f.id = p.fulfilment_line_id
            cross join lateral (select p.quantity - greatest(p.kept, f.picked) as quantity) u
            where p.availability_id = $1 and p.supply = 'stock' and p.state in ('open', 'firm')
              and u.quantity > 0
        ), chosen as (
            select id, fulfilment_line_id, fulfilment_order_id, whole,
                case when whole then quantity else least(quantity, $2 - running + quantity) end
                    as quantity
            from standing where running - quantity < $2
        ), freed as (
            update promise p set
                state = case when c.whole then 'freed' else p.state end,
                expires_at = case when c.whole then null else p.expires_at end,
                quantity = case when c.whole then p.quantity else p.quantity - c.quantity end
            from chosen c where p.id = c.id
            returning p.order_line_id, c.fulfilment_line_id, c.fulfilment_order_id, p.channel,
                c.quantity
        ), given as (
            update availability set promised = promised
                - coalesce((select sum(quantity) from freed), 0)
            where id = $1
        ), allocated as (
            update channel_allocation c set promised = c.promised - f.quantity
            from (select channel, sum(quantity) as quantity from freed group by 1) f,
                availability a
            where a.id = $1 and a.has_allocations and c.item_id = a.item_id
              and c.warehouse_id = a.warehouse_id and c.channel = f.channel
        )
        select f.fulfilment_line_id, f.fulfilment_order_id, l.order_id, l.tenant_id,
            f.quantity::bigint as quantity
        from freed f join order_line l on l.id = f.order_line_id
        """,
        availability_id,
        excess,
    )
