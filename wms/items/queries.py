"""Items as others read them."""

from typing import Any

import asyncpg

from wms.items import store
from wms.items.barcode import canonical_barcode
from wms.items.tracking import Tracking
from wms.items.unit import format_quantity

items_of_skus = store.items_of_skus
items_of_ids = store.items_of_ids
items_after = store.items_after
barcode_names = store.barcode_names
barcodes_of = store.barcodes_of
# Rows of item_id, level, factor, width_mm, depth_mm, height_mm, mass_g; the smallest first.
packagings_of = store.packagings_of
# Rows of item_id, component_id, its quantity in its smallest unit, and its sku, scale and kind.
components_of = store.components_of
# Rows of item_id, substitute_id, rank, and the substitute's sku; the best first.
substitutes_of = store.substitutes_of


async def factors_of(
    connection: asyncpg.Connection, item_ids: list[int]
) -> dict[int, dict[str, int]]:
    """The packagings of items as levels with their factors, as wms/items/unit.py reads them."""
    factors: dict[int, dict[str, int]] = {item_id: {} for item_id in item_ids}
    for row in await store.packagings_of(connection, item_ids):
        factors[row["item_id"]][row["level"]] = row["factor"]
    return factors


async def item_of_barcode(
    connection: asyncpg.Connection, owner_id: int, barcode: str
) -> asyncpg.Record | None:
    """The item of a barcode or SKU, with `factor`: how many smallest units one scan means."""
    return await store.item_of_barcode(connection, owner_id, canonical_barcode(barcode))


def tracking_of(item: asyncpg.Record) -> Tracking:
    """What goods of an item must say of themselves, from the item's row."""
    return Tracking(
        item["sku"],
        item["kind"],
        item["scale"],
        item["track_lot"],
        item["track_serial"],
        item["track_expiry"],
    )


async def described(
    connection: asyncpg.Connection, items: list[asyncpg.Record]
) -> list[dict[str, Any]]:
    """Items with all that belongs to each, as it was entered.

    Beside the columns: `barcodes` of one whole unit, `packagings` with theirs, `other_barcodes`
    with their factors, `components` with quantities in their own units, `substitutes` as SKUs.
    """
    item_ids = [item["id"] for item in items]
    views: dict[int, dict[str, Any]] = {
        item["id"]: dict(item)
        | {"barcodes": [], "other_barcodes": [], "packagings": [], "components": []}
        | {"substitutes": []}
        for item in items
    }
    for row in await store.packagings_of(connection, item_ids):
        pack = {name: value for name, value in row.items() if name != "item_id"}
        views[row["item_id"]]["packagings"].append(pack | {"barcodes": []})
    for row in await store.barcodes_of(connection, item_ids):
        _place_barcode(views[row["item_id"]], row["barcode"], row["factor"])
    for row in await store.components_of(connection, item_ids):
        quantity = format_quantity(row["quantity"], row["scale"])
        views[row["item_id"]]["components"].append({"sku": row["sku"], "quantity": quantity})
    for row in await store.substitutes_of(connection, item_ids):
        views[row["item_id"]]["substitutes"].append(row["sku"])
    return list(views.values())


def _place_barcode(view: dict[str, Any], barcode: str, factor: int) -> None:
    if factor == 10 ** view["scale"]:
        view["barcodes"].append(barcode)
        return
    for pack in view["packagings"]:
        if pack["factor"] == factor:
            pack["barcodes"].append(barcode)
            return
    view["other_barcodes"].append({"barcode": barcode, "factor": factor})
