"""SQL of what was bought of digital goods, and what went to whom."""

from datetime import datetime

import asyncpg


async def insert_deliveries(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> None:
    """A delivery for each unit of a fulfilment order, where there is none yet."""
    await connection.execute(
        """
        insert into digital_delivery (tenant_id, order_id, fulfilment_line_id, number, item_id,
            made_at)
        select l.tenant_id, f.order_id, l.id, n, l.item_id, $2
        from fulfilment_order f join fulfilment_line l on l.fulfilment_order_id = f.id
        cross join generate_series(1, l.quantity::int) n
        where f.id = $1 order by l.id, n
        on conflict (fulfilment_line_id, number) do nothing
        """,
        fulfilment_order_id,
        now,
    )


async def deliveries_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    """A fulfilment order's units with the codes that they have; what was edited away is none."""
    return await connection.fetch(
        """
        select d.id, d.order_id, d.fulfilment_line_id, d.number, d.item_id, d.code_id, d.generated,
            i.sku, i.name, i.digital, c.content, c.valid_until
        from fulfilment_line l join digital_delivery d
          on d.fulfilment_line_id = l.id and d.number <= l.quantity
        join item i on i.id = d.item_id left join digital_code c on c.id = d.code_id
        where l.fulfilment_order_id = $1 order by d.id
        """,
        fulfilment_order_id,
    )


async def set_delivered(
    connection: asyncpg.Connection,
    delivery_ids: list[int],
    code_ids: list[int | None],
    now: datetime,
) -> None:
    """Gives deliveries the codes that were found for them; None where one has its own already."""
    await connection.execute(
        """
        with given as (select * from unnest($1::bigint[], $2::bigint[]) g(delivery_id, code_id)),
        gone as (
            update digital_code c set state = 'assigned', delivery_id = g.delivery_id
            from given g where c.id = g.code_id
        )
        update digital_delivery d set state = 'delivered', delivered_at = $3,
            code_id = coalesce(g.code_id, d.code_id), generated = d.generated and g.code_id is null,
            sent_times = d.sent_times + 1
        from given g where d.id = g.delivery_id and d.state = 'waiting'
        """,
        delivery_ids,
        code_ids,
        now,
    )


async def mark_generated(connection: asyncpg.Connection, delivery_ids: list[int]) -> None:
    """Notes that a generator makes these codes."""
    await connection.execute(
        "update digital_delivery set generated = true where id = any($1)", delivery_ids
    )


async def generation_of(connection: asyncpg.Connection, delivery_id: int) -> asyncpg.Record | None:
    """What a generator is asked for a delivery, and where; `wanted` while it is to be sent."""
    return await connection.fetchrow(
        """
        select d.id, d.code_id, d.generated, d.order_id, d.tenant_id, d.made_at,
            l.fulfilment_order_id, o.external_order_id, i.id as item_id, i.sku, i.digital,
            f.state = 'open' and d.number <= l.quantity as wanted, g.url, g.secret
        from digital_delivery d
        join fulfilment_line l on l.id = d.fulfilment_line_id
        join fulfilment_order f on f.id = l.fulfilment_order_id
        join shop_order o on o.id = d.order_id join item i on i.id = d.item_id
        left join digital_generator g on g.item_id = d.item_id
        where d.id = $1
        """,
        delivery_id,
    )


async def lock_delivery(connection: asyncpg.Connection, delivery_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select d.*, o.shop_id, o.external_order_id, o.sandbox, i.sku, i.name
        from digital_delivery d join shop_order o on o.id = d.order_id
        join item i on i.id = d.item_id
        where d.id = $1 for no key update of d
        """,
        delivery_id,
    )


async def revoke(
    connection: asyncpg.Connection, delivery_id: int, reason: str, now: datetime
) -> None:
    await connection.execute(
        """
        update digital_delivery set state = 'revoked', revoked_at = $3, revoke_reason = $2
        where id = $1
        """,
        delivery_id,
        reason,
        now,
    )
    await connection.execute(
        "update digital_code set state = 'revoked' where delivery_id = $1", delivery_id
    )


async def count_sent(connection: asyncpg.Connection, delivery_ids: list[int]) -> None:
    await connection.execute(
        "update digital_delivery set sent_times = sent_times + 1 where id = any($1)", delivery_ids
    )


_DELIVERIES = """
    select d.*, l.fulfilment_order_id, i.sku, i.name, i.digital, c.valid_until, o.shop_id
    from digital_delivery d join item i on i.id = d.item_id
    join fulfilment_line l on l.id = d.fulfilment_line_id
    join shop_order o on o.id = d.order_id
    left join digital_code c on c.id = d.code_id
"""


async def deliveries_of_order(
    connection: asyncpg.Connection, order_id: int
) -> list[asyncpg.Record]:
    """The units of an order; one that was edited away counts where it has a code."""
    return await connection.fetch(
        f"{_DELIVERIES} where d.order_id = $1 "
        "and (d.number <= l.quantity or d.code_id is not null) order by d.id",
        order_id,
    )


async def delivery_of_id(connection: asyncpg.Connection, delivery_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{_DELIVERIES} where d.id = $1", delivery_id)


async def is_live(connection: asyncpg.Connection, delivery_id: int) -> bool:
    """Whether a delivery is there, and of no sandbox."""
    found: bool = await connection.fetchval(
        """
        select exists (select 1 from digital_delivery d join shop_order o on o.id = d.order_id
                       where d.id = $1 and not o.sandbox)
        """,
        delivery_id,
    )
    return found


async def codes_to_send(
    connection: asyncpg.Connection, delivery_ids: list[int]
) -> list[asyncpg.Record]:
    """The codes of deliveries that stand, as their buyer gets them."""
    return await connection.fetch(
        """
        select d.id, i.sku, i.name, i.digital, c.content, c.valid_until
        from digital_delivery d join digital_code c on c.id = d.code_id
        join item i on i.id = d.item_id
        where d.id = any($1) and d.state = 'delivered' and c.state = 'assigned' order by d.id
        """,
        delivery_ids,
    )


async def fulfilments_of(connection: asyncpg.Connection, delivery_ids: list[int]) -> list[int]:
    rows = await connection.fetch(
        """
        select distinct l.fulfilment_order_id as id from digital_delivery d
        join fulfilment_line l on l.id = d.fulfilment_line_id where d.id = any($1) order by 1
        """,
        delivery_ids,
    )
    return [row["id"] for row in rows]
