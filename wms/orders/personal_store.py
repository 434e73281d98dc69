"""SQL of the persons behind orders: which orders are theirs, what is kept of them, forgetting."""

from datetime import datetime, timedelta

import asyncpg

# A van's stop that nobody reported keeps an order under way no longer than that.
_ON_THE_ROAD = timedelta(days=30)

_UNDER_WAY = """
    not o.sandbox and (o.state = 'received' or exists (
        select 1 from fulfilment_order f where f.order_id = o.id
          and f.state not in ('handed_over', 'closed', 'incomplete', 'cancelled'))
    or exists (
        select 1 from fulfilment_order f join departure_stop d on d.order_id = f.order_id
        where f.order_id = o.id and f.state = 'handed_over' and d.state in ('planned', 'begun')
          and f.handed_over_at > {now}::timestamptz - {road}::interval)
    or exists (
        select 1 from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id
        join outbox b on b.topic = 'carrier' and b.subject = 'parcel/' || p.id
        where f.order_id = o.id and b.done_at is null and b.dead_at is null))
"""


async def orders_of_buyer(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    buyer: bytes | None,
    order_id: int | None,
    now: datetime,
    *,
    sandbox: bool,
) -> list[asyncpg.Record]:
    """A shop's orders of a buyer, or the one of a number, kept from changing; erased ones too.

    `sandbox` asks for those of the sandbox only.
    """
    return await connection.fetch(
        f"""
        select o.id, o.external_order_id, o.erased_at,
            {_UNDER_WAY.format(now="$5", road="$6")} as under_way
        from shop_order o
        where o.tenant_id = $1 and o.shop_id = $2 and (o.buyer_index = $3 or o.id = $4)
          and (o.sandbox or not $7)
        order by o.id for no key update of o
        """,
        tenant_id,
        shop_id,
        buyer,
        order_id,
        now,
        _ON_THE_ROAD,
        sandbox,
    )


async def orders_to_forget(
    connection: asyncpg.Connection, before: datetime, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Orders that came and ended before a moment and whose buyers are still known.

    One that was never paid, and promises nothing any more, has ended too.
    """
    return await connection.fetch(
        f"""
        select o.id, o.tenant_id, o.shop_id, s.owner_id, s.name as shop, o.external_order_id,
            not o.sandbox and exists (
                select 1 from fulfilment_order f where f.order_id = o.id
                  and f.state not in ('handed_over', 'closed', 'incomplete', 'cancelled'))
            as standing
        from shop_order o join shop s on s.id = o.shop_id
        where o.erased_at is null and o.received_at < $1
          and not exists (select 1 from fulfilment_order f
                          where f.order_id = o.id and f.handed_over_at >= $1)
          and (not ({_UNDER_WAY.format(now="$2", road="$3")})
               or (o.paid_at is null and not exists (
                   select 1 from order_line l join promise p on p.order_line_id = l.id
                   where l.order_id = o.id and p.state in ('open', 'firm'))))
        order by o.received_at limit $4 for no key update of o skip locked
        """,
        before,
        now,
        _ON_THE_ROAD,
        limit,
    )


async def forget(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_ids: list[int],
    buyer: bytes | None,
    now: datetime,
) -> int:
    """Forgets whoever is behind these orders; how many values gave way to a word.

    With a quote goes the postal code that was asked for, which is nobody's from then on.
    """
    values: int = await connection.fetchval(
        "select forget_persons($1, $2, $3)", tenant_id, order_ids, buyer
    )
    await connection.execute(
        """
        update shop_order set erased_at = $3, buyer_index = null, quote_id = null
        where tenant_id = $1 and id = any($2)
        """,
        tenant_id,
        order_ids,
        now,
    )
    return values


async def forget_loose(connection: asyncpg.Connection, before: datetime) -> int:
    """Forgets whom old answers were about that hang on no order; how many they were."""
    status: str = await connection.execute(
        """
        update command set response = forgotten(response)
        where order_of_answer(response) is null and strpos(response::text, '{"~') > 0 and at < $1
        """,
        before,
    )
    return int(status.split()[-1])


async def loose_words(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int
) -> list[asyncpg.Record]:
    """What was said in a shop's tickets about no order, and is not forgotten."""
    return await connection.fetch(
        """
        select n.id, n.handoff_id, n.said from handoff_note n join handoff t on t.id = n.handoff_id
        where t.tenant_id = $1 and t.shop_id = $2 and n.order_id is null
          and strpos(n.said::text, '{"~') > 0
        order by n.id for no key update of n
        """,
        tenant_id,
        shop_id,
    )


async def forget_words(connection: asyncpg.Connection, handoff_ids: list[int]) -> int:
    """Forgets what was said in tickets, and told of them; how many values gave way to a word."""
    values: int = await connection.fetchval("select forget_words($1)", handoff_ids)
    return values


async def forget_old_words(connection: asyncpg.Connection, before: datetime) -> int:
    """Does the same in tickets about no order that ended so long ago."""
    values: int = await connection.fetchval(
        """
        select forget_words(array(
            select t.id from handoff t
            where t.order_id is null
              and (t.closed_at < $1 or t.answered_at < $1 and t.state = 'answered')
              and exists (select 1 from handoff_note n
                          where n.handoff_id = t.id and strpos(n.said::text, '{"~') > 0)))
        """,
        before,
    )
    return values


async def data_of(
    connection: asyncpg.Connection, tenant_id: int, order_ids: list[int], buyer: bytes | None
) -> list[asyncpg.Record]:
    """All that is sealed about these orders, or about a buyer beside them."""
    return await connection.fetch(
        "select * from personal_data($1, $2, $3) order by of_table, of_column, order_id",
        tenant_id,
        order_ids,
        buyer,
    )


async def orders_without_index(
    connection: asyncpg.Connection, after: int, limit: int
) -> list[asyncpg.Record]:
    """Orders past a number whose buyers left something to be found by, and are not found by it."""
    return await connection.fetch(
        """
        select id, shop_id, customer from shop_order
        where id > $1 and buyer_index is null and erased_at is null
          and coalesce(nullif(customer -> 'email', 'null'), nullif(customer -> 'reference', 'null'))
              is not null
        order by id limit $2 for no key update
        """,
        after,
        limit,
    )


async def set_indexes(
    connection: asyncpg.Connection, order_ids: list[int], indexes: list[bytes]
) -> None:
    await connection.execute(
        """
        update shop_order o set buyer_index = u.buyer_index
        from unnest($1::bigint[], $2::bytea[]) u(id, buyer_index) where o.id = u.id
        """,
        order_ids,
        indexes,
    )
