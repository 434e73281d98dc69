"""What a shop keeps back from sale, for whom, and under which channel it sells."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import shop_transaction
from wms.database.retry import again_on_deadlock
from wms.error import NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import parse_quantity
from wms.journey.claim.supply import supply_waiting
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.promise.policy import Policy
from wms.tenants import commands as tenants
from wms.tenants.shop import Shop

# Kinds of items that lie in no bin have nothing to hold back; their components have.
UNSTOCKED = "bundle"


@again_on_deadlock
async def put_policy(
    pool: asyncpg.Pool,
    shop: Shop,
    sku: str,
    warehouse: str | None,
    safety_stock: int | str,
    allocations: dict[str, int | str],
    now: datetime,
) -> tuple[Policy, asyncpg.Record, asyncpg.Record]:
    """Sets an item's safety stock and channel allocations; the policy, the item, the warehouse.

    What is promised stays promised, even below the policy: it only keeps more from being
    promised. Stock that it sets free goes to claims that wait.

    Raises:
        NotFound: `unknown_item`, `unknown_warehouse`.
        Refused: `wrong_unit`, `bad_quantity`, `bad_channel`, `too_many_channels`, `no_stock_kept`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        item = await _item(connection, shop, sku)
        place = await bins.the_warehouse(connection, warehouse)
        if item["kind"] == UNSTOCKED:
            raise Refused("no_stock_kept", f"{item['sku']} is a bundle: set its components'.")
        scale: int = item["scale"]
        policy = Policy(
            _share(safety_stock, scale, "/safety_stock"),
            {
                channel: _share(quantity, scale, f"/allocations/{channel}")
                for channel, quantity in allocations.items()
            },
        )
        await promise.set_policy(
            connection, shop.tenant_id, shop.owner_id, item["id"], place["id"], policy
        )
        await supply_waiting(connection, [item["id"]], place["id"], shop.actor, now)
    return policy, item, place


async def read_policy(
    pool: asyncpg.Pool, shop: Shop, sku: str, warehouse: str | None
) -> tuple[Policy, asyncpg.Record, asyncpg.Record]:
    """An item's policy in a warehouse, the item, and the warehouse.

    Raises:
        NotFound: `unknown_item`, `unknown_warehouse`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        item = await _item(connection, shop, sku)
        place = await bins.the_warehouse(connection, warehouse)
        policy = await promises.policy_of(connection, item["id"], place["id"])
    return policy, item, place


async def set_channel(pool: asyncpg.Pool, shop: Shop, channel: str) -> None:
    """Says under which channel the shop's next orders sell; empty for none of its own."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await tenants.set_channel(connection, shop.shop_id, channel)


async def set_neutral_sender(pool: asyncpg.Pool, shop: Shop, sender: str | None) -> None:
    """Says what labels not yet printed show as sender; empty for nobody, None for the house."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await tenants.set_neutral_sender(connection, shop.shop_id, sender)


async def _item(connection: asyncpg.Connection, shop: Shop, sku: str) -> asyncpg.Record:
    found = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(sku)])
    if not found:
        raise NotFound("unknown_item", f"No item has the SKU {sku!r}.")
    return found[0]


def _share(quantity: int | str, scale: int, pointer: str) -> int:
    if quantity == 0 or (isinstance(quantity, str) and not quantity.strip("0.")):
        return 0
    return parse_quantity(quantity, scale, pointer)
