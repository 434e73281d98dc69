"""SQL of commands, device telegrams that came in, and jobs."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

# A device, its boot, the telegram's number within that, its kind, and what it says.
Telegram = tuple[str, int, int, str, dict[str, object]]


async def try_lock(connection: asyncpg.Connection, name: str) -> bool:
    """Whether nobody else does what has this name just now; held until the transaction ends."""
    locked: bool = await connection.fetchval(
        "select pg_try_advisory_xact_lock(hashtextextended($1, 1))", name
    )
    return locked


async def claim_command(
    connection: asyncpg.Connection, tenant_id: int, scope: str, command_id: str
) -> asyncpg.Record:
    """Holds a command until the transaction ends, unless somebody is at it, and how it went."""
    row = await connection.fetchrow(
        "select * from claim_command($1, $2, $3)", tenant_id, scope, command_id
    )
    assert row is not None
    return row


async def find_command(
    connection: asyncpg.Connection, tenant_id: int, scope: str, command_id: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select body_hash, status, response from command "
        "where tenant_id = $1 and scope = $2 and id = $3",
        tenant_id,
        scope,
        command_id,
    )


async def insert_command(
    connection: asyncpg.Connection,
    tenant_id: int,
    scope: str,
    command_id: str,
    kind: str,
    body_hash: bytes,
    status: int,
    response: dict[str, object],
    actor: str,
) -> None:
    await connection.execute(
        """
        insert into command
            (tenant_id, scope, id, kind, body_hash, status, response, actor)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        tenant_id,
        scope,
        command_id,
        kind,
        body_hash,
        status,
        response,
        actor,
    )


async def insert_inbox(
    connection: asyncpg.Connection,
    device: str,
    boot: int,
    seq: int,
    kind: str,
    payload: dict[str, object],
) -> bool:
    """Keeps a device's telegram; False where it was here already."""
    status: str = await connection.execute(
        """
        insert into device_inbox (device, boot, seq, kind, payload)
        values ($1, $2, $3, $4, $5) on conflict do nothing
        """,
        device,
        boot,
        seq,
        kind,
        payload,
    )
    return status.endswith("1")


async def insert_inbox_rows(
    connection: asyncpg.Connection, rows: Sequence[Telegram]
) -> set[tuple[str, int, int]]:
    """Keeps telegrams; gives (device, boot, seq) of those that were not here already."""
    devices, boots, seqs, kinds, payloads = zip(*rows, strict=True)
    new = await connection.fetch(
        """
        insert into device_inbox (device, boot, seq, kind, payload)
        select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[])
        on conflict do nothing returning device, boot, seq
        """,
        devices,
        boots,
        seqs,
        kinds,
        payloads,
    )
    return {(row["device"], row["boot"], row["seq"]) for row in new}


async def ask_job(
    connection: asyncpg.Connection,
    kind: str,
    subject: str,
    payload: dict[str, object],
    due_at: datetime,
) -> None:
    """Asks for a job, once for each subject; one that is being done is done once more after it."""
    await connection.execute("select ask_job($1, $2, $3, $4)", kind, subject, payload, due_at)


async def claim_jobs(
    connection: asyncpg.Connection,
    kinds: list[str],
    limit: int,
    now: datetime,
    leased_until: datetime,
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        with due as (
            select id from job
            where done_at is null and dead_at is null and due_at <= $2 and kind = any($4)
              and (leased_until is null or leased_until < $2)
            order by due_at, id limit $1 for update skip locked
        )
        update job j set leased_until = $3, attempts = j.attempts + 1
        from due where j.id = due.id
        returning j.id, j.kind, j.subject, j.payload, j.attempts, j.due_at
        """,
        limit,
        now,
        leased_until,
        kinds,
    )


async def finish_job(connection: asyncpg.Connection, job: asyncpg.Record, now: datetime) -> None:
    """Ends a job as it was claimed; one that was asked for since is to be done again at once."""
    await connection.execute(
        """
        update job set done_at = case when due_at = $2 then $3::timestamptz end,
            leased_until = case when due_at = $2 then leased_until end
        where id = $1
        """,
        job["id"],
        job["due_at"],
        now,
    )


async def postpone_job(
    connection: asyncpg.Connection,
    job: asyncpg.Record,
    due_at: datetime,
    dead_at: datetime | None,
    error: str,
) -> None:
    """Lets a job wait that failed, or gives it up; not where it was asked for since it was claimed.

    Then it is to be done again at once.
    """
    await connection.execute(
        """
        update job set due_at = case when due_at = $2 then $3 else due_at end,
            dead_at = case when due_at = $2 then $4::timestamptz end,
            last_error = $5, leased_until = null
        where id = $1
        """,
        job["id"],
        job["due_at"],
        due_at,
        dead_at,
        error,
    )
