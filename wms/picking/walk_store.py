"""SQL of walks: carts and their slots."""

from datetime import datetime

import asyncpg

# The empty totes of a cart that is called `cart` are free, and go nowhere any more.
_FREED = """freed as (
        update handling_unit u set fulfilment_order_id = null
        from cart join batch_slot s on s.batch_id = cart.id where u.id = s.tote_id
    ), forgotten as (
        delete from sort_route r using cart, batch_slot s
        where s.batch_id = cart.id and r.tote_id = s.tote_id
    ), emptied as (
        update batch_slot s set tote_id = null from cart where s.batch_id = cart.id
    )"""


async def batch_of_picker(connection: asyncpg.Connection, staff_id: int) -> asyncpg.Record | None:
    """The one cart that a picker is at, in whichever warehouse."""
    return await connection.fetchrow(
        """
        select k.*, w.warehouse_id, w.mode, h.code as warehouse
        from pick_batch k join wave w on w.id = k.wave_id
        join warehouse h on h.id = w.warehouse_id
        where k.picker_id = $1 and k.state in ('claimed', 'picking')
        """,
        staff_id,
    )


async def claim_batch(
    connection: asyncpg.Connection,
    staff_id: int,
    warehouse_id: int,
    until: datetime,
    now: datetime,
) -> asyncpg.Record | None:
    """The next cart of a warehouse's released wave, with something to pick where none pauses.

    What has to leave first goes first, then what was released first.
    One whose claim ran out before its first pick is free again, and so are its empty totes.
    """
    return await connection.fetchrow(
        f"""
        with cart as (
            select k.id, w.warehouse_id, w.mode
            from pick_batch k join wave w on w.id = k.wave_id
            where w.state = 'released' and w.warehouse_id = $4
              and (k.state = 'planned' or (k.state = 'claimed' and k.claimed_until < $3))
              and exists (
                  select 1 from pick_task t join place p on p.id = t.place_id
                  where t.batch_id = k.id and t.state = 'open'
                    and not exists (select 1 from floor_pause h
                                    where h.warehouse_id = w.warehouse_id and h.ended_at is null
                                      and h.zone in ('', p.zone)))
            order by k.due_at nulls last, w.id, k.number limit 1
            for no key update of k skip locked
        ), {_FREED}
        update pick_batch k set state = 'claimed', picker_id = $1, claimed_until = $2,
            cart_place_id = null
        from cart where k.id = cart.id returning k.*, cart.warehouse_id, cart.mode
        """,
        staff_id,
        until,
        now,
        warehouse_id,
    )


async def let_go(connection: asyncpg.Connection, batch_id: int) -> None:
    """Gives a cart that nobody has begun back to all, and its empty totes with it."""
    await connection.execute(
        f"""
        with cart as (
            select id from pick_batch where id = $1 and state = 'claimed' for no key update
        ), {_FREED}
        update pick_batch k set state = 'planned', picker_id = null, claimed_until = null,
            cart_place_id = null
        from cart where k.id = cart.id
        """,
        batch_id,
    )


async def walks_without_work(
    connection: asyncpg.Connection, warehouse_id: int, now: datetime
) -> list[asyncpg.Record]:
    """Carts of a warehouse that are released, with nobody at them and nothing left to pick.

    Their waves and orders are locked with them. Whoever asks may hold anything by then, so nobody
    is waited for: where somebody else is at one of the three, the cart is left for the next time.
    """
    return await connection.fetch(
        """
        with walk as materialized (
            select k.id, k.wave_id from pick_batch k join wave w on w.id = k.wave_id
            where w.state = 'released' and w.warehouse_id = $1
              and (k.state = 'planned' or (k.state = 'claimed' and k.claimed_until < $2))
              and not exists (select 1 from pick_task t
                              where t.batch_id = k.id and t.state = 'open')
            order by k.id for no key update of w, k skip locked
        ), held as materialized (
            select f.id from fulfilment_order f where f.id = any(array(
                select s.fulfilment_order_id from walk join batch_slot s on s.batch_id = walk.id))
            order by f.id for no key update skip locked
        )
        select walk.id, walk.wave_id from walk
        where not exists (
            select 1 from batch_slot s
            where s.batch_id = walk.id
              and not exists (select 1 from held where held.id = s.fulfilment_order_id))
        order by walk.id
        """,
        warehouse_id,
        now,
    )


