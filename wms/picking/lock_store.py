"""SQL that locks what picks and changes of orders both want, in the one order of architecture.md.

A statement that locks rows of two tables takes all of the first before any of the second: what the
second reads of the first is an array or a count, which is made before a row of it is looked at.
"""

import asyncpg


async def lock_waves(connection: asyncpg.Connection, fulfilment_order_ids: list[int]) -> list[int]:
    """The waves that orders stand in, locked."""
    rows = await connection.fetch(
        """
        select w.id from wave_order o join wave w on w.id = o.wave_id
        where o.fulfilment_order_id = any($1) and o.standing order by w.id for no key update of w
        """,
        fulfilment_order_ids,
    )
    return [row["id"] for row in rows]


async def waves_of_orders(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[int]:
    """The waves that orders stand in, not locked."""
    rows = await connection.fetch(
        "select wave_id from wave_order where fulfilment_order_id = any($1) and standing",
        fulfilment_order_ids,
    )
    return [row["wave_id"] for row in rows]


async def lock_walk(connection: asyncpg.Connection, batch_id: int) -> None:
    """Locks the wave of a walk and the fulfilment orders on its cart, which its end changes."""
    await connection.execute(
        """
        with held as materialized (
            select w.id from pick_batch k join wave w on w.id = k.wave_id
            where k.id = $1 for no key update of w
        )
        select 1 from fulfilment_order f
        where f.id in (select s.fulfilment_order_id from batch_slot s where s.batch_id = $1)
          and (select count(*) from held) = 1
        order by f.id for no key update of f
        """,
        batch_id,
    )


async def lock_picks(connection: asyncpg.Connection, fulfilment_order_ids: list[int]) -> None:
    """Locks what is still to be picked of orders, then its balances and those in their units.

    A pick that is being booked is waited for, and no other is booked until the transaction ends.
    """
    await connection.execute(
        """
        with task as materialized (
            select t.id, t.balance_id from pick_task t join batch_slot s on s.id = t.slot_id
            where s.fulfilment_order_id = any($1) and t.state = 'open' order by t.id
            for update of t
        )
        select 1 from balance b
        where b.id = any(array(
            select balance_id from task
            union all
            select c.id from handling_unit u join balance c on c.handling_unit_id = u.id
            where u.fulfilment_order_id = any($1)))
        order by b.id for no key update
        """,
        fulfilment_order_ids,
    )


async def lock_goods(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_ids: list[int],
    balance_ids: list[int],
) -> None:
    """Locks picks of items in a warehouse, then their bins and these balances, then what is sold.

    So whoever books goods as missing may take them from any walk, and from any order. Other totes
    and parcels are left alone: every pick makes new ones, which nobody could lock beforehand.
    """
    await connection.execute(
        """
        with task as materialized (
            select t.id from pick_task t where t.state = 'open' and t.id = any(array(
                select x.id from balance b
                join place p on p.id = b.place_id and p.warehouse_id = $1
                join reservation r on r.balance_id = b.id and r.fulfilment_line_id is not null
                join pick_task x on x.fulfilment_line_id = r.fulfilment_line_id
                 and x.reservation_id = r.id and x.state = 'open'
                where b.item_id = any($2)))
            order by t.id for update
        ), held as materialized (
            select b.id from balance b join place p on p.id = b.place_id
            where b.item_id = any($2) and p.warehouse_id = $1
              and (p.kind = 'bin' or b.id = any($3))
              and (select count(*) from task) >= 0
            order by b.id for no key update of b
        )
        select 1 from availability a
        where a.item_id = any($2) and (select count(*) from held) >= 0
        order by a.id for no key update
        """,
        warehouse_id,
        item_ids,
        balance_ids,
    )


async def lock_loaded(connection: asyncpg.Connection, place_id: int) -> None:
    """Locks the fulfilment orders that lie in the vans of the open departure at a place."""
    await connection.execute(
        """
        select 1 from fulfilment_order where id in (
            select p.fulfilment_order_id from departure d
            join departure_parcel l on l.departure_id = d.id and l.loaded_at is not null
            join parcel p on p.id = l.parcel_id
            where d.place_id = $1 and d.state = 'open')
        order by id for no key update
        """,
        place_id,
    )


async def lock_loaded_goods(connection: asyncpg.Connection, place_id: int) -> None:
    """Locks the goods in the vans of the open departure at a place."""
    await connection.execute(
        """
        select 1 from balance where id in (
            select b.id from departure d
            join departure_parcel l on l.departure_id = d.id and l.loaded_at is not null
            join parcel p on p.id = l.parcel_id
            join balance b on b.handling_unit_id = p.handling_unit_id
            where d.place_id = $1 and d.state = 'open')
        order by id for no key update
        """,
        place_id,
    )
