"""SQL of messages that leave: queued, claimed line by line, booked, and woken one after another.

A message waits while it is neither done nor dead. What waits of one (topic, target, subject)
stands in a line in the order of `rank`; only its head is ever sent. `due_at` is the head's next
try or the end of its lease. A message found behind an older one gets `infinity`, so that a long
line costs a claim nothing; whoever takes an older one out of the line wakes the new head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

_CLAIM = """
    with recursive place as (
        (select o.topic, o.target from outbox o where o.done_at is null and o.dead_at is null
         order by o.topic, o.target limit 1)
        union all
        select n.topic, n.target from place p cross join lateral (
            select o.topic, o.target from outbox o
            where o.done_at is null and o.dead_at is null
              and (o.topic, o.target) > (p.topic, p.target)
            order by o.topic, o.target limit 1) n
    ), candidate as materialized (
        select c.*, exists (
                select 1 from outbox e
                where e.topic = c.topic and e.target = c.target and e.subject = c.subject
                  and e.rank < c.rank and e.done_at is null and e.dead_at is null) as behind
        from place p
        left join unnest($2::text[], $3::bigint[], $4::int[]) b (topic, target, room)
            on b.topic = p.topic and b.target = p.target
        cross join lateral (
            select o.id, o.topic, o.target, o.subject, o.rank, o.due_at,
                row_number() over (order by o.due_at, o.rank) as turn
            from outbox o
            where o.topic = p.topic and o.target = p.target
              and o.done_at is null and o.dead_at is null and o.due_at <= $5
            order by o.due_at, o.rank limit greatest(0, coalesce(b.room, $6))) c
        where p.topic = any($1)
    ), head as (
        -- Each target's first before any target's second, so that none takes all there is. By
        -- their ids in an array: other joins would be planned for far more, and read the table.
        select o.id, o.topic, o.target, o.subject, o.rank
        from unnest(array(select c.id from candidate c where not c.behind
                          order by c.turn, c.due_at, c.rank)) with ordinality t (id, place)
        join outbox o on o.id = t.id
        where o.done_at is null and o.dead_at is null and o.due_at <= $5
        order by t.place limit $7 for update of o skip locked
    ), line as (
        select n.id from head h cross join lateral (
            select o.id from outbox o
            where o.topic = h.topic and o.target = h.target and o.subject = h.subject
              and o.rank >= h.rank and o.done_at is null and o.dead_at is null
            order by o.rank limit $8) n
    ), leased as (
        update outbox o set due_at = $9, leased_until = $9
        where o.id = any(array(select line.id from line))
        returning o.id, o.tenant_id, o.topic, o.target, o.subject, o.message_id, o.payload,
            o.attempts, o.created_at, o.rank, o.test
    )
    select l.*, coalesce(case when w.active or l.test then w.url end, c.url) as url,
        coalesce(w.secret, c.secret) as secret, w.old_secret, w.old_secret_until,
        null::bigint[] as behind
    from leased l
    left join webhook_endpoint w on l.topic = 'webhook' and w.id = l.target
    left join carrier c on l.topic = 'carrier' and c.id = l.target
    union all
    select null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, array_agg(c.id)
    from candidate c where c.behind and c.id not in (select id from line)
    order by topic, target, subject, rank
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a message once.

    error: None where it was taken. again_at: the next try; None where there is none.
    """

    message_id: int
    tried_at: datetime
    status: int | None
    error: str | None
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """How much may be taken at once.

    rooms: the most lines for some targets, by (topic, target). share: the most for each of the
    others. lines: the most in all. length: messages of a line that are taken along.
    """

    topics: Sequence[str]
    rooms: dict[tuple[str, int], int]
    share: int
    lines: int
    length: int


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
    connection: asyncpg.Connection, claim: Claim, now: datetime, leased_until: datetime
) -> tuple[list[asyncpg.Record], int]:
    """Leases the heads of lines that are due, each with what follows it, in the lines' order.

    Targets take turns; what is for an endpoint that is gone or disabled has no address. What is
    due and stands behind an older one is laid aside until that one is through; how many.
    """
    rows = await connection.fetch(
        _CLAIM,
        list(claim.topics),
        [topic for topic, _ in claim.rooms],
        [target for _, target in claim.rooms],
        list(claim.rooms.values()),
        now,
        claim.share,
        claim.lines,
        claim.length,
        leased_until,
    )
    behind: list[int] = next(row["behind"] for row in rows if row["id"] is None) or []
    if behind:
        await _lay_aside(connection, behind)
    return [row for row in rows if row["id"] is not None], len(behind)


async def _lay_aside(connection: asyncpg.Connection, message_ids: list[int]) -> None:
    """Lets messages wait for the older ones of their lines, as long as these do wait.

    The older one is held until the transaction ends: who takes it out of its line sees afterwards
    what was laid aside behind it.
    """
    await connection.execute(
        """
        with behind as (
            select f.id from outbox f cross join lateral (
                select h.id from outbox h
                where h.topic = f.topic and h.target = f.target and h.subject = f.subject
                  and h.rank < f.rank and h.done_at is null and h.dead_at is null
                order by h.rank limit 1 for update skip locked) h
            where f.id = any($1)
        )
        update outbox o set due_at = 'infinity' from behind
        where o.id = behind.id and o.done_at is null and o.dead_at is null
        """,
        message_ids,
    )


async def book_attempts(
    connection: asyncpg.Connection, attempts: Sequence[Attempt], now: datetime
) -> None:
    """Writes down what came of messages, and wakes the next in a line that one has left.

    A message that was taken is done, whatever was thought of it meanwhile.
    """
    await connection.execute(
        """
        update outbox o set attempts = o.attempts + 1, tried_at = b.tried_at,
            last_status = b.status, last_error = b.error, leased_until = null,
            due_at = coalesce(b.again_at, o.due_at),
            done_at = case when b.error is null then $6::timestamptz end,
            dead_at = case when b.error is not null and b.again_at is null
                           then $6::timestamptz end
        from unnest($1::bigint[], $2::timestamptz[], $3::int[], $4::text[], $5::timestamptz[])
            b (id, tried_at, status, error, again_at)
        where o.id = b.id and o.done_at is null and (o.dead_at is null or b.error is null)
        """,
        [one.message_id for one in attempts],
        [one.tried_at for one in attempts],
        [one.status for one in attempts],
        [one.error for one in attempts],
        [one.again_at for one in attempts],
        now,
    )
    gone = [one.message_id for one in attempts if one.error is None or one.again_at is None]
    if gone:
        await wake_behind(connection, gone, now)


async def wake_behind(
    connection: asyncpg.Connection, message_ids: Sequence[int], now: datetime
) -> None:
    """Lets the new heads of these messages' lines be tried, where they stood behind another."""
    await connection.execute(
        """
        update outbox o set due_at = $2
        from (select distinct topic, target, subject from outbox where id = any($1)) s
        cross join lateral (
            select w.id from outbox w
            where w.topic = s.topic and w.target = s.target and w.subject = s.subject
              and w.done_at is null and w.dead_at is null
            order by w.rank limit 1) head
        where o.id = head.id and o.due_at = 'infinity'
        """,
        list(message_ids),
        now,
    )


