"""SQL of items and their barcodes."""

import asyncpg


async def lock_components(connection: asyncpg.Connection, owner_id: int) -> None:
    """Lets one at a time say what is made of what: two halves of a ring look sound alone."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('item_component', $1))", owner_id
    )


async def upsert_items(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, items: list[dict[str, object]]
) -> dict[str, int]:
    """Enters items, or changes those that exist; their numbers by SKU."""
    rows = await connection.fetch(
        """
        insert into item (tenant_id, owner_id, sku, name, width_mm, depth_mm, height_mm, mass_g,
            usual_price_minor, kind, unit, scale, storage_class, track_lot, track_serial,
            track_expiry, shelf_life_min_days, quality_percent, fragile, liquid, electronic,
            keep_upright, dangerous_class, age_min, needs_approval, cost_minor,
            available_from, made_to_order_days, digital, approval_kind, limit_per_buyer,
            limit_days)
        select $1, $2, i.sku, i.name, i.width_mm, i.depth_mm, i.height_mm, i.mass_g,
            i.usual_price_minor, i.kind, i.unit, i.scale, i.storage_class, i.track_lot,
            i.track_serial, i.track_expiry, i.shelf_life_min_days, i.quality_percent, i.fragile,
            i.liquid, i.electronic, i.keep_upright, i.dangerous_class, i.age_min,
            i.needs_approval, i.cost_minor, i.available_from, i.made_to_order_days,
            coalesce(i.digital, ''), coalesce(i.approval_kind, ''), i.limit_per_buyer, i.limit_days
        from jsonb_to_recordset($3) i(sku text, name text, width_mm int, depth_mm int,
            height_mm int, mass_g int, usual_price_minor bigint, kind text, unit text,
            scale smallint, storage_class text, track_lot boolean, track_serial boolean,
            track_expiry boolean, shelf_life_min_days int, quality_percent smallint,
            fragile boolean, liquid boolean, electronic boolean, keep_upright boolean,
            dangerous_class text, age_min smallint, needs_approval boolean, cost_minor bigint,
            available_from timestamptz, made_to_order_days int, digital text,
            approval_kind text, limit_per_buyer bigint, limit_days int)
        order by i.sku
        on conflict (tenant_id, owner_id, sku) do update set name = excluded.name,
            width_mm = excluded.width_mm, depth_mm = excluded.depth_mm,
            height_mm = excluded.height_mm, mass_g = excluded.mass_g,
            usual_price_minor = excluded.usual_price_minor, kind = excluded.kind,
            unit = excluded.unit, scale = excluded.scale, storage_class = excluded.storage_class,
            track_lot = excluded.track_lot, track_serial = excluded.track_serial,
            track_expiry = excluded.track_expiry,
            shelf_life_min_days = excluded.shelf_life_min_days,
            quality_percent = excluded.quality_percent, fragile = excluded.fragile,
            liquid = excluded.liquid, electronic = excluded.electronic,
            keep_upright = excluded.keep_upright, dangerous_class = excluded.dangerous_class,
            age_min = excluded.age_min, needs_approval = excluded.needs_approval,
            cost_minor = excluded.cost_minor, available_from = excluded.available_from,
            made_to_order_days = excluded.made_to_order_days, digital = excluded.digital,
            approval_kind = excluded.approval_kind,
            limit_per_buyer = excluded.limit_per_buyer, limit_days = excluded.limit_days,
            updated_at = now()
        returning id, sku
        """,
        tenant_id,
        owner_id,
        items,
    )
    return {row["sku"]: row["id"] for row in rows}


async def set_barcodes(
    connection: asyncpg.Connection,
    tenant_id: int,
    owner_id: int,
    item_ids: list[int],
    barcodes: list[dict[str, object]],
) -> None:
    """Exactly these barcodes; one that another item had goes over to this one."""
    await connection.execute(
        """
        delete from item_barcode b where b.item_id = any($1)
          and not exists (select 1 from jsonb_to_recordset($2) r(barcode text, item_id bigint)
                          where r.item_id = b.item_id and r.barcode = b.barcode)
        """,
        item_ids,
        barcodes,
    )
    await connection.execute(
        """
        insert into item_barcode (tenant_id, owner_id, barcode, item_id, factor)
        select $1, $2, r.barcode, r.item_id, r.factor
        from jsonb_to_recordset($3) r(barcode text, item_id bigint, factor bigint)
        order by r.barcode
        on conflict (tenant_id, owner_id, barcode)
        do update set item_id = excluded.item_id, factor = excluded.factor
        """,
        tenant_id,
        owner_id,
        barcodes,
    )


async def set_packagings(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_ids: list[int],
    packagings: list[dict[str, object]],
) -> None:
    await connection.execute("delete from item_packaging where item_id = any($1)", item_ids)
    await connection.execute(
        """
        insert into item_packaging (tenant_id, item_id, level, factor, width_mm, depth_mm,
            height_mm, mass_g)
        select $1, r.item_id, r.level, r.factor, r.width_mm, r.depth_mm, r.height_mm, r.mass_g
        from jsonb_to_recordset($2) r(item_id bigint, level text, factor bigint, width_mm int,
            depth_mm int, height_mm int, mass_g bigint)
        """,
        tenant_id,
        packagings,
    )


async def set_components(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_ids: list[int],
    components: list[dict[str, object]],
) -> None:
    await connection.execute("delete from item_component where item_id = any($1)", item_ids)
    await connection.execute(
        """
        insert into item_component (tenant_id, item_id, component_id, quantity)
        select $1, r.item_id, r.component_id, r.quantity
        from jsonb_to_recordset($2) r(item_id bigint, component_id bigint, quantity bigint)
        """,
        tenant_id,
        components,
    )


async def set_substitutes(
    connection: asyncpg.Connection,
    tenant_id: int,
    item_ids: list[int],
    substitutes: list[dict[str, object]],
) -> None:
    await connection.execute("delete from item_substitute where item_id = any($1)", item_ids)
    await connection.execute(
        """
        insert into item_substitute (tenant_id, item_id, substitute_id, rank)
        select $1, r.item_id, r.substitute_id, r.rank
        from jsonb_to_recordset($2) r(item_id bigint, substitute_id bigint, rank int)
        """,
        tenant_id,
        substitutes,
    )


async def rings_through(
    connection: asyncpg.Connection, item_ids: list[int]
) -> list[asyncpg.Record]:
    """Those of these items that are made of themselves, over however many others."""
    return await connection.fetch(
        """
        with recursive made_of as (
            select item_id as root, component_id from item_component where item_id = any($1)
            union
            select m.root, c.component_id
            from made_of m join item_component c on c.item_id = m.component_id
        )
        select i.id, i.sku from made_of m join item i on i.id = m.root
        where m.root = m.component_id order by i.id
        """,
        item_ids,
    )


async def bundles_within(
    connection: asyncpg.Connection, item_ids: list[int]
) -> list[asyncpg.Record]:
    """Bundles that something is made of, where either of the two is among these items."""
    return await connection.fetch(
        """
        select c.item_id, c.component_id, i.sku
        from item_component c join item i on i.id = c.component_id and i.kind = 'bundle'
        where c.item_id = any($1) or c.component_id = any($1)
        order by c.item_id, c.component_id
        """,
        item_ids,
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
        "select * from item where owner_id = $1 and id > $2 order by id limit $3",
        owner_id,
        after,
        limit,
    )


async def barcodes_of(connection: asyncpg.Connection, item_ids: list[int]) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select item_id, barcode, factor from item_barcode where item_id = any($1)
        order by item_id, barcode
        """,
        item_ids,
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


