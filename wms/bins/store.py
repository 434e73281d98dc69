"""SQL of warehouses, places and handling units."""

from collections.abc import Mapping
from datetime import date, datetime

import asyncpg


async def upsert_warehouse(connection: asyncpg.Connection, warehouse: dict[str, object]) -> int:
    warehouse_id: int = await connection.fetchval(
        """
        insert into warehouse (code, name, time_zone, aisles, aisle_length_mm, aisle_pitch_mm,
            depot_aisle, latitude, longitude, pickers, lines_per_picker_hour, count_review_minor,
            cross_aisles_mm, aisle_width_mm, drop_aisle, drop_at_back,
            country, subdivision, postal_code)
        select w.code, w.name, w.time_zone, w.aisles, w.aisle_length_mm, w.aisle_pitch_mm,
            w.depot_aisle, w.latitude, w.longitude, w.pickers, w.lines_per_picker_hour,
            w.count_review_minor, w.cross_aisles_mm, w.aisle_width_mm, w.drop_aisle,
            w.drop_at_back, coalesce(w.country, ''), coalesce(w.subdivision, ''),
            coalesce(w.postal_code, '')
        from jsonb_to_record($1) w(code text, name text, time_zone text, aisles int,
            aisle_length_mm int, aisle_pitch_mm int, depot_aisle int, latitude float8,
            longitude float8, pickers int, lines_per_picker_hour int, count_review_minor bigint,
            cross_aisles_mm int[], aisle_width_mm int, drop_aisle int, drop_at_back boolean,
            country text, subdivision text, postal_code text)
        on conflict (code) do update set name = excluded.name, time_zone = excluded.time_zone,
            aisles = excluded.aisles, aisle_length_mm = excluded.aisle_length_mm,
            aisle_pitch_mm = excluded.aisle_pitch_mm, depot_aisle = excluded.depot_aisle,
            latitude = excluded.latitude, longitude = excluded.longitude,
            pickers = excluded.pickers,
            lines_per_picker_hour = excluded.lines_per_picker_hour,
            count_review_minor = excluded.count_review_minor,
            cross_aisles_mm = excluded.cross_aisles_mm,
            aisle_width_mm = excluded.aisle_width_mm, drop_aisle = excluded.drop_aisle,
            drop_at_back = excluded.drop_at_back, country = excluded.country,
            subdivision = excluded.subdivision, postal_code = excluded.postal_code
        returning id
        """,
        warehouse,
    )
    return warehouse_id


async def try_time_zone(connection: asyncpg.Connection, name: str) -> None:
    """Nothing, where the database reckons in that zone; else its error."""
    await connection.fetchval("select now() at time zone $1", name)


async def add_virtual_places(
    connection: asyncpg.Connection, warehouse_id: int, kinds: list[str]
) -> None:
    """One place of each kind that the warehouse has none of."""
    await connection.execute(
        """
        insert into place (warehouse_id, code, kind)
        select $1, upper(k.kind), k.kind from unnest($2::text[]) k(kind)
        where not exists (select 1 from place p where p.warehouse_id = $1 and p.kind = k.kind)
        on conflict (warehouse_id, code) do nothing
        """,
        warehouse_id,
        kinds,
    )


async def has_bins(connection: asyncpg.Connection, warehouse_id: int) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select 1 from place where warehouse_id = $1 and kind = 'bin')",
        warehouse_id,
    )
    return found


async def widen_layout(
    connection: asyncpg.Connection, warehouse_id: int, aisles: int, length_mm: int
) -> None:
    await connection.execute(
        """
        update warehouse set aisles = greatest(aisles, $2),
            aisle_length_mm = greatest(aisle_length_mm, $3)
        where id = $1 and (aisles < $2 or aisle_length_mm < $3)
        """,
        warehouse_id,
        aisles,
        length_mm,
    )


