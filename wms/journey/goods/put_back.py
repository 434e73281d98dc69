"""Goods of a cancelled order go back: from its totes and parcels to where such goods are kept."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.journey.goods.putaway import plan_putaway
from wms.moving.move import MoveKind
from wms.picking import queries as picking_rows
from wms.sorting import commands as sorting
from wms.stock import queries as stock_rows

REASON = "order cancelled"


async def put_back(
    connection: asyncpg.Connection, fulfilment_order_id: int, warehouse_id: int, now: datetime
) -> None:
    """Moves for the goods in an order's parcels, and in its totes that stand at a packing place.

    A tote that still rides, on a cart or on the conveyor, gets its moves when it has come there.
    It is free for another order once it is empty.
    """
    totes = [row["id"] for row in await picking_rows.totes_at_rest(connection, fulfilment_order_id)]
    await sorting.forget_routes(connection, totes)
    parcels = [
        row["id"] for row in await bins.units_of_order(connection, fulfilment_order_id, "parcel")
    ]
    for row in await stock_rows.contents_of_units(connection, totes + parcels):
        free = row["on_hand"] - row["reserved"]
        if free == 0:
            continue
        await plan_putaway(
            connection,
            tenant_id=row["tenant_id"],
            owner_id=row["owner_id"],
            warehouse_id=warehouse_id,
            item_id=row["item_id"],
            lot=row["lot"],
            serial=row["serial"],
            status=row["status"],
            from_place_id=row["place_id"],
            from_unit_id=row["handling_unit_id"],
            quantity=free,
            kind=MoveKind.PUT_BACK,
            reason=REASON,
            now=now,
        )