async def items_of_ids(connection: asyncpg.Connection, item_ids: list[int]) -> list[asyncpg.Record]:
    return await connection.fetch("select * from item where id = any($1) order by id", item_ids)


async def packagings_of(
    connection: asyncpg.Connection, item_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select item_id, level, factor, width_mm, depth_mm, height_mm, mass_g
        from item_packaging where item_id = any($1) order by item_id, factor
        """,
        item_ids,
    )


async def components_of(
    connection: asyncpg.Connection, item_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select c.item_id, c.component_id, c.quantity, i.sku, i.scale, i.kind
        from item_component c join item i on i.id = c.component_id
        where c.item_id = any($1) order by c.item_id, i.sku
        """,
        item_ids,
    )


async def substitutes_of(
    connection: asyncpg.Connection, item_ids: list[int]
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select s.item_id, s.substitute_id, s.rank, i.sku
        from item_substitute s join item i on i.id = s.substitute_id
        where s.item_id = any($1) order by s.item_id, s.rank
        """,
        item_ids,
    )


async def item_of_barcode(
    connection: asyncpg.Connection, owner_id: int, barcode: str
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        select i.*, b.factor from item_barcode b join item i on i.id = b.item_id
        where b.owner_id = $1 and b.barcode = $2
        union all
        select i.*, power(10, i.scale)::bigint from item i
        where i.owner_id = $1 and i.sku = upper($2)
        limit 1
        """,
        owner_id,
        barcode,
    )
