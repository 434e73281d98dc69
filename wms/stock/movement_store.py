"""SQL of the ledger as it is read, and of its months."""

from datetime import datetime

import asyncpg


async def movement_of_id(connection: asyncpg.Connection, movement_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select m.*, r.reversed_by from movement m left join reversal r on r.movement_id = m.id
        where m.id = $1
        """,
        movement_id,
    )


async def lines_of_movement(
    connection: asyncpg.Connection, movement_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from movement_line where movement_id = $1 order by line", movement_id
    )


async def movements_before(
    connection: asyncpg.Connection,
    before: int,
    limit: int,
    *,
    item_id: int | None,
    place_id: int | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[asyncpg.Record]:
    """Movements, the newest first, each with its lines as they are read by people."""
    return await connection.fetch(
        """
        with chosen as materialized (
            select m.id, m.recorded_at from movement m
            where m.id < $1 and ($5::text is null or m.kind = $5)
              and ($6::timestamptz is null or m.recorded_at >= $6)
              and ($7::timestamptz is null or m.recorded_at < $7)
              and ($3::bigint is null and $4::bigint is null or exists (
                  select 1 from movement_line l
                  where l.movement_id = m.id and l.recorded_at = m.recorded_at
                    and ($3::bigint is null or l.item_id = $3)
                    and ($4::bigint is null or $4 in (l.from_place_id, l.to_place_id))))
            order by m.id desc limit $2
        )
        select m.*, r.reversed_by,
            (select jsonb_agg(jsonb_build_object(
                'sku', i.sku, 'scale', i.scale, 'quantity', l.quantity, 'lot', l.lot,
                'serial', l.serial, 'status', l.status, 'to_status', l.to_status,
                'expires_on', l.expires_on, 'from_place', f.code, 'to_place', t.code,
                'from_unit', fu.code, 'to_unit', tu.code) order by l.line)
             from movement_line l join item i on i.id = l.item_id
             join place f on f.id = l.from_place_id join place t on t.id = l.to_place_id
             left join handling_unit fu on fu.id = l.from_unit_id
             left join handling_unit tu on tu.id = l.to_unit_id
             where l.movement_id = m.id and l.recorded_at = m.recorded_at) as lines
        from chosen c join movement m on m.id = c.id and m.recorded_at = c.recorded_at
        left join reversal r on r.movement_id = m.id
        order by m.id desc
        """,
        before,
        limit,
        item_id,
        place_id,
        kind,
        since,
        until,
    )


async def make_partitions(connection: asyncpg.Connection, months: int) -> None:
    """Makes the months of the ledger that are missing, from this one on by the database's clock."""
    # Who waits here for a long transaction would hold up all that post after him.
    await connection.execute("set local lock_timeout = '2s'")
    await connection.execute("select make_ledger_partitions(current_date, $1)", months)


async def partitions_ahead(connection: asyncpg.Connection) -> int:
    """For how many months past this one the ledger has partitions."""
    months: int = await connection.fetchval(
        """
        select count(*) from pg_inherits h join pg_class c on c.oid = h.inhrelid
        where h.inhparent = 'movement'::regclass
          and c.relname > 'movement_' || to_char(now(), 'YYYY_MM')
        """
    )
    return months