async def void_batch(connection: asyncpg.Connection, batch_id: int) -> None:
    await connection.execute("update pick_batch set state = 'void' where id = $1", batch_id)


async def set_cart(connection: asyncpg.Connection, batch_id: int, cart_place_id: int) -> None:
    await connection.execute(
        "update pick_batch set cart_place_id = $2 where id = $1", batch_id, cart_place_id
    )


async def cart_taken(connection: asyncpg.Connection, cart_place_id: int, batch_id: int) -> bool:
    found: bool = await connection.fetchval(
        """
        select exists (select 1 from pick_batch
                       where cart_place_id = $1 and id <> $2 and state in ('claimed', 'picking'))
        """,
        cart_place_id,
        batch_id,
    )
    return found


async def slots_of_batch(connection: asyncpg.Connection, batch_id: int) -> list[asyncpg.Record]:
    """The slots of a cart; `wanted` is whether anything was or is to be picked into one."""
    return await connection.fetch(
        """
        select s.*, u.code as tote, f.order_id, f.packing_place_id, f.state as fulfilment_state,
            p.lane, s.id in (select t.slot_id from pick_task t
                             where t.batch_id = $1 and t.state <> 'void') as wanted
        from batch_slot s join fulfilment_order f on f.id = s.fulfilment_order_id
        left join handling_unit u on u.id = s.tote_id
        left join place p on p.id = f.packing_place_id
        where s.batch_id = $1 order by s.slot
        """,
        batch_id,
    )


async def empty_slots(connection: asyncpg.Connection, tote_ids: list[int]) -> None:
    """Takes totes that nothing was put into off their slots."""
    await connection.execute(
        "update batch_slot set tote_id = null where tote_id = any($1)", tote_ids
    )


async def bind_tote(connection: asyncpg.Connection, slot_id: int, tote_id: int) -> None:
    await connection.execute("update batch_slot set tote_id = $2 where id = $1", slot_id, tote_id)


async def start_batch(connection: asyncpg.Connection, batch_id: int, now: datetime) -> None:
    await connection.execute(
        "update pick_batch set state = 'picking', started_at = $2 where id = $1", batch_id, now
    )


async def drop_batch(connection: asyncpg.Connection, batch_id: int, now: datetime) -> None:
    await connection.execute(
        "update pick_batch set state = 'dropped', dropped_at = $2 where id = $1", batch_id, now
    )


async def holds_goods(connection: asyncpg.Connection, place_id: int) -> bool:
    """Whether the books say that anything lies in a place."""
    found: bool = await connection.fetchval(
        "select exists (select 1 from balance where place_id = $1 and on_hand > 0)", place_id
    )
    return found


async def finished_orders(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[int]:
    """Which of these orders being picked have every line picked in full and no task left."""
    rows = await connection.fetch(
        """
        select f.id from fulfilment_order f
        where f.id = any($1) and f.state = 'picking'
          and not exists (select 1 from fulfilment_line l
                          where l.fulfilment_order_id = f.id and l.picked < l.quantity)
        order by f.id
        """,
        fulfilment_order_ids,
    )
    return [row["id"] for row in rows]


async def ended_orders(
    connection: asyncpg.Connection, fulfilment_order_ids: list[int]
) -> list[asyncpg.Record]:
    """Which of these orders are released or being picked, and on no walk any more."""
    return await connection.fetch(
        """
        select f.id, f.state from fulfilment_order f
        where f.id = any($1) and f.state in ('released', 'picking')
          and not exists (
              select 1 from batch_slot s join pick_batch k on k.id = s.batch_id
              where s.fulfilment_order_id = f.id and k.state in ('planned', 'claimed', 'picking')
                and (k.state <> 'planned' or exists (
                        select 1 from pick_task t where t.slot_id = s.id and t.state = 'open')))
        order by f.id
        """,
        fulfilment_order_ids,
    )


async def orders_of_batch(connection: asyncpg.Connection, batch_id: int) -> list[int]:
    rows = await connection.fetch(
        "select distinct fulfilment_order_id as id from batch_slot where batch_id = $1 order by 1",
        batch_id,
    )
    return [row["id"] for row in rows]


async def leave_wave(connection: asyncpg.Connection, fulfilment_order_ids: list[int]) -> None:
    """Ends the standing of orders in their waves, so that another wave may take them."""
    await connection.execute(
        "update wave_order set standing = false where fulfilment_order_id = any($1) and standing",
        fulfilment_order_ids,
    )
