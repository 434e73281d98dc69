"""SQL of counts: the tasks, and the lines that were counted."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

TASK = """
    select t.*, p.code as place, p.zone, w.code as warehouse, w.count_review_minor, i.sku, i.name
    from count_task t join place p on p.id = t.place_id
    join warehouse w on w.id = t.warehouse_id left join item i on i.id = t.item_id
"""
# The goods of a line or of a balance, in one order everywhere.
KEY = ("owner_id", "item_id", "lot", "serial", "status", "unit_id")
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


async def upsert_line(
    connection: asyncpg.Connection,
    task_id: int,
    tenant_id: int,
    goods: dict[str, object],
    counted: int,
    counted_by: str,
    since_at: datetime | None,
    counted_at: datetime,
) -> None:
    """What was counted of one balance; the last count of it stands.

    The balance stays locked, so that the mark lies between the movements before and after it.
    """
    await connection.execute(
        """
        select 1 from balance b
        where b.owner_id = $1 and b.item_id = $2 and b.place_id =
              (select place_id from count_task where id = $7)
          and b.lot = $3 and b.serial = $4 and b.status = $5 and b.handling_unit_id = $6
        for no key update
        """,
        *(goods[name] for name in KEY),
        task_id,
    )
    await connection.execute(
        """
        insert into count_line (task_id, tenant_id, owner_id, item_id, lot, serial, status, unit_id,
            expires_on, counted, counted_by, since_at, counted_at, mark)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            nextval(pg_get_serial_sequence('movement', 'id')))
        on conflict on constraint count_line_once do update set counted = excluded.counted,
            counted_by = excluded.counted_by, since_at = excluded.since_at,
            counted_at = excluded.counted_at, mark = excluded.mark, recorded_at = now()
        """,
        task_id,
        tenant_id,
        *(goods[name] for name in KEY),
        goods["expires_on"],
        counted,
        counted_by,
        since_at,
        counted_at,
    )


async def set_shared(connection: asyncpg.Connection, line_id: int, counted: int) -> None:
    """What of a counted total belongs to this very balance; its moment stays."""
    await connection.execute("update count_line set counted = $2 where id = $1", line_id, counted)


async def insert_shared(
    connection: asyncpg.Connection, line_id: int, unit_id: int, status: str, counted: int
) -> None:
    """A part of a counted total that belongs to another balance of the same goods."""
    await connection.execute(
        """
        insert into count_line (task_id, tenant_id, owner_id, item_id, lot, serial, status, unit_id,
            expires_on, counted, counted_by, since_at, counted_at, mark, recorded_at)
        select l.task_id, l.tenant_id, l.owner_id, l.item_id, l.lot, l.serial, $3, $2, l.expires_on,
            $4, l.counted_by, l.since_at, l.counted_at, l.mark, l.recorded_at
        from count_line l where l.id = $1
        """,
        line_id,
        unit_id,
        status,
        counted,
    )


async def book_line(
    connection: asyncpg.Connection,
    line_id: int,
    expected: int,
    applied: int,
    unapplied: int,
    value_minor: int | None,
    note: str,
    movement_id: int | None,
) -> None:
    await connection.execute(
        "update count_line set expected = $2, applied = $3, unapplied = $4, value_minor = $5, "
        "note = $6, movement_id = $7 where id = $1",
        line_id,
        expected,
        applied,
        unapplied,
        value_minor,
        note,
        movement_id,
    )


async def books_of(connection: asyncpg.Connection, task_id: int) -> list[asyncpg.Record]:
    """The balances that a count is about."""
    return await connection.fetch(
        """
        select b.id, b.item_id from balance b join count_task t on t.id = $1
            and b.place_id = t.place_id and (t.item_id is null or b.item_id = t.item_id)
            and (t.tenant_id is null or b.tenant_id = t.tenant_id)
        where b.on_hand > 0 or exists (select 1 from count_line l where l.task_id = $1
                                       and l.item_id = b.item_id)
        order by b.id
        """,
        task_id,
    )


async def unseen(connection: asyncpg.Connection, task_id: int) -> list[asyncpg.Record]:
    """What the books say lies there and nobody has counted, not even as another status."""
    return await connection.fetch(
        """
        select b.tenant_id, b.owner_id, b.item_id, b.lot, b.serial, b.status,
            b.handling_unit_id as unit_id, b.expires_on
        from balance b join count_task t on t.id = $1 and b.place_id = t.place_id
            and (t.item_id is null or b.item_id = t.item_id)
            and (t.tenant_id is null or b.tenant_id = t.tenant_id)
        where b.on_hand > 0
          and not exists (select 1 from count_line l
                          where l.task_id = $1 and l.owner_id = b.owner_id
                            and l.item_id = b.item_id and l.lot = b.lot and l.serial = b.serial)
        order by b.id
        """,
        task_id,
    )


async def counted_so_far(connection: asyncpg.Connection, task_id: int) -> list[asyncpg.Record]:
    """What the counter has said, and nothing of what the books say."""
    return await connection.fetch(
        """
        select l.item_id, l.lot, l.serial, l.counted, i.sku, i.scale, i.unit
        from count_line l join item i on i.id = l.item_id where l.task_id = $1 order by l.id
        """,
        task_id,
    )


async def shares_of(connection: asyncpg.Connection, line_id: int) -> list[asyncpg.Record]:
    """The balances that counted goods may be, with what each held; loose and available first."""
    return await connection.fetch(
        """
        select x.unit_id, x.status, on_hand_at(l.owner_id, l.item_id, t.place_id, x.unit_id, l.lot,
            l.serial, x.status, l.counted_at, l.mark, l.recorded_at) as on_hand
        from count_line l join count_task t on t.id = l.task_id
        cross join lateral (
            select b.handling_unit_id as unit_id, b.status from balance b
            where b.owner_id = l.owner_id and b.item_id = l.item_id and b.place_id = t.place_id
              and b.lot = l.lot and b.serial = l.serial
            union select l.unit_id, l.status
        ) x
        where l.id = $1
        order by x.unit_id, array_position(
            array['available', 'damaged', 'quarantine', 'hold'], x.status)
        """,
        line_id,
    )


async def lines_of(connection: asyncpg.Connection, task_id: int) -> list[asyncpg.Record]:
    """A count's lines, with what the books say each balance held at its moment and holds now.

    What was not found counts from the moment when its place was looked through until the end: only
    what was on the books all the while is missing.
    """
    return await connection.fetch(
        """
        select l.*, i.sku, i.name, i.scale, i.unit, coalesce(i.cost_minor, i.usual_price_minor)
                as unit_minor,
            u.code as unit_code, b.id as balance_id, coalesce(b.on_hand, 0) as on_hand,
            o.name as owner, n.at as expected_at
        from count_line l join count_task t on t.id = l.task_id
        join item i on i.id = l.item_id join owner o on o.id = l.owner_id
        left join handling_unit u on u.id = l.unit_id
        left join balance b on b.owner_id = l.owner_id and b.item_id = l.item_id
            and b.place_id = t.place_id and b.handling_unit_id = l.unit_id and b.lot = l.lot
            and b.serial = l.serial and b.status = l.status
        cross join lateral (
            select greatest(0, least(
                on_hand_at(l.owner_id, l.item_id, t.place_id, l.unit_id, l.lot, l.serial, l.status,
                    l.counted_at, l.mark, l.recorded_at),
                case when l.since_at is not null then on_hand_at(l.owner_id, l.item_id, t.place_id,
                    l.unit_id, l.lot, l.serial, l.status, l.since_at, t.begun_mark, l.recorded_at)
                end)) as at
        ) n
        where l.task_id = $1 order by l.id
        """,
        task_id,
    )


async def items_scanned(
    connection: asyncpg.Connection, place_id: int, tenant_id: int | None, code: str
) -> list[asyncpg.Record]:
    """The items that a barcode or SKU may mean here: those on the books of the place before all."""
    return await connection.fetch(
        """
        with meant as (
            select b.item_id, b.factor from item_barcode b where b.barcode = $3
            union all
            select i.id, power(10, i.scale)::bigint from item i where i.sku = upper($3)
              and not exists (select 1 from item_barcode b where b.barcode = $3)
        ), known as (
            select m.item_id, m.factor, exists (
                select 1 from balance b where b.item_id = m.item_id and b.place_id = $1
                  and b.on_hand > 0) as here
            from meant m
        )
        select i.id, i.tenant_id, i.owner_id, i.sku, i.name, i.scale, i.unit, i.track_lot,
            i.track_serial, i.track_expiry, k.factor, k.here, o.name as owner
        from known k join item i on i.id = k.item_id join owner o on o.id = i.owner_id
        where ($2::bigint is null or i.tenant_id = $2) and i.kind <> 'bundle'
          and (k.here or not exists (select 1 from known where here))
        order by i.id
        """,
        place_id,
        tenant_id,
        code,
    )


async def expiry_of_lot(
    connection: asyncpg.Connection, item_id: int, lot: str
) -> asyncpg.Record | None:
    """When a lot of an item expires, where the house has ever had any of it."""
    return await connection.fetchrow(
        "select min(expires_on) as expires_on from balance where item_id = $1 and lot = $2 "
        "having count(*) > 0",
        item_id,
        lot,
    )


async def serial_elsewhere(
    connection: asyncpg.Connection, item_id: int, serial: str, but_place_id: int
) -> asyncpg.Record | None:
    """Where the books have a serial that was found in another place."""
    return await connection.fetchrow(
        """
        select b.place_id, p.code, p.kind from balance b join place p on p.id = b.place_id
        where b.item_id = $1 and b.serial = $2 and b.on_hand > 0 and b.place_id <> $3
        """,
        item_id,
        serial,
        but_place_id,
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
