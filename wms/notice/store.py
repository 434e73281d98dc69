"""SQL of notices, and of what a shop lets the house write."""

from datetime import datetime

import asyncpg


async def find_choice(connection: asyncpg.Connection, shop_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select kinds, sender_name, reply_to from shop_notice where shop_id = $1", shop_id
    )


async def set_choice(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    kinds: list[str],
    sender_name: str,
    reply_to: str,
) -> None:
    """Sets what is written; what happened before anything was is no news any more."""
    await connection.execute(
        """
        insert into shop_notice as s
            (shop_id, tenant_id, kinds, sender_name, reply_to, after_xid, after_seq)
        select $2, $1, $3, $4, $5, x.before, 9223372036854775807
        from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 as before) x
        on conflict (shop_id) do update set kinds = excluded.kinds,
            sender_name = excluded.sender_name, reply_to = excluded.reply_to,
            after_xid = case when s.kinds = '{}' then excluded.after_xid else s.after_xid end,
            after_seq = case when s.kinds = '{}' then excluded.after_seq else s.after_seq end
        """,
        tenant_id,
        shop_id,
        kinds,
        sender_name,
        reply_to,
    )


async def shops_with_notices(connection: asyncpg.Connection) -> list[int]:
    rows = await connection.fetch("select shop_id from shop_notice where kinds <> '{}' order by 1")
    return [row["shop_id"] for row in rows]


async def lock_choice(connection: asyncpg.Connection, shop_id: int) -> asyncpg.Record | None:
    """A shop's choice with its cursor, unless somebody reads its events just now."""
    return await connection.fetchrow(
        """
        select n.*, s.name from shop_notice n join shop s on s.id = n.shop_id
        where n.shop_id = $1 and n.kinds <> '{}' for no key update of n skip locked
        """,
        shop_id,
    )


async def move_cursor(connection: asyncpg.Connection, shop_id: int, after: tuple[int, int]) -> None:
    await connection.execute(
        "update shop_notice set after_xid = $2, after_seq = $3 where shop_id = $1",
        shop_id,
        *after,
    )


async def insert_notice(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    kind: str,
    cause: str,
    to_whom: dict[str, object],
    facts: dict[str, object],
    now: datetime,
) -> int | None:
    """A notice's number; None where this cause has its own already."""
    number: int | None = await connection.fetchval(
        """
        insert into notice (tenant_id, shop_id, order_id, kind, cause, language, to_whom, facts,
            queued_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (order_id, kind, cause) do nothing returning id
        """,
        order["tenant_id"],
        order["shop_id"],
        order["id"],
        kind,
        cause,
        order["language"],
        to_whom,
        facts,
        now,
    )
    return number


async def find_notice(connection: asyncpg.Connection, notice_id: int) -> asyncpg.Record | None:
    """A notice with the names of its shop, as its mail needs them."""
    return await connection.fetchrow(
        """
        select n.*, o.external_order_id, s.name as shop, c.sender_name, c.reply_to
        from notice n join shop_order o on o.id = n.order_id join shop s on s.id = n.shop_id
        left join shop_notice c on c.shop_id = n.shop_id
        where n.id = $1
        """,
        notice_id,
    )


async def lock_notice(connection: asyncpg.Connection, notice_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from notice where id = $1 for no key update", notice_id
    )


async def set_sent(
    connection: asyncpg.Connection, notice_ids: list[int], sources: list[str], now: datetime
) -> list[asyncpg.Record]:
    """Those of some notices that were in one of these states, and are sent now."""
    return await connection.fetch(
        """
        update notice n set state = 'sent', error = null, over_at = $3
        from (select id from notice where id = any($1) and state = any($2)
              order by id for no key update) w
        where n.id = w.id returning n.id, n.kind, n.facts
        """,
        notice_ids,
        sources,
        now,
    )


async def set_state(
    connection: asyncpg.Connection,
    notice_id: int,
    state: str,
    error: str | None,
    now: datetime,
) -> None:
    await connection.execute(
        "update notice set state = $2, error = $3, over_at = $4 where id = $1",
        notice_id,
        state,
        error,
        now,
    )


async def notices_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """An order's notices with the next try of those that wait."""
    return await connection.fetch(
        """
        select n.*, b.attempts, b.last_error,
            case when b.done_at is null and b.dead_at is null then nullif(b.due_at, 'infinity') end
                as next_try_at
        from notice n left join outbox b on b.message_id = 'mail_' || n.id
        where n.order_id = $1 order by n.id
        """,
        order_id,
    )


async def unsent(connection: asyncpg.Connection) -> int:
    """How many mails wait to be sent."""
    count: int = await connection.fetchval(
        "select count(*) from outbox where topic = 'mail' and done_at is null and dead_at is null"
    )
    return count
