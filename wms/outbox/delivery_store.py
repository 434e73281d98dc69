"""SQL of deliveries, the messages to webhook endpoints, as their shop reads and replays them."""

from datetime import datetime

import asyncpg

# `infinity` is no moment of a next try: the message stands behind another of its object.
_COLUMNS = """
    id, message_id, subject, payload ->> 'type' as type,
    (payload ->> 'sequence')::bigint as sequence, test, attempts, replays, created_at, tried_at,
    done_at, dead_at, last_status, last_error,
    case when done_at is not null then 'delivered' when dead_at is not null then 'dead'
         else 'waiting' end as state,
    case when done_at is null and dead_at is null then nullif(due_at, 'infinity') end as next_try_at
"""
_IN_STATE = {
    "waiting": "done_at is null and dead_at is null",
    "delivered": "done_at is not null",
    "dead": "dead_at is not null",
}
STATES = tuple(_IN_STATE)


async def insert_test(
    connection: asyncpg.Connection,
    tenant_id: int,
    endpoint_id: int,
    message_id: str,
    subject: str,
    payload: dict[str, object],
) -> int:
    delivery_id: int = await connection.fetchval(
        """
        insert into outbox (tenant_id, topic, target, subject, message_id, payload, test)
        values ($1, 'webhook', $2, $3, $4, $5, true) returning id
        """,
        tenant_id,
        endpoint_id,
        subject,
        message_id,
        payload,
    )
    return delivery_id


async def deliveries_before(
    connection: asyncpg.Connection, endpoint_id: int, before: int, state: str | None, limit: int
) -> list[asyncpg.Record]:
    """An endpoint's deliveries, the newest first, from below that one on."""
    condition = "true" if state is None else _IN_STATE[state]
    return await connection.fetch(
        f"""
        select {_COLUMNS} from outbox
        where topic = 'webhook' and target = $1 and id < $2 and {condition}
        order by id desc limit $3
        """,
        endpoint_id,
        before,
        limit,
    )


async def find_delivery(
    connection: asyncpg.Connection, endpoint_id: int, delivery_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"""
        select {_COLUMNS}, payload from outbox
        where topic = 'webhook' and target = $1 and id = $2
        """,
        endpoint_id,
        delivery_id,
    )


async def replay(
    connection: asyncpg.Connection, endpoint_id: int, delivery_id: int, now: datetime
) -> None:
    """Lets a delivery begin its tries anew; one that is being sent now goes on as it is."""
    await connection.execute(
        """
        update outbox set done_at = null, dead_at = null, attempts = 0, last_error = null,
            last_status = null, leased_until = null, seen_at = null, due_at = $3,
            replays = replays + 1, replayed_at = $3
        where topic = 'webhook' and target = $1 and id = $2
          and (leased_until is null or leased_until < $3)
        """,
        endpoint_id,
        delivery_id,
        now,
    )


async def replay_since(
    connection: asyncpg.Connection,
    endpoint_id: int,
    states: list[str],
    since: datetime,
    limit: int,
    now: datetime,
) -> tuple[int, datetime | None]:
    """Lets deliveries in these states begin anew, the oldest first; how many, and to which moment.

    The moment is None where there are no more. Samples are left out.
    """
    conditions = " or ".join(_IN_STATE[state] for state in states)
    row = await connection.fetchrow(
        f"""
        with chosen as (
            select id, created_at from outbox
            where topic = 'webhook' and target = $1 and created_at >= $2 and not test
              and ({conditions}) order by created_at, id limit $3
        ), begun as (
            update outbox o set done_at = null, dead_at = null, attempts = 0, last_error = null,
                last_status = null, leased_until = null, seen_at = null, due_at = $4,
                replays = o.replays + 1, replayed_at = $4
            from chosen where o.id = chosen.id returning o.id
        )
        select (select count(*) from begun) as many,
            case when count(*) = $3 then max(created_at) end as upto
        from chosen
        """,
        endpoint_id,
        since,
        limit,
        now,
    )
    assert row is not None
    return row["many"], row["upto"]


async def queue_missed(
    connection: asyncpg.Connection, endpoint_id: int, since: datetime, limit: int, now: datetime
) -> tuple[int, datetime | None]:
    """Queues events that an endpoint wants and was never sent, as `replay_since` answers.

    They happened before it was entered, or while it was disabled or had other types.
    """
    row = await connection.fetchrow(
        """
        with chosen as (
            select e.*, w.id as endpoint_id
            from webhook_endpoint w
            join event e on e.tenant_id = w.tenant_id
            where w.id = $1 and e.occurred_at >= $2
              and ('*' = any(w.types) or e.type = any(w.types))
              and case when e.order_id is null then heard_by(e.subject, w.shop_id)
                       else w.shop_id = (
                           select o.shop_id from shop_order o where o.id = e.order_id) end
              and not exists (
                  select 1 from outbox o where o.message_id = 'msg_' || e.seq || '_' || w.id)
            order by e.occurred_at, e.seq limit $3
        ), queued as (
            insert into outbox
                (tenant_id, topic, target, subject, message_id, event_seq, payload, due_at)
            select tenant_id, 'webhook', endpoint_id, subject, 'msg_' || seq || '_' || endpoint_id,
                seq, webhook_body(type, occurred_at, subject, subject_seq, data), $4
            from chosen order by seq
            on conflict (message_id) do nothing returning id
        )
        select (select count(*) from queued) as many,
            case when count(*) = $3 then max(occurred_at) end as upto
        from chosen
        """,
        endpoint_id,
        since,
        limit,
        now,
    )
    assert row is not None
    return row["many"], row["upto"]
