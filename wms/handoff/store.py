"""SQL of tickets and of what was said about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

# A ticket with its names and the moment by which it is to be answered.
_VIEW = """
    select h.*, o.external_order_id, s.name as shop, p.limit_s,
        h.waiting_since + make_interval(secs => p.limit_s) as due_at
    from handoff h
    join sop p on p.step = 'ticket' and p.kind = h.urgency
    join shop s on s.id = h.shop_id
    left join shop_order o on o.id = h.order_id
"""
_DUE = "h.waiting_since + make_interval(secs => p.limit_s)"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tickets are asked for; None stands for all."""

    states: Sequence[str] | None = None
    tenant_id: int | None = None
    shop_id: int | None = None
    order_id: int | None = None


async def insert_ticket(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    order_id: int | None,
    asked_by: str,
    kind: str,
    urgency: str,
    cause: str,
    sandbox: bool,
    now: datetime,
) -> int | None:
    """A ticket's number; None where its cause has one already."""
    number: int | None = await connection.fetchval(
        """
        insert into handoff (tenant_id, shop_id, order_id, asked_by, kind, urgency, cause, sandbox,
            asked_at, waiting_since)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        on conflict (tenant_id, cause) where cause <> '' do nothing returning id
        """,
        tenant_id,
        shop_id,
        order_id,
        asked_by,
        kind,
        urgency,
        cause,
        sandbox,
        now,
    )
    return number


async def insert_note(
    connection: asyncpg.Connection,
    tenant_id: int,
    handoff_id: int,
    order_id: int | None,
    author: str,
    actor: str,
    kind: str,
    said: dict[str, object],
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into handoff_note
            (tenant_id, handoff_id, order_id, author, actor, kind, said, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        tenant_id,
        handoff_id,
        order_id,
        author,
        actor,
        kind,
        said,
        now,
    )


async def find_ticket(connection: asyncpg.Connection, handoff_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{_VIEW} where h.id = $1", handoff_id)


async def tickets_of_buyer(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """What an order's buyer asked by the link, the oldest first."""
    return await connection.fetch(
        f"{_VIEW} where h.order_id = $1 and h.asked_by = 'buyer' order by h.id", order_id
    )


async def lock_ticket(connection: asyncpg.Connection, handoff_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from handoff where id = $1 for no key update", handoff_id
    )


async def lock_next(connection: asyncpg.Connection, roles: Sequence[str]) -> asyncpg.Record | None:
    """The open ticket that is due first among those of these roles that nobody else is taking."""
    return await connection.fetchrow(
        f"""
        select h.* from handoff h join sop p on p.step = 'ticket' and p.kind = h.urgency
        where h.state = 'open' and h.role = any($1) and not h.sandbox
        order by {_DUE}, h.id limit 1 for no key update of h skip locked
        """,
        list(roles),
    )


async def set_state(
    connection: asyncpg.Connection,
    handoff_id: int,
    state: str,
    holder_id: int | None,
    holder: str | None,
    now: datetime,
) -> None:
    """Writes a state with its moment; open again, it keeps the time that it has waited."""
    await connection.execute(
        """
        update handoff set state = $2, holder_id = $3, holder = coalesce($4, holder),
            claimed_at = case $2 when 'claimed' then $5 when 'open' then null else claimed_at end,
            answered_at = case $2 when 'answered' then $5 else answered_at end,
            closed_at = case $2 when 'closed' then $5 end
        where id = $1
        """,
        handoff_id,
        state,
        holder_id,
        holder,
        now,
    )


async def set_waiting(
    connection: asyncpg.Connection, handoff_id: int, role: str, waiting_since: datetime
) -> None:
    """Says whose turn it is, and since when it waits for them."""
    await connection.execute(
        "update handoff set role = $2, waiting_since = $3 where id = $1",
        handoff_id,
        role,
        waiting_since,
    )


async def notes_of(connection: asyncpg.Connection, handoff_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from handoff_note where handoff_id = $1 order by id", handoff_id
    )


async def tickets_after(
    connection: asyncpg.Connection, chosen: Chosen, after: int, limit: int
) -> list[asyncpg.Record]:
    """Tickets by their numbers, the oldest first."""
    which, arguments = _chosen(chosen, 3)
    return await connection.fetch(
        f"{_VIEW} where h.id > $1 {which} order by h.id limit $2", after, limit, *arguments
    )


async def queue_after(
    connection: asyncpg.Connection, chosen: Chosen, after: tuple[int, int], limit: int
) -> list[asyncpg.Record]:
    """Tickets by the moment that they are due, behind a (microsecond, number) pair."""
    which, arguments = _chosen(chosen, 4)
    return await connection.fetch(
        f"""
        {_VIEW}
        where ((extract(epoch from {_DUE}) * 1000000)::bigint, h.id) > ($1::bigint, $2::bigint)
          and not h.sandbox {which}
        order by (extract(epoch from {_DUE}) * 1000000)::bigint, h.id limit $3
        """,
        *after,
        limit,
        *arguments,
    )


async def newest_tickets(
    connection: asyncpg.Connection, chosen: Chosen, limit: int
) -> list[asyncpg.Record]:
    """The tickets that were asked last, the newest first."""
    which, arguments = _chosen(chosen, 2)
    return await connection.fetch(
        f"{_VIEW} where not h.sandbox {which} order by h.id desc limit $1", limit, *arguments
    )


def _chosen(chosen: Chosen, first: int) -> tuple[str, list[object]]:
    """What is asked for, from that parameter on; nothing else is in the query to be guessed at."""
    names = (
        ("h.state = any(${}::text[])", None if chosen.states is None else list(chosen.states)),
        ("h.tenant_id = ${}::bigint", chosen.tenant_id),
        ("h.shop_id = ${}::bigint", chosen.shop_id),
        ("h.order_id = ${}::bigint", chosen.order_id),
    )
    asked = [(text, value) for text, value in names if value is not None]
    which = "".join(f" and {text.format(first + n)}" for n, (text, _) in enumerate(asked))
    return which, [value for _, value in asked]


async def counts(connection: asyncpg.Connection, now: datetime) -> list[asyncpg.Record]:
    """Standing tickets by urgency: how many, how many of them nobody has taken, how many late."""
    return await connection.fetch(
        f"""
        select p.kind as urgency, count(h.id) as standing,
            count(h.id) filter (where h.state = 'open') as waiting,
            count(h.id) filter (where {_DUE} <= $1) as late, min(h.waiting_since) as oldest_at,
            p.limit_s
        from sop p left join handoff h on h.urgency = p.kind and h.state in ('open', 'claimed')
            and not h.sandbox
        where p.step = 'ticket' group by p.kind, p.limit_s order by p.limit_s, p.kind
        """,
        now,
    )
