"""SQL of orders that are edited."""

from datetime import datetime

import asyncpg


async def set_edited(
    connection: asyncpg.Connection,
    order_id: int,
    total_minor: int,
    balance_minor: int,
    ship_to: dict[str, object] | None,
    customer: dict[str, object] | None,
    buyer: bytes | None,
    service: str | None,
) -> int:
    """Writes what an edit changed of an order itself; the order's version after it.

    What was promised for the old address or service is promised no more, and the rank of claims
    follows the service.
    """
    version: int = await connection.fetchval(
        """
        update shop_order set version = version + 1, total_minor = $2, balance_minor = $3,
            ship_to = coalesce($4, ship_to),
            customer = coalesce($5, customer),
            buyer_index = case when $5::jsonb is null then buyer_index else $6 end,
            service = coalesce($7, service),
            rank_at = case when $7::text is null then rank_at
                           else order_rank($7, received_at) end,
            quote_id = case when $4::jsonb is null and $7::text is null then quote_id end,
            delivery = case when $4::jsonb is null and $7::text is null then delivery end
        where id = $1 returning version
        """,
        order_id,
        total_minor,
        balance_minor,
        ship_to,
        customer,
        buyer,
        service,
    )
    if service is not None:
        await connection.execute(
            """
            update promise p set rank_at = o.rank_at
            from order_line l join shop_order o on o.id = l.order_id
            where o.id = $1 and p.order_line_id = l.id and p.state in ('open', 'firm')
            """,
            order_id,
        )
    return version


async def insert_edit(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    version: int,
    reason: str,
    before: dict[str, object],
    after: dict[str, object],
    totals: tuple[int, int],
    due_minor: int,
    refund_minor: int,
    made_by: str,
    now: datetime,
) -> asyncpg.Record:
    row = await connection.fetchrow(
        """
        insert into order_edit (tenant_id, order_id, version, reason, before, after,
            total_before_minor, total_after_minor, due_minor, refund_minor, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning *
        """,
        tenant_id,
        order_id,
        version,
        reason,
        before,
        after,
        *totals,
        due_minor,
        refund_minor,
        made_by,
        now,
    )
    assert row is not None
    return row


async def edits_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from order_edit where order_id = $1 order by version", order_id
    )


async def lines_to_edit(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's lines with how many of them they are and what is known of their items."""
    return await connection.fetch(
        """
        select l.*, i.sku, i.unit as item_unit, i.scale, i.digital <> '' as digital
        from order_line l join item i on i.id = l.item_id where l.order_id = $1 order by l.line
        """,
        order_id,
    )


async def set_price(
    connection: asyncpg.Connection, order_line_id: int, unit_price_minor: int
) -> None:
    await connection.execute(
        "update order_line set unit_price_minor = $2 where id = $1",
        order_line_id,
        unit_price_minor,
    )


async def insert_line(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    number: int,
    item_id: int,
    quantity: int,
    unit: str,
    factor: int,
    unit_price_minor: int,
    shelf_life_min_days: int,
) -> int:
    order_line_id: int = await connection.fetchval(
        """
        insert into order_line (tenant_id, order_id, line, item_id, quantity, unit, factor,
            unit_price_minor, shelf_life_min_days)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
        """,
        tenant_id,
        order_id,
        number,
        item_id,
        quantity,
        unit,
        factor,
        unit_price_minor,
        shelf_life_min_days,
    )
    return order_line_id


async def grow_line(connection: asyncpg.Connection, order_line_id: int, quantity: int) -> None:
    """Orders more of a line; what its parts stand for is said of each of them from now on."""
    await connection.execute(
        """
        update fulfilment_line f set line_quantity = l.quantity
        from order_line l
        where l.id = $1 and f.order_line_id = l.id and f.line_quantity is null
        """,
        order_line_id,
    )
    await connection.execute(
        "update order_line set quantity = quantity + $2 where id = $1", order_line_id, quantity
    )


async def put_line(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    order_line_id: int,
    item_id: int,
    quantity: int,
    share: int,
) -> int:
    """Adds goods of a line to a fulfilment order; the fulfilment line that they are in.

    `share` is how much of the order line they are.
    """
    number: int | None = await connection.fetchval(
        """
        update fulfilment_line f set quantity = f.quantity + $4,
            line_quantity = f.line_quantity + $5
        where f.fulfilment_order_id = $1 and f.order_line_id = $2 and f.item_id = $3
        returning f.id
        """,
        fulfilment_order_id,
        order_line_id,
        item_id,
        quantity,
        share,
    )
    if number is None:
        number = await connection.fetchval(
            """
            insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
                quantity, line_quantity)
            select tenant_id, id, $2, $3, $4, $5 from fulfilment_order where id = $1
            returning id
            """,
            fulfilment_order_id,
            order_line_id,
            item_id,
            quantity,
            share,
        )
    assert number is not None
    return number


async def insert_part(
    connection: asyncpg.Connection,
    tenant_id: int,
    order_id: int,
    warehouse_id: int,
    state: str,
    firm_at: datetime | None,
    reason: str,
) -> int:
    """Another fulfilment order of an order, without lines yet."""
    number: int = await connection.fetchval(
        """
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at,
            source_reason)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        tenant_id,
        order_id,
        warehouse_id,
        state,
        firm_at,
        reason,
    )
    return number


async def set_balance(connection: asyncpg.Connection, order_id: int, balance_minor: int) -> None:
    await connection.execute(
        "update shop_order set balance_minor = $2 where id = $1", order_id, balance_minor
    )


async def add_paid(connection: asyncpg.Connection, order_id: int, amount_minor: int) -> None:
    await connection.execute(
        "update shop_order set paid_minor = paid_minor + $2 where id = $1", order_id, amount_minor
    )
