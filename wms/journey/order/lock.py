"""The locks of whoever changes an order, taken in the order in which everybody takes them.

docs/architecture.md has that order. An order's own row comes first; what a change writes, and whom
it tells, comes after all of these.
"""

from collections.abc import Sequence

import asyncpg

from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.picking import commands as picking
from wms.picking import queries as picking_rows


async def lock_parts(
    connection: asyncpg.Connection, order_id: int, only: Sequence[int] | None = None
) -> list[asyncpg.Record]:
    """The fulfilment orders of a locked order, or only these of them, locked after their waves.

    They are as they stand under the locks: a picker or a sorter may have gone on meanwhile.
    """
    found = await order_rows.fulfilments_of_order(connection, order_id)
    numbers = [row["id"] for row in found if only is None or row["id"] in only]
    await lock_in_waves(connection, numbers)
    locked = await order_rows.fulfilments_of_order(connection, order_id)
    return [row for row in locked if row["id"] in numbers]


async def lock_in_waves(connection: asyncpg.Connection, fulfilment_order_ids: list[int]) -> None:
    """Locks fulfilment orders, and before them the waves that they stand in."""
    while True:
        try:
            async with connection.transaction():
                waves = await picking.lock_waves(connection, fulfilment_order_ids)
                await orders.lock_fulfilments(connection, fulfilment_order_ids)
                stand_in = await picking_rows.waves_of_orders(connection, fulfilment_order_ids)
                if not set(stand_in) <= set(waves):
                    raise _Planned
                return
        except _Planned:
            continue


class _Planned(Exception):
    """A plan had them while they were waited for, and put them into a wave: all is let go again."""


async def lock_goods(
    connection: asyncpg.Connection, order: asyncpg.Record, fulfilments: Sequence[asyncpg.Record]
) -> None:
    """Locks the picks and goods of fulfilment orders, then what may be sold of their items."""
    await picking.lock_picks(connection, [row["id"] for row in fulfilments])
    items: set[int] = set()
    for row in fulfilments:
        lines = await order_rows.lines_of_fulfilment(connection, row["id"])
        items |= {line["item_id"] for line in lines}
    places = {row["warehouse_id"] for row in fulfilments}
    await orders.lock_stock(connection, sorted(items), sorted(places), order["channel"])
