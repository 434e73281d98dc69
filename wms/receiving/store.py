"""SQL of inbound shipments and their receipts."""

from datetime import datetime

import asyncpg

from wms.receiving.inbound import ExpectedLine

SHIPMENT = """
    select s.*, w.code as warehouse, w.time_zone, u.code as supplier, o.name as owner
    from inbound_shipment s join warehouse w on w.id = s.warehouse_id
    join owner o on o.id = s.owner_id left join supplier u on u.id = s.supplier_id
"""


async def insert_inbound(connection: asyncpg.Connection, facts: dict[str, object]) -> int:
    inbound_id: int = await connection.fetchval(
        """
        insert into inbound_shipment (tenant_id, owner_id, warehouse_id, kind, reference,
            supplier_id, purchase_order_id, order_id, tolerance_percent, expected_at, supply_at,
            made_by, made_at, transfer_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id
        """,
        facts["tenant_id"],
        facts["owner_id"],
        facts["warehouse_id"],
        facts["kind"],
        facts["reference"],
        facts["supplier_id"],
        facts["purchase_order_id"],
        facts["order_id"],
        facts["tolerance_percent"],
        facts["expected_at"],
        facts["supply_at"],
        facts["made_by"],
        facts["made_at"],
        facts["transfer_id"],
    )
    return inbound_id


async def insert_lines(
    connection: asyncpg.Connection, tenant_id: int, inbound_id: int, lines: list[ExpectedLine]
) -> None:
    """Lines after those that are there already, in this order."""
    await connection.execute(
        """
        insert into inbound_line (tenant_id, inbound_id, line, item_id, expected, received_max)
        select $1, $2, u.number + (select coalesce(max(l.line), 0) from inbound_line l
                                   where l.inbound_id = $2), u.item_id, u.expected, u.received_max
        from unnest($3::bigint[], $4::bigint[], $5::bigint[]) with ordinality
            u(item_id, expected, received_max, number)
        """,
        tenant_id,
        inbound_id,
        [line.item_id for line in lines],
        [line.expected for line in lines],
        [line.received_max for line in lines],
    )


async def inbound_for_update(
    connection: asyncpg.Connection, inbound_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{SHIPMENT} where s.id = $1 for no key update of s", inbound_id
    )


async def inbound_of_id(connection: asyncpg.Connection, inbound_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{SHIPMENT} where s.id = $1", inbound_id)


async def inbounds_after(
    connection: asyncpg.Connection, owner_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{SHIPMENT} where s.owner_id = $1 and s.id > $2 order by s.id limit $3",
        owner_id,
        after,
        limit,
    )


async def inbounds_of_code(
    connection: asyncpg.Connection, inbound_id: int | None, reference: str
) -> list[asyncpg.Record]:
    """Shipments that still take goods in and are called so, by their number or their reference."""
    return await connection.fetch(
        f"""{SHIPMENT}
        where s.state in ('announced', 'receiving')
          and (s.id = $1 or s.reference <> '' and upper(s.reference) = upper($2))
        order by s.id
        """,
        inbound_id,
        reference,
    )


async def inbounds_waiting(
    connection: asyncpg.Connection, warehouse_id: int, limit: int
) -> list[asyncpg.Record]:
    """Shipments that take goods in: those begun first, then by the day they are expected."""
    return await connection.fetch(
        f"""{SHIPMENT}
        where s.warehouse_id = $1 and s.state in ('announced', 'receiving')
        order by s.begun_at nulls last, s.expected_at nulls last, s.id limit $2
        """,
        warehouse_id,
        limit,
    )


async def inbound_of_purchase(
    connection: asyncpg.Connection, purchase_order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{SHIPMENT} where s.purchase_order_id = $1 and s.state <> 'cancelled'", purchase_order_id
    )


async def lines_of(connection: asyncpg.Connection, inbound_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select l.*, i.sku, i.name, i.unit, i.scale, i.quality_percent
        from inbound_line l join item i on i.id = l.item_id where l.inbound_id = $1 order by l.line
        """,
        inbound_id,
    )


async def set_state(
    connection: asyncpg.Connection, inbound_id: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update inbound_shipment set state = $2,
            begun_at = case when $2 = 'receiving' then coalesce(begun_at, $3) else begun_at end,
            closed_at = case when $2 in ('closed', 'cancelled') then $3 else closed_at end
        where id = $1
        """,
        inbound_id,
        state,
        now,
    )


async def set_dates(
    connection: asyncpg.Connection, inbound_id: int, expected_at: datetime, supply_at: datetime
) -> None:
    await connection.execute(
        "update inbound_shipment set expected_at = $2, supply_at = $3 where id = $1",
        inbound_id,
        expected_at,
        supply_at,
    )


async def overdue(connection: asyncpg.Connection, now: datetime, limit: int) -> list[int]:
    rows = await connection.fetch(
        """
        select id from inbound_shipment
        where state in ('announced', 'receiving') and kind = 'asn' and supply_at <= $1
        order by supply_at limit $2
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def add_received(
    connection: asyncpg.Connection, line_ids: list[int], parts: list[tuple[int, int, int, int]]
) -> None:
    """Adds what came to lines: received, and of it damaged, held and sampled."""
    await connection.execute(
        """
        update inbound_line l set received = l.received + u.received,
            damaged = l.damaged + u.damaged, held = l.held + u.held,
            sampled = l.sampled + u.sampled
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
            u(id, received, damaged, held, sampled)
        where l.id = u.id
        """,
        line_ids,
        *([part[number] for part in parts] for number in range(4)),
    )


async def insert_receipt(
    connection: asyncpg.Connection,
    tenant_id: int,
    inbound_id: int,
    movement_id: int,
    actor: str,
    device: str,
    now: datetime,
) -> int:
    receipt_id: int = await connection.fetchval(
        """
        insert into receipt (tenant_id, inbound_id, movement_id, actor, device, received_at)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        tenant_id,
        inbound_id,
        movement_id,
        actor,
        device,
        now,
    )
    return receipt_id


async def insert_receipt_line(
    connection: asyncpg.Connection, receipt_id: int, line: dict[str, object]
) -> int:
    line_id: int = await connection.fetchval(
        """
        insert into receipt_line (tenant_id, receipt_id, inbound_line_id, item_id, lot, serial,
            expires_on, status, place_id, handling_unit_id, quantity)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id
        """,
        line["tenant_id"],
        receipt_id,
        line["inbound_line_id"],
        line["item_id"],
        line["lot"],
        line["serial"],
        line["expires_on"],
        line["status"],
        line["place_id"],
        line["handling_unit_id"],
        line["quantity"],
    )
    return line_id


async def receipt_of_movement(
    connection: asyncpg.Connection, movement_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from receipt where movement_id = $1", movement_id)


async def lines_of_receipt(connection: asyncpg.Connection, receipt_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from receipt_line where receipt_id = $1 order by id", receipt_id
    )
