"""The ledger read by the words of people: a shop's item, a place, a kind, a time."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.error import NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.stock import queries as stock
from wms.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Which movements are wanted; what is None is not asked about."""

    shop: str | None = None
    item: str | None = None
    place: str | None = None
    warehouse: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_movements(
    connection: asyncpg.Connection, wanted: MovementFilter, before: int, limit: int
) -> list[asyncpg.Record]:
    """Movements whose number is below `before`, the newest first, with their lines.

    Raises:
        NotFound: `unknown_shop`, `unknown_item`, `unknown_place`, `unknown_warehouse`.
        Refused: `shop_missing`, an item is one of a shop.
    """
    item_id = await _item_id(connection, wanted)
    place_id = await _place_id(connection, wanted)
    return await stock.movements_before(
        connection,
        before,
        limit,
        item_id=item_id,
        place_id=place_id,
        kind=wanted.kind,
        since=wanted.since,
        until=wanted.until,
    )


async def _item_id(connection: asyncpg.Connection, wanted: MovementFilter) -> int | None:
    if wanted.item is None:
        return None
    if wanted.shop is None:
        raise Refused("shop_missing", "Say whose item it is: add `shop`.")
    shop = await tenants.shop_of_name(connection, wanted.shop)
    if shop is None:
        raise NotFound("unknown_shop", f"There is no shop {wanted.shop!r}.")
    found = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(wanted.item)])
    if not found:
        raise NotFound("unknown_item", f"No item has the SKU {wanted.item!r}.")
    item_id: int = found[0]["id"]
    return item_id


async def _place_id(connection: asyncpg.Connection, wanted: MovementFilter) -> int | None:
    if wanted.place is None:
        return None
    warehouse = await bins.the_warehouse(connection, wanted.warehouse)
    place = await bins.place_of_code(connection, warehouse["id"], wanted.place)
    if place is None:
        raise NotFound("unknown_place", f"There is no place {wanted.place!r}.")
    place_id: int = place["id"]
    return place_id
