"""SQL of the log: notes, entries, batches, and what they were made from."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.audit.chain import Head

# What an entry says, the same text for as long as it is kept.
_SAID = """jsonb_build_array({0}.source, {0}.source_id, {0}.xid::text,
    (extract(epoch from {0}.at) * 1000000)::bigint, {0}.actor, {0}.action, {0}.object,
    {0}.order_id, {0}.request_id, {0}.detail)::text"""

Note = tuple[int, datetime, str, str, str, int | None, str | None, dict[str, object]]


async def insert_notes(connection: asyncpg.Connection, notes: Sequence[Note]) -> None:
    """Notes of tenant, moment, actor, action, object, order, request and detail.

    What is about an order is noted with the order's tenant.
    """
    await connection.executemany(
        """
        insert into audit_note
            (tenant_id, at, actor, action, object, order_id, request_id, detail)
        values (coalesce((select tenant_id from shop_order where id = $6), $1), $2, $3, $4, $5, $6,
            coalesce($7, stowline_request()), $8)
        """,
        notes,
    )


async def insert_look(
    connection: asyncpg.Connection,
    actor: str,
    action: str,
    order_id: int,
    now: datetime,
    since: datetime,
) -> None:
    """Notes that an order's personal data were seen, unless the same was noted since then."""
    await connection.execute(
        """
        insert into audit_note (tenant_id, at, actor, action, object, order_id)
        select o.tenant_id, $4, $1, $2, 'order/' || o.id, o.id from shop_order o
        where o.id = $3 and not exists (
            select 1 from audit_note n
            where n.order_id = $3 and n.actor = $1 and n.action = $2 and n.at > $5)
        """,
        actor,
        action,
        order_id,
        now,
        since,
    )


async def tenants_with_news(connection: asyncpg.Connection) -> list[int]:
    """Tenants with something that stands in no batch yet and can be preceded by nothing more."""
    rows = await connection.fetch(
        """
        select t.id from (select id from tenant union all select 0) t
        cross join lateral (select coalesce((select upto from audit_batch
            where tenant_id = t.id order by number desc limit 1), '0') as upto) b
        cross join lateral (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
        where exists (select 1 from event where tenant_id = t.id and xid > b.upto
                      and xid < h.horizon)
           or exists (select 1 from command where tenant_id = t.id and xid > b.upto
                      and xid < h.horizon)
           or exists (select 1 from audit_note where tenant_id = t.id and xid > b.upto
                      and xid < h.horizon)
        order by t.id
        """
    )
    return [row["id"] for row in rows]


async def last_batch(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select number, upto::text::bigint as upto, hash from audit_batch
        where tenant_id = $1 order by number desc limit 1
        """,
        tenant_id,
    )


async def head_of(connection: asyncpg.Connection, tenant_id: int) -> Head | None:
    row = await connection.fetchrow(
        "select number, hash, seal from audit_head where tenant_id = $1", tenant_id
    )
    return None if row is None else Head(**dict(row))


async def put_head(
    connection: asyncpg.Connection, tenant_id: int, number: int, digest: bytes, seal: bytes
) -> None:
    await connection.execute(
        """
        insert into audit_head (tenant_id, number, hash, seal) values ($1, $2, $3, $4)
        on conflict (tenant_id) do update
        set number = excluded.number, hash = excluded.hash, seal = excluded.seal
        """,
        tenant_id,
        number,
        digest,
        seal,
    )


async def last_transaction(
    connection: asyncpg.Connection, tenant_id: int, after: int, limit: int
) -> int | None:
    """The transaction that a batch of about so many entries ends with, or None without any.

    All transactions below the oldest running one have ended, and newer ones have higher numbers:
    what is read up to there is all that there will ever be.
    """
    upto: int | None = await connection.fetchval(
        """
        with horizon as (select pg_snapshot_xmin(pg_current_snapshot()) as xid), found as (
            (select e.xid from event e, horizon h where e.tenant_id = $1
             and e.xid > $2::bigint::text::xid8 and e.xid < h.xid order by e.xid limit $3)
            union all
            (select c.xid from command c, horizon h where c.tenant_id = $1
             and c.xid > $2::bigint::text::xid8 and c.xid < h.xid order by c.xid limit $3)
            union all
            (select n.xid from audit_note n, horizon h where n.tenant_id = $1
             and n.xid > $2::bigint::text::xid8 and n.xid < h.xid order by n.xid limit $3)
        )
        select xid::text::bigint from (select xid from found order by xid limit $3) taken
        order by taken.xid desc limit 1
        """,
        tenant_id,
        after,
        limit,
    )
    return upto


async def insert_entries(
    connection: asyncpg.Connection, tenant_id: int, batch: int, after: int, upto: int
) -> list[str]:
    """Enters all that transactions past one up to another wrote; what the entries say, in order."""
    await connection.execute(
        """
        insert into audit_entry (tenant_id, batch, line, source, source_id, xid, at, actor, action,
            object, order_id, request_id, detail)
        select s.tenant_id, $2, row_number() over (order by s.xid, s.rank, s.number, s.source_id),
            s.source, s.source_id, s.xid, s.at, s.actor, s.action, s.object, s.order_id,
            s.request_id, s.detail
        from audit_source s
        where s.tenant_id = $1 and s.xid > $3::bigint::text::xid8
          and s.xid <= $4::bigint::text::xid8
        """,
        tenant_id,
        batch,
        after,
        upto,
    )
    return await entries_of_batch(connection, tenant_id, batch)


async def entries_of_batch(connection: asyncpg.Connection, tenant_id: int, batch: int) -> list[str]:
    """What the entries of a batch say, in their order."""
    rows = await connection.fetch(
        f"""
        select {_SAID.format("a")} as said from audit_entry a
        where a.tenant_id = $1 and a.batch = $2 order by a.line
        """,
        tenant_id,
        batch,
    )
    return [row["said"] for row in rows]


async def insert_batch(
    connection: asyncpg.Connection,
    tenant_id: int,
    number: int,
    entries: int,
    upto: int,
    previous: bytes,
    digest: bytes,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into audit_batch (tenant_id, number, entries, upto, previous, hash, made_at)
        values ($1, $2, $3, $4::bigint::text::xid8, $5, $6, $7)
        """,
        tenant_id,
        number,
        entries,
        upto,
        previous,
        digest,
        now,
    )


