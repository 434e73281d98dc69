"""SQL of promotions."""

from datetime import datetime

import asyncpg

from wms.promise.promotion import Promotion


async def put_promotion(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    promotion: Promotion,
    item_ids: list[int],
    now: datetime,
) -> None:
    """Writes a promotion with exactly these items, which are in the order of the promotion's."""
    promotion_id: int = await connection.fetchval(
        """
        insert into promotion (tenant_id, shop_id, code, name, starts_at, ends_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (shop_id, code) do update set name = excluded.name,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at,
            updated_at = excluded.updated_at
        returning id
        """,
        tenant_id,
        shop_id,
        promotion.code,
        promotion.name,
        promotion.starts_at,
        promotion.ends_at,
        now,
    )
    await connection.execute("delete from promotion_item where promotion_id = $1", promotion_id)
    await connection.execute(
        """
        insert into promotion_item (promotion_id, tenant_id, item_id, price_minor, currency)
        select $1, $2, u.item_id, u.price_minor, u.currency
        from unnest($3::bigint[], $4::bigint[], $5::text[]) u(item_id, price_minor, currency)
        """,
        promotion_id,
        tenant_id,
        item_ids,
        [item.price_minor for item in promotion.items],
        [item.currency for item in promotion.items],
    )


async def promotion_for_update(
    connection: asyncpg.Connection, shop_id: int, code: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from promotion where shop_id = $1 and code = $2 for update", shop_id, code
    )


async def end_promotion(connection: asyncpg.Connection, promotion_id: int, now: datetime) -> None:
    await connection.execute(
        "update promotion set ends_at = $2, updated_at = $2 where id = $1", promotion_id, now
    )


async def drop_promotion(connection: asyncpg.Connection, promotion_id: int) -> None:
    await connection.execute("delete from promotion_item where promotion_id = $1", promotion_id)
    await connection.execute("delete from promotion where id = $1", promotion_id)


async def promotions_after(
    connection: asyncpg.Connection,
    shop_id: int,
    code: str | None,
    since: datetime | None,
    until: datetime | None,
    after: int,
    limit: int,
) -> list[asyncpg.Record]:
    """A shop's promotions, or the one of a code, that meet the time asked for."""
    return await connection.fetch(
        """
        select id, code, name, starts_at, ends_at from promotion
        where shop_id = $1 and ($2::text is null or code = $2)
          and ($3::timestamptz is null or ends_at > $3)
          and ($4::timestamptz is null or starts_at < $4) and id > $5
        order by id limit $6
        """,
        shop_id,
        code,
        since,
        until,
        after,
        limit,
    )


async def items_of_promotions(
    connection: asyncpg.Connection, promotion_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.promotion_id, i.sku, p.price_minor, p.currency
        from promotion_item p join item i on i.id = p.item_id
        where p.promotion_id = any($1) order by p.promotion_id, i.sku
        """,
        promotion_ids,
    )
