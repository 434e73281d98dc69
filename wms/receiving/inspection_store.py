"""SQL of the inspections of samples."""

from datetime import datetime

import asyncpg


async def insert_inspection(
    connection: asyncpg.Connection,
    inbound_id: int,
    receipt_line_id: int,
    now: datetime,
    due_at: datetime,
) -> int:
    inspection_id: int = await connection.fetchval(
        """
        insert into inspection (tenant_id, owner_id, warehouse_id, inbound_id, receipt_line_id,
            item_id, quantity, made_at, due_at)
        select s.tenant_id, s.owner_id, s.warehouse_id, s.id, r.id, r.item_id, r.quantity, $3, $4
        from inbound_shipment s cross join receipt_line r where s.id = $1 and r.id = $2
        returning id
        """,
        inbound_id,
        receipt_line_id,
        now,
        due_at,
    )
    return inspection_id


INSPECTION = """
    select n.*, i.sku, i.name, i.scale, r.lot, r.serial, r.expires_on, r.place_id,
        r.handling_unit_id, p.code as place, w.time_zone, o.name as owner
    from inspection n join item i on i.id = n.item_id
    join receipt_line r on r.id = n.receipt_line_id join place p on p.id = r.place_id
    join warehouse w on w.id = n.warehouse_id join owner o on o.id = n.owner_id
"""


async def inspection_for_update(
    connection: asyncpg.Connection, inspection_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{INSPECTION} where n.id = $1 for no key update of n", inspection_id
    )


async def inspections_after(
    connection: asyncpg.Connection, state: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"""{INSPECTION} where n.id > $1 and ($2::text is null or n.state = $2)
        order by n.id limit $3
        """,
        after,
        state,
        limit,
    )


async def inspections_of(connection: asyncpg.Connection, inbound_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(f"{INSPECTION} where n.inbound_id = $1 order by n.id", inbound_id)


async def decide_inspection(
    connection: asyncpg.Connection,
    inspection_id: int,
    state: str,
    reason: str,
    actor: str,
    movement_id: int,
    now: datetime,
) -> None:
    await connection.execute(
        """
        update inspection set state = $2, reason = $3, decided_by = $4, movement_id = $5,
            decided_at = $6
        where id = $1
        """,
        inspection_id,
        state,
        reason,
        actor,
        movement_id,
        now,
    )


async def in_quarantine(
    connection: asyncpg.Connection, inspection: asyncpg.Record
) -> list[asyncpg.Record]:
    """Where goods like an inspection's sample lie in quarantine, its own place first."""
    return await connection.fetch(
        """
        select b.* from balance b join place p on p.id = b.place_id
        where b.owner_id = $1 and b.item_id = $2 and b.lot = $3 and b.serial = $4
          and b.status = 'quarantine' and b.on_hand > b.reserved and p.warehouse_id = $5
        order by b.place_id <> $6, b.handling_unit_id <> $7, b.id
        """,
        inspection["owner_id"],
        inspection["item_id"],
        inspection["lot"],
        inspection["serial"],
        inspection["warehouse_id"],
        inspection["place_id"],
        inspection["handling_unit_id"],
    )


async def void_inspection(
    connection: asyncpg.Connection, inspection_id: int, reason: str, actor: str, now: datetime
) -> None:
    await connection.execute(
        """
        update inspection set state = 'void', reason = $2, decided_by = $3, decided_at = $4
        where id = $1
        """,
        inspection_id,
        reason,
        actor,
        now,
    )


async def lock_inspections(connection: asyncpg.Connection, receipt_id: int) -> list[asyncpg.Record]:
    """The inspections of a receipt's samples, locked in id order."""
    return await connection.fetch(
        f"{INSPECTION} where r.receipt_id = $1 order by n.id for no key update of n", receipt_id
    )
