"""SQL of the vault and of its generators."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.digital.sample import MARK


async def find_item(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, sku: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select id, tenant_id, sku, name, digital, digital_warehouse() as warehouse_id
        from item where tenant_id = $1 and owner_id = $2 and sku = $3
        """,
        tenant_id,
        owner_id,
        sku,
    )


async def insert_codes(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_id: int,
    fingerprints: Sequence[bytes],
    contents: Sequence[dict[str, object]],
    valid_until: Sequence[datetime | None],
    now: datetime,
) -> set[bytes]:
    """Puts codes into the vault; the fingerprints of those that were not there already."""
    rows = await connection.fetch(
        """
        insert into digital_code (tenant_id, item_id, fingerprint, content, valid_until, added_at)
        select $1, $2, c.fingerprint, c.content, c.valid_until, $6
        from unnest($3::bytea[], $4::jsonb[], $5::timestamptz[])
            c(fingerprint, content, valid_until)
        on conflict (item_id, fingerprint) do nothing returning fingerprint
        """,
        tenant_id,
        item_id,
        list(fingerprints),
        list(contents),
        list(valid_until),
        now,
    )
    return {row["fingerprint"] for row in rows}


async def count_codes(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record:
    """An item's codes by their state; samples of the sandbox never were in the vault."""
    row = await connection.fetchrow(
        """
        select count(*) filter (where state = 'free') as free,
            count(*) filter (where state = 'assigned') as assigned,
            count(*) filter (where state = 'revoked') as revoked,
            count(*) filter (where state = 'expired') as expired,
            (select g.quota from digital_generator g where g.item_id = $1) as quota,
            (select g.url from digital_generator g where g.item_id = $1) as url
        from digital_code where item_id = $1 and fingerprint not like $2
        """,
        item_id,
        MARK + b"%",
    )
    assert row is not None
    return row


async def set_generator(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_id: int,
    url: str,
    secret: str,
    quota: int,
) -> str:
    """Enters a generator or changes it; its secret, which stays."""
    kept: str = await connection.fetchval(
        """
        insert into digital_generator (item_id, tenant_id, url, secret, quota)
        values ($2, $1, $3, $4, $5)
        on conflict (item_id) do update set url = excluded.url, quota = excluded.quota
        returning secret
        """,
        tenant_id,
        item_id,
        url,
        secret,
        quota,
    )
    return kept


async def delete_generator(connection: asyncpg.Connection, item_id: int) -> None:
    await connection.execute("delete from digital_generator where item_id = $1", item_id)


async def lock_free_codes(
    connection: asyncpg.Connection, item_id: int, limit: int, now: datetime
) -> list[asyncpg.Record]:
    """The oldest codes of an item that nobody else takes just now."""
    return await connection.fetch(
        """
        select id, content, valid_until from digital_code
        where item_id = $1 and state = 'free' and (valid_until is null or valid_until > $3)
        order by id limit $2 for update skip locked
        """,
        item_id,
        limit,
        now,
    )


async def generators_of(connection: asyncpg.Connection, item_ids: list[int]) -> set[int]:
    """The items of these that have a generator; none of them changes meanwhile."""
    rows = await connection.fetch(
        """
        select item_id from digital_generator where item_id = any($1)
        order by item_id for no key update
        """,
        item_ids,
    )
    return {row["item_id"] for row in rows}


async def take_quota(connection: asyncpg.Connection, item_id: int, count: int) -> None:
    await connection.execute(
        "update digital_generator set quota = quota - $2 where item_id = $1", item_id, count
    )


async def insert_generated(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_id: int,
    delivery_id: int,
    fingerprint: bytes,
    content: dict[str, object],
    valid_until: datetime | None,
    now: datetime,
) -> int | None:
    """A code that was made for a delivery; None where that code is known already."""
    code_id: int | None = await connection.fetchval(
        """
        insert into digital_code (tenant_id, item_id, fingerprint, content, state, valid_until,
            delivery_id, added_at)
        values ($1, $2, $3, $4, 'assigned', $5, $6, $7)
        on conflict (item_id, fingerprint) do nothing returning id
        """,
        tenant_id,
        item_id,
        fingerprint,
        content,
        valid_until,
        delivery_id,
        now,
    )
    if code_id is not None:
        await connection.execute(
            "update digital_delivery set code_id = $2 where id = $1", delivery_id, code_id
        )
    return code_id


async def insert_samples(
    connection: asyncpg.Connection,
    delivery_ids: Sequence[int],
    marks: Sequence[bytes],
    contents: Sequence[dict[str, object]],
    now: datetime,
) -> None:
    """Keeps a sample for each delivery, as a code that is its own from the first."""
    await connection.execute(
        """
        with made as (
            insert into digital_code (tenant_id, item_id, fingerprint, content, state, delivery_id,
                added_at)
            select d.tenant_id, d.item_id, s.mark, s.content, 'assigned', d.id, $4
            from unnest($1::bigint[], $2::bytea[], $3::jsonb[]) s(delivery_id, mark, content)
            join digital_delivery d on d.id = s.delivery_id
            returning id, delivery_id
        )
        update digital_delivery d set code_id = m.id from made m where d.id = m.delivery_id
        """,
        list(delivery_ids),
        list(marks),
        list(contents),
        now,
    )


async def expired_items(connection: asyncpg.Connection, now: datetime) -> list[asyncpg.Record]:
    """Items of which codes in the vault are of no use any more."""
    return await connection.fetch(
        """
        select distinct item_id, digital_warehouse() as warehouse_id from digital_code
        where state = 'free' and valid_until <= $1 order by item_id
        """,
        now,
    )


async def lock_expired_codes(
    connection: asyncpg.Connection, item_id: int, now: datetime
) -> list[int]:
    """An item's codes in the vault that are of no use any more, and nobody else takes out now."""
    rows = await connection.fetch(
        """
        select id from digital_code where item_id = $1 and state = 'free' and valid_until <= $2
        order by id for update skip locked
        """,
        item_id,
        now,
    )
    return [row["id"] for row in rows]


async def expire_codes(connection: asyncpg.Connection, code_ids: list[int]) -> None:
    await connection.execute(
        "update digital_code set state = 'expired' where id = any($1)", code_ids
    )
