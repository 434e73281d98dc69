"""SQL of keys, of what they have left of their requests, and of wrong PINs."""

from datetime import datetime

import asyncpg

from wms.tenants.shop import KeyWish

_KEY = """k.id, k.shop_id, k.prefix, k.scopes, k.sandbox, k.created_at, k.made_by, k.revoked_at,
    k.last_used_at, k.requests_per_s, k.burst"""


async def insert_key(
    connection: asyncpg.Connection,
    wish: KeyWish,
    prefix: str,
    secret_hash: bytes,
    scopes: list[str],
) -> bool:
    """Whether there was a place for the key."""
    limit = wish.limit
    done = await connection.execute(
        """
        insert into api_key (tenant_id, shop_id, prefix, secret_hash, scopes, sandbox, made_by,
            requests_per_s, burst, slot)
        select $1, $2, $3, $4, $5::text[], $6, $7, $8, $9, n
        from generate_series(1, 2) n
        where not exists (
            select 1 from api_key k
            where k.shop_id = $2 and k.sandbox = $6 and k.revoked_at is null and k.slot = n
              and ('carrier' = any(k.scopes)) = ('carrier' = any($5::text[])))
        order by n limit 1
        on conflict do nothing
        """,
        wish.tenant_id,
        wish.shop_id,
        prefix,
        secret_hash,
        scopes,
        wish.sandbox,
        wish.made_by,
        None if limit is None else limit.per_s,
        None if limit is None else limit.burst,
    )
    return bool(done == "INSERT 0 1")


async def keys_of(connection: asyncpg.Connection, shop_id: int) -> list[asyncpg.Record]:
    """A shop's keys, the oldest first, those that were given up among them."""
    return await connection.fetch(
        f"select {_KEY} from api_key k where k.shop_id = $1 order by k.id", shop_id
    )


async def all_keys(
    connection: asyncpg.Connection, shop_name: str | None, tenant: str | None
) -> list[asyncpg.Record]:
    """All keys, or those of the shops of that name, with shop and tenant."""
    return await connection.fetch(
        f"""
        select {_KEY}, s.name as shop, t.name as tenant
        from api_key k join shop s on s.id = k.shop_id join tenant t on t.id = k.tenant_id
        where ($1::text is null or s.name = $1) and ($2::text is null or t.name = $2)
        order by t.name, s.name, k.id
        """,
        shop_name,
        tenant,
    )


async def key_of_prefix(connection: asyncpg.Connection, prefix: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"""
        select {_KEY}, k.tenant_id, s.name as shop from api_key k join shop s on s.id = k.shop_id
        where k.prefix = $1
        """,
        prefix,
    )


async def revoke_key(connection: asyncpg.Connection, key_id: int, by: str, now: datetime) -> None:
    await connection.execute(
        "update api_key set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null",
        key_id,
        now,
        by,
    )


async def note_use(connection: asyncpg.Connection, key_id: int, now: datetime) -> None:
    """Keeps when a key was used, to the hour or so."""
    await connection.execute(
        "update api_key set last_used_at = $2::timestamptz where id = $1 "
        "and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 hour')",
        key_id,
        now,
    )


async def take_tokens(
    connection: asyncpg.Connection,
    key_id: int,
    per_s: float,
    burst: int,
    wanted: int,
    now: datetime,
) -> asyncpg.Record:
    """Takes so many tokens out of a key's bucket, or what is there: `granted`, and `tokens` left.

    Clocks of several machines may differ: time only ever goes on, so none fills the bucket twice.
    """
    row = await connection.fetchrow(
        """
        insert into key_bucket as b (key_id, tokens, granted, at)
        values ($1, $3::integer - least($4::integer, $3::integer), least($4::integer, $3::integer),
            $5)
        on conflict (key_id) do update
        set (tokens, granted, at) = (
            select r.tokens - least($4::integer, floor(r.tokens)),
                least($4::integer, floor(r.tokens))::integer, greatest(b.at, excluded.at)
            from (select least($3::integer, b.tokens + $2::double precision
                * greatest(extract(epoch from excluded.at - b.at), 0)) as tokens) r)
        returning tokens, granted
        """,
        key_id,
        per_s,
        burst,
        wanted,
        now,
    )
    assert row is not None
    return row


async def hold_badge(
    connection: asyncpg.Connection, badge_hash: bytes, now: datetime
) -> asyncpg.Record:
    """How often in a row and when last a badge failed; locked until the transaction ends."""
    row = await connection.fetchrow(
        """
        insert into sign_in_failure as f (badge_hash, failures, at) values ($1, 0, $2)
        on conflict (badge_hash) do update set failures = f.failures
        returning failures, at
        """,
        badge_hash,
        now,
    )
    assert row is not None
    return row


async def count_failure(
    connection: asyncpg.Connection, badge_hash: bytes, failures: int, now: datetime
) -> None:
    await connection.execute(
        "update sign_in_failure set failures = $2, at = $3 where badge_hash = $1",
        badge_hash,
        failures,
        now,
    )


async def forget_badge(connection: asyncpg.Connection, badge_hash: bytes) -> None:
    await connection.execute("delete from sign_in_failure where badge_hash = $1", badge_hash)


async def forget_failures(connection: asyncpg.Connection, before: datetime) -> None:
    """Forgets what is long ago, without waiting for badges that somebody is at."""
    await connection.execute(
        """
        delete from sign_in_failure where badge_hash in (
            select badge_hash from sign_in_failure where at < $1 limit 100
            for update skip locked)
        """,
        before,
    )
