"""SQL of fulfilment orders that are parted, moved or closed short."""

from datetime import datetime

import asyncpg


async def fulfilment_of_id(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from fulfilment_order where id = $1", fulfilment_order_id
    )


async def claims_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    """Its lines with the order line they are of, and what of each is promised of the stock.

    `share` is how much of the order line a line stands for; `expires_at` is that of an unpaid
    promise, and `standing` whether any promise stands.
    """
    return await connection.fetch(
        """
        select f.id, f.order_line_id, f.item_id, f.quantity, f.picked,
            coalesce(f.line_quantity, l.quantity) as share, l.line, l.unit, l.factor,
            l.quantity as ordered, l.cancelled, l.unit_price_minor, i.sku, i.unit as item_unit,
            i.scale, coalesce(p.stock, 0)::bigint as stock, p.expires_at,
            p.standing is not null as standing, l.insert_rule_id is not null as inserted
        from fulfilment_line f join order_line l on l.id = f.order_line_id
        join item i on i.id = l.item_id
        left join lateral (
            select sum(p.quantity) filter (where p.supply = 'stock') as stock,
                min(p.expires_at) as expires_at, max(p.id) as standing
            from promise p
            where p.order_line_id = l.id and p.fulfilment_line_id = f.id
              and p.state in ('open', 'firm')) p on true
        where f.fulfilment_order_id = $1 order by l.line, f.id
        """,
        fulfilment_order_id,
    )


async def insert_like(connection: asyncpg.Connection, fulfilment_order_id: int, reason: str) -> int:
    """Another fulfilment order of the same order, warehouse and state, without lines yet."""
    number: int = await connection.fetchval(
        """
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at,
            source_reason, due_at, digital)
        select tenant_id, order_id, warehouse_id, state, firm_at, $2, due_at, digital
        from fulfilment_order where id = $1 returning id
        """,
        fulfilment_order_id,
        reason,
    )
    return number


async def give_line(
    connection: asyncpg.Connection,
    fulfilment_line_id: int,
    fulfilment_order_id: int,
    quantity: int,
    share: int,
    *,
    stock_first: bool,
) -> None:
    await connection.execute(
        "select give_line($1, $2, $3, $4, $5)",
        fulfilment_line_id,
        fulfilment_order_id,
        quantity,
        share,
        stock_first,
    )


async def copy_holds(connection: asyncpg.Connection, fulfilment_order_id: int, to: int) -> None:
    """Puts the standing holds of a fulfilment order on another too."""
    await connection.execute(
        """
        insert into hold (tenant_id, fulfilment_order_id, kind, reason, owned_by, until, made_at,
            made_by)
        select tenant_id, $2, kind, reason, owned_by, until, made_at, made_by
        from hold where fulfilment_order_id = $1 and lifted_at is null order by id
        """,
        fulfilment_order_id,
        to,
    )


async def set_warehouse(
    connection: asyncpg.Connection, fulfilment_order_id: int, warehouse_id: int, reason: str
) -> None:
    await connection.execute(
        """
        update fulfilment_order set warehouse_id = $2, source_reason = $3,
            packing_place_id = null, version = version + 1
        where id = $1
        """,
        fulfilment_order_id,
        warehouse_id,
        reason,
    )


async def begin_anew(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Sets the clocks of its papers back, which are to be made anew, and its version on."""
    await connection.execute(
        """
        update fulfilment_order set waybill_ready_at = null, pickup_requested_at = null,
            version = version + 1
        where id = $1
        """,
        fulfilment_order_id,
    )


async def add_cancelled(
    connection: asyncpg.Connection, order_line_ids: list[int], quantities: list[int]
) -> None:
    await connection.execute(
        """
        update order_line l set cancelled = l.cancelled + u.quantity
        from unnest($1::bigint[], $2::bigint[]) u(id, quantity) where l.id = u.id
        """,
        order_line_ids,
        quantities,
    )


async def add_short(connection: asyncpg.Connection, order_id: int, amount_minor: int) -> None:
    """Notes how much of an order's total is for goods that turned out never to ship.

    Whoever edits it has to have seen that.
    """
    await connection.execute(
        "update shop_order set short_minor = short_minor + $2, version = version + 1 where id = $1",
        order_id,
        amount_minor,
    )


async def lift_holds(
    connection: asyncpg.Connection, fulfilment_order_id: int, by: str, now: datetime
) -> None:
    """Ends the holds of what will not ship."""
    await connection.execute(
        """
        update hold set lifted_at = $3, lifted_by = $2
        where fulfilment_order_id = $1 and lifted_at is null
        """,
        fulfilment_order_id,
        by,
        now,
    )
