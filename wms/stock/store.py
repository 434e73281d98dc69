"""SQL of the ledger, the balances and the reservations."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def post(
    connection: asyncpg.Connection,
    tenant_id: int,
    kind: str,
    reason: str,
    command_id: str,
    actor: str,
    device: str,
    now: datetime,
    lines: list[dict[str, object]],
    reverses: int | None,
) -> int:
    movement_id: int = await connection.fetchval(
        "select post_movement($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant_id,
        kind,
        reason,
        command_id,
        actor,
        device,
        now,
        lines,
        reverses,
    )
    return movement_id


async def post_moves(
    connection: asyncpg.Connection,
    kind: str,
    actor: str,
    device: str,
    now: datetime,
    moves: Sequence[tuple[int, int, str]],
) -> list[asyncpg.Record]:
    """Posts units with all that stands in them, however deep, to places; each with its place.

    A move is of a unit to a place by a command; of moves that agree in place and command comes one
    movement for each tenant.
    """
    units, places, commands = zip(*moves, strict=True)
    return await connection.fetch(
        """
        with recursive inside as (
            select * from unnest($5::bigint[], $6::bigint[], $7::text[]) w(unit, place, command)
            union
            select u.id, i.place, i.command
            from handling_unit u join inside i on u.parent_id = i.unit
        ), posting as (
            select b.tenant_id, i.command, jsonb_agg(jsonb_build_object(
                    'owner_id', b.owner_id, 'item_id', b.item_id, 'lot', b.lot,
                    'serial', b.serial, 'status', b.status, 'expires_on', b.expires_on,
                    'quantity', b.on_hand, 'unreserve', b.reserved,
                    'from_place_id', b.place_id, 'to_place_id', i.place,
                    'from_unit_id', i.unit, 'to_unit_id', i.unit) order by b.id) as lines
            from inside i join balance b on b.handling_unit_id = i.unit
            where b.on_hand > 0 and b.place_id <> i.place
            group by b.tenant_id, i.place, i.command
        ), posted as materialized (
            select post_movement(p.tenant_id, $1, '', p.command, $2, $3, $4, p.lines, null) as id
            from posting p
        )
        select i.unit, i.place from inside i cross join (select count(id) from posted) p
        """,
        kind,
        actor,
        device,
        now,
        units,
        places,
        commands,
    )


async def contents_of_units(
    connection: asyncpg.Connection, unit_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from balance where handling_unit_id = any($1) and on_hand > 0 order by id",
        unit_ids,
    )


async def goods_in_unit(connection: asyncpg.Connection, unit_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select b.*, i.sku, i.scale, o.name as owner
        from balance b join item i on i.id = b.item_id join owner o on o.id = b.owner_id
        where b.handling_unit_id = $1 and b.on_hand > 0 order by i.sku, b.id
        """,
        unit_id,
    )


async def next_sscc_serial(connection: asyncpg.Connection) -> int:
    serial: int = await connection.fetchval("select nextval('sscc_serial')")
    return serial


async def overfull(connection: asyncpg.Connection, place_id: int) -> str | None:
    """Which limit of a place is passed by what lies there and what open moves bring, or None."""
    limit: str | None = await connection.fetchval(
        """
        select case when x.volume_mm3 > p.volume_ml::numeric * 1000 then 'volume'
            when x.mass_g > p.mass_g_max then 'mass' when x.units > p.units_max then 'units' end
        from place p cross join lateral (
            select sum(u.whole * i.width_mm * i.depth_mm * i.height_mm) as volume_mm3,
                sum(u.whole * i.mass_g) as mass_g, sum(u.whole) as units
            from (select b.item_id, b.on_hand from balance b
                  where b.place_id = p.id and b.on_hand > 0
                  union all
                  select t.item_id, t.quantity from move_task t
                  where t.to_place_id = p.id and t.state in ('open', 'claimed')) s
            join item i on i.id = s.item_id
            cross join lateral (select s.on_hand / power(10::numeric, i.scale) as whole) u) x
        where p.id = $1
        """,
        place_id,
    )
    return limit