async def set_pitch(connection: asyncpg.Connection, warehouse_id: int, pitch_mm: int) -> None:
    await connection.execute(
        "update warehouse set aisle_pitch_mm = $2 where id = $1", warehouse_id, pitch_mm
    )


async def warehouse_of_code(connection: asyncpg.Connection, code: str) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from warehouse where code = $1", code)


async def warehouse_of_id(connection: asyncpg.Connection, warehouse_id: int) -> asyncpg.Record:
    row = await connection.fetchrow("select * from warehouse where id = $1", warehouse_id)
    assert row is not None
    return row


async def warehouses(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch("select * from warehouse order by id")


async def first_warehouse(connection: asyncpg.Connection) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from warehouse order by id limit 1")


async def free_lanes(connection: asyncpg.Connection, warehouse_id: int, codes: list[str]) -> None:
    """Takes the lanes of places that are about to get theirs, so that two can change them."""
    await connection.execute(
        """
        update place set lane = null
        where warehouse_id = $1 and code = any($2) and lane is not null
        """,
        warehouse_id,
        codes,
    )


async def upsert_places(
    connection: asyncpg.Connection, warehouse_id: int, places: list[dict[str, object]]
) -> set[str]:
    """Enters places, or changes those that exist with the same kind; the codes that it did."""
    rows = await connection.fetch(
        """
        insert into place (warehouse_id, code, kind, zone, aisle, bay, level, x_mm, y_mm, walk_seq,
            volume_ml, lane, purpose, mass_g_max, units_max, mixing, storage_classes, blocked_in,
            blocked_out)
        select $1, p.code, p.kind, p.zone, p.aisle, p.bay, p.level, p.x_mm, p.y_mm, p.walk_seq,
            p.volume_ml, p.lane, p.purpose, p.mass_g_max, p.units_max, p.mixing,
            p.storage_classes, p.blocked_in, p.blocked_out
        from jsonb_to_recordset($2) p(code text, kind text, zone text, aisle int, bay int,
            level int, x_mm int, y_mm int, walk_seq int, volume_ml bigint, lane int, purpose text,
            mass_g_max bigint, units_max bigint, mixing text, storage_classes text[],
            blocked_in boolean, blocked_out boolean)
        on conflict (warehouse_id, code) do update set zone = excluded.zone,
            aisle = excluded.aisle, bay = excluded.bay, level = excluded.level,
            x_mm = excluded.x_mm, y_mm = excluded.y_mm, walk_seq = excluded.walk_seq,
            volume_ml = excluded.volume_ml, lane = excluded.lane, purpose = excluded.purpose,
            mass_g_max = excluded.mass_g_max, units_max = excluded.units_max,
            mixing = excluded.mixing, storage_classes = excluded.storage_classes,
            blocked_in = excluded.blocked_in, blocked_out = excluded.blocked_out
        where place.kind = excluded.kind
        returning code
        """,
        warehouse_id,
        places,
    )
    return {row["code"] for row in rows}


async def place_of_code(
    connection: asyncpg.Connection, warehouse_id: int, code: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from place where warehouse_id = $1 and code = $2", warehouse_id, code
    )


async def warehouses_of_label(connection: asyncpg.Connection, code: str) -> list[asyncpg.Record]:
    """The warehouse of that code; where there is none, those in which a place has it."""
    return await connection.fetch(
        """
        with named as (
            select w.* from warehouse w where w.code = $1
        )
        select * from named
        union all
        select w.* from warehouse w
        where not exists (select 1 from named)
          and exists (select 1 from place p
                      where p.warehouse_id = w.id and p.code = $1 and not p.virtual)
        order by id
        """,
        code,
    )


async def place_of_id(connection: asyncpg.Connection, place_id: int) -> asyncpg.Record:
    row = await connection.fetchrow("select * from place where id = $1", place_id)
    assert row is not None
    return row


async def places_of_kind(
    connection: asyncpg.Connection, warehouse_id: int, kind: str
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from place where warehouse_id = $1 and kind = $2 order by lane, code",
        warehouse_id,
        kind,
    )


async def places_after(
    connection: asyncpg.Connection, after: int, limit: int, warehouse_id: int | None = None
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.*, w.code as warehouse from place p join warehouse w on w.id = p.warehouse_id
        where p.id > $1 and ($3::bigint is null or p.warehouse_id = $3) order by p.id limit $2
        """,
        after,
        limit,
        warehouse_id,
    )


async def places_of_codes(
    connection: asyncpg.Connection, warehouse_id: int, codes: list[str]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from place where warehouse_id = $1 and code = any($2)", warehouse_id, codes
    )


async def unit_of_code(connection: asyncpg.Connection, code: str) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select u.*, p.code as place, p.kind as place_kind
        from handling_unit u join place p on p.id = u.place_id where u.code = $1
        """,
        code,
    )


async def insert_unit(
    connection: asyncpg.Connection,
    warehouse_id: int,
    code: str,
    kind: str,
    place_id: int,
    fulfilment_order_id: int | None,
) -> int:
    unit_id: int = await connection.fetchval(
        """
        insert into handling_unit (warehouse_id, code, kind, place_id, fulfilment_order_id)
        values ($1, $2, $3, $4, $5)
        on conflict (code) do update set warehouse_id = excluded.warehouse_id,
            place_id = excluded.place_id, fulfilment_order_id = excluded.fulfilment_order_id
        returning id
        """,
        warehouse_id,
        code,
        kind,
        place_id,
        fulfilment_order_id,
    )
    return unit_id


async def place_units(connection: asyncpg.Connection, place_of: Mapping[int, int]) -> None:
    await connection.execute(
        """
        update handling_unit u set place_id = w.place_id
        from unnest($1::bigint[], $2::bigint[]) w(id, place_id) where u.id = w.id
        """,
        list(place_of),
        list(place_of.values()),
    )


async def free_units(connection: asyncpg.Connection, unit_ids: list[int]) -> None:
    await connection.execute(
        "update handling_unit set fulfilment_order_id = null where id = any($1)", unit_ids
    )


async def units_of_order(
    connection: asyncpg.Connection, fulfilment_order_id: int, kind: str
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select u.*, p.code as place, p.kind as place_kind
        from handling_unit u join place p on p.id = u.place_id
        where u.fulfilment_order_id = $1 and u.kind = $2 order by u.id
        """,
        fulfilment_order_id,
        kind,
    )


async def units_within(connection: asyncpg.Connection, unit_ids: list[int]) -> list[int]:
    """The units themselves and all that stand in them, however deep."""
    rows = await connection.fetch(
        """
        with recursive inside as (
            select unnest($1::bigint[]) as id
            union
            select u.id from handling_unit u join inside on u.parent_id = inside.id
        )
        select id from inside order by id
        """,
        unit_ids,
    )
    return [row["id"] for row in rows]


async def lock_nesting(connection: asyncpg.Connection) -> None:
    """Lets one at a time say what stands in what: two halves of a ring look sound alone."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('handling_unit.parent_id', 0))"
    )


async def set_parent(connection: asyncpg.Connection, unit_id: int, parent_id: int | None) -> None:
    await connection.execute(
        "update handling_unit set parent_id = $2 where id = $1", unit_id, parent_id
    )


async def unit_of_id(connection: asyncpg.Connection, unit_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from handling_unit where id = $1", unit_id)


async def units_in(connection: asyncpg.Connection, unit_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from handling_unit where parent_id = $1 order by id", unit_id
    )


async def paused_zones(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select zone from floor_pause where warehouse_id = $1 and ended_at is null", warehouse_id
    )


async def days_left(
    connection: asyncpg.Connection, warehouse_id: int, dates: list[date], at: datetime
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select d.expires_on, days_left(d.expires_on, $3, w.time_zone) as days
        from warehouse w cross join unnest($2::date[]) d(expires_on) where w.id = $1
        """,
        warehouse_id,
        dates,
        at,
    )
