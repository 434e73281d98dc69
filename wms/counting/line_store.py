"""SQL of the lines of counts: what was counted, what the books say of it, what a scan may mean."""

from datetime import datetime

import asyncpg

# The goods of a line or of a balance, in one order everywhere.
KEY = ("owner_id", "item_id", "lot", "serial", "status", "unit_id")


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
