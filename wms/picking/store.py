"""SQL of waves, carts, their slots and pick tasks."""

from datetime import datetime

import asyncpg


async def insert_wave(
    connection: asyncpg.Connection,
    warehouse_id: int,
    asked_by: str,
    orders: list[int] | None,
    seed: int,
    release_when_planned: bool,
    now: datetime,
) -> int:
    wave_id: int = await connection.fetchval(
        """
        insert into wave (warehouse_id, state, asked_by, orders_asked, seed, release_when_planned,
            created_at)
        values ($1, 'requested', $2, $3, $4, $5, $6) returning id
        """,
        warehouse_id,
        asked_by,
        orders,
        seed,
        release_when_planned,
        now,
    )
    return wave_id


async def wave_in_planning(connection: asyncpg.Connection, warehouse_id: int) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select 1 from wave where warehouse_id = $1 and state = 'requested')",
        warehouse_id,
    )
    return found


async def wave_for_update(connection: asyncpg.Connection, wave_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from wave where id = $1 for no key update", wave_id)


async def set_wave_state(
    connection: asyncpg.Connection, wave_id: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update wave set state = $2,
            released_at = case when $2 = 'released' then $3 else released_at end,
            done_at = case when $2 in ('done', 'unreleased', 'refused') then $3 else done_at end
        where id = $1
        """,
        wave_id,
        state,
        now,
    )


async def refuse_wave(
    connection: asyncpg.Connection,
    wave_id: int,
    refusal: str,
    left_out: list[dict[str, object]],
    now: datetime,
) -> None:
    await connection.execute(
        """
        update wave set state = 'refused', refusal = $2, left_out = $3, done_at = $4 where id = $1
        """,
        wave_id,
        refusal,
        left_out,
        now,
    )


async def save_plan(
    connection: asyncpg.Connection,
    wave_id: int,
    distance_mm: int,
    baseline_mm: int,
    method: str,
    left_out: list[dict[str, object]],
    now: datetime,
) -> None:
    await connection.execute(
        """
        update wave set state = 'planned', distance_mm = $2, baseline_mm = $3, method = $4,
            left_out = $5, planned_at = $6
        where id = $1
        """,
        wave_id,
        distance_mm,
        baseline_mm,
        method,
        left_out,
        now,
    )


async def insert_wave_orders(
    connection: asyncpg.Connection, wave_id: int, fulfilment_order_ids: list[int]
) -> int:
    status: str = await connection.execute(
        """
        insert into wave_order (wave_id, fulfilment_order_id, tenant_id)
        select $1, f.id, f.tenant_id from fulfilment_order f
        where f.id = any($2) and f.state = 'open'
        on conflict do nothing
        """,
        wave_id,
        fulfilment_order_ids,
    )
    return int(status.split()[-1])


async def insert_cart(
    connection: asyncpg.Connection,
    wave_id: int,
    number: int,
    distance_mm: int,
    path: list[list[int]],
    slots: list[dict[str, object]],
    tasks: list[dict[str, object]],
) -> None:
    await connection.execute(
        """
        with k as (
            insert into pick_batch (wave_id, number, state, distance_mm, path)
            values ($1, $2, 'planned', $3, $4) returning id
        ), s as (
            insert into batch_slot (batch_id, slot, tenant_id, fulfilment_order_id)
            select k.id, r.slot, f.tenant_id, f.id
            from k, jsonb_to_recordset($5) r(slot int, fulfilment_order_id bigint)
            join fulfilment_order f on f.id = r.fulfilment_order_id
            returning id, slot
        )
        insert into pick_task (tenant_id, batch_id, slot_id, seq, fulfilment_line_id, balance_id,
            place_id, item_id, quantity)
        select r.tenant_id, k.id, s.id, r.seq, r.line_id, r.balance_id, r.place_id, r.item_id,
            r.quantity
        from k, jsonb_to_recordset($6) r(slot int, seq int, tenant_id bigint, line_id bigint,
            balance_id bigint, place_id bigint, item_id bigint, quantity bigint)
        join s on s.slot = r.slot
        order by r.seq
        """,
        wave_id,
        number,
        distance_mm,
        path,
        slots,
        tasks,
    )


async def orders_of_wave(connection: asyncpg.Connection, wave_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select w.fulfilment_order_id, f.tenant_id, f.order_id, f.state
        from wave_order w join fulfilment_order f on f.id = w.fulfilment_order_id
        where w.wave_id = $1 and w.standing order by 1
        """,
        wave_id,
    )


async def units_of_wave_orders(
    connection: asyncpg.Connection, wave_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select s.fulfilment_order_id, count(distinct s.id) as totes
        from batch_slot s join pick_batch k on k.id = s.batch_id
        where k.wave_id = $1 group by 1 order by 2 desc, 1
        """,
        wave_id,
    )


async def busy_packing_places(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """How many totes each packing place still has before it."""
    return await connection.fetch(
        """
        select f.packing_place_id as place_id, count(*) as totes
        from fulfilment_order f join batch_slot s on s.fulfilment_order_id = f.id
        where f.state in ('released', 'picking', 'picked', 'sorted')
          and f.packing_place_id is not null
        group by 1
        """
    )


async def begun(connection: asyncpg.Connection, wave_id: int) -> bool:
    found: bool = await connection.fetchval(
        """
        select exists (select 1 from pick_batch where wave_id = $1 and state <> 'planned')
        """,
        wave_id,
    )
    return found


async def void_wave(connection: asyncpg.Connection, wave_id: int) -> None:
    await connection.execute(
        """
        update pick_task t set state = 'void', reservation_id = null
        from pick_batch k where k.id = t.batch_id and k.wave_id = $1 and t.state = 'open'
        """,
        wave_id,
    )
    await connection.execute("update pick_batch set state = 'void' where wave_id = $1", wave_id)
    await connection.execute("update wave_order set standing = false where wave_id = $1", wave_id)


async def wave_with_carts(connection: asyncpg.Connection, wave_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select w.*, (select count(*) from wave_order o where o.wave_id = w.id) as orders,
            (select coalesce(jsonb_agg(jsonb_build_object('number', k.number, 'state', k.state,
                'distance_mm', k.distance_mm, 'path', k.path,
                'tasks', (select count(*) from pick_task t where t.batch_id = k.id),
                'picker', s.name) order by k.number), '[]')
             from pick_batch k left join staff s on s.id = k.picker_id
             where k.wave_id = w.id) as carts
        from wave w where w.id = $1
        """,
        wave_id,
    )


async def batch_of_picker(connection: asyncpg.Connection, staff_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select k.*, w.warehouse_id from pick_batch k join wave w on w.id = k.wave_id
        where k.picker_id = $1 and k.state in ('claimed', 'picking')
        """,
        staff_id,
    )


async def claim_batch(
    connection: asyncpg.Connection, staff_id: int, until: datetime, now: datetime
) -> asyncpg.Record | None:
    """The next cart of a released wave for this picker.

    One whose claim ran out before its first pick is free again, and so are its empty totes.
    """
    return await connection.fetchrow(
        """
        with next as (
            select k.id, w.warehouse_id from pick_batch k join wave w on w.id = k.wave_id
            where w.state = 'released'
              and (k.state = 'planned' or (k.state = 'claimed' and k.claimed_until < $3))
            order by w.id, k.number limit 1 for update of k skip locked
        ), freed as (
            update handling_unit u set fulfilment_order_id = null
            from next join batch_slot s on s.batch_id = next.id where u.id = s.tote_id
        ), emptied as (
            update batch_slot s set tote_id = null from next where s.batch_id = next.id
        )
        update pick_batch k set state = 'claimed', picker_id = $1, claimed_until = $2,
            cart_place_id = null
        from next where k.id = next.id returning k.*, next.warehouse_id
        """,
        staff_id,
        until,
        now,
    )


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
    return await connection.fetch(
        """
        select s.*, u.code as tote, f.order_id, f.packing_place_id, f.state as fulfilment_state,
            p.lane
        from batch_slot s join fulfilment_order f on f.id = s.fulfilment_order_id
        left join handling_unit u on u.id = s.tote_id
        left join place p on p.id = f.packing_place_id
        where s.batch_id = $1 order by s.slot
        """,
        batch_id,
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


async def finish_wave(connection: asyncpg.Connection, wave_id: int, now: datetime) -> bool:
    """Closes a wave all of whose carts have been dropped; whether it was the last."""
    status: str = await connection.execute(
        """
        update wave set state = 'done', done_at = $2
        where id = $1 and state = 'released'
          and not exists (select 1 from pick_batch
                          where wave_id = $1 and state not in ('dropped', 'void'))
        """,
        wave_id,
        now,
    )
    return status.endswith("1")


async def current_task(connection: asyncpg.Connection, batch_id: int) -> asyncpg.Record | None:
    """The next open task of a walk with all that its screen shows.

    It is locked, because a count on another walk may take a part of it away.
    """
    return await connection.fetchrow(
        """
        with next as materialized (
            select id from pick_task
            where batch_id = $1 and state = 'open' order by seq, id limit 1 for update
        ), walked as materialized (
            select count(*) filter (where state <> 'void') as total,
                count(*) filter (where state in ('done', 'short')) as done
            from pick_task where batch_id = $1
        )
        select t.*, p.code as bin, p.aisle, p.level, i.sku, i.name, u.code as tote, s.slot,
            s.tote_id, s.fulfilment_order_id, f.order_id, f.state as fulfilment_state,
            walked.total, walked.done
        from next
        cross join walked
        join pick_task t on t.id = next.id
        join place p on p.id = t.place_id
        join item i on i.id = t.item_id
        join batch_slot s on s.id = t.slot_id
        join fulfilment_order f on f.id = s.fulfilment_order_id
        left join handling_unit u on u.id = s.tote_id
        """,
        batch_id,
    )


async def set_step(connection: asyncpg.Connection, task_id: int, step: str) -> None:
    await connection.execute("update pick_task set step = $2 where id = $1", task_id, step)


async def finish_task(
    connection: asyncpg.Connection, task_id: int, picked: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update pick_task set picked = $2, state = $3, done_at = $4, reservation_id = null
        where id = $1
        """,
        task_id,
        picked,
        state,
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
