"""SQL of cartons, parcels and what is in them."""

from datetime import datetime

import asyncpg


async def upsert_cartons(
    connection: asyncpg.Connection, warehouse_id: int, cartons: list[dict[str, object]]
) -> None:
    await connection.execute(
        """
        insert into carton (warehouse_id, code, inner_width_mm, inner_depth_mm, inner_height_mm,
            tare_g, mass_g_max)
        select $1, c.code, c.inner_width_mm, c.inner_depth_mm, c.inner_height_mm, c.tare_g,
            c.mass_g_max
        from jsonb_to_recordset($2) c(code text, inner_width_mm int, inner_depth_mm int,
            inner_height_mm int, tare_g int, mass_g_max int)
        on conflict (warehouse_id, code) do update set
            inner_width_mm = excluded.inner_width_mm, inner_depth_mm = excluded.inner_depth_mm,
            inner_height_mm = excluded.inner_height_mm, tare_g = excluded.tare_g,
            mass_g_max = excluded.mass_g_max
        """,
        warehouse_id,
        cartons,
    )


async def cartons_of(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from carton where warehouse_id = $1 order by code", warehouse_id
    )


async def insert_parcels(
    connection: asyncpg.Connection,
    tenant_id: int,
    fulfilment_order_id: int,
    parcels: list[dict[str, object]],
) -> list[int]:
    """Parcels with what belongs into them, numbered on from those there were, in their order."""
    rows = await connection.fetch(
        """
        with given as (
            select r.number + coalesce((select max(p.number) from parcel p
                                        where p.fulfilment_order_id = $2), 0) as number,
                r.carton_code, r.mass_g, r.contents
            from jsonb_to_recordset($3) r(number int, carton_code text, mass_g bigint,
                contents jsonb)
        ), p as (
            insert into parcel (tenant_id, fulfilment_order_id, number, carton_code,
                planned_carton_code, state, mass_g)
            select $1, $2, number, carton_code, carton_code, 'planned', mass_g from given
            returning id, number
        ), l as (
            insert into parcel_line (parcel_id, fulfilment_line_id, tenant_id, quantity)
            select p.id, c.line_id, $1, c.quantity
            from p join given using (number)
            cross join jsonb_to_recordset(given.contents) c(line_id bigint, quantity bigint)
        )
        select id from p order by number
        """,
        tenant_id,
        fulfilment_order_id,
        parcels,
    )
    return [row["id"] for row in rows]


async def parcels_of_fulfilment(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select * from parcel where fulfilment_order_id = $1 and state <> 'void' order by number
        """,
        fulfilment_order_id,
    )


async def contents_of_parcel(
    connection: asyncpg.Connection, parcel_id: int
) -> list[asyncpg.Record]:
    """What belongs into a parcel and how much of it is in, with the size of a unit."""
    return await connection.fetch(
        """
        select l.fulfilment_line_id, f.order_line_id, f.item_id, l.quantity, l.packed, i.sku,
            i.name, i.unit, i.scale, i.width_mm, i.depth_mm, i.height_mm, i.mass_g,
            (select min(b.barcode) from item_barcode b where b.item_id = i.id) as barcode
        from parcel_line l join fulfilment_line f on f.id = l.fulfilment_line_id
        join item i on i.id = f.item_id
        where l.parcel_id = $1 order by l.fulfilment_line_id
        """,
        parcel_id,
    )


async def open_parcel(
    connection: asyncpg.Connection, parcel_id: int, carton_code: str, mass_g: int, unit_id: int
) -> None:
    await connection.execute(
        """
        update parcel set state = 'open', carton_code = $2, mass_g = $3, handling_unit_id = $4
        where id = $1
        """,
        parcel_id,
        carton_code,
        mass_g,
        unit_id,
    )


async def set_parcel_state(
    connection: asyncpg.Connection, parcel_id: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update parcel set state = $2,
            closed_at = case when $2 = 'closed' then $3 else closed_at end
        where id = $1
        """,
        parcel_id,
        state,
        now,
    )