async def tenants_with_log(connection: asyncpg.Connection) -> list[int]:
    rows = await connection.fetch(
        """
        select tenant_id from audit_batch union select tenant_id from audit_entry
        union select tenant_id from audit_head order by 1
        """
    )
    return [row["tenant_id"] for row in rows]


async def batches_after(
    connection: asyncpg.Connection, tenant_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select tenant_id, number, entries, upto::text::bigint as upto, previous, hash, made_at
        from audit_batch where tenant_id = $1 and number > $2 order by number limit $3
        """,
        tenant_id,
        after,
        limit,
    )


async def stray_entry(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Record | None:
    """The first entry that stands in no batch, or None."""
    return await connection.fetchrow(
        """
        select a.batch, a.line from audit_entry a
        where a.tenant_id = $1 and not exists (
            select 1 from audit_batch b where b.tenant_id = $1 and b.number = a.batch)
        order by a.batch, a.line limit 1
        """,
        tenant_id,
    )


async def changed_source(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Record | None:
    """The first event, command or note that was entered otherwise than it is now, or not at all."""
    return await connection.fetchrow(
        f"""
        select coalesce(a.batch, n.number) as batch, s.source, s.source_id, a.source is null as lost
        from audit_source s
        left join audit_entry a on a.tenant_id = s.tenant_id and a.source = s.source
            and a.source_id = s.source_id
        left join lateral (select number from audit_batch b where b.tenant_id = $1
            and b.upto >= s.xid order by number limit 1) n on true
        where s.tenant_id = $1
          and s.xid <= (select upto from audit_batch where tenant_id = $1
                        order by number desc limit 1)
          and (a.source is null or {_SAID.format("a")} <> {_SAID.format("s")})
        order by s.xid, s.rank, s.number limit 1
        """,
        tenant_id,
    )


async def removed_event(connection: asyncpg.Connection, tenant_id: int) -> asyncpg.Record | None:
    """The first event or note that was entered and is there no more, or None."""
    return await connection.fetchrow(
        """
        select a.batch, a.source, a.source_id from audit_entry a
        where a.tenant_id = $1
          and case a.source
              when 'event' then not exists (select 1 from event e
                  where e.seq = a.source_id::bigint and e.tenant_id = $1)
              when 'note' then not exists (select 1 from audit_note n
                  where n.id = a.source_id::bigint and n.tenant_id = $1)
              else false end
        order by a.batch, a.line limit 1
        """,
        tenant_id,
    )


async def entries_before(
    connection: asyncpg.Connection,
    tenant_id: int | None,
    order_id: int | None,
    subject: str | None,
    before: tuple[int, int, int] | None,
    limit: int,
) -> list[asyncpg.Record]:
    """The newest entries, of one tenant, order or object where these are given."""
    return await connection.fetch(
        """
        select tenant_id, batch, line, source, at, actor, action, object, order_id, request_id,
            detail, xid::text::bigint as xid
        from audit_entry
        where ($1::bigint is null or tenant_id = $1) and ($2::bigint is null or order_id = $2)
          and ($3::text is null or object = $3)
          and ($4::bigint is null or (xid, tenant_id, line)
               < ($4::bigint::text::xid8, $5::bigint, $6::integer))
        order by xid desc, tenant_id desc, line desc limit $7
        """,
        tenant_id,
        order_id,
        subject,
        *(before or (None, None, None)),
        limit,
    )


async def reads_of_order(
    connection: asyncpg.Connection, order_id: int, before: int | None, limit: int
) -> list[asyncpg.Record]:
    """Who saw an order's personal data, by itself or in a list, the newest first."""
    return await connection.fetch(
        """
        select id, at, actor, action, object, request_id from (
            (select * from audit_note where order_id = $1 and action like 'personal.%'
             and ($2::bigint is null or id < $2) order by id desc limit $3)
            union
            (select * from audit_note where detail ? 'orders'
             and detail -> 'orders' @> to_jsonb($1::bigint)
             and ($2::bigint is null or id < $2) order by id desc limit $3)
        ) seen order by id desc limit $3
        """,
        order_id,
        before,
        limit,
    )
