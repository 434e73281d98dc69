"""SQL of steps that take too long: found, told, raised and resolved, each in one statement."""

from datetime import datetime

import asyncpg

_RULE = """
    cross join lateral (select p.* from sop p where p.step = s.step and p.kind in (s.kind, '')
                        order by p.kind desc limit 1) p
"""
# What takes longer than it may at $1, by the limits of today.
_OVERDUE = f"""
    from standing_step s {_RULE}
    cross join lateral (select case when p.limit_s is null then s.due_at
        else s.since + make_interval(secs => p.limit_s) end as due_at) d
    where d.due_at <= $1
"""


async def rules(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch("select * from sop order by step, kind")


async def set_rule(
    connection: asyncpg.Connection,
    step: str,
    kind: str,
    role: str,
    limit_s: int | None,
    escalate_s: int,
    changed_by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        insert into sop (step, kind, role, limit_s, escalate_s, changed_by, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (step, kind) do update set role = excluded.role, limit_s = excluded.limit_s,
            escalate_s = excluded.escalate_s, changed_by = excluded.changed_by,
            changed_at = excluded.changed_at
        """,
        step,
        kind,
        role,
        limit_s,
        escalate_s,
        changed_by,
        now,
    )


async def delete_rule(connection: asyncpg.Connection, step: str, kind: str) -> bool:
    """Whether there was one."""
    status: str = await connection.execute(
        "delete from sop where step = $1 and kind = $2 and kind <> ''", step, kind
    )
    return status.endswith("1")


async def resolve(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Marks what was told of and waits no more, or may wait longer by now.

    As a difference of sets: what stands is a view of the whole house, to be read once.
    """
    return await connection.fetch(
        f"""
        update step_escalation e set resolved_at = $1
        from (select x.step, x.object_id, x.since from step_escalation x
              where x.resolved_at is null
              except select s.step, s.object_id, s.since {_OVERDUE} limit $2) gone
        where e.step = gone.step and e.object_id = gone.object_id and e.since = gone.since
        returning e.*
        """,
        now,
        limit,
    )


async def raise_overdue(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Marks each step that takes longer than it may, once; those longest overdue first.

    One that was within its limit meanwhile, for that was moved, is marked anew.
    """
    return await connection.fetch(
        f"""
        insert into step_escalation (tenant_id, step, kind, object, object_id, order_id, since,
            due_at, role, told_at)
        select s.tenant_id, s.step, s.kind, s.object, s.object_id, s.order_id, s.since, d.due_at,
            coalesce(s.role, p.role), $1
        {_OVERDUE} and not exists (
            select 1 from step_escalation e where e.step = s.step and e.object_id = s.object_id
                and e.since = s.since and e.resolved_at is null)
        order by d.due_at limit $2
        on conflict (step, object_id, since) do update set kind = excluded.kind,
            due_at = excluded.due_at, role = excluded.role, level = 1, told_at = excluded.told_at,
            raised_at = null, resolved_at = null
        where step_escalation.resolved_at is not null
        returning *
        """,
        now,
        limit,
    )


async def raise_further(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Gives what is still overdue after the second limit to the next role, once."""
    return await connection.fetch(
        f"""
        update step_escalation e set level = 2, raised_at = $1, role = case e.role
            when 'operator' then 'planner' when 'planner' then 'supervisor' else 'admin' end
        where e.id in (
            select s.id from step_escalation s {_RULE}
            where s.resolved_at is null and s.level = 1
              and s.due_at + make_interval(secs => p.escalate_s) <= $1
            order by s.due_at limit $2 for no key update of s skip locked)
        returning e.*
        """,
        now,
        limit,
    )


async def standing(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """What is overdue now, the highest role's and the oldest first."""
    return await connection.fetch(
        """
        select e.*, o.external_order_id, o.id as order_number
        from step_escalation e left join shop_order o on o.id = e.order_id
        where e.resolved_at is null order by e.level desc, e.due_at, e.id limit $1
        """,
        limit,
    )


async def counts(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Overdue steps by step and role."""
    return await connection.fetch(
        """
        select step, role, count(*) as overdue, min(due_at) as oldest_at from step_escalation
        where resolved_at is null group by step, role order by step, role
        """
    )
