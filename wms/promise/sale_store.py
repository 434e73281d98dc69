"""SQL of sales with rules of their own."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.promise.sale import Sale


async def lock_sales(connection: asyncpg.Connection, shop_id: int) -> None:
    """Lets one at a time change a shop's sales."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('sale', $1))", shop_id)


async def sale_of_code(
    connection: asyncpg.Connection, shop_id: int, code: str
) -> asyncpg.Record | None:
    """A sale with its items and shares, `begun` where somebody stands in its queue."""
    rows = await sales_after(connection, shop_id, code, 0, 1)
    return rows[0] if rows else None


async def sales_after(
    connection: asyncpg.Connection, shop_id: int, code: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select s.*,
            (select jsonb_agg(jsonb_build_object('sku', i.sku, 'quantity', x.quantity)
                 order by i.sku)
             from sale_item x join item i on i.id = x.item_id where x.sale_id = s.id) as items,
            (select jsonb_agg(distinct jsonb_build_object('buyer_class', x.buyer_class,
                 'share_percent', x.share_percent, 'minutes', x.minutes))
             from sale_share x where x.sale_id = s.id) as classes,
            exists (select 1 from admission_ticket t where t.sale_id = s.id) as begun
        from sale s
        where s.shop_id = $1 and ($2::text is null or s.code = $2) and s.id > $3
        order by s.id limit $4
        """,
        shop_id,
        code,
        after,
        limit,
    )


async def overlapping(
    connection: asyncpg.Connection, shop_id: int, sale: Sale, item_ids: Sequence[int]
) -> asyncpg.Record | None:
    """Another of the shop's sales that has one of these items at the same time."""
    return await connection.fetchrow(
        """
        select s.code, x.item_id from sale s join sale_item x on x.sale_id = s.id
        where s.shop_id = $1 and s.code <> $2 and x.item_id = any($3)
          and s.starts_at < $5 and s.ends_at > $4
        order by s.id limit 1
        """,
        shop_id,
        sale.code,
        list(item_ids),
        sale.starts_at,
        sale.ends_at,
    )


async def put_sale(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    sale: Sale,
    item_ids: Sequence[int],
) -> None:
    """Writes a sale with exactly its items, which are numbered in their order, and its shares.

    What a class has taken of its share stays taken.
    """
    sale_id: int = await connection.fetchval(
        """
        insert into sale (tenant_id, shop_id, code, starts_at, ends_at, limit_per_buyer, queued,
            per_minute, ticket_s)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (shop_id, code) do update set starts_at = excluded.starts_at,
            ends_at = excluded.ends_at, limit_per_buyer = excluded.limit_per_buyer,
            queued = excluded.queued, per_minute = excluded.per_minute,
            ticket_s = excluded.ticket_s
        returning id
        """,
        tenant_id,
        shop_id,
        sale.code,
        sale.starts_at,
        sale.ends_at,
        sale.limit_per_buyer,
        sale.queue is not None,
        None if sale.queue is None else sale.queue.per_minute,
        300 if sale.queue is None else sale.queue.ticket_s,
    )
    await connection.execute(
        "delete from sale_item where sale_id = $1 and not item_id = any($2)",
        sale_id,
        list(item_ids),
    )
    await connection.execute(
        """
        insert into sale_item (sale_id, tenant_id, item_id, quantity)
        select $1, $2, u.item_id, u.quantity
        from unnest($3::bigint[], $4::bigint[]) u(item_id, quantity)
        on conflict (sale_id, item_id) do update set quantity = excluded.quantity
        """,
        sale_id,
        tenant_id,
        list(item_ids),
        [item.quantity for item in sale.items],
    )
    await _put_shares(connection, tenant_id, sale_id, sale, item_ids)


async def _put_shares(
    connection: asyncpg.Connection,
    tenant_id: int,
    sale_id: int,
    sale: Sale,
    item_ids: Sequence[int],
) -> None:
    await connection.execute(
        "delete from sale_share where sale_id = $1 and not buyer_class = any($2)",
        sale_id,
        [share.buyer_class for share in sale.classes],
    )
    for share in sale.classes:
        await connection.execute(
            """
            insert into sale_share (sale_id, item_id, tenant_id, buyer_class, share_percent,
                minutes, kept)
            select $1, u.item_id, $2, $5, $6, $7, u.kept
            from unnest($3::bigint[], $4::bigint[]) u(item_id, kept)
            on conflict (sale_id, item_id, buyer_class) do update set
                share_percent = excluded.share_percent, minutes = excluded.minutes,
                kept = greatest(excluded.kept, sale_share.taken)
            """,
            sale_id,
            tenant_id,
            list(item_ids),
            [share.of(item.quantity or 0) for item in sale.items],
            share.buyer_class,
            share.share_percent,
            share.minutes,
        )


async def end_sale(
    connection: asyncpg.Connection, shop_id: int, code: str, actor: str, at: datetime
) -> bool:
    """Ends a sale now, or deletes one that has not begun; False where there is none."""
    ended: bool = await connection.fetchval(
        "select end_sale($1, $2, $3, $4)", shop_id, code, actor, at
    )
    return ended
