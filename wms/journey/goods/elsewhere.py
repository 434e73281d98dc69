"""What a walk misses is fetched from other bins, at the end of the same walk."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.picking import commands as picking
from wms.picking import queries as picking_rows
from wms.picking.allocation import allocate, bin_from, want_from
from wms.stock import commands as stock
from wms.stock import queries as stock_rows


async def fetch_elsewhere(
    connection: asyncpg.Connection, task: asyncpg.Record, quantity: int, now: datetime
) -> int:
    """Reserves a quantity for a task in other bins, by the rules of waves; how much it found not.

    What is missing stays to be picked: a later wave walks for it, or holds the order where it is
    in the house no more.
    """
    place = await bins.place_of_id(connection, task["place_id"])
    line = await picking_rows.want_of_line(connection, task["fulfilment_line_id"])
    want = want_from(line, quantity)
    found = await stock_rows.free_bins(connection, place["warehouse_id"], [task["item_id"]], now)
    stops = [place["walk_seq"] or 0]
    allocation = allocate([want], [bin_from(row) for row in found], stops)
    for pick in allocation.picks:
        reservation_id = await stock.reserve_one(
            connection, task["tenant_id"], pick.bin.balance_id, want.line_id, pick.quantity
        )
        await picking.insert_task_like(
            connection,
            task["id"],
            pick.bin.balance_id,
            pick.bin.place_id,
            pick.quantity,
            reservation_id,
        )
    return sum(missing for _, missing in allocation.missing)
