"""SQL of moves."""

from datetime import datetime

import asyncpg

# A move with what a person or a planner has to know of it.
_VIEW = """
    select t.*, i.sku, i.name, i.scale, i.unit, o.name as owner, f.code as from_place,
        f.zone as from_zone, g.code as to_place, g.zone as to_zone, u.code as from_unit,
        s.name as holder, w.code as warehouse
    from move_task t join item i on i.id = t.item_id join owner o on o.id = t.owner_id
    join place f on f.id = t.from_place_id join place g on g.id = t.to_place_id
    join warehouse w on w.id = t.warehouse_id
    left join handling_unit u on u.id = t.from_unit_id left join staff s on s.id = t.holder_id
"""


async def lock_source(
    connection: asyncpg.Connection,
    owner_id: int,
    item_id: int,
    place_id: int,
    unit_id: int,
    lot: str,
    serial: str,
    status: str,
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select * from balance where owner_id = $1 and item_id = $2 and place_id = $3
            and handling_unit_id = $4 and lot = $5 and serial = $6 and status = $7
        for no key update
        """,
        owner_id,
        item_id,
        place_id,
        unit_id,
        lot,
        serial,
        status,
    )


async def lock_free(connection: asyncpg.Connection, balance_id: int) -> int:
    """How much of a balance is free, which stays so until the transaction ends."""
    free: int | None = await connection.fetchval(
        "select on_hand - reserved from balance where id = $1 for no key update", balance_id
    )
    return free or 0


async def insert_task(
    connection: asyncpg.Connection, order: dict[str, object], balance_id: int, now: datetime
) -> int:
    """A task with its goods reserved; the balance's constraint says where there are too few."""
    task_id: int = await connection.fetchval(
        """
        with task as (
            insert into move_task (tenant_id, owner_id, warehouse_id, kind, reason, item_id, lot,
                serial, status, from_place_id, from_unit_id, to_place_id, quantity, urgency,
                made_at)
            select tenant_id, owner_id, warehouse_id, kind, reason, item_id, lot, serial, status,
                from_place_id, from_unit_id, to_place_id, quantity, urgency, $3
            from jsonb_to_record($1) o(tenant_id bigint, owner_id bigint, warehouse_id bigint,
                kind text, reason text, item_id bigint, lot text, serial text, status text,
                from_place_id bigint, from_unit_id bigint, to_place_id bigint, quantity bigint,
                urgency int)
            returning id, tenant_id, quantity
        ), held as (
            update balance b set reserved = b.reserved + task.quantity from task where b.id = $2
        ), reserved as (
            insert into reservation (tenant_id, balance_id, move_task_id, quantity)
            select task.tenant_id, $2, task.id, task.quantity from task
        )
        select id from task
        """,
        order,
        balance_id,
        now,
    )
    return task_id


async def task_for_update(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from move_task where id = $1 for no key update", task_id
    )


async def lock_reserved_source(
    connection: asyncpg.Connection, task_id: int
) -> asyncpg.Record | None:
    """The balance that a task's goods are reserved in, locked, with the reservation."""
    return await connection.fetchrow(
        """
        select b.*, r.id as reservation_id from reservation r join balance b on b.id = r.balance_id
        where r.move_task_id = $1 for no key update of b
        """,
        task_id,
    )


async def drop_reserved(connection: asyncpg.Connection, task_id: int, quantity: int) -> None:
    """Gives up so much of what a task reserved, in its reservation only."""
    await connection.execute(
        """
        with less as (
            update reservation set quantity = quantity - $2
            where move_task_id = $1 and quantity > $2 returning id
        )
        delete from reservation where move_task_id = $1 and quantity <= $2
            and not exists (select 1 from less)
        """,
        task_id,
        quantity,
    )


async def release_source(connection: asyncpg.Connection, task_id: int, quantity: int) -> None:
    """Lets so much of what a task reserved go, in the balance."""
    await connection.execute(
        """
        update balance b set reserved = b.reserved - $2
        from reservation r where r.move_task_id = $1 and b.id = r.balance_id
        """,
        task_id,
        quantity,
    )


async def shrink_task(connection: asyncpg.Connection, task_id: int, quantity: int) -> None:
    await connection.execute(
        "update move_task set quantity = quantity - $2 where id = $1", task_id, quantity
    )


async def end_task(
    connection: asyncpg.Connection,
    task_id: int,
    state: str,
    to_place_id: int | None,
    movement_id: int | None,
    now: datetime,
) -> None:
    await connection.execute(
        """
        update move_task set state = $2, to_place_id = coalesce($3, to_place_id),
            movement_id = $4, done_at = $5, holder_id = null, claimed_until = null
        where id = $1
        """,
        task_id,
        state,
        to_place_id,
        movement_id,
        now,
    )


async def insert_part_done(
    connection: asyncpg.Connection,
    task_id: int,
    quantity: int,
    to_place_id: int,
    movement_id: int,
    now: datetime,
) -> None:
    """Keeps a part of a task that was done, as a task of its own."""
    await connection.execute(
        """
        insert into move_task (tenant_id, owner_id, warehouse_id, kind, reason, item_id, lot,
            serial, status, from_place_id, from_unit_id, to_place_id, quantity, urgency, state,
            step, made_at, done_at, movement_id)
        select tenant_id, owner_id, warehouse_id, kind, reason, item_id, lot, serial, status,
            from_place_id, from_unit_id, $3, $2, urgency, 'done', 'to', made_at, $5, $4
        from move_task where id = $1
        """,
        task_id,
        quantity,
        to_place_id,
        movement_id,
        now,
    )


async def held_task(connection: asyncpg.Connection, staff_id: int, warehouse_id: int) -> int | None:
    """The move that somebody holds in a warehouse, run out or not, as long as nobody took it."""
    task_id: int | None = await connection.fetchval(
        """
        select id from move_task
        where holder_id = $1 and state = 'claimed' and warehouse_id = $2
        order by id limit 1 for no key update
        """,
        staff_id,
        warehouse_id,
    )
    return task_id


async def renew_claim(connection: asyncpg.Connection, task_id: int, until: datetime) -> None:
    await connection.execute(
        "update move_task set claimed_until = $2 where id = $1", task_id, until
    )


async def claim_next(
    connection: asyncpg.Connection,
    staff_id: int,
    warehouse_id: int,
    until: datetime,
    now: datetime,
) -> int | None:
    """A warehouse's most urgent move that nobody does, where none pauses; skipped ones last."""
    task_id: int | None = await connection.fetchval(
        """
        with next as (
            select t.id from move_task t
            join place f on f.id = t.from_place_id join place g on g.id = t.to_place_id
            where t.warehouse_id = $4
              and (t.state = 'open' or (t.state = 'claimed' and t.claimed_until < $3))
              and not f.blocked_out
              and not exists (select 1 from floor_pause h
                              where h.warehouse_id = t.warehouse_id and h.ended_at is null
                                and h.zone in ('', f.zone, g.zone))
            order by t.skipped_by is not distinct from $1, t.urgency desc,
                t.skipped_at nulls first, t.id
            limit 1 for no key update of t skip locked
        )
        update move_task t set state = 'claimed', holder_id = $1, claimed_until = $2,
            step = 'from'
        from next where t.id = next.id returning t.id
        """,
        staff_id,
        until,
        now,
        warehouse_id,
    )
    return task_id


async def set_step(connection: asyncpg.Connection, task_id: int, step: str) -> None:
    await connection.execute("update move_task set step = $2 where id = $1", task_id, step)


async def lay_down(
    connection: asyncpg.Connection, task_id: int, staff_id: int, now: datetime
) -> None:
    await connection.execute(
        """
        update move_task set state = 'open', holder_id = null, claimed_until = null, step = 'from',
            skipped_by = $2, skipped_at = $3
        where id = $1
        """,
        task_id,
        staff_id,
        now,
    )


async def extend_claims(
    connection: asyncpg.Connection, warehouse_id: int, zone: str, until: datetime
) -> None:
    """Lets the claims of moves in a zone, '' for all, last at least until then."""
    await connection.execute(
        """
        update move_task t set claimed_until = greatest(t.claimed_until, $3)
        from place f, place g
        where t.warehouse_id = $1 and t.state = 'claimed' and f.id = t.from_place_id
          and g.id = t.to_place_id and $2 in ('', f.zone, g.zone)
        """,
        warehouse_id,
        zone,
        until,
    )


async def task_view(connection: asyncpg.Connection, task_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{_VIEW} where t.id = $1", task_id)


async def tasks_after(
    connection: asyncpg.Connection, states: list[str], kind: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"""
        {_VIEW} where t.state = any($1) and ($2::text is null or t.kind = $2) and t.id > $3
        order by t.id limit $4
        """,
        states,
        kind,
        after,
        limit,
    )


async def unplaced_after(
    connection: asyncpg.Connection, after: int, limit: int
) -> list[asyncpg.Record]:
    """Goods that no move is planned for: at a dock, or at rest in a unit of no standing order."""
    return await connection.fetch(
        """
        select b.*, b.on_hand - b.reserved as free, p.warehouse_id, p.code as place,
            p.kind as place_kind, u.code as unit_code, i.sku, i.name, i.scale, i.unit,
            o.name as owner, w.code as warehouse
        from balance b join place p on p.id = b.place_id join item i on i.id = b.item_id
        join owner o on o.id = b.owner_id join warehouse w on w.id = p.warehouse_id
        left join handling_unit u on u.id = b.handling_unit_id
        left join fulfilment_order f on f.id = u.fulfilment_order_id
        where b.id > $1 and b.on_hand > b.reserved
          and (p.kind = 'receiving'
               or p.kind = 'packing' and u.kind = 'tote'
                  and (f.id is null or f.state = 'cancelled')
               or u.kind = 'parcel' and f.state = 'cancelled')
        order by b.id limit $2
        """,
        after,
        limit,
    )