async def empty_parcels(connection: asyncpg.Connection, fulfilment_order_id: int) -> list[int]:
    """Planned parcels of a fulfilment order into which nothing belongs any more."""
    rows = await connection.fetch(
        """
        select p.id from parcel p
        where p.fulfilment_order_id = $1 and p.state = 'planned'
          and not exists (select 1 from parcel_line l where l.parcel_id = p.id)
        order by p.id
        """,
        fulfilment_order_id,
    )
    return [row["id"] for row in rows]


async def add_packed(
    connection: asyncpg.Connection, parcel_id: int, fulfilment_line_id: int, quantity: int
) -> None:
    await connection.execute(
        """
        update parcel_line set packed = packed + $3
        where parcel_id = $1 and fulfilment_line_id = $2
        """,
        parcel_id,
        fulfilment_line_id,
        quantity,
    )


async def order_at_station(
    connection: asyncpg.Connection, unit_code: str, place_id: int
) -> asyncpg.Record | None:
    """The order of a tote, and whether it stands complete at this packing place."""
    return await connection.fetchrow(
        """
        select f.id as fulfilment_order_id, f.order_id, f.state, f.tenant_id, u.id as unit_id,
            u.place_id = $2 as here
        from handling_unit u
        left join fulfilment_order f on f.id = u.fulfilment_order_id
        where u.code = $1 and u.kind = 'tote'
        """,
        unit_code,
        place_id,
    )


async def ready_at_station(connection: asyncpg.Connection, place_id: int) -> int:
    ready: int = await connection.fetchval(
        "select count(*) from fulfilment_order where packing_place_id = $1 and state = 'sorted'",
        place_id,
    )
    return ready


async def lock_order(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    await connection.execute(
        "select 1 from fulfilment_order where id = $1 for no key update", fulfilment_order_id
    )


async def packed_elsewhere(
    connection: asyncpg.Connection, fulfilment_order_id: int, session_id: int, now: datetime
) -> bool:
    """Whether another signed-in packer has this order before them."""
    found: bool = await connection.fetchval(
        """
        select exists (
            select 1 from staff_session
            where scenario = 'pack' and id <> $2 and expires_at > $3
              and (state ->> 'fulfilment_order_id')::bigint = $1)
        """,
        fulfilment_order_id,
        session_id,
        now,
    )
    return found


async def tote_contents_of(
    connection: asyncpg.Connection, fulfilment_order_id: int, item_id: int
) -> list[asyncpg.Record]:
    """Where an order's goods of one item stand in its totes at the packing place."""
    return await connection.fetch(
        """
        select b.*, u.code as tote
        from handling_unit u join balance b on b.handling_unit_id = u.id
        where u.fulfilment_order_id = $1 and u.kind = 'tote' and b.item_id = $2 and b.on_hand > 0
        order by b.expires_on nulls last, b.id
        """,
        fulfilment_order_id,
        item_id,
    )


async def loaded_contents(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    """What the loaded parcels of a departure hold, line by line."""
    return await connection.fetch(
        """
        select p.id as parcel_id, p.tenant_id, p.fulfilment_order_id, p.handling_unit_id,
            l.fulfilment_line_id, l.quantity
        from departure_parcel d join parcel p on p.id = d.parcel_id
        join parcel_line l on l.parcel_id = p.id
        join fulfilment_line f on f.id = l.fulfilment_line_id
        where d.departure_id = $1 and d.loaded_at is not null and p.state = 'staged'
        order by l.fulfilment_line_id, p.id
        """,
        departure_id,
    )


async def hand_over_parcels(
    connection: asyncpg.Connection, departure_id: int
) -> list[asyncpg.Record]:
    """Marks the loaded parcels handed over; the orders of which none is left in the house."""
    await connection.execute(
        """
        update parcel p set state = 'handed_over' from departure_parcel d
        where d.departure_id = $1 and d.parcel_id = p.id and d.loaded_at is not null
          and p.state = 'staged'
        """,
        departure_id,
    )
    return await connection.fetch(
        """
        select f.id, f.tenant_id, f.order_id
        from fulfilment_order f
        where f.state = 'packed'
          and f.id in (select p.fulfilment_order_id from departure_parcel d
                       join parcel p on p.id = d.parcel_id where d.departure_id = $1)
          and not exists (select 1 from parcel p where p.fulfilment_order_id = f.id
                          and p.state not in ('handed_over', 'void'))
        order by f.id
        """,
        departure_id,
    )
