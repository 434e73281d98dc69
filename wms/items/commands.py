"""What changes items."""

from dataclasses import asdict

import asyncpg

from wms.error import Refused
from wms.items import store
from wms.items.item import Item, canonical_barcode, canonical_sku


async def enter_items(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, items: list[Item]
) -> None:
    """Enters items, or changes those that exist.

    Raises:
        Refused: `bad_item`, a SKU stands there twice.
    """
    rows: dict[str, dict[str, object]] = {}
    for number, item in enumerate(items):
        sku = canonical_sku(item.sku)
        if sku in rows:
            raise Refused("bad_item", f"{sku} stands there twice.", f"/{number}/sku")
        barcodes = [canonical_barcode(barcode) for barcode in item.barcodes]
        rows[sku] = asdict(item) | {"sku": sku, "barcodes": barcodes}
    await store.upsert_items(connection, tenant_id, owner_id, list(rows.values()))
