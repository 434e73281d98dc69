"""SQL of walks: carts, their slots and pick tasks."""

from datetime import datetime

import asyncpg

_TASK = """
    select t.*, p.code as bin, p.zone, p.aisle, p.level, p.warehouse_id, i.sku, i.name, i.scale,
        i.unit, u.code as tote, s.slot, s.tote_id, s.fulfilment_order_id, f.order_id,
        f.state as fulfilment_state, b.lot, b.serial, b.expires_on, g.factor as case_quantity,
        days_left(b.expires_on, $2, w.time_zone) as days_left,
        walked.total, walked.done, walked.in_tote
    from pick_task t
    join place p on p.id = t.place_id
    join warehouse w on w.id = p.warehouse_id
    join item i on i.id = t.item_id
    join balance b on b.id = t.balance_id
    join batch_slot s on s.id = t.slot_id
    join fulfilment_order f on f.id = s.fulfilment_order_id
    left join handling_unit u on u.id = s.tote_id
    left join item_packaging g on g.item_id = t.item_id and g.level = 'case'
    cross join lateral (
        select count(*) filter (where o.state <> 'void') as total,
            count(*) filter (where o.state in ('done', 'short')) as done,
            coalesce(sum(o.picked) filter (
                where o.slot_id = t.slot_id and o.fulfilment_line_id = t.fulfilment_line_id
                  and o.balance_id = t.balance_id), 0)::bigint as in_tote
        from pick_task o where o.batch_id = t.batch_id) walked
"""
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
            order by k.due_at nulls last, w.id, k.number limit 1 for update of k skip locked
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
            select id from pick_batch where id = $1 and state = 'claimed' for update
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
    """Carts of a warehouse that are released, with nobody at them and nothing left to pick."""
    return await connection.fetch(
        """
        select k.id, k.wave_id from pick_batch k join wave w on w.id = k.wave_id
        where w.state = 'released' and w.warehouse_id = $1
          and (k.state = 'planned' or (k.state = 'claimed' and k.claimed_until < $2))
          and not exists (select 1 from pick_task t
                          where t.batch_id = k.id and t.state = 'open')
        order by k.id for update of k skip locked
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


async def current_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime
) -> asyncpg.Record | None:
    """The next open task of a walk with all that its screen shows, paused zones passed over.

    It is locked, because a count on another walk or an edit may take a part of it away.
    """
    # Where it was waited for, the statement that waited has read it as it was before: once more.
    return await _locked_task(connection, batch_id, now) or await _locked_task(
        connection, batch_id, now
    )


async def _locked_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime
) -> asyncpg.Record | None:
    """The next open task, locked; None where there is none, or it was changed under the lock."""
    # The walk's number is hidden from the planner in a query of its own: planning this takes four
    # times as long as reading does, and would be done anew for each walk that is a short one.
    return await connection.fetchrow(
        f"""
        with next as materialized (
            select t.id, t.xmin as version from pick_task t join place p on p.id = t.place_id
            where t.batch_id = (select $1::bigint) and t.state = 'open'
              and not exists (select 1 from floor_pause h
                              where h.warehouse_id = p.warehouse_id and h.ended_at is null
                                and h.zone in ('', p.zone))
            order by t.seq, t.id limit 1 for update of t
        )
        {_TASK}
        where t.id = (select id from next) and t.xmin = (select version from next)
        """,
        batch_id,
        now,
    )


async def task_of_id(
    connection: asyncpg.Connection, task_id: int, now: datetime
) -> asyncpg.Record | None:
    """A task of a walk, open or not, with all that its screen shows."""
    return await connection.fetchrow(f"{_TASK} where t.id = $1", task_id, now)


async def pauses_of_batch(connection: asyncpg.Connection, batch_id: int) -> list[asyncpg.Record]:
    """The pauses that open tasks of a walk wait for, with how many tasks each holds up."""
    return await connection.fetch(
        """
        select h.zone, h.reason, count(*) as tasks
        from pick_task t join place p on p.id = t.place_id
        join floor_pause h on h.warehouse_id = p.warehouse_id and h.ended_at is null
         and h.zone in ('', p.zone)
        where t.batch_id = $1 and t.state = 'open' group by h.id order by h.zone, h.id
        """,
        batch_id,
    )


async def put_last(connection: asyncpg.Connection, task_id: int) -> bool:
    """Puts a task at the end of its walk; False where it is the only one left."""
    status: str = await connection.execute(
        """
        update pick_task t set step = 'bin',
            seq = (select max(m.seq) + 1 from pick_task m where m.batch_id = t.batch_id)
        where t.id = $1 and exists (
            select 1 from pick_task o
            where o.batch_id = t.batch_id and o.state = 'open' and o.id <> t.id)
        """,
        task_id,
    )
    return status.endswith("1")


async def holds_goods(connection: asyncpg.Connection, place_id: int) -> bool:
    """Whether the books say that anything lies in a place."""
    found: bool = await connection.fetchval(
        "select exists (select 1 from balance where place_id = $1 and on_hand > 0)", place_id
    )
    return found


async def set_step(connection: asyncpg.Connection, task_id: int, step: str) -> None:
    await connection.execute("update pick_task set step = $2 where id = $1", task_id, step)


async def finish_task(
    connection: asyncpg.Connection,
    task_id: int,
    picked: int,
    state: str,
    now: datetime,
    short_reason: str | None = None,
) -> None:
    await connection.execute(
        """
        update pick_task set picked = $2, state = $3, done_at = $4, short_reason = $5,
            reservation_id = null
        where id = $1
        """,
        task_id,
        picked,
        state,
        now,
        short_reason,
    )


async def part_task(
    connection: asyncpg.Connection, task_id: int, picked: int, now: datetime
) -> None:
    """Makes what was picked of an open task a done one of its own; the rest stays open."""
    await connection.execute(
        """
        with rest as (
            update pick_task set quantity = quantity - $2 where id = $1 returning *
        )
        insert into pick_task (tenant_id, batch_id, slot_id, seq, fulfilment_line_id, balance_id,
            place_id, item_id, quantity, picked, state, step, done_at)
        select tenant_id, batch_id, slot_id, seq, fulfilment_line_id, balance_id,
            place_id, item_id, $2, $2, 'done', step, $3
        from rest
        """,
        task_id,
        picked,
        now,
    )


async def insert_task_like(
    connection: asyncpg.Connection,
    task_id: int,
    balance_id: int,
    place_id: int,
    quantity: int,
    reservation_id: int,
) -> None:
    """A task for the same line and tote at another bin, at the end of the same walk."""
    await connection.execute(
        """
        insert into pick_task (tenant_id, batch_id, slot_id, seq, fulfilment_line_id,
            reservation_id, balance_id, place_id, item_id, quantity)
        select t.tenant_id, t.batch_id, t.slot_id,
            (select max(m.seq) + 1 from pick_task m where m.batch_id = t.batch_id),
            t.fulfilment_line_id, $5, $2, $3, t.item_id, $4
        from pick_task t where t.id = $1
        """,
        task_id,
        balance_id,
        place_id,
        quantity,
        reservation_id,
    )


async def task_of_reservation(
    connection: asyncpg.Connection, reservation_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select t.*, f.fulfilment_order_id, o.order_id
        from pick_task t join fulfilment_line f on f.id = t.fulfilment_line_id
        join fulfilment_order o on o.id = f.fulfilment_order_id
        where t.reservation_id = $1 and t.state = 'open' for update of t
        """,
        reservation_id,
    )


