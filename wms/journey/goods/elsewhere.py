"""What a walk misses is fetched from other bins, at the end of the same walk."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.stock import commands as stock
from wms.stock.want import Want


async def fetch_elsewhere(
    connection: asyncpg.Connection, task: asyncpg.Record, quantity: int, now: datetime
) -> int:
    """Reserves a quantity for a task in other bins, first expired first; how much it found not.

    What is missing stays to be picked: a later wave walks for it, or holds the order where it is
    in the house no more.
    """
    place = await bins.place_of_id(connection, task["place_id"])
    line = await picking_rows.want_of_line(connection, task["fulfilment_line_id"])
    want = Want(line["line_id"], line["item_id"], quantity, line["shelf_life_min_days"])
    reserved = await stock.reserve_lines(connection, place["warehouse_id"], [want], now)
    for row in reserved:
        await picking.insert_task_like(
            connection,
            task["id"],
            row["balance_id"],
            row["place_id"],
            row["quantity"],
            row["reservation_id"],
        )
    found: int = sum(row["quantity"] for row in reserved)
    return quantity - found
