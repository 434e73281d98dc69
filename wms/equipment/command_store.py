"""SQL of what we ask of devices."""

from datetime import datetime

import asyncpg


async def insert_command(
    connection: asyncpg.Connection,
    device_id: int,
    op: str,
    args: dict[str, object],
    asked_by: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    command_id: int = await connection.fetchval(
        """
        insert into device_command (device_id, op, args, asked_by, asked_at, expires_at)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        device_id,
        op,
        args,
        asked_by,
        now,
        expires_at,
    )
    return command_id


async def expire_commands(connection: asyncpg.Connection, site: str, now: datetime) -> int:
    """Gives up what waited too long, and tells whether it ever left; how many there were."""
    status: str = await connection.execute(
        """
        update device_command c
        set state = 'expired', answered_at = $2,
            reason = case when c.sent_at is null then 'never sent' else 'not acknowledged' end
        from device d
        where d.id = c.device_id and d.site = $1
          and c.state in ('queued', 'sent') and c.expires_at <= $2
        """,
        site,
        now,
    )
    return int(status.split()[-1])


async def open_commands(connection: asyncpg.Connection, site: str) -> list[asyncpg.Record]:
    """The oldest open command of each device of a site that is in service."""
    return await connection.fetch(
        """
        select distinct on (c.device_id) c.id, c.op, c.args, c.expires_at,
            d.site, d.area, d.class, d.name
        from device_command c join device d on d.id = c.device_id
        where c.state in ('queued', 'sent') and d.site = $1 and d.in_service
        order by c.device_id, c.id
        """,
        site,
    )


async def begin_command(
    connection: asyncpg.Connection, command_id: int, now: datetime
) -> asyncpg.Record | None:
    """Marks a command as sent and numbers it the first time; None where it is over."""
    return await connection.fetchrow(
        """
        with c as (
            select id, device_id, epoch, seq from device_command
            where id = $1 and state in ('queued', 'sent') and expires_at > $2
            for no key update
        ), d as (
            update device set command_seq = command_seq + 1
            where id = (select device_id from c where seq is null)
            returning command_epoch, command_seq
        )
        update device_command o
        set state = 'sent', sent_at = coalesce(o.sent_at, $2), sends = o.sends + 1,
            epoch = coalesce(c.epoch, (select command_epoch from d)),
            seq = coalesce(c.seq, (select command_seq from d))
        from c where o.id = c.id
        returning o.epoch, o.seq
        """,
        command_id,
        now,
    )


async def settle_commands(
    connection: asyncpg.Connection,
    device_id: int,
    epoch: int,
    upto: int,
    seq: int | None,
    state: str,
    answer: dict[str, object],
    reason: str | None,
    now: datetime,
) -> int:
    """Settles what a device answered up to a number; the result is that of `seq` alone."""
    status: str = await connection.execute(
        """
        update device_command
        set state = case when seq = $4 then $5 else 'done' end, answered_at = $8,
            answer = case when seq = $4 then $6::jsonb end,
            reason = case when seq = $4 then $7 end
        where device_id = $1 and epoch = $2 and seq <= $3 and state = 'sent'
        """,
        device_id,
        epoch,
        upto,
        seq,
        state,
        answer,
        reason,
        now,
    )
    return int(status.split()[-1])


async def begin_epoch(
    connection: asyncpg.Connection, device_id: int, epoch: int, upto: int
) -> int | None:
    """Begins another epoch where a device knows of numbers that we never gave; else None.

    What is open is numbered anew.
    """
    begun: int | None = await connection.fetchval(
        """
        update device set command_epoch = $2 + 1, command_seq = 0
        where id = $1 and (command_epoch, command_seq) < ($2, $3) returning command_epoch
        """,
        device_id,
        epoch,
        upto,
    )
    if begun is not None:
        await connection.execute(
            """
            update device_command set state = 'queued', epoch = null, seq = null
            where device_id = $1 and state = 'sent'
            """,
            device_id,
        )
    return begun


async def commands_before(
    connection: asyncpg.Connection, device_id: int, before_id: int | None, limit: int
) -> list[asyncpg.Record]:
    """A device's commands, the newest first."""
    return await connection.fetch(
        """
        select * from device_command
        where device_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3
        """,
        device_id,
        before_id,
        limit,
    )


async def command(connection: asyncpg.Connection, command_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from device_command where id = $1", command_id)