async def lock_items(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int]
) -> None:
    """Locks all balances of items in a warehouse, in the order in which postings lock them."""
    await connection.execute(
        """
        select 1 from balance b join place p on p.id = b.place_id
        where b.item_id = any($2) and p.warehouse_id = $1 order by b.id for no key update of b
        """,
        warehouse_id,
        item_ids,
    )


async def balance_for_update(connection: asyncpg.Connection, balance_id: int) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select * from balance where id = $1 for no key update", balance_id
    )
    assert row is not None
    return row


async def balance_of_id(connection: asyncpg.Connection, balance_id: int) -> asyncpg.Record:
    row = await connection.fetchrow("select * from balance where id = $1", balance_id)
    assert row is not None
    return row


async def balance_of(
    connection: asyncpg.Connection,
    owner_id: int,
    item_id: int,
    lot: str,
    serial: str,
    status: str,
    place_id: int,
    unit_id: int,
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select * from balance where owner_id = $1 and item_id = $2 and lot = $3 and serial = $4
            and status = $5 and place_id = $6 and handling_unit_id = $7
        """,
        owner_id,
        item_id,
        lot,
        serial,
        status,
        place_id,
        unit_id,
    )


async def expired_balances(
    connection: asyncpg.Connection, now: datetime, limit: int
) -> list[asyncpg.Record]:
    """Available stock past its last day, but for what lies in totes and parcels of orders."""
    return await connection.fetch(
        """
        select b.id from balance b join place p on p.id = b.place_id
        join warehouse w on w.id = p.warehouse_id
        left join handling_unit u on u.id = b.handling_unit_id
        where b.expires_on is not null and b.status = 'available' and b.on_hand > 0
          -- No place on earth is more than a day ahead of Greenwich.
          and b.expires_on <= ($1::timestamptz at time zone 'UTC')::date + 1
          and days_left(b.expires_on, $1, w.time_zone) < 0 and u.fulfilment_order_id is null
        order by b.id limit $2
        """,
        now,
        limit,
    )


async def has_expired(connection: asyncpg.Connection, balance_id: int, now: datetime) -> bool:
    """Whether available goods of a balance are past their last day."""
    expired: bool = await connection.fetchval(
        """
        select exists (
            select 1 from balance b join place p on p.id = b.place_id
            join warehouse w on w.id = p.warehouse_id
            where b.id = $1 and b.status = 'available' and b.on_hand > 0
              and days_left(b.expires_on, $2, w.time_zone) < 0)
        """,
        balance_id,
        now,
    )
    return expired


async def free_bins(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int], now: datetime
) -> list[asyncpg.Record]:
    """Bins with free stock of the items that may be picked now, first-expired first, then by walk.

    Left out is what has expired, what lies in a place that nothing leaves, and what lies in a zone
    that is paused.
    """
    return await connection.fetch(
        """
        select b.id as balance_id, b.item_id, b.owner_id, b.place_id, b.handling_unit_id, b.lot,
            b.serial, b.status, b.expires_on, d.days_left, b.on_hand - b.reserved as free,
            b.on_hand, p.code, p.zone, p.purpose, p.aisle, p.x_mm, p.y_mm, p.level,
            coalesce(p.walk_seq, 0) as walk_seq
        from balance b join place p on p.id = b.place_id
        join warehouse w on w.id = p.warehouse_id
        cross join lateral (select days_left(b.expires_on, $3, w.time_zone) as days_left) d
        where b.item_id = any($2) and p.warehouse_id = $1 and p.kind = 'bin'
          and b.status = 'available' and not p.blocked_out and b.on_hand > b.reserved
          and (d.days_left is null or d.days_left >= 0)
          and not exists (select 1 from floor_pause h
                          where h.warehouse_id = $1 and h.ended_at is null
                            and h.zone in ('', p.zone))
        order by b.item_id, b.expires_on nulls last, p.walk_seq, b.id
        """,
        warehouse_id,
        item_ids,
        now,
    )


async def drop_reservation(connection: asyncpg.Connection, reservation_id: int) -> None:
    await connection.execute("delete from reservation where id = $1", reservation_id)


async def shrink_reservation(
    connection: asyncpg.Connection, reservation_id: int, quantity: int
) -> None:
    await connection.execute(
        "update reservation set quantity = quantity - $2 where id = $1 and quantity > $2",
        reservation_id,
        quantity,
    )


async def release_reserved(connection: asyncpg.Connection, balance_id: int, quantity: int) -> None:
    await connection.execute(
        "update balance set reserved = reserved - $2 where id = $1", balance_id, quantity
    )


async def reserve_one(
    connection: asyncpg.Connection,
    tenant_id: int,
    balance_id: int,
    fulfilment_line_id: int,
    quantity: int,
) -> int:
    reservation_id: int = await connection.fetchval(
        """
        with b as (update balance set reserved = reserved + $4 where id = $2 returning id)
        insert into reservation (tenant_id, balance_id, fulfilment_line_id, quantity)
        select $1, b.id, $3, $4 from b returning id
        """,
        tenant_id,
        balance_id,
        fulfilment_line_id,
        quantity,
    )
    return reservation_id


async def reservations_youngest_first(
    connection: asyncpg.Connection, balance_id: int, but: int | None
) -> list[asyncpg.Record]:
    """What stands on a balance in the order it gives way: moves of the house, then the youngest.

    `but` is a reservation that is left out.
    """
    return await connection.fetch(
        """
        select id, fulfilment_line_id, move_task_id, quantity from reservation
        where balance_id = $1 and id is distinct from $2
        order by move_task_id is null, id desc for update
        """,
        balance_id,
        but,
    )


async def reservations_of(connection: asyncpg.Connection, balance_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select id, fulfilment_line_id, move_task_id, quantity from reservation
        where balance_id = $1 order by id
        """,
        balance_id,
    )


