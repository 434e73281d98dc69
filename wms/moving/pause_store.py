"""SQL of pauses of the floor."""

from datetime import datetime

import asyncpg


async def insert_pause(
    connection: asyncpg.Connection,
    warehouse_id: int,
    zone: str,
    reason: str,
    actor: str,
    now: datetime,
) -> int | None:
    """A new pause, or None where the zone is paused already."""
    pause_id: int | None = await connection.fetchval(
        """
        insert into floor_pause (warehouse_id, zone, reason, started_by, started_at)
        values ($1, $2, $3, $4, $5)
        on conflict (warehouse_id, zone) where ended_at is null do nothing returning id
        """,
        warehouse_id,
        zone,
        reason,
        actor,
        now,
    )
    return pause_id


async def end_pause(
    connection: asyncpg.Connection, pause_id: int, actor: str, now: datetime
) -> bool:
    ended: int | None = await connection.fetchval(
        """
        update floor_pause set ended_by = $2, ended_at = $3
        where id = $1 and ended_at is null returning id
        """,
        pause_id,
        actor,
        now,
    )
    return ended is not None


async def has_zone(connection: asyncpg.Connection, warehouse_id: int, zone: str) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select 1 from place where warehouse_id = $1 and zone = $2)",
        warehouse_id,
        zone,
    )
    return found


async def pause_of_id(connection: asyncpg.Connection, pause_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select h.*, w.code as warehouse from floor_pause h
        join warehouse w on w.id = h.warehouse_id where h.id = $1
        """,
        pause_id,
    )


async def pauses_of_moves(
    connection: asyncpg.Connection, warehouse_id: int
) -> list[asyncpg.Record]:
    """The pauses of a warehouse that moves nobody does wait for, with how many each holds up."""
    return await connection.fetch(
        """
        select h.zone, h.reason, count(*) as tasks
        from move_task t
        join place f on f.id = t.from_place_id join place g on g.id = t.to_place_id
        join floor_pause h on h.warehouse_id = t.warehouse_id and h.ended_at is null
         and h.zone in ('', f.zone, g.zone)
        where t.state = 'open' and t.warehouse_id = $1 group by h.id order by h.zone, h.id
        """,
        warehouse_id,
    )


async def pauses_after(
    connection: asyncpg.Connection, standing: bool, after: int, limit: int
) -> list[asyncpg.Record]:
    """Pauses from the oldest; with `standing` only those that last."""
    return await connection.fetch(
        """
        select h.*, w.code as warehouse from floor_pause h
        join warehouse w on w.id = h.warehouse_id
        where h.id > $2 and (not $1 or h.ended_at is null) order by h.id limit $3
        """,
        standing,
        after,
        limit,
    )
