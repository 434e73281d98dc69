"""SQL of events: written once, and read again to catch up with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of a shop's events are asked for: types, and one subject; None stands for all."""

    types: Sequence[str] | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Events, and the (transaction, event) pair behind all that was looked at for them."""

    rows: list[asyncpg.Record]
    next: tuple[int, int]


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
    chosen: Chosen | None = None,
) -> Page:
    """A shop's events past a (transaction, sequence) pair, none of which can be preceded any more.

    A sequence number is drawn before its transaction commits, so it alone is no order to read by:
    all transactions below the oldest running one have ended, and newer ones have higher numbers.
    """
    chosen = chosen or Chosen()
    # A condition that is not asked for is not in the query, so that the planner need not guess.
    types = "" if chosen.types is None else "and e.type = any($6::text[])"
    subject = "" if chosen.subject is None else "and e.subject = $7::text"
    rows = await connection.fetch(
        f"""
        with horizon as (
            select e.xid::text::bigint as xid, e.seq from event e
            where e.tenant_id = $1 and (e.xid, e.seq) > ($3::bigint::text::xid8, $4::bigint)
              and e.xid < pg_snapshot_xmin(pg_current_snapshot())
            order by e.xid desc, e.seq desc limit 1
        )
        (select e.xid::text::bigint as xid, e.seq, e.type, e.subject, e.subject_seq, e.order_id,
            e.data, e.actor, e.occurred_at, true as is_event
         from event e
         where e.tenant_id = $1 and (e.xid, e.seq) > ($3::bigint::text::xid8, $4::bigint)
           and e.xid < pg_snapshot_xmin(pg_current_snapshot())
           and case when e.order_id is null then heard_by(e.subject, $2)
                    else exists (select 1 from shop_order o
                                 where o.id = e.order_id and o.shop_id = $2) end
           {types} {subject}
           and ($6::text[] is null or true) and ($7::text is null or true)
         order by e.xid, e.seq limit $5)
        union all
        select h.xid, h.seq, null, null, null, null, null, null, null, false from horizon h
        """,
        tenant_id,
        shop_id,
        *after,
        limit,
        None if chosen.types is None else list(chosen.types),
        chosen.subject,
    )
    found = [row for row in rows if row["is_event"]]
    if len(found) == limit:
        return Page(found, (found[-1]["xid"], found[-1]["seq"]))
    last = next((row for row in rows if not row["is_event"]), None)
    return Page(found, after if last is None else (last["xid"], last["seq"]))


async def events_of_order(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select seq, type, subject, order_id, data, actor, occurred_at
        from event where order_id = $1 order by seq
        """,
        order_id,
    )