async def open_tasks_of_line(
    connection: asyncpg.Connection, fulfilment_line_id: int
) -> list[asyncpg.Record]:
    """What is still to be picked of a line, the last first."""
    return await connection.fetch(
        """
        select * from pick_task where fulfilment_line_id = $1 and state = 'open'
        order by id desc for update
        """,
        fulfilment_line_id,
    )


async def lock_open_tasks(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Waits for picks of an order that are being booked, and keeps others from it."""
    await connection.execute(
        """
        select 1 from pick_task t join batch_slot s on s.id = t.slot_id
        where s.fulfilment_order_id = $1 and t.state = 'open' order by t.id for update of t
        """,
        fulfilment_order_id,
    )


async def shrink_task(connection: asyncpg.Connection, task_id: int, quantity: int) -> None:
    """Takes a part of an untouched task away; all of it makes it void."""
    await connection.execute(
        """
        update pick_task set
            state = case when quantity = $2 then 'void' else state end,
            reservation_id = case when quantity = $2 then null else reservation_id end,
            quantity = case when quantity = $2 then quantity else quantity - $2 end
        where id = $1
        """,
        task_id,
        quantity,
    )


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


async def void_open_tasks(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Gives up what is still to be picked of an order, with what is reserved for it."""
    await connection.execute(
        """
        select 1 from pick_task t join batch_slot s on s.id = t.slot_id
        where s.fulfilment_order_id = $1 and t.state = 'open' order by t.id for update of t
        """,
        fulfilment_order_id,
    )
    await connection.execute(
        """
        select 1 from balance where id in (
            select t.balance_id from pick_task t join batch_slot s on s.id = t.slot_id
            where s.fulfilment_order_id = $1 and t.state = 'open')
        order by id for no key update
        """,
        fulfilment_order_id,
    )
    await connection.execute(
        """
        with voided as (
            update pick_task t set state = 'void', reservation_id = null
            from pick_task o join batch_slot s on s.id = o.slot_id
            where o.id = t.id and s.fulfilment_order_id = $1 and t.state = 'open'
            returning o.reservation_id
        ), freed as (
            delete from reservation r using voided v where r.id = v.reservation_id
            returning r.balance_id, r.quantity
        )
        update balance b set reserved = b.reserved - f.quantity
        from (select balance_id, sum(quantity) as quantity from freed group by 1) f
        where b.id = f.balance_id
        """,
        fulfilment_order_id,
    )
