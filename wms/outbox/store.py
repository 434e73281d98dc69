"""SQL of commands, events, messages that leave, device telegrams that came in, and jobs."""

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


async def insert_event(
    connection: asyncpg.Connection,
    tenant_id: int,
    event_type: str,
    subject: str,
    order_id: int | None,
    data: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    await connection.execute(
        "select emit_event($1, $2, $3, $4, $5, $6, $7)",
        tenant_id,
        event_type,
        subject,
        order_id,
        data,
        actor,
        now,
    )


async def events_after(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    after: tuple[int, int],
    limit: int,
) -> list[asyncpg.Record]:
    """A shop's events past a (transaction, sequence) pair, none of which can be preceded any more.

    A sequence number is drawn before its transaction commits, so it alone is no order to read by:
    all transactions below the oldest running one have ended, and newer ones have higher numbers.
    """
    return await connection.fetch(
        """
        select e.xid::text::bigint as xid, e.seq, e.type, e.subject, e.order_id, e.data, e.actor,
            e.occurred_at
        from event e
        where e.tenant_id = $1 and (e.xid, e.seq) > ($3::bigint::text::xid8, $4::bigint)
          and e.xid < pg_snapshot_xmin(pg_current_snapshot())
          and (e.order_id is null or exists (
              select 1 from shop_order o where o.id = e.order_id and o.shop_id = $2))
        order by e.xid, e.seq limit $5
        """,
        tenant_id,
        shop_id,
        *after,
        limit,
    )


async def events_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select seq, type, subject, order_id, data, actor, occurred_at
        from event where order_id = $1 order by seq
        """,
        order_id,
    )


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


async def insert_messages(
    connection: asyncpg.Connection,
    tenant_id: int,
    topic: str,
    target: int,
    messages: list[dict[str, object]],
) -> None:
    """Queues messages to one target, each with its subject, message_id and payload."""
    await connection.execute(
        """
        insert into outbox (tenant_id, topic, target, subject, message_id, payload)
        select $1, $2, $3, m.subject, m.message_id, m.payload
        from jsonb_to_recordset($4) m(subject text, message_id text, payload jsonb)
        """,
        tenant_id,
        topic,
        target,
        messages,
    )


async def claim_messages(
    connection: asyncpg.Connection,
    limit: int,
    busy: list[tuple[str, int]],
    now: datetime,
    leased_until: datetime,
) -> list[asyncpg.Record]:
    """Leases messages that are due, of each object only the oldest: the rest wait behind it.

    What goes to one of the `busy` (topic, target) pairs is left for later.
    """
    return await connection.fetch(
        """
        with due as (
            select o.id from outbox o
            where o.done_at is null and o.dead_at is null and o.due_at <= $2
              and (o.leased_until is null or o.leased_until < $2)
              and not exists (
                  select 1 from unnest($4::text[], $5::bigint[]) b(topic, target)
                  where b.topic = o.topic and b.target = o.target)
              and not exists (
                  select 1 from outbox e
                  where e.topic = o.topic and e.target = o.target and e.subject = o.subject
                    and e.id < o.id and e.done_at is null and e.dead_at is null)
            order by o.id limit $1 for update skip locked
        ), leased as (
            update outbox o set leased_until = $3, attempts = o.attempts + 1
            from due where o.id = due.id
            returning o.id, o.tenant_id, o.topic, o.target, o.subject, o.message_id, o.payload,
                o.attempts, o.created_at
        )
        select l.*, coalesce(w.url, c.url) as url, coalesce(w.secret, c.secret) as secret
        from leased l
        left join webhook_endpoint w on l.topic = 'webhook' and w.id = l.target
        left join carrier c on l.topic = 'carrier' and c.id = l.target
        order by l.id
        """,
        limit,
        now,
        leased_until,
        [topic for topic, _ in busy],
        [target for _, target in busy],
    )


async def finish_message(connection: asyncpg.Connection, message_id: int, now: datetime) -> None:
    await connection.execute(
        "update outbox set done_at = $2, leased_until = null, last_error = null where id = $1",
        message_id,
        now,
    )


async def postpone_message(
    connection: asyncpg.Connection,
    message_id: int,
    due_at: datetime,
    dead_at: datetime | None,
    error: str,
) -> None:
    await connection.execute(
        """
        update outbox set due_at = $2, dead_at = $3, last_error = $4, leased_until = null
        where id = $1
        """,
        message_id,
        due_at,
        dead_at,
        error,
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


async def insert_job(
    connection: asyncpg.Connection,
    kind: str,
    subject: str,
    payload: dict[str, object],
    due_at: datetime,
) -> None:
    await connection.execute(
        """
        insert into job (kind, subject, payload, due_at) values ($1, $2, $3, $4)
        on conflict (kind, subject) where done_at is null and dead_at is null do nothing
        """,
        kind,
        subject,
        payload,
        due_at,
    )


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
        returning j.id, j.kind, j.subject, j.payload, j.attempts
        """,
        limit,
        now,
        leased_until,
        kinds,
    )


async def finish_job(connection: asyncpg.Connection, job_id: int, now: datetime) -> None:
    await connection.execute("update job set done_at = $2 where id = $1", job_id, now)


async def postpone_job(
    connection: asyncpg.Connection,
    job_id: int,
    due_at: datetime,
    dead_at: datetime | None,
    error: str,
) -> None:
    await connection.execute(
        """
        update job set due_at = $2, dead_at = $3, last_error = $4, leased_until = null
        where id = $1
        """,
        job_id,
        due_at,
        dead_at,
        error,
    )
