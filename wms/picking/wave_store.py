"""SQL of waves: their orders, their plans and what became of them."""

from datetime import datetime

import asyncpg

from wms.picking.wave import WavePlan


async def insert_wave(
    connection: asyncpg.Connection,
    warehouse_id: int,
    asked_by: str,
    orders: list[int] | None,
    mode: str,
    seed: int,
    release_when_planned: bool,
    now: datetime,
    reason: str = "",
    replans: bool = False,
) -> int:
    wave_id: int = await connection.fetchval(
        """
        insert into wave (warehouse_id, state, asked_by, orders_asked, mode, seed,
            release_when_planned, created_at, reason, replans)
        values ($1, 'requested', $2, $3, $4, $5, $6, $7, $8, $9) returning id
        """,
        warehouse_id,
        asked_by,
        orders,
        mode,
        seed,
        release_when_planned,
        now,
        reason,
        replans,
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
    plan: WavePlan,
    left_out: list[dict[str, object]],
    now: datetime,
) -> None:
    await connection.execute(
        """
        update wave set state = 'planned', distance_mm = $2, baseline_mm = $3, bound_mm = $4,
            method = $5, walk_s = $6, solve_s = $7, solve_s_max = $8, choice = $9, left_out = $10,
            planned_at = $11
        where id = $1
        """,
        wave_id,
        plan.distance_mm,
        plan.baseline_mm,
        plan.bound_mm,
        plan.method,
        plan.walk_s,
        plan.solve_s,
        plan.solve_s_max,
        plan.choice,
        left_out,
        now,
    )


async def insert_wave_orders(
    connection: asyncpg.Connection,
    wave_id: int,
    fulfilment_order_ids: list[int],
    line_ids: list[int],
    quantities: list[int],
) -> int:
    """Enters orders into a wave; how many of them were still free to be entered.

    One is not that was moved to another warehouse, held or parted since its picks were planned:
    they are given as lines and quantities.
    """
    await connection.execute(
        "select 1 from fulfilment_order where id = any($1) order by id for no key update",
        fulfilment_order_ids,
    )
    entered: int = await connection.fetchval(
        """
        with entered as (
            insert into wave_order (wave_id, fulfilment_order_id, tenant_id)
            select $1, f.id, f.tenant_id from fulfilment_order f
            join wave w on w.id = $1 and w.warehouse_id = f.warehouse_id
            where f.id = any($2) and f.state in ('open', 'picking')
              and not exists (select 1 from hold h
                              where h.fulfilment_order_id = f.id and h.lifted_at is null)
              and not exists (
                  select 1 from fulfilment_line l
                  left join (select u.id, sum(u.quantity) as quantity
                             from unnest($3::bigint[], $4::bigint[]) u(id, quantity)
                             group by 1) p on p.id = l.id
                  where l.fulfilment_order_id = f.id
                    and l.quantity - l.picked <> coalesce(p.quantity, 0))
            on conflict do nothing returning fulfilment_order_id
        ), waited as (
            delete from release_wait where fulfilment_order_id = any($2)
        )
        select count(*) from entered
        """,
        wave_id,
        fulfilment_order_ids,
        line_ids,
        quantities,
    )
    return entered


async def insert_cart(
    connection: asyncpg.Connection,
    wave_id: int,
    number: int,
    distance_mm: int,
    path: list[list[int]],
    walk_s: float,
    due_at: datetime | None,
    slots: list[dict[str, object]],
    tasks: list[dict[str, object]],
) -> None:
    await connection.execute(
        """
        with k as (
            insert into pick_batch (wave_id, number, state, distance_mm, path, walk_s, due_at,
                tasks_planned)
            values ($1, $2, 'planned', $3, $4, $7, $8, jsonb_array_length($6)) returning id
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
        walk_s,
        due_at,
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
    """The totes of each order that is walked for the first time, the most first."""
    return await connection.fetch(
        """
        select s.fulfilment_order_id, count(distinct s.id) as totes
        from batch_slot s join pick_batch k on k.id = s.batch_id
        join fulfilment_order f on f.id = s.fulfilment_order_id
        where k.wave_id = $1 and f.state = 'open' and k.state <> 'void'
        group by 1 order by 2 desc, 1
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


async def begun(connection: asyncpg.Connection, wave_id: int, now: datetime) -> bool:
    """Whether a picker is at one of a wave's walks, or was; a claim that ran out does not count."""
    found: bool = await connection.fetchval(
        """
        select exists (
            select 1 from pick_batch
            where wave_id = $1 and (state in ('picking', 'dropped')
                                    or (state = 'claimed' and claimed_until >= $2)))
        """,
        wave_id,
        now,
    )
    return found


async def void_wave(connection: asyncpg.Connection, wave_id: int) -> list[int]:
    """Takes a wave back that nobody has begun; the empty totes that were bound for it."""
    await connection.execute(
        """
        update pick_task t set state = 'void', reservation_id = null
        from pick_batch k where k.id = t.batch_id and k.wave_id = $1 and t.state = 'open'
        """,
        wave_id,
    )
    totes = await connection.fetch(
        """
        select s.tote_id from batch_slot s join pick_batch k on k.id = s.batch_id
        where k.wave_id = $1 and s.tote_id is not null
        """,
        wave_id,
    )
    await connection.execute(
        """
        update batch_slot s set tote_id = null from pick_batch k
        where k.id = s.batch_id and k.wave_id = $1
        """,
        wave_id,
    )
    await connection.execute("update pick_batch set state = 'void' where wave_id = $1", wave_id)
    await connection.execute("update wave_order set standing = false where wave_id = $1", wave_id)
    return [row["tote_id"] for row in totes]


async def release_waits(
    connection: asyncpg.Connection, left_out: list[dict[str, object]], until: datetime
) -> None:
    """Notes why orders wait for another wave, and until when the timer leaves them alone."""
    await connection.execute(
        """
        insert into release_wait (fulfilment_order_id, tenant_id, reason, until)
        select f.id, f.tenant_id, r.reason, $2
        from jsonb_to_recordset($1) r("order" bigint, reason text)
        join fulfilment_order f on f.id = r."order"
        on conflict (fulfilment_order_id) do update set reason = excluded.reason,
            until = excluded.until
        """,
        left_out,
        until,
    )


async def wave_with_carts(connection: asyncpg.Connection, wave_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select w.*, (select count(*) from wave_order o where o.wave_id = w.id) as orders,
            (select coalesce(jsonb_agg(jsonb_build_object('number', k.number, 'state', k.state,
                'distance_mm', k.distance_mm, 'path', k.path, 'walk_s', k.walk_s,
                'due_at', k.due_at,
                'tasks', (select count(*) from pick_task t where t.batch_id = k.id),
                'picker', s.name) order by k.number), '[]')
             from pick_batch k left join staff s on s.id = k.picker_id
             where k.wave_id = w.id) as carts
        from wave w where w.id = $1
        """,
        wave_id,
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
