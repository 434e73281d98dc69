"""SQL of inbound shipments, their receipts and the inspections of samples."""

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


async def receipt_of_movement(
    connection: asyncpg.Connection, movement_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from receipt where movement_id = $1", movement_id)


async def lines_of_receipt(connection: asyncpg.Connection, receipt_id: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from receipt_line where receipt_id = $1 order by id", receipt_id
    )


async def may_come_back(connection: asyncpg.Connection, order_id: int) -> list[asyncpg.Record]:
    """The items of an order that were handed over: how many left, how many came back."""
    return await connection.fetch(
        """
        select g.item_id, i.sku, i.scale, g.shipped, coalesce(b.returned, 0)::bigint as returned
        from (select f.item_id, sum(c.packed)::bigint as shipped
              from fulfilment_order q join parcel p on p.fulfilment_order_id = q.id
              join parcel_line c on c.parcel_id = p.id
              join fulfilment_line f on f.id = c.fulfilment_line_id
              where q.order_id = $1 and p.state = 'handed_over' group by 1) g
        join item i on i.id = g.item_id
        left join (select l.item_id, sum(l.received) as returned
                   from inbound_shipment s join inbound_line l on l.inbound_id = s.id
                   where s.order_id = $1 group by 1) b on b.item_id = g.item_id
        order by g.item_id
        """,
        order_id,
    )


async def shipped_from(connection: asyncpg.Connection, order_id: int) -> asyncpg.Record | None:
    """The warehouse that the first goods of an order left, or None while none has."""
    return await connection.fetchrow(
        """
        select w.* from fulfilment_order f join warehouse w on w.id = f.warehouse_id
        where f.order_id = $1 and exists (
            select 1 from parcel p where p.fulfilment_order_id = f.id and p.state = 'handed_over')
        order by f.id limit 1
        """,
        order_id,
    )


async def serials_in_house(
    connection: asyncpg.Connection, item_id: int, serials: list[str]
) -> set[str]:
    rows = await connection.fetch(
        "select serial from balance where item_id = $1 and serial = any($2) and on_hand > 0",
        item_id,
        serials,
    )
    return {row["serial"] for row in rows}


async def wanted_at_once(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int], now: datetime
) -> dict[int, int]:
    """How much of items waiting orders want that no bin covers and no move brings to the dock.

    Waiting are paid orders that a wave may take. A bin covers what lies free in it and may be
    picked.
    """
    rows = await connection.fetch(
        """
        select w.item_id, (w.quantity - coalesce(b.quantity, 0) - coalesce(t.quantity, 0))::bigint
            as quantity
        from (select l.item_id, sum(l.quantity - l.picked) as quantity
              from fulfilment_order f join fulfilment_line l on l.fulfilment_order_id = f.id
              where f.warehouse_id = $1 and f.state = 'open' and f.firm_at is not null
                and l.item_id = any($2)
                and not exists (select 1 from hold h
                                where h.fulfilment_order_id = f.id and h.lifted_at is null)
              group by 1) w
        left join (select b.item_id, sum(b.on_hand - b.reserved) as quantity
                   from balance b join place p on p.id = b.place_id
                   join warehouse h on h.id = p.warehouse_id
                   where h.id = $1 and p.kind = 'bin' and not p.blocked_out
                     and b.item_id = any($2) and b.status = 'available'
                     and (b.expires_on is null
                          or days_left(b.expires_on, $3, h.time_zone) >= 0)
                   group by 1) b on b.item_id = w.item_id
        left join (select t.item_id, sum(t.quantity) as quantity from move_task t
                   where t.warehouse_id = $1 and t.kind in ('putaway', 'cross_dock')
                     and t.state in ('open', 'claimed') and t.item_id = any($2)
                   group by 1) t on t.item_id = w.item_id
        """,
        warehouse_id,
        item_ids,
        now,
    )
    return {row["item_id"]: row["quantity"] for row in rows if row["quantity"] > 0}


async def lock_availability(
    connection: asyncpg.Connection, warehouse_id: int, item_ids: list[int]
) -> None:
    await connection.execute(
        """
        select 1 from availability where item_id = any($2) and warehouse_id = $1
        order by id for no key update
        """,
        warehouse_id,
        item_ids,
    )


async def balances_of(
    connection: asyncpg.Connection, owner_id: int, place_ids: list[int], item_ids: list[int]
) -> list[asyncpg.Record]:
    """Goods for sale at these places that nothing has been planned for."""
    return await connection.fetch(
        """
        select b.* from balance b
        where b.owner_id = $1 and b.place_id = any($2) and b.item_id = any($3)
          and b.status = 'available' and b.on_hand > b.reserved
        order by b.expires_on nulls last, b.id
        """,
        owner_id,
        place_ids,
        item_ids,
    )


async def owners(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select id, tenant_id, name from owner order by name, id limit $1", limit
    )


async def moves_waiting(connection: asyncpg.Connection, reason: str) -> int:
    waiting: int = await connection.fetchval(
        "select count(*) from move_task where reason = $1 and state in ('open', 'claimed')", reason
    )
    return waiting
