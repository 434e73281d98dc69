"""SQL of what devices sent and the house could not take."""

from datetime import datetime

import asyncpg


async def set_dead(
    connection: asyncpg.Connection, device: str, boot: int, seq: int, reason: str, now: datetime
) -> None:
    """Lays a telegram aside; one that is dead already keeps its moment and tells the new reason."""
    await connection.execute(
        """
        update device_inbox
        set dead_reason = $4, dead_at = coalesce(dead_at, $5)
        where device = $1 and boot = $2 and seq = $3
        """,
        device,
        boot,
        seq,
        reason,
        now,
    )


async def dead_letter_for_update(
    connection: asyncpg.Connection, telegram_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from device_inbox where id = $1 and dead_at is not null for update", telegram_id
    )


async def set_replayed(
    connection: asyncpg.Connection, telegram_id: int, by: str, now: datetime
) -> None:
    await connection.execute(
        "update device_inbox set replayed_at = $2, replayed_by = $3 where id = $1",
        telegram_id,
        now,
        by,
    )


async def dead_letters(
    connection: asyncpg.Connection,
    device: str | None,
    after_id: int,
    limit: int,
    *,
    replayed: bool = False,
) -> list[asyncpg.Record]:
    """Dead letters, the oldest first: those that still wait, or those that were replayed."""
    return await connection.fetch(
        """
        select id, device, boot, seq, kind, payload, received_at, dead_reason, dead_at,
            replayed_at, replayed_by
        from device_inbox
        where dead_at is not null and (replayed_at is not null) = $4
          and ($1::text is null or device = $1) and id > $2
        order by id limit $3
        """,
        device,
        after_id,
        limit,
        replayed,
    )


async def upsert_bad(
    connection: asyncpg.Connection,
    site: str,
    device: str,
    kind: str,
    topic: str,
    reason: str,
    payload: bytes,
    payload_bytes: int,
    count: int,
    now: datetime,
) -> None:
    """Counts bad messages of a kind; the last one's payload is kept."""
    await connection.execute(
        """
        insert into bad_message as b (site, device, kind, topic, reason, payload, payload_bytes,
            count, first_at, last_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        on conflict (site, device, kind) do update
        set topic = excluded.topic, reason = excluded.reason, payload = excluded.payload,
            payload_bytes = excluded.payload_bytes, count = b.count + excluded.count,
            last_at = excluded.last_at
        """,
        site,
        device,
        kind,
        topic,
        reason,
        payload,
        payload_bytes,
        count,
        now,
    )


async def bad_devices(connection: asyncpg.Connection, site: str) -> list[asyncpg.Record]:
    """The devices of whom bad messages are kept."""
    return await connection.fetch("select distinct device from bad_message where site = $1", site)


async def bad_messages(
    connection: asyncpg.Connection, site: str, device: str | None = None
) -> list[asyncpg.Record]:
    """Bad messages of a site, the newest first."""
    return await connection.fetch(
        """
        select * from bad_message where site = $1 and ($2::text is null or device = $2)
        order by last_at desc, id
        """,
        site,
        device,
    )


async def sites_of_name(connection: asyncpg.Connection, name: str, besides: str) -> list[str]:
    """Other sites at which a device of that name is registered."""
    rows = await connection.fetch(
        "select site from device where name = $1 and site <> $2 order by site", name, besides
    )
    return [row["site"] for row in rows]
