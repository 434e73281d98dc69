"""SQL of what lies in the house, as an opening stock would tell it."""

import asyncpg


async def lying_stock(
    connection: asyncpg.Connection, owner_id: int, warehouse_id: int
) -> list[asyncpg.Record]:
    """An owner's goods in the bins and on the docks of a warehouse, whatever unit they stand in."""
    return await connection.fetch(
        """
        select i.sku, i.scale, i.unit, p.code as place, b.lot, b.serial, b.status,
            min(b.expires_on) as expires_on, sum(b.on_hand)::bigint as quantity
        from balance b join item i on i.id = b.item_id join place p on p.id = b.place_id
        where b.owner_id = $1 and p.warehouse_id = $2 and p.kind in ('bin', 'receiving')
          and b.on_hand > 0
        group by i.sku, i.scale, i.unit, p.code, b.lot, b.serial, b.status
        order by i.sku, p.code, b.lot, b.serial, b.status
        """,
        owner_id,
        warehouse_id,
    )
