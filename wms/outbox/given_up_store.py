"""SQL of what was given up and that nobody has seen to: messages after their tries, and jobs."""

from datetime import datetime

import asyncpg

# What a disabled endpoint was not told is its shop's own wish.
_UNSEEN = """
    o.dead_at is not null and o.seen_at is null
    and (o.topic <> 'webhook' or exists (
        select 1 from webhook_endpoint w where w.id = o.target and w.active))
"""
_UNSEEN_JOB = "j.dead_at is not null and j.done_at is null and j.seen_at is null"


async def given_up(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """What was given up by queue, receiver and reason, the newest first."""
    return await connection.fetch(
        f"""
        select g.*, coalesce(w.url, c.name, '') as name, coalesce(s.name, '') as shop from (
            select o.topic as queue, o.target::text as receiver, o.target, o.last_error as error,
                count(*) as many, min(o.created_at) as first_at, max(o.dead_at) as dead_at
            from outbox o where {_UNSEEN} group by o.topic, o.target, o.last_error
            union all
            select 'job', j.kind, null, j.last_error, count(*), min(j.created_at), max(j.dead_at)
            from job j where {_UNSEEN_JOB} group by j.kind, j.last_error) g
        left join webhook_endpoint w on g.queue = 'webhook' and w.id = g.target
        left join shop s on s.id = w.shop_id
        left join carrier c on g.queue = 'carrier' and c.id = g.target
        order by g.dead_at desc limit $1
        """,
        limit,
    )


async def send_again(
    connection: asyncpg.Connection, topic: str, receiver: str, limit: int, now: datetime
) -> int:
    """Lets messages to a receiver begin their tries anew, the oldest first; how many."""
    status: str = await connection.execute(
        f"""
        update outbox o set dead_at = null, attempts = 0, last_error = null, last_status = null,
            leased_until = null, due_at = $4, replays = o.replays + 1, replayed_at = $4
        where o.id in (select o.id from outbox o
            where o.topic = $1 and o.target = $2::text::bigint and {_UNSEEN}
            order by o.id limit $3 for update skip locked)
        """,
        topic,
        receiver,
        limit,
        now,
    )
    return int(status.rpartition(" ")[2])


async def do_again(connection: asyncpg.Connection, kind: str, limit: int, now: datetime) -> int:
    """Lets jobs of a kind begin their tries anew, once for each subject; how many.

    One whose subject has a job that waits is seen to by that.
    """
    status: str = await connection.execute(
        f"""
        with chosen as (
            select j.id, row_number() over (partition by j.subject order by j.id desc) = 1
                and not exists (select 1 from job n where n.kind = j.kind and n.subject = j.subject
                                and n.done_at is null and n.dead_at is null) as again
            from (select j.* from job j where j.kind = $1 and {_UNSEEN_JOB}
                  order by j.id limit $2 for update skip locked) j
        )
        update job j set attempts = 0, leased_until = null,
            due_at = case when c.again then $3 else j.due_at end,
            dead_at = case when not c.again then j.dead_at end,
            seen_at = case when not c.again then $3 end
        from chosen c where c.id = j.id
        """,
        kind,
        limit,
        now,
    )
    return int(status.rpartition(" ")[2])


async def acknowledge(
    connection: asyncpg.Connection, topic: str, receiver: str, upto: datetime, now: datetime
) -> int:
    """Notes that somebody has seen what was given up until then; how many messages."""
    status: str = await connection.execute(
        f"""
        update outbox o set seen_at = $4
        where o.topic = $1 and o.target = $2::text::bigint and o.dead_at <= $3 and {_UNSEEN}
        """,
        topic,
        receiver,
        upto,
        now,
    )
    return int(status.rpartition(" ")[2])


async def acknowledge_jobs(
    connection: asyncpg.Connection, kind: str, upto: datetime, now: datetime
) -> int:
    """Notes that somebody has seen the jobs of a kind that were given up until then; how many."""
    status: str = await connection.execute(
        f"""
        update job j set seen_at = $3 where j.kind = $1 and j.dead_at <= $2 and {_UNSEEN_JOB}
        """,
        kind,
        upto,
        now,
    )
    return int(status.rpartition(" ")[2])


async def acknowledge_endpoint(
    connection: asyncpg.Connection, endpoint_id: int, now: datetime
) -> None:
    """Notes that its shop knows what an endpoint was not told."""
    await connection.execute(
        """
        update outbox set seen_at = $2
        where topic = 'webhook' and target = $1 and dead_at is not null and seen_at is null
        """,
        endpoint_id,
        now,
    )