async def wake_forgotten(connection: asyncpg.Connection, now: datetime) -> int:
    """Wakes every head that stands behind nobody and still waits for one; how many.

    There are none unless somebody has changed the table by hand.
    """
    status: str = await connection.execute(
        """
        update outbox o set due_at = $1
        where o.due_at = 'infinity' and o.done_at is null and o.dead_at is null
          and not exists (
              select 1 from outbox e
              where e.topic = o.topic and e.target = o.target and e.subject = o.subject
                and e.rank < o.rank and e.done_at is null and e.dead_at is null)
        """,
        now,
    )
    return int(status.rpartition(" ")[2])


async def release_messages(
    connection: asyncpg.Connection, message_ids: Sequence[int], now: datetime
) -> None:
    """Ends the lease of messages that nobody has tried to send."""
    await connection.execute(
        """
        update outbox set due_at = $2, leased_until = null
        where id = any($1) and done_at is null and dead_at is null
        """,
        list(message_ids),
        now,
    )


async def delete_messages(
    connection: asyncpg.Connection, after: int, before: datetime, limit: int
) -> tuple[int, int | None]:
    """Of the next `limit` messages deletes those that were through before that moment.

    Tells how many, and behind which message to go on; None where the rest is newer.
    """
    row = await connection.fetchrow(
        """
        with seen as (
            select id, created_at, coalesce(done_at, dead_at) as over_at
            from outbox where id > $1 order by id limit $3
        ), gone as (
            delete from outbox o using seen s
            where o.id = s.id and s.over_at < $2 and s.created_at < $2 returning o.id
        )
        select (select count(*) from gone) as gone,
            case when max(created_at) < $2 then max(id) end as next
        from seen
        """,
        after,
        before,
        limit,
    )
    assert row is not None
    return row["gone"], row["next"]


async def delete_orphans(connection: asyncpg.Connection) -> None:
    """Deletes what was laid aside of endpoints that are gone."""
    await connection.execute(
        """
        delete from outbox o where o.topic = 'webhook' and o.dead_at is not null
          and not exists (select 1 from webhook_endpoint w where w.id = o.target)
        """
    )
