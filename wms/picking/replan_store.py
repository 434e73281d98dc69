"""SQL of walks that nobody has begun and that are planned anew."""

from datetime import datetime

import asyncpg


async def released_waves(
    connection: asyncpg.Connection, warehouse_id: int, wave_id: int | None
) -> list[asyncpg.Record]:
    """The released waves of a warehouse, or one wave in whatever state, locked."""
    return await connection.fetch(
        """
        select id, state, mode, release_when_planned from wave
        where warehouse_id = $1
          and case when $2::bigint is null then state = 'released' else id = $2 end
        order by id for no key update
        """,
        warehouse_id,
        wave_id,
    )


async def free_carts(
    connection: asyncpg.Connection, wave_ids: list[int], now: datetime
) -> list[int]:
    """Carts that nobody has begun, locked: what is being claimed just now is not among them."""
    rows = await connection.fetch(
        """
        select id from pick_batch
        where wave_id = any($1)
          and (state = 'planned' or (state = 'claimed' and claimed_until < $2))
        order by id for no key update skip locked
        """,
        wave_ids,
        now,
    )
    return [row["id"] for row in rows]


async def slots_standing(
    connection: asyncpg.Connection, wave_ids: list[int]
) -> list[asyncpg.Record]:
    """On which carts the orders of waves lie, begun or not, with their waves."""
    return await connection.fetch(
        """
        select distinct s.batch_id, s.fulfilment_order_id, k.wave_id
        from pick_batch k join batch_slot s on s.batch_id = k.id
        join wave_order o on o.wave_id = k.wave_id
         and o.fulfilment_order_id = s.fulfilment_order_id and o.standing
        where k.wave_id = any($1) and k.state <> 'void' order by 1, 2
        """,
        wave_ids,
    )


async def void_carts(connection: asyncpg.Connection, batch_ids: list[int]) -> list[int]:
    """Takes carts back with all that is reserved for them; the empty totes bound for them."""
    # Tasks first, then balances, each in id order, as everybody locks them.
    await connection.execute(
        """
        select 1 from pick_task where batch_id = any($1) and state = 'open'
        order by id for update
        """,
        batch_ids,
    )
    await connection.execute(
        """
        select 1 from balance where id in (
            select balance_id from pick_task where batch_id = any($1) and state = 'open')
        order by id for no key update
        """,
        batch_ids,
    )
    await connection.execute(
        """
        with voided as (
            update pick_task t set state = 'void', reservation_id = null
            from pick_task o
            where o.id = t.id and t.batch_id = any($1) and t.state = 'open'
            returning o.reservation_id
        ), freed as (
            delete from reservation r using voided v where r.id = v.reservation_id
            returning r.balance_id, r.quantity
        )
        update balance b set reserved = b.reserved - f.quantity
        from (select balance_id, sum(quantity) as quantity from freed group by 1) f
        where b.id = f.balance_id
        """,
        batch_ids,
    )
    totes = await connection.fetch(
        """
        select tote_id from batch_slot where batch_id = any($1) and tote_id is not null
        order by tote_id
        """,
        batch_ids,
    )
    await connection.execute(
        """
        with emptied as (update batch_slot set tote_id = null where batch_id = any($1))
        update pick_batch set state = 'void' where id = any($1)
        """,
        batch_ids,
    )
    return [row["tote_id"] for row in totes]


async def shrink_wave(
    connection: asyncpg.Connection, wave_id: int, batch_ids: list[int], now: datetime
) -> None:
    """Leaves a wave the figures of the walks it keeps; one that keeps none is unreleased.

    What first come, first served would have walked, and the bound, shrink in the same measure.
    """
    await connection.execute(
        """
        with gone as (
            select coalesce(sum(distance_mm), 0)::numeric as mm, coalesce(sum(walk_s), 0) as s
            from pick_batch where wave_id = $1 and id = any($2)
        ), kept as (
            select exists (select 1 from pick_batch
                           where wave_id = $1 and state <> 'void') as any
        )
        update wave w set
            distance_mm = case when kept.any then w.distance_mm - gone.mm else w.distance_mm end,
            baseline_mm = case when kept.any and w.distance_mm > 0
                then round(w.baseline_mm * (w.distance_mm - gone.mm) / w.distance_mm)
                else w.baseline_mm end,
            bound_mm = case when kept.any and w.distance_mm > 0
                then floor(w.bound_mm * (w.distance_mm - gone.mm) / w.distance_mm)
                else w.bound_mm end,
            walk_s = case when kept.any then greatest(w.walk_s - gone.s, 0) else w.walk_s end,
            state = case when kept.any then w.state else 'unreleased' end,
            done_at = case when kept.any then w.done_at else $3 end
        from gone, kept where w.id = $1
        """,
        wave_id,
        batch_ids,
        now,
    )


async def last_replan(connection: asyncpg.Connection, warehouse_id: int) -> asyncpg.Record | None:
    """The wave for which walks of a warehouse were last planned anew."""
    return await connection.fetchrow(
        """
        select id, created_at, orders_asked from wave where warehouse_id = $1 and replans
        order by created_at desc, id desc limit 1
        """,
        warehouse_id,
    )


async def idle_carts(
    connection: asyncpg.Connection, warehouse_id: int, now: datetime
) -> list[asyncpg.Record]:
    """Carts of released waves that nobody has begun: their open picks, and how many were added."""
    return await connection.fetch(
        """
        select k.id, k.wave_id, o.picks, o.added
        from wave w join pick_batch k on k.wave_id = w.id
        cross join lateral (
            select count(*) as picks, count(*) filter (where t.seq > k.tasks_planned) as added
            from pick_task t where t.batch_id = k.id and t.state = 'open') o
        where w.warehouse_id = $1 and w.state = 'released'
          and (k.state = 'planned' or (k.state = 'claimed' and k.claimed_until < $2))
        order by k.id
        """,
        warehouse_id,
        now,
    )
