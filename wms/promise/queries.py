"""Promises, and what could be promised, as others read them."""

import asyncpg

from wms.promise import (
    policy_store,
    promotion_store,
    queue_store,
    sale_store,
    store,
    supply_store,
)
from wms.promise.policy import Policy
from wms.promise.position import Atp, Coming, Position
from wms.promise.position import available_to_promise as atp_of

expired_orders = store.expired_orders
missing_lines = store.missing_lines
served_fulfilments = supply_store.served_fulfilments
waits_for_supply = supply_store.waits_for_supply
unsellable_after = policy_store.unsellable_after
refused_after = policy_store.refused_after
promotions_after = promotion_store.promotions_after
items_of_promotions = promotion_store.items_of_promotions
sale_of_code = sale_store.sale_of_code
sales_after = sale_store.sales_after
overlapping = sale_store.overlapping
ticket_view = queue_store.ticket_view
queued_sales = queue_store.queued_sales


async def available_to_promise(
    connection: asyncpg.Connection,
    owner_id: int,
    item_id: int,
    warehouse_id: int,
    channel: str = "",
) -> list[Atp]:
    """What of an item could be promised now, and what each later moment adds to it.

    Safety stock and other channels' stock are left out; claims that wait take what comes first.
    """
    found = await positions_of(connection, owner_id, [item_id], warehouse_id, channel)
    return atp_of(found[0]) if found else [Atp(None, 0)]


async def positions_of(
    connection: asyncpg.Connection,
    owner_id: int,
    item_ids: list[int],
    warehouse_id: int | None = None,
    channel: str = "",
) -> list[Position]:
    """The numbers of items in each warehouse that knows them, or in one, as a channel sees them."""
    rows = await policy_store.positions(connection, owner_id, item_ids, warehouse_id, channel)
    coming: dict[int, list[Coming]] = {row["id"]: [] for row in rows}
    for row in await policy_store.coming(connection, list(coming)):
        coming[row["availability_id"]].append(Coming(row["expected_at"], row["quantity"]))
    return [
        Position(
            row["item_id"],
            row["warehouse_id"],
            row["warehouse"],
            row["sellable"],
            row["promised"],
            row["held_back"],
            row["elsewhere"],
            row["inbound"],
            row["backordered"],
            tuple(coming[row["id"]]),
        )
        for row in rows
    ]


async def policy_of(connection: asyncpg.Connection, item_id: int, warehouse_id: int) -> Policy:
    """What is held back of an item in a warehouse, and for whom."""
    held_back = 0
    allocations: dict[str, int] = {}
    for row in await policy_store.policies_of(connection, item_id, warehouse_id):
        held_back = row["held_back"]
        if row["channel"] is not None:
            allocations[row["channel"]] = row["quantity"]
    return Policy(held_back, allocations)
