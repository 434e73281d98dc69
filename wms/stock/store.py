"""SQL of the ledger, the balances and the reservations."""

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


async def contents_of_units(
    connection: asyncpg.Connection, unit_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from balance where handling_unit_id = any($1) and on_hand > 0 order by id",
        unit_ids,
    )


async def balance_for_update(connection: asyncpg.Connection, balance_id: int) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select * from balance where id = $1 for no key update", balance_id
    )
    assert row is not None
    return row


async def free_bins(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int]
) -> list[asyncpg.Record]:
    """Bins that still have free stock of the items, first-expired first, then by the walk."""
    return await connection.fetch(
        """
        select b.id as balance_id, b.item_id, b.place_id, b.expires_on,
            b.on_hand - b.reserved as free, p.code, p.aisle, p.x_mm, p.y_mm, p.level,
            coalesce(p.walk_seq, 0) as walk_seq
        from balance b join place p on p.id = b.place_id
        where b.item_id = any($2) and p.warehouse_id = $1 and p.kind = 'bin'
          and b.status = 'available' and not p.blocked_out and b.on_hand > b.reserved
        order by b.item_id, b.expires_on nulls last, p.walk_seq, b.id
        """,
        warehouse_id,
        item_ids,
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
    return await connection.fetch(
        """
        select id, fulfilment_line_id, quantity from reservation
        where balance_id = $1 and id is distinct from $2 order by id desc for update
        """,
        balance_id,
        but,
    )


async def reserve_wave(connection: asyncpg.Connection, wave_id: int) -> list[asyncpg.Record]:
    return await connection.fetch("select * from reserve_wave($1)", wave_id)


async def unreserve_wave(connection: asyncpg.Connection, wave_id: int) -> None:
    """Gives back what the untouched tasks of a wave reserved."""
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
        select i.id, i.sku, coalesce(sum(a.sellable), 0)::bigint as sellable,
            coalesce(sum(a.promised), 0)::bigint as promised,
            coalesce((select sum(b.on_hand) from balance b where b.item_id = i.id), 0)::bigint
                as on_hand,
            coalesce((select sum(b.reserved) from balance b where b.item_id = i.id), 0)::bigint
                as reserved
        from item i left join availability a on a.item_id = i.id
        where i.owner_id = $1 and i.id > $2 group by i.id order by i.id limit $3
        """,
        owner_id,
        after,
        limit,
    )


async def differences(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every balance, reservation and availability that does not follow from the ledger.

    One statement, and so one snapshot: it may run while the house works.
    """
    return await connection.fetch(
        """
        with entry as (
            select l.owner_id, l.item_id, l.to_place_id as place_id, l.to_unit_id as unit_id,
                l.lot, l.serial, l.status, l.quantity
            from movement_line l
            union all
            select l.owner_id, l.item_id, l.from_place_id, l.from_unit_id, l.lot, l.serial,
                l.status, -l.quantity
            from movement_line l
        ), ledger as (
            select e.owner_id, e.item_id, e.place_id, e.unit_id, e.lot, e.serial, e.status,
                sum(e.quantity) as quantity
            from entry e join place p on p.id = e.place_id and not p.virtual
            group by 1, 2, 3, 4, 5, 6, 7
        ), compared as (
            select coalesce(b.item_id, g.item_id) as item_id,
                coalesce(b.place_id, g.place_id) as place_id,
                coalesce(b.handling_unit_id, g.unit_id) as unit_id, b.id,
                coalesce(b.lot, g.lot) as lot,
                coalesce(b.on_hand, 0) as books, coalesce(g.quantity, 0) as ledger
            from ledger g full join balance b
              on b.owner_id = g.owner_id and b.item_id = g.item_id and b.place_id = g.place_id
             and b.handling_unit_id = g.unit_id and b.lot = g.lot and b.serial = g.serial
             and b.status = g.status
        )
        select 'balance' as kind,
            i.sku || ' at ' || p.code || coalesce(' in ' || u.code, '')
                || case when c.lot = '' then '' else ' lot ' || c.lot end
                || coalesce(' (balance ' || c.id || ')', ' (no balance row)') as place,
            c.books::bigint as books, c.ledger::bigint as ledger
        from compared c join item i on i.id = c.item_id join place p on p.id = c.place_id
        left join handling_unit u on u.id = c.unit_id
        where c.books <> c.ledger
        union all
        select 'reserved', i.sku || ' at ' || p.code || ' (balance ' || b.id || ')',
            b.reserved, coalesce(r.quantity, 0)::bigint
        from balance b join item i on i.id = b.item_id join place p on p.id = b.place_id
        left join (select balance_id, sum(quantity) as quantity from reservation group by 1) r
          on r.balance_id = b.id
        where b.reserved <> coalesce(r.quantity, 0)
        union all
        select 'sellable', i.sku || ' (availability ' || a.id || ')', a.sellable,
            coalesce(s.quantity, 0)::bigint
        from availability a join item i on i.id = a.item_id
        left join (select b.item_id, p.warehouse_id, sum(b.on_hand) as quantity
                   from balance b join place p on p.id = b.place_id
                   where b.status = 'available' group by 1, 2) s
          on s.item_id = a.item_id and s.warehouse_id = a.warehouse_id
        where a.channel = '' and a.sellable <> coalesce(s.quantity, 0)
        union all
        select 'promised', i.sku || ' (availability ' || a.id || ')', a.promised,
            coalesce(s.quantity, 0)::bigint
        from availability a join item i on i.id = a.item_id
        left join (select q.availability_id, sum(q.quantity - q.kept) as quantity from promise q
                   where q.state in ('open', 'firm') group by 1) s on s.availability_id = a.id
        where a.promised <> coalesce(s.quantity, 0)
        order by 1, 2
        """
    )


async def ledger_size(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select (select count(*) from movement_line) as lines, (select count(*) from balance) "
        "as balances"
    )
    assert row is not None
    return row


async def partitions_ahead(connection: asyncpg.Connection, now: datetime) -> int:
    """For how many months past this one the ledger has partitions."""
    months: int = await connection.fetchval(
        """
        select count(*) from pg_inherits h join pg_class c on c.oid = h.inhrelid
        where h.inhparent = 'movement'::regclass
          and c.relname > 'movement_' || to_char($1::timestamptz, 'YYYY_MM')
        """,
        now,
    )
    return months
