"""SQL of re-slotting: what lies where, what was walked, and the proposals."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def insert_proposal(
    connection: asyncpg.Connection,
    warehouse_id: int,
    moves_max: int,
    asked_by: str,
    now: datetime,
) -> int:
    proposal_id: int = await connection.fetchval(
        "insert into slotting_proposal (warehouse_id, moves_max, asked_by, asked_at) "
        "values ($1, $2, $3, $4) returning id",
        warehouse_id,
        moves_max,
        asked_by,
        now,
    )
    return proposal_id


async def proposal_for_update(
    connection: asyncpg.Connection, proposal_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from slotting_proposal where id = $1 for update", proposal_id
    )


async def find_proposal(connection: asyncpg.Connection, proposal_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select s.*, w.code as warehouse
        from slotting_proposal s join warehouse w on w.id = s.warehouse_id where s.id = $1
        """,
        proposal_id,
    )


async def moves_of(connection: asyncpg.Connection, proposal_id: int) -> list[asyncpg.Record]:
    """A proposal's moves in their order, with what lies at each start and how its task stands."""
    return await connection.fetch(
        """
        select m.*, i.sku, i.scale, o.name as owner, f.code as from_place, t.code as to_place,
            coalesce(b.on_hand, 0) as on_hand, k.state as task_state
        from slotting_move m join item i on i.id = m.item_id join owner o on o.id = m.owner_id
        join place f on f.id = m.from_place_id join place t on t.id = m.to_place_id
        left join balance b on b.owner_id = m.owner_id and b.item_id = m.item_id
            and b.place_id = m.from_place_id and b.handling_unit_id = 0 and b.lot = m.lot
            and b.serial = m.serial and b.status = m.status
        left join move_task k on k.id = m.move_task_id
        where m.proposal_id = $1 order by m.chain, m.step
        """,
        proposal_id,
    )


async def bins_of(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    """The forward bins; open are those that goods may come to and nothing is on its way to."""
    return await connection.fetch(
        """
        select p.id, p.aisle, p.y_mm, p.volume_ml, p.mass_g_max, p.units_max, p.storage_classes,
            not p.blocked_in and not exists (
                select 1 from move_task t where t.to_place_id = p.id
                  and t.state in ('open', 'claimed')) as open
        from place p
        where p.warehouse_id = $1 and p.kind = 'bin' and p.purpose = 'forward' order by p.id
        """,
        warehouse_id,
    )


async def goods_in(connection: asyncpg.Connection, warehouse_id: int) -> list[asyncpg.Record]:
    """What lies in the forward bins, each with whether it may be moved.

    What stands in a handling unit, is not for sale, may not leave, or is refilled by a rule of its
    place stays.
    """
    return await connection.fetch(
        """
        select b.id, b.tenant_id, b.owner_id, b.item_id, b.place_id, b.lot, b.serial, b.status,
            b.on_hand, i.width_mm, i.depth_mm, i.height_mm, i.mass_g, i.scale, i.storage_class,
            b.handling_unit_id = 0 and b.status = 'available' and not p.blocked_out
                and not exists (select 1 from refill_rule r where r.place_id = p.id)
                and not exists (select 1 from move_task t where t.from_place_id = p.id
                                and t.item_id = b.item_id and t.state in ('open', 'claimed'))
                as movable
        from balance b join place p on p.id = b.place_id join item i on i.id = b.item_id
        where p.warehouse_id = $1 and p.kind = 'bin' and p.purpose = 'forward' and b.on_hand > 0
        order by b.id
        """,
        warehouse_id,
    )


async def visits_since(
    connection: asyncpg.Connection, warehouse_id: int, since: datetime, walks_max: int
) -> list[asyncpg.Record]:
    """Where the last carts went for what, one row a stop: the carts as they were walked."""
    return await connection.fetch(
        """
        with walk as (
            select k.id from pick_batch k join wave w on w.id = k.wave_id
            where w.warehouse_id = $1 and k.dropped_at >= $2
            order by k.dropped_at desc, k.id desc limit $3
        )
        select distinct t.batch_id, t.item_id, t.place_id, p.aisle, p.y_mm
        from pick_task t join walk on walk.id = t.batch_id join place p on p.id = t.place_id
        where t.state in ('done', 'short') and p.aisle is not null and p.y_mm is not null
        order by t.batch_id, t.place_id, t.item_id
        """,
        warehouse_id,
        since,
        walks_max,
    )


async def walked(
    connection: asyncpg.Connection,
    warehouse_id: int,
    time_zone: str,
    since: datetime,
    batch_ids: Sequence[int],
) -> asyncpg.Record:
    """How many orders those carts served, and on how many days anything was picked."""
    row = await connection.fetchrow(
        """
        select (select count(distinct s.fulfilment_order_id) from batch_slot s
                where s.batch_id = any($4)) as orders,
            (select count(distinct (k.dropped_at at time zone $2)::date)
             from pick_batch k join wave w on w.id = k.wave_id
             where w.warehouse_id = $1 and k.dropped_at >= $3 and k.id = any($4)) as days
        """,
        warehouse_id,
        time_zone,
        since,
        list(batch_ids),
    )
    assert row is not None
    return row


async def save_plan(
    connection: asyncpg.Connection, proposal_id: int, plan: dict[str, object], now: datetime
) -> None:
    await connection.execute(
        """
        update slotting_proposal set state = $2, planned_at = $3, since = $4, method = $5,
            orders = $6, walks = $7, days = $8, today_mm = $9, proposed_mm = $10, reason = $11
        where id = $1
        """,
        proposal_id,
        plan["state"],
        now,
        plan["since"],
        plan["method"],
        plan["orders"],
        plan["walks"],
        plan["days"],
        plan["today_mm"],
        plan["proposed_mm"],
        plan["reason"],
    )


async def insert_moves(
    connection: asyncpg.Connection, proposal_id: int, moves: list[dict[str, object]]
) -> None:
    await connection.execute(
        """
        insert into slotting_move (proposal_id, tenant_id, owner_id, item_id, lot, serial, status,
            from_place_id, to_place_id, quantity, chain, step, swap)
        select $1, m.tenant_id, m.owner_id, m.item_id, m.lot, m.serial, m.status, m.from_place_id,
            m.to_place_id, m.quantity, m.chain, m.step, m.swap
        from jsonb_to_recordset($2) m(tenant_id bigint, owner_id bigint, item_id bigint, lot text,
            serial text, status text, from_place_id bigint, to_place_id bigint, quantity bigint,
            chain int, step int, swap boolean)
        """,
        proposal_id,
        moves,
    )


async def set_accepted(
    connection: asyncpg.Connection, proposal_id: int, actor: str, now: datetime
) -> None:
    await connection.execute(
        "update slotting_proposal set state = 'accepted', accepted_by = $2, accepted_at = $3 "
        "where id = $1",
        proposal_id,
        actor,
        now,
    )


async def set_done(connection: asyncpg.Connection, proposal_id: int, now: datetime) -> None:
    await connection.execute(
        "update slotting_proposal set state = 'done', done_at = $2 where id = $1", proposal_id, now
    )


async def set_move(
    connection: asyncpg.Connection, move_id: int, state: str, move_task_id: int | None, note: str
) -> None:
    await connection.execute(
        "update slotting_move set state = $2, move_task_id = $3, note = $4 where id = $1",
        move_id,
        state,
        move_task_id,
        note,
    )


async def accepted_proposals(connection: asyncpg.Connection) -> list[int]:
    rows = await connection.fetch(
        "select id from slotting_proposal where state = 'accepted' order by id"
    )
    return [row["id"] for row in rows]
