"""SQL of suppliers, what they sell, and the purchase orders to them."""

from datetime import datetime

import asyncpg

from wms.replenishment.purchase import PricedLine, Supplier, SupplierItem


async def upsert_supplier(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, supplier: Supplier
) -> int:
    supplier_id: int = await connection.fetchval(
        """
        insert into supplier (tenant_id, owner_id, code, name, currency, lead_time_days,
            tolerance_percent, order_cost_minor, minimum_order_minor, truck_mass_g,
            truck_volume_ml)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (owner_id, code) do update set name = excluded.name,
            currency = excluded.currency, lead_time_days = excluded.lead_time_days,
            tolerance_percent = excluded.tolerance_percent,
            order_cost_minor = excluded.order_cost_minor,
            minimum_order_minor = excluded.minimum_order_minor,
            truck_mass_g = excluded.truck_mass_g, truck_volume_ml = excluded.truck_volume_ml,
            updated_at = now()
        returning id
        """,
        tenant_id,
        owner_id,
        supplier.code,
        supplier.name,
        supplier.currency,
        supplier.lead_time_days,
        supplier.tolerance_percent,
        supplier.terms.order_cost_minor,
        supplier.terms.minimum_order_minor,
        supplier.terms.truck_mass_g,
        supplier.terms.truck_volume_ml,
    )
    return supplier_id


async def supplier_of_code(
    connection: asyncpg.Connection, owner_id: int, code: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from supplier where owner_id = $1 and code = $2", owner_id, code
    )


async def suppliers_after(
    connection: asyncpg.Connection, owner_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from supplier where owner_id = $1 and id > $2 order by id limit $3",
        owner_id,
        after,
        limit,
    )


async def upsert_supplier_item(
    connection: asyncpg.Connection,
    tenant_id: int,
    supplier_id: int,
    item_id: int,
    sold: SupplierItem,
) -> None:
    """What a supplier sells of an item, with exactly these prices."""
    await connection.execute(
        """
        insert into supplier_item (tenant_id, supplier_id, item_id, supplier_sku, lead_time_days,
            minimum, multiple)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (supplier_id, item_id) do update set supplier_sku = excluded.supplier_sku,
            lead_time_days = excluded.lead_time_days, minimum = excluded.minimum,
            multiple = excluded.multiple, updated_at = now()
        """,
        tenant_id,
        supplier_id,
        item_id,
        sold.supplier_sku,
        sold.lead_time_days,
        sold.minimum,
        sold.multiple,
    )
    await connection.execute(
        "delete from supplier_price where supplier_id = $1 and item_id = $2", supplier_id, item_id
    )
    await connection.execute(
        """
        insert into supplier_price (tenant_id, supplier_id, item_id, from_quantity, price_minor)
        select $1, $2, $3, u.from_quantity, u.price_minor
        from unnest($4::bigint[], $5::bigint[]) u(from_quantity, price_minor)
        """,
        tenant_id,
        supplier_id,
        item_id,
        [each.from_quantity for each in sold.prices],
        [each.price_minor for each in sold.prices],
    )


async def supplier_items(
    connection: asyncpg.Connection, supplier_id: int, item_ids: list[int] | None
) -> list[asyncpg.Record]:
    """What a supplier sells, of these items or of all, with the prices as they ascend."""
    return await connection.fetch(
        """
        select s.*, i.sku, i.unit, i.scale,
            (select jsonb_agg(jsonb_build_object('from_quantity', p.from_quantity,
                                                 'price_minor', p.price_minor)
                              order by p.from_quantity)
             from supplier_price p
             where p.supplier_id = s.supplier_id and p.item_id = s.item_id) as prices
        from supplier_item s join item i on i.id = s.item_id
        where s.supplier_id = $1 and ($2::bigint[] is null or s.item_id = any($2))
        order by i.sku
        """,
        supplier_id,
        item_ids,
    )


async def insert_purchase(
    connection: asyncpg.Connection, facts: dict[str, object], lines: list[PricedLine]
) -> int:
    purchase_order_id: int = await connection.fetchval(
        """
        insert into purchase_order (tenant_id, owner_id, shop_id, supplier_id, warehouse_id,
            reference, currency, total_minor, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id
        """,
        facts["tenant_id"],
        facts["owner_id"],
        facts["shop_id"],
        facts["supplier_id"],
        facts["warehouse_id"],
        facts["reference"],
        facts["currency"],
        sum(line.amount_minor for line in lines),
        facts["made_by"],
        facts["made_at"],
    )
    await connection.execute(
        """
        insert into purchase_line (tenant_id, purchase_order_id, line, item_id, quantity,
            price_minor, amount_minor)
        select $1, $2, u.line, u.item_id, u.quantity, u.price_minor, u.amount_minor
        from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) with ordinality
            u(item_id, quantity, price_minor, amount_minor, line)
        """,
        facts["tenant_id"],
        purchase_order_id,
        [line.item_id for line in lines],
        [line.quantity for line in lines],
        [line.price_minor for line in lines],
        [line.amount_minor for line in lines],
    )
    return purchase_order_id


PURCHASE = """
    select p.*, s.code as supplier, s.lead_time_days, s.tolerance_percent, w.code as warehouse,
        (select b.id from inbound_shipment b
         where b.purchase_order_id = p.id order by b.id desc limit 1) as inbound_id
    from purchase_order p join supplier s on s.id = p.supplier_id
    join warehouse w on w.id = p.warehouse_id
"""


async def purchase_for_update(
    connection: asyncpg.Connection, purchase_order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{PURCHASE} where p.id = $1 for no key update of p", purchase_order_id
    )


async def purchase_of_id(
    connection: asyncpg.Connection, purchase_order_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{PURCHASE} where p.id = $1", purchase_order_id)


async def purchases_after(
    connection: asyncpg.Connection, owner_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{PURCHASE} where p.owner_id = $1 and p.id > $2 order by p.id limit $3",
        owner_id,
        after,
        limit,
    )


async def lines_of_purchase(
    connection: asyncpg.Connection, purchase_order_id: int
) -> list[asyncpg.Record]:
    """The lines, each with the lead time of its item at this supplier."""
    return await connection.fetch(
        """
        select l.*, i.sku, i.name, i.unit, i.scale,
            coalesce(t.lead_time_days, s.lead_time_days) as lead_time_days
        from purchase_line l join purchase_order p on p.id = l.purchase_order_id
        join supplier s on s.id = p.supplier_id join item i on i.id = l.item_id
        left join supplier_item t on t.supplier_id = s.id and t.item_id = l.item_id
        where l.purchase_order_id = $1 order by l.line
        """,
        purchase_order_id,
    )


async def set_state(
    connection: asyncpg.Connection, purchase_order_id: int, state: str, now: datetime
) -> None:
    await connection.execute(
        """
        update purchase_order set state = $2,
            sent_at = case when $2 = 'sent' then $3 else sent_at end
        where id = $1
        """,
        purchase_order_id,
        state,
        now,
    )


async def set_expected(
    connection: asyncpg.Connection, purchase_order_id: int, expected_at: datetime
) -> None:
    await connection.execute(
        "update purchase_order set expected_at = $2 where id = $1", purchase_order_id, expected_at
    )
