"""SQL of pick tasks: what is next on a walk, and what becomes of each."""

from datetime import datetime

import asyncpg

from wms.picking.lock_store import lock_picks

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
# The next open task of a walk that no pause holds up, as `next`.
# The walk's number is hidden from the planner in a query of its own: planning this takes four
# times as long as reading does, and would be done anew for each walk that is a short one.
_NEXT = """next as materialized (
        select t.id, t.step, t.slot_id, t.balance_id, p.warehouse_id
        from pick_task t join place p on p.id = t.place_id
        where t.batch_id = (select $1::bigint) and t.state = 'open'
          and not exists (select 1 from floor_pause h
                          where h.warehouse_id = p.warehouse_id and h.ended_at is null
                            and h.zone in ('', p.zone))
        order by t.seq, t.id limit 1
    )"""


async def current_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime
) -> asyncpg.Record | None:
    """The next open task of a walk with all that its screen shows, paused zones passed over.

    It is locked, because a count on another walk or an edit may take a part of it away; before it
    its order, where goods may be put into the tote and this would be the first of them. One whose
    goods have expired is not: nobody picks them.
    """
    while True:
        task = await _locked_task(connection, batch_id, now)
        # Where it was waited for, the statement that waited has read it as it was before.
        if task is not None or await next_task(connection, batch_id, now) is None:
            return task


async def next_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime
) -> asyncpg.Record | None:
    """The next open task of a walk, as `current_task` but not locked: for a screen."""
    return await connection.fetchrow(
        f"with {_NEXT} {_TASK} where t.id = (select id from next)", batch_id, now
    )


async def _locked_task(
    connection: asyncpg.Connection, batch_id: int, now: datetime
) -> asyncpg.Record | None:
    """The next open task, locked; None where there is none, or it was changed under the lock."""
    return await connection.fetchrow(
        f"""
        with {_NEXT}, usable as materialized (
            select n.id, n.slot_id, n.step from next n
            join balance b on b.id = n.balance_id join warehouse w on w.id = n.warehouse_id
            where (days_left(b.expires_on, $2, w.time_zone) < 0) is not true
        ), begun as materialized (
            select f.id from fulfilment_order f
            where f.id = (select s.fulfilment_order_id from batch_slot s
                          where s.id = (select slot_id from usable where step = 'put'))
              and f.state = 'released' for no key update
        ), held as materialized (
            -- The order comes first: it is counted before a task is looked at.
            select t.id, t.xmin as version from pick_task t
            where t.id = (select id from usable) and t.state = 'open'
              and (select count(*) from begun) >= 0 for update
        )
        {_TASK}
        where t.id = (select id from next)
          and (t.xmin = (select version from held) or not exists (select 1 from usable))
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


async def set_step(connection: asyncpg.Connection, task_id: int, step: str) -> None:
    await connection.execute("update pick_task set step = $2 where id = $1", task_id, step)


async def go_on_here(connection: asyncpg.Connection, batch_id: int, balance_id: int) -> None:
    """Lets the next task of a walk begin at its tote, where it is of this balance too.

    One that somebody is taking away just now is left alone: balances are locked by now.
    """
    await connection.execute(
        f"""
        with {_NEXT}
        update pick_task t set step = 'put'
        from (select x.id from pick_task x
              where x.id = (select id from next where balance_id = $2)
                and x.state = 'open' for update skip locked) n
        where t.id = n.id
        """,
        batch_id,
        balance_id,
    )


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


async def void_open_tasks(connection: asyncpg.Connection, fulfilment_order_id: int) -> None:
    """Gives up what is still to be picked of an order, with what is reserved for it."""
    await lock_picks(connection, [fulfilment_order_id])
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
