"""SQL of items and their barcodes."""

import asyncpg


async def upsert_items(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, items: list[dict[str, object]]
) -> None:
    """Items with exactly these barcodes; a barcode that another item had goes over to this one."""
    await connection.execute(
        """
        insert into item (tenant_id, owner_id, sku, name, width_mm, depth_mm, height_mm, mass_g,
            usual_price_minor)
        select $1, $2, i.sku, i.name, i.width_mm, i.depth_mm, i.height_mm, i.mass_g,
            i.usual_price_minor
        from jsonb_to_recordset($3) i(sku text, name text, width_mm int, depth_mm int,
            height_mm int, mass_g int, usual_price_minor bigint)
        on conflict (tenant_id, owner_id, sku) do update set name = excluded.name,
            width_mm = excluded.width_mm, depth_mm = excluded.depth_mm,
            height_mm = excluded.height_mm, mass_g = excluded.mass_g,
            usual_price_minor = excluded.usual_price_minor, updated_at = now()
        """,
        tenant_id,
        owner_id,
        items,
    )
    await connection.execute(
        """
        delete from item_barcode b using jsonb_to_recordset($3) r(sku text, barcodes jsonb), item i
        where i.tenant_id = $1 and i.owner_id = $2 and i.sku = r.sku and b.item_id = i.id
          and not r.barcodes ? b.barcode
        """,
        tenant_id,
        owner_id,
        items,
    )
    await connection.execute(
        """
        insert into item_barcode (tenant_id, owner_id, barcode, item_id)
        select $1, $2, b.barcode, i.id
        from jsonb_to_recordset($3) r(sku text, barcodes jsonb)
        join item i on i.tenant_id = $1 and i.owner_id = $2 and i.sku = r.sku
        cross join lateral jsonb_array_elements_text(r.barcodes) b(barcode)
        on conflict (tenant_id, owner_id, barcode) do update set item_id = excluded.item_id
        """,
        tenant_id,
        owner_id,
        items,
    )


async def items_of_skus(
    connection: asyncpg.Connection, owner_id: int, skus: list[str]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select * from item where owner_id = $1 and sku = any($2)", owner_id, skus
    )


async def items_after(
    connection: asyncpg.Connection, owner_id: int, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select i.*, array(select b.barcode from item_barcode b where b.item_id = i.id
                          order by b.barcode) as barcodes
        from item i where i.owner_id = $1 and i.id > $2 order by i.id limit $3
        """,
        owner_id,
        after,
        limit,
    )


async def barcode_names(
    connection: asyncpg.Connection, item_id: int, barcode: str
) -> asyncpg.Record | None:
    """The item that a barcode or SKU means to the owner of `item_id`, where it means any."""
    return await connection.fetchrow(
        """
        select i.id, i.sku, i.name
        from item wanted
        join item_barcode b on b.tenant_id = wanted.tenant_id and b.owner_id = wanted.owner_id
            and b.barcode = $2
        join item i on i.id = b.item_id
        where wanted.id = $1
        union all
        select i.id, i.sku, i.name
        from item wanted
        join item i on i.tenant_id = wanted.tenant_id and i.owner_id = wanted.owner_id
            and i.sku = upper($2)
        where wanted.id = $1
        limit 1
        """,
        item_id,
        barcode,
    )
