"""SQL of tenants, shops, keys and staff."""

from datetime import datetime

import asyncpg


async def insert_shop(
    connection: asyncpg.Connection, name: str, tenant: str, owner: str
) -> asyncpg.Record:
    """The shop of that name with its tenant and owner, made where they are missing."""
    row = await connection.fetchrow(
        """
        with t as (
            insert into tenant (name) values ($2)
            on conflict (name) do update set name = excluded.name returning id
        ), o as (
            insert into owner (tenant_id, name) select id, $3 from t
            on conflict (tenant_id, name) do update set name = excluded.name
            returning id, tenant_id
        )
        insert into shop (tenant_id, owner_id, name) select tenant_id, id, $1 from o
        on conflict (tenant_id, name) do update set name = excluded.name
        returning id, tenant_id, owner_id, name
        """,
        name,
        tenant,
        owner,
    )
    assert row is not None
    return row


async def set_channel(connection: asyncpg.Connection, shop_id: int, channel: str) -> None:
    await connection.execute("update shop set channel = $2 where id = $1", shop_id, channel)


async def set_neutral_sender(
    connection: asyncpg.Connection, shop_id: int, sender: str | None
) -> None:
    await connection.execute("update shop set neutral_sender = $2 where id = $1", shop_id, sender)


async def neutral_sender_of(connection: asyncpg.Connection, shop_id: int) -> str | None:
    """What stands on a shop's parcels instead of the house's name; None is the house's name."""
    sender: str | None = await connection.fetchval(
        "select neutral_sender from shop where id = $1", shop_id
    )
    return sender


async def channel_of(connection: asyncpg.Connection, shop_id: int) -> str:
    """The channel that a shop's orders sell under; empty where it has none of its own."""
    channel: str = await connection.fetchval("select channel from shop where id = $1", shop_id)
    return channel


async def shop_of_key(
    connection: asyncpg.Connection, prefix: str, secret_hash: bytes
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select k.tenant_id, s.owner_id, s.id as shop_id, s.name, k.scopes, k.sandbox,
            k.id as key_id, k.prefix, k.requests_per_s, k.burst
        from api_key k join shop s on s.id = k.shop_id
        where k.prefix = $1 and k.secret_hash = $2 and k.revoked_at is null
        """,
        prefix,
        secret_hash,
    )


async def shops_of_name(
    connection: asyncpg.Connection, name: str, tenant: str | None
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select s.*, s.id as shop_id, '{}'::text[] as scopes, false as sandbox, t.name as tenant,
            o.name as owner
        from shop s join tenant t on t.id = s.tenant_id join owner o on o.id = s.owner_id
        where s.name = $1 and ($2::text is null or t.name = $2) order by s.id
        """,
        name,
        tenant,
    )


async def shop_of_owner(connection: asyncpg.Connection, owner_id: int) -> asyncpg.Record | None:
    """The first shop that sells an owner's goods."""
    return await connection.fetchrow(
        """
        select s.*, s.id as shop_id, '{}'::text[] as scopes, false as sandbox
        from shop s where s.owner_id = $1 order by s.id limit 1
        """,
        owner_id,
    )


async def insert_staff(
    connection: asyncpg.Connection, name: str, role: str, badge: str, pin_hash: str
) -> None:
    await connection.execute(
        """
        insert into staff (name, role, badge, pin_hash) values ($1, $2, $3, $4)
        on conflict (badge) do update
        set name = excluded.name, role = excluded.role, pin_hash = excluded.pin_hash,
            disabled_at = null
        """,
        name,
        role,
        badge,
        pin_hash,
    )


async def staff_of_badge(connection: asyncpg.Connection, badge: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select id, name, role, pin_hash from staff where badge = $1 and disabled_at is null", badge
    )


async def insert_session(
    connection: asyncpg.Connection,
    token_hash: bytes,
    staff_id: int,
    device: str,
    expires_at: datetime,
) -> None:
    await connection.execute(
        """
        insert into staff_session (token_hash, staff_id, device, expires_at)
        values ($1, $2, $3, $4)
        """,
        token_hash,
        staff_id,
        device,
        expires_at,
    )


async def session_of_token(
    connection: asyncpg.Connection, token_hash: bytes, now: datetime, lock: bool
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"""
        select s.id as session_id, s.staff_id, p.name, p.role, s.device, s.scenario, s.state,
            s.expires_at, s.warehouse_id
        from staff_session s join staff p on p.id = s.staff_id
        where s.token_hash = $1 and s.expires_at > $2 and p.disabled_at is null
        {"for no key update of s" if lock else ""}
        """,
        token_hash,
        now,
    )


async def save_session(
    connection: asyncpg.Connection, session_id: int, scenario: str, state: dict[str, object]
) -> None:
    await connection.execute(
        "update staff_session set scenario = $2, state = $3 where id = $1",
        session_id,
        scenario,
        state,
    )


async def set_warehouse(
    connection: asyncpg.Connection, session_id: int, warehouse_id: int | None
) -> None:
    await connection.execute(
        "update staff_session set warehouse_id = $2 where id = $1", session_id, warehouse_id
    )


async def end_session(connection: asyncpg.Connection, session_id: int, now: datetime) -> None:
    await connection.execute(
        "update staff_session set expires_at = $2 where id = $1", session_id, now
    )
