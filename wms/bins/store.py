"""SQL of warehouses, places and handling units."""

import asyncpg


async def upsert_warehouse(connection: asyncpg.Connection, w: dict[str, object]) -> int:
    warehouse_id: int = await connection.fetchval(
        """
        insert into warehouse (code, name, time_zone, aisles, aisle_length_mm, aisle_pitch_mm,
            depot_aisle, latitude, longitude)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (code) do update set name = excluded.name, time_zone = excluded.time_zone,
            aisles = excluded.aisles, aisle_length_mm = excluded.aisle_length_mm,
            aisle_pitch_mm = excluded.aisle_pitch_mm, depot_aisle = excluded.depot_aisle,
            latitude = excluded.latitude, longitude = excluded.longitude
        returning id
        """,
        w["code"],
        w["name"],
        w["time_zone"],
        w["aisles"],
        w["aisle_length_mm"],
        w["aisle_pitch_mm"],
        w["depot_aisle"],
        w["latitude"],
        w["longitude"],
    )
    return warehouse_id


async def warehouse_of_code(connection: asyncpg.Connection, code: str) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from warehouse where code = $1", code)


async def warehouse_of_id(connection: asyncpg.Connection, warehouse_id: int) -> asyncpg.Record:
    row = await connection.fetchrow("select * from warehouse where id = $1", warehouse_id)
    assert row is not None
    return row


async def first_warehouse(connection: asyncpg.Connection) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from warehouse order by id limit 1")


PLACE_COLUMNS = (
    "code",
    "kind",
    "zone",
    "aisle",
    "bay",
    "level",
    "x_mm",
    "y_mm",
    "walk_seq",
    "volume_ml",
    "lane",
)


async def upsert_places(
    connection: asyncpg.Connection, warehouse_id: int, places: list[dict[str, object]]
) -> None:
    await connection.execute(
        """
        insert into place (warehouse_id, code, kind, zone, aisle, bay, level, x_mm, y_mm, walk_seq,
            volume_ml, lane)
        select $1, p.code, p.kind, p.zone, p.aisle, p.bay, p.level, p.x_mm, p.y_mm, p.walk_seq,
            p.volume_ml, p.lane
        from jsonb_to_recordset($2) p(code text, kind text, zone text, aisle int, bay int,
            level int, x_mm int, y_mm int, walk_seq int, volume_ml bigint, lane int)
        on conflict (warehouse_id, code) do update set zone = excluded.zone,
            aisle = excluded.aisle, bay = excluded.bay, level = excluded.level,
            x_mm = excluded.x_mm, y_mm = excluded.y_mm, walk_seq = excluded.walk_seq,
            volume_ml = excluded.volume_ml, lane = excluded.lane
        """,
        warehouse_id,
        places,
    )


async def place_of_code(
    connection: asyncpg.Connection, warehouse_id: int, code: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from place where warehouse_id = $1 and code = $2", warehouse_id, code
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
    connection: asyncpg.Connection, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.*, w.code as warehouse from place p join warehouse w on w.id = p.warehouse_id
        where p.id > $1 order by p.id limit $2
        """,
        after,
        limit,
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
        on conflict (code) do update set place_id = excluded.place_id,
            fulfilment_order_id = excluded.fulfilment_order_id
        returning id
        """,
        warehouse_id,
        code,
        kind,
        place_id,
        fulfilment_order_id,
    )
    return unit_id


async def place_units(connection: asyncpg.Connection, unit_ids: list[int], place_id: int) -> None:
    await connection.execute(
        "update handling_unit set place_id = $2 where id = any($1)", unit_ids, place_id
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
