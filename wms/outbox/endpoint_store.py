"""SQL of webhook endpoints: where shops hear, by which secrets, and why one hears nothing."""

from datetime import datetime

import asyncpg

_COLUMNS = """
    id, url, types, active, created_at, disabled_at, disabled_reason, old_secret_until
"""


async def hold_shop(connection: asyncpg.Connection, shop_id: int) -> None:
    """Lets nobody else add endpoints to this shop until the transaction ends."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('webhook-endpoints', $1))", shop_id
    )


async def count_endpoints(connection: asyncpg.Connection, tenant_id: int, shop_id: int) -> int:
    count: int = await connection.fetchval(
        "select count(*) from webhook_endpoint where tenant_id = $1 and shop_id = $2",
        tenant_id,
        shop_id,
    )
    return count


async def insert_endpoint(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    url: str,
    secret: str,
    types: list[str],
) -> int:
    endpoint_id: int = await connection.fetchval(
        """
        insert into webhook_endpoint (tenant_id, shop_id, url, secret, types)
        values ($1, $2, $3, $4, $5) returning id
        """,
        tenant_id,
        shop_id,
        url,
        secret,
        types,
    )
    return endpoint_id


async def endpoints_after(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"""
        select {_COLUMNS} from webhook_endpoint
        where tenant_id = $1 and shop_id = $2 and id > $3 order by id limit $4
        """,
        tenant_id,
        shop_id,
        after,
        limit,
    )


async def find_endpoint(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, endpoint_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"""
        select {_COLUMNS} from webhook_endpoint
        where tenant_id = $1 and shop_id = $2 and id = $3
        """,
        tenant_id,
        shop_id,
        endpoint_id,
    )


async def lock_endpoint(connection: asyncpg.Connection, endpoint_id: int) -> asyncpg.Record | None:
    """An endpoint with its shop, held until the transaction ends."""
    return await connection.fetchrow(
        """
        select id, tenant_id, shop_id, url, types, active from webhook_endpoint
        where id = $1 for update
        """,
        endpoint_id,
    )


async def update_endpoint(
    connection: asyncpg.Connection, endpoint_id: int, url: str, types: list[str]
) -> None:
    await connection.execute(
        "update webhook_endpoint set url = $2, types = $3 where id = $1", endpoint_id, url, types
    )


async def set_active(
    connection: asyncpg.Connection,
    endpoint_id: int,
    disabled_at: datetime | None,
    reason: str | None,
) -> None:
    """Lets an endpoint hear again where `disabled_at` is None, else no more, and keeps why."""
    await connection.execute(
        """
        update webhook_endpoint
        set active = $2::timestamptz is null, disabled_at = $2, disabled_reason = $3 where id = $1
        """,
        endpoint_id,
        disabled_at,
        reason,
    )


async def change_secret(
    connection: asyncpg.Connection, endpoint_id: int, secret: str, old_until: datetime | None
) -> None:
    """Signs with a new secret, and with the one before it until that moment; None: no more."""
    await connection.execute(
        """
        update webhook_endpoint
        set old_secret = case when $3::timestamptz is not null then secret end,
            old_secret_until = $3, secret = $2
        where id = $1
        """,
        endpoint_id,
        secret,
        old_until,
    )


async def delete_endpoint(connection: asyncpg.Connection, endpoint_id: int) -> None:
    await connection.execute("delete from webhook_endpoint where id = $1", endpoint_id)


async def give_up_waiting(
    connection: asyncpg.Connection, endpoint_id: int, reason: str, now: datetime
) -> None:
    """Lays aside all that waits for an endpoint; it can be replayed."""
    await connection.execute(
        """
        update outbox set dead_at = $3, last_error = $2, leased_until = null
        where topic = 'webhook' and target = $1 and done_at is null and dead_at is null
        """,
        endpoint_id,
        reason,
        now,
    )
