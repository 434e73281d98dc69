"""SQL of a sorter's lanes: what stands in them, what staff ask of them, and alarms."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def closed_lanes(connection: asyncpg.Connection, device_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select lane, closed_by, closed_why, closed_at from sorter_lane where device_id = $1 "
        "order by lane",
        device_id,
    )


async def close_lane(
    connection: asyncpg.Connection,
    device_id: int,
    lane: int,
    closed_by: str,
    why: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into sorter_lane (device_id, lane, closed_by, closed_why, closed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (device_id, lane) do update set
            closed_by = excluded.closed_by, closed_why = excluded.closed_why
        """,
        device_id,
        lane,
        closed_by,
        why,
        now,
    )


async def open_lane(connection: asyncpg.Connection, device_id: int, lane: int) -> None:
    await connection.execute(
        "delete from sorter_lane where device_id = $1 and lane = $2", device_id, lane
    )


async def standing_in_lanes(connection: asyncpg.Connection, device_id: int) -> list[asyncpg.Record]:
    """How many units stand in each lane: totes until they are packed, parcels until loaded.

    What stood there when a lane was purged has left it.
    """
    return await connection.fetch(
        """
        with unit as (
            select r.actual_lane as lane, r.diverted_at as at
            from sort_route r join fulfilment_order f on f.id = r.fulfilment_order_id
            where r.device_id = $1 and r.state = 'diverted' and f.state in ('picked', 'sorted')
            union all
            select i.actual_lane, i.ended_at
            from departure d join departure_parcel p on p.departure_id = d.id
            join waybill w on w.parcel_id = p.parcel_id and w.state = 'made'
            join lateral (
                select actual_lane, ended_at from sort_item
                where unit = w.sscc and device_id = $1 and state = 'diverted'
                order by id desc limit 1) i on true
            where d.state = 'open' and p.loaded_at is null
        ), purge as (
            select lane, max(answered_at) as at from lane_command
            where device_id = $1 and op = 'purge' and state = 'done' group by lane
        )
        select u.lane, count(*) as standing
        from unit u left join purge p on p.lane = u.lane
        where u.lane is not null and (p.at is null or u.at > p.at)
        group by u.lane
        """,
        device_id,
    )


async def insert_lane_command(
    connection: asyncpg.Connection,
    device_id: int,
    lane: int,
    op: str,
    why: str,
    asked_by: str,
    now: datetime,
    expires_at: datetime,
    wave_id: int | None = None,
) -> int | None:
    """Asks something of a lane; None where the same wave asked before."""
    command_id: int | None = await connection.fetchval(
        """
        insert into lane_command (device_id, lane, op, why, asked_by, asked_at, expires_at, wave_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (device_id, lane, wave_id) where wave_id is not null do nothing
        returning id
        """,
        device_id,
        lane,
        op,
        why,
        asked_by,
        now,
        expires_at,
        wave_id,
    )
    return command_id


async def queued_lane_commands(
    connection: asyncpg.Connection, device_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from lane_command where device_id = $1 and state = 'queued' order by id",
        device_id,
    )


async def finish_lane_command(
    connection: asyncpg.Connection, command_id: int, state: str, result: str, now: datetime
) -> None:
    await connection.execute(
        """
        update lane_command set state = $2, result = $3, answered_at = $4
        where id = $1 and state = 'queued'
        """,
        command_id,
        state,
        result,
        now,
    )


async def lane_command_of_id(
    connection: asyncpg.Connection, command_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from lane_command where id = $1", command_id)


async def lane_commands_before(
    connection: asyncpg.Connection, device_id: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from lane_command where device_id = $1 order by id desc limit $2",
        device_id,
        limit,
    )


async def standing_alarms(connection: asyncpg.Connection, device_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from sorter_alarm where device_id = $1 and cleared_at is null order by id",
        device_id,
    )


async def recent_alarms(
    connection: asyncpg.Connection, device_id: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from sorter_alarm where device_id = $1 order by id desc limit $2",
        device_id,
        limit,
    )


async def raise_alarms(
    connection: asyncpg.Connection,
    device_id: int,
    alarms: Sequence[tuple[str, str, str]],
    now: datetime,
) -> None:
    """Raises alarms of a kind about a subject; what stands already is said anew."""
    await connection.executemany(
        """
        insert into sorter_alarm (device_id, kind, subject, said, raised_at)
        values ($1, $2, $3, $4, $5)
        on conflict (device_id, kind, subject) where cleared_at is null
        do update set said = excluded.said
        """,
        [(device_id, kind, subject, said, now) for kind, subject, said in alarms],
    )


async def clear_alarms(
    connection: asyncpg.Connection,
    device_id: int,
    alarms: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    await connection.executemany(
        """
        update sorter_alarm set cleared_at = $4
        where device_id = $1 and kind = $2 and subject = $3 and cleared_at is null
        """,
        [(device_id, kind, subject, now) for kind, subject in alarms],
    )
