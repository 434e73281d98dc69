"""What changes items."""

from dataclasses import asdict

import asyncpg

from wms.error import Conflict, Refused
from wms.items import store
from wms.items.item import Item, canonical_sku
from wms.items.unit import parse_quantity

COMPONENT_QUANTITY_MAX = 10**9


async def enter_items(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, items: list[Item]
) -> None:
    """Enters items, or changes those that exist, each whole: with all that is said of it.

    A refusal points at the item by its place in the list. Components and substitutes may stand
    later in the list than what names them.

    Raises:
        Refused: `bad_item`, `bad_barcode`; `unknown_component`, `bad_component`,
            `component_ring`; `unknown_substitute`; `wrong_unit`, `bad_quantity` of a component.
        Conflict: `scale_fixed`, `digital_fixed`, the item stands in the books; `bundle_has_stock`.
    """
    numbers = _numbers(items)
    _check_barcodes(items)
    if any(item.components for item in items):
        await store.lock_components(connection, owner_id)
    rows = [_row(item) | {"sku": sku} for sku, item in zip(numbers, items, strict=True)]
    try:
        ids = await store.upsert_items(connection, tenant_id, owner_id, rows)
    except asyncpg.CheckViolationError as error:
        raise _of_the_books(error, numbers) from error
    by_id = [(ids[sku], item) for sku, item in zip(numbers, items, strict=True)]
    item_ids = list(ids.values())
    await store.set_barcodes(
        connection,
        tenant_id,
        owner_id,
        item_ids,
        [
            {"item_id": item_id, "barcode": code, "factor": factor}
            for item_id, item in by_id
            for code, factor in item.barcode_factors().items()
        ],
    )
    await store.set_packagings(
        connection,
        tenant_id,
        item_ids,
        [
            asdict(pack) | {"item_id": item_id}
            for item_id, item in by_id
            for pack in item.packagings
        ],
    )
    await _relate(connection, tenant_id, owner_id, by_id)


def _row(item: Item) -> dict[str, object]:
    sold_from = item.available_from
    return asdict(item) | {"available_from": None if sold_from is None else sold_from.isoformat()}


async def _relate(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, items: list[tuple[int, Item]]
) -> None:
    """Says what the items are made of and replaced by."""
    item_ids = [item_id for item_id, _ in items]
    named = {canonical_sku(part.sku) for _, item in items for part in item.components}
    named |= {canonical_sku(sku) for _, item in items for sku in item.substitutes}
    found = await store.items_of_skus(connection, owner_id, sorted(named))
    known = {row["sku"]: row for row in found}
    components: list[dict[str, object]] = []
    substitutes: list[dict[str, object]] = []
    for number, (item_id, item) in enumerate(items):
        components += _components(number, item_id, item, known)
        substitutes += _substitutes(number, item_id, item, known)
    await store.set_components(connection, tenant_id, item_ids, components)
    await store.set_substitutes(connection, tenant_id, item_ids, substitutes)
    numbers = {item_id: number for number, item_id in enumerate(item_ids)}
    for row in await store.bundles_within(connection, item_ids):
        made = row["item_id"] if row["item_id"] in numbers else row["component_id"]
        raise Refused(
            "bad_component",
            f"{row['sku']} is a bundle, of which nothing is made: it is never kept.",
            f"/{numbers[made]}/components",
        )
    for row in await store.rings_through(connection, item_ids):
        raise Refused(
            "component_ring",
            f"{row['sku']} is made of itself.",
            f"/{numbers[row['id']]}/components",
        )


def _components(
    number: int, item_id: int, item: Item, known: dict[str, asyncpg.Record]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for place, part in enumerate(item.components):
        pointer = f"/{number}/components/{place}"
        row = known.get(canonical_sku(part.sku))
        if row is None:
            raise Refused(
                "unknown_component",
                f"{item.sku}: no item has the SKU {part.sku!r}.",
                f"{pointer}/sku",
            )
        if row["digital"]:
            raise Refused(
                "bad_component",
                f"{item.sku}: {row['sku']} is digital, and sold by itself only.",
                f"{pointer}/sku",
            )
        quantity = parse_quantity(part.quantity, row["scale"], f"{pointer}/quantity")
        if quantity > COMPONENT_QUANTITY_MAX:
            raise Refused(
                "bad_quantity", f"{item.sku}: {part.quantity} is too much.", f"{pointer}/quantity"
            )
        rows.append({"item_id": item_id, "component_id": row["id"], "quantity": quantity})
    return rows


def _substitutes(
    number: int, item_id: int, item: Item, known: dict[str, asyncpg.Record]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for place, sku in enumerate(item.substitutes):
        row = known.get(canonical_sku(sku))
        if row is None:
            raise Refused(
                "unknown_substitute",
                f"{item.sku}: no item has the SKU {sku!r}.",
                f"/{number}/substitutes/{place}",
            )
        rows.append({"item_id": item_id, "substitute_id": row["id"], "rank": place + 1})
    return rows


def _numbers(items: list[Item]) -> dict[str, int]:
    """The SKUs in their one spelling with their places in the list, each once."""
    numbers: dict[str, int] = {}
    for number, item in enumerate(items):
        sku = canonical_sku(item.sku)
        if sku in numbers:
            raise Refused("bad_item", f"{sku} stands there twice.", f"/{number}/sku")
        numbers[sku] = number
    return numbers


def _check_barcodes(items: list[Item]) -> None:
    holder: dict[str, str] = {}
    for number, item in enumerate(items):
        for code in item.barcode_factors():
            if holder.setdefault(code, item.sku) != item.sku:
                raise Refused(
                    "bad_barcode",
                    f"{code} stands at {holder[code]} and at {item.sku}.",
                    f"/{number}/barcodes",
                )


def _of_the_books(error: asyncpg.CheckViolationError, numbers: dict[str, int]) -> Exception:
    sku = error.detail or ""
    if error.constraint_name == "item_scale_fixed":
        return Conflict(
            "scale_fixed",
            f"{sku} stands in the books in its own scale, which stays.",
            f"/{numbers.get(sku)}/scale",
        )
    if error.constraint_name == "item_digital_fixed":
        return Conflict(
            "digital_fixed",
            f"{sku} stands in the books or is a part of others: whether it is digital stays.",
            f"/{numbers.get(sku)}/digital",
        )
    if error.constraint_name == "item_bundle_not_kept":
        return Conflict(
            "bundle_has_stock",
            f"There is stock of {sku}; a bundle is never kept.",
            f"/{numbers.get(sku)}/kind",
        )
    return error