async def reserve_wave(connection: asyncpg.Connection, wave_id: int) -> list[asyncpg.Record]:
    return await connection.fetch("select * from reserve_wave($1)", wave_id)


async def unreserve_wave(connection: asyncpg.Connection, wave_id: int) -> None:
    """Gives back what the untouched tasks of a wave reserved."""
    # Locked in id order first, as postings lock them.
    await connection.execute(
        """
        select 1 from balance where id in (
            select t.balance_id from pick_task t join pick_batch k on k.id = t.batch_id
            where k.wave_id = $1 and t.state = 'open' and t.reservation_id is not null)
        order by id for no key update
        """,
        wave_id,
    )
    await connection.execute(
        """
        with freed as (
            delete from reservation r using pick_task t join pick_batch k on k.id = t.batch_id
            where k.wave_id = $1 and t.state = 'open' and r.id = t.reservation_id
            returning r.balance_id, r.quantity
        )
        update balance b set reserved = b.reserved - f.quantity
        from (select balance_id, sum(quantity) as quantity from freed group by 1) f
        where b.id = f.balance_id
        """,
        wave_id,
    )


async def levels_after(
    connection: asyncpg.Connection, owner_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select i.id, i.sku, i.scale,
            coalesce((select sum(b.on_hand) from balance b where b.item_id = i.id), 0)::bigint
                as on_hand,
            coalesce((select sum(b.reserved) from balance b where b.item_id = i.id), 0)::bigint
                as reserved
        from item i where i.owner_id = $1 and i.id > $2 order by i.id limit $3
        """,
        owner_id,
        after,
        limit,
    )


async def reserve_lines(
    connection: asyncpg.Connection,
    warehouse_id: int,
    line_ids: list[int],
    item_ids: list[int],
    quantities: list[int],
    days: list[int],
    now: datetime,
    whole: bool,
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from reserve_lines($1, $2, $3, $4, $5, $6, $7)",
        warehouse_id,
        line_ids,
        item_ids,
        quantities,
        days,
        now,
        whole,
    )
