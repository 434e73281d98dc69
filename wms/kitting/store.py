"""SQL of what was put together and taken apart."""

from datetime import date, datetime

import asyncpg


async def insert_work(
    connection: asyncpg.Connection,
    tenant_id: int,
    owner_id: int,
    warehouse_id: int,
    item_id: int,
    kind: str,
    lot: str,
    serial: str,
    quantity: int,
    place_id: int,
    movement_id: int,
    actor: str,
    now: datetime,
) -> int:
    work_id: int = await connection.fetchval(
        """
        insert into kit_work (tenant_id, owner_id, warehouse_id, item_id, kind, lot, serial,
            quantity, place_id, movement_id, actor, done_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id
        """,
        tenant_id,
        owner_id,
        warehouse_id,
        item_id,
        kind,
        lot,
        serial,
        quantity,
        place_id,
        movement_id,
        actor,
        now,
    )
    return work_id


async def insert_parts(
    connection: asyncpg.Connection,
    tenant_id: int,
    work_id: int,
    assembly_ids: list[int],
    component_ids: list[int],
    lots: list[str],
    serials: list[str],
    days: list[date | None],
    quantities: list[int],
) -> None:
    await connection.execute(
        """
        insert into kit_part (tenant_id, work_id, assembly_id, component_id, lot, serial,
            expires_on, quantity)
        select $1, $2, p.assembly_id, p.component_id, p.lot, p.serial, min(p.expires_on),
            sum(p.quantity)
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::date[], $8::bigint[])
            p(assembly_id, component_id, lot, serial, expires_on, quantity)
        group by 3, 4, 5, 6
        """,
        tenant_id,
        work_id,
        assembly_ids,
        component_ids,
        lots,
        serials,
        days,
        quantities,
    )


async def lock_item(connection: asyncpg.Connection, item_id: int) -> None:
    """Lets one at a time take kits of an item apart: each must see what the others gave back."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('kit_work.item_id', $1))", item_id
    )


async def left_in(
    connection: asyncpg.Connection, warehouse_id: int, item_id: int, lot: str, serial: str
) -> list[asyncpg.Record]:
    """What is left in the kits of each assembly, the last first; what was undone is none."""
    return await connection.fetch(
        """
        select p.assembly_id, p.component_id, p.lot, p.serial, p.expires_on,
            (p.quantity - coalesce((
                select sum(b.quantity) from kit_part b join kit_work d on d.id = b.work_id
                where b.assembly_id = p.assembly_id and d.kind = 'disassemble'
                  and b.component_id = p.component_id and b.lot = p.lot and b.serial = p.serial
                  and not exists (select 1 from reversal r where r.movement_id = d.movement_id)
            ), 0))::bigint as quantity
        from kit_work w join kit_part p on p.work_id = w.id
        where w.kind = 'assemble' and w.warehouse_id = $1 and w.item_id = $2 and w.lot = $3
          and w.serial = $4
          and not exists (select 1 from reversal r where r.movement_id = w.movement_id)
        order by w.id desc, p.component_id, p.expires_on desc nulls first, p.lot, p.serial
        """,
        warehouse_id,
        item_id,
        lot,
        serial,
    )
