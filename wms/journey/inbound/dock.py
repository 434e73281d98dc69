"""The dock is cleared: what came in is to go where waiting orders need it, or into storage."""

from datetime import datetime

import asyncpg

from wms.journey.goods.putaway import plan_putaway
from wms.receiving import queries as inbounds


async def clear_dock(
    connection: asyncpg.Connection,
    warehouse_id: int,
    owner_id: int,
    item_ids: list[int],
    place_ids: list[int],
    reason: str,
    now: datetime,
) -> list[int]:
    """Makes moves for goods for sale that lie free at these receiving places; their numbers.

    What waiting orders want and no bin covers goes through, the first to expire first. What no
    place takes stays, and is tried again by the house.
    """
    wanted = await inbounds.wanted_at_once(connection, warehouse_id, item_ids, now)
    tasks: list[int] = []
    for row in await inbounds.balances_of(connection, owner_id, place_ids, item_ids):
        free = row["on_hand"] - row["reserved"]
        through = min(free, wanted.get(row["item_id"], 0))
        wanted[row["item_id"]] = wanted.get(row["item_id"], 0) - through
        tasks += await plan_putaway(
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
            cross_dock=through,
            reason=reason,
            now=now,
        )
    return tasks
