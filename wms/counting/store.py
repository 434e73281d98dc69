"""SQL of the tasks of counts."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

TASK = """
    select t.*, p.code as place, p.zone, w.code as warehouse, w.count_review_minor, i.sku, i.name
    from count_task t join place p on p.id = t.place_id
    join warehouse w on w.id = t.warehouse_id left join item i on i.id = t.item_id
"""
# A value is of one whole unit, and a part of a minor unit counts as one.
VALUE = """ceil(abs({0}) * coalesce(i.cost_minor, i.usual_price_minor)::numeric
    / power(10::numeric, i.scale))::bigint"""


async def insert_counted(
    connection: asyncpg.Connection,
    tenant_id: int,
    balance_id: int,
    reason: str,
    expected: int,
    counted: int,
    counted_by: str,
    now: datetime,
) -> None:
    """A count that somebody else posts in the same transaction, with its one line."""
    await connection.execute(
        f"""
        with b as (
            select b.*, p.warehouse_id, {VALUE.format("$4::bigint - $5::bigint")} as value_minor
            from balance b join place p on p.id = b.place_id join item i on i.id = b.item_id
            where b.id = $2
        ), task as (
            insert into count_task (tenant_id, warehouse_id, place_id, item_id, reason, state,
                asked_by, asked_at, begun_at, counted_at, counted_by, value_minor, closed_at)
            select $1, b.warehouse_id, b.place_id, b.item_id, $3, 'posted', $6, $7, $7, $7, $6,
                b.value_minor, $7
            from b returning id
        )
        insert into count_line (task_id, tenant_id, owner_id, item_id, lot, serial, status, unit_id,
            expires_on, expected, counted, counted_at, counted_by, mark, applied, value_minor)
        select task.id, $1, b.owner_id, b.item_id, b.lot, b.serial, b.status, b.handling_unit_id,
            b.expires_on, $4, $5, $7, $6, nextval(pg_get_serial_sequence('movement', 'id')),
            $5 - $4, b.value_minor
        from b cross join task
        """,
        tenant_id,
        balance_id,
        reason,
        expected,
        counted,
        counted_by,
        now,
    )


async def insert_task(
    connection: asyncpg.Connection,
    tenant_id: int | None,
    place_id: int,
    item_id: int | None,
    reason: str,
    not_by: Sequence[int],
    asked_by: str,
    recount_of: int | None,
    now: datetime,
) -> int:
    """Asks for a count, or joins the one that is asked for already."""
    task_id: int = await connection.fetchval(
        """
        insert into count_task (tenant_id, warehouse_id, place_id, item_id, reason, asked_by,
            asked_at, not_by, recount_of)
        select $1, p.warehouse_id, p.id, $3, $4, $5, $6, $7, $8 from place p where p.id = $2
        on conflict (place_id, coalesce(item_id, 0)) where state in ('open', 'claimed')
        do update set not_by = array(select distinct unnest(count_task.not_by || excluded.not_by))
        returning id
        """,
        tenant_id,
        place_id,
        item_id,
        reason,
        asked_by,
        now,
        list(not_by),
        recount_of,
    )
    return task_id


async def claim_task(
    connection: asyncpg.Connection,
    staff_id: int,
    warehouse_id: int,
    until: datetime,
    now: datetime,
) -> asyncpg.Record | None:
    """This person's count in a warehouse, or the next there that they may do.

    Recounts come first, then what somebody asked for, then the cycle; each along the walk.
    """
    task_id: int | None = await connection.fetchval(
        """
        select t.id from count_task t join place p on p.id = t.place_id
        where t.warehouse_id = $3 and t.state in ('open', 'claimed') and not $1 = any(t.not_by)
          and (t.state = 'open' or t.holder_id = $1 or t.claimed_until < $2)
          and not exists (select 1 from floor_pause f where f.warehouse_id = t.warehouse_id
                          and f.ended_at is null and f.zone in ('', p.zone))
        order by t.state = 'claimed' and t.holder_id = $1 desc, t.not_by <> '{}' desc,
            t.asked_by like 'timer:%', p.walk_seq nulls last, t.id
        limit 1 for update of t skip locked
        """,
        staff_id,
        now,
        warehouse_id,
    )
    if task_id is None:
        return None
    # Whoever takes a lapsed claim over begins anew: what another counted half is not theirs.
    await connection.execute(
        "delete from count_line l using count_task t where t.id = $1 and l.task_id = t.id "
        "and t.holder_id is distinct from $2",
        task_id,
        staff_id,
    )
    await connection.execute(
        """
        update count_task set state = 'claimed', holder_id = $2, claimed_until = $3,
            begun_at = case when holder_id = $2 then begun_at end
        where id = $1
        """,
        task_id,
        staff_id,
        until,
    )
    return await find_task(connection, task_id)


async def find_task(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{TASK} where t.id = $1", task_id)


async def task_for_update(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{TASK} where t.id = $1 for update of t", task_id)


async def begin(connection: asyncpg.Connection, task_id: int, now: datetime) -> None:
    await connection.execute(
        "update count_task set begun_at = $2, "
        "begun_mark = nextval(pg_get_serial_sequence('movement', 'id')) where id = $1",
        task_id,
        now,
    )


async def give_back(connection: asyncpg.Connection, task_id: int) -> None:
    await connection.execute(
        "update count_task set state = 'open', holder_id = null, claimed_until = null, "
        "begun_at = null where id = $1",
        task_id,
    )
    await connection.execute("delete from count_line where task_id = $1", task_id)


async def set_counted(
    connection: asyncpg.Connection,
    task_id: int,
    state: str,
    counted_by: str,
    value_minor: int | None,
    now: datetime,
) -> None:
    await connection.execute(
        "update count_task set state = $2, counted_by = $3, value_minor = $4, counted_at = $5, "
        "claimed_until = null where id = $1",
        task_id,
        state,
        counted_by,
        value_minor,
        now,
    )


async def close(
    connection: asyncpg.Connection,
    task_id: int,
    state: str,
    reviewed_by: str | None,
    closed_at: datetime | None,
) -> None:
    await connection.execute(
        "update count_task set state = $2, reviewed_by = $3, closed_at = $4, "
        "claimed_until = null where id = $1",
        task_id,
        state,
        reviewed_by,
        closed_at,
    )


async def set_place_counted(
    connection: asyncpg.Connection, place_id: int, counted_at: datetime
) -> None:
    await connection.execute(
        "update place set counted_at = greatest(counted_at, $2) where id = $1", place_id, counted_at
    )


async def tasks_after(
    connection: asyncpg.Connection,
    warehouse_id: int,
    states: Sequence[str] | None,
    after: int,
    limit: int,
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{TASK} where t.warehouse_id = $1 and ($2::text[] is null or t.state = any($2)) "
        "and t.id > $3 order by t.id limit $4",
        warehouse_id,
        None if states is None else list(states),
        after,
        limit,
    )
