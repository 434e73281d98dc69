"""Suppliers: who sells what, how soon, in which quantities and for how much."""

from dataclasses import replace

import asyncpg

from wms.database.pool import shop_transaction
from wms.error import NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.items.unit import format_quantity, parse_quantity
from wms.journey.order.order_view import money
from wms.replenishment import commands as replenishment
from wms.replenishment import queries as suppliers
from wms.replenishment.purchase import (
    PriceBreak,
    Supplier,
    SupplierItem,
    Terms,
    canonical_code,
)
from wms.tenants.shop import Shop


async def put_supplier(pool: asyncpg.Pool, shop: Shop, supplier: Supplier) -> dict[str, object]:
    """Enters a supplier of the shop's owner, or changes it.

    Raises:
        Refused: `bad_supplier`.
    """
    code = canonical_code(supplier.code)
    if not code:
        raise Refused("bad_supplier", "A supplier has a code.")
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await replenishment.enter_supplier(
            connection, shop.tenant_id, shop.owner_id, replace(supplier, code=code)
        )
        return await supplier_view(connection, shop, code)


async def put_supplier_item(
    pool: asyncpg.Pool, shop: Shop, code: str, sku: str, terms: Terms
) -> dict[str, object]:
    """Enters what a supplier sells of an item, or changes it.

    Raises:
        NotFound: `unknown_supplier`, `unknown_item`.
        Refused: `wrong_unit`, `bad_quantity`, `bad_supplier_item`, `bundle_has_no_stock`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        supplier = await suppliers.the_supplier(connection, shop.owner_id, code)
        rows = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(sku)])
        if not rows:
            raise NotFound("unknown_item", f"No item has the SKU {sku!r}.")
        if rows[0]["kind"] == "bundle":
            raise Refused("bundle_has_no_stock", f"{sku} is a bundle; its components are bought.")
        sold = sold_as(terms, rows[0]["scale"])
        await replenishment.enter_supplier_item(
            connection, shop.tenant_id, supplier["id"], rows[0]["id"], sold
        )
        [row] = await suppliers.supplier_items(connection, supplier["id"], [rows[0]["id"]])
        return _item_view(row, supplier["currency"])


def sold_as(terms: Terms, scale: int) -> SupplierItem:
    """Terms in smallest units.

    Raises:
        Refused: `wrong_unit`, `bad_quantity`, `bad_supplier_item`.
    """
    return SupplierItem(
        minimum=parse_quantity(terms.minimum, scale, "/minimum"),
        multiple=parse_quantity(terms.multiple, scale, "/multiple"),
        prices=tuple(
            PriceBreak(parse_quantity(start, scale, f"/prices/{number}/from_quantity"), price)
            for number, (start, price) in enumerate(terms.prices)
        ),
        supplier_sku=terms.supplier_sku,
        lead_time_days=terms.lead_time_days,
    )


async def supplier_view(connection: asyncpg.Connection, shop: Shop, code: str) -> dict[str, object]:
    """A supplier with all that it sells.

    Raises:
        NotFound: `unknown_supplier`.
    """
    row = await suppliers.the_supplier(connection, shop.owner_id, code)
    sold = await suppliers.supplier_items(connection, row["id"], None)
    return supplier_summary(row) | {"items": [_item_view(each, row["currency"]) for each in sold]}


def supplier_summary(row: asyncpg.Record) -> dict[str, object]:
    """A supplier as a list shows it."""
    names = ("code", "name", "currency", "lead_time_days", "tolerance_percent", "truck_mass_g",
             "truck_volume_ml")  # fmt: skip
    amounts = ("order_cost", "minimum_order")
    return {name: row[name] for name in names} | {
        name: None if row[f"{name}_minor"] is None else money(row[f"{name}_minor"], row["currency"])
        for name in amounts
    }


def _item_view(row: asyncpg.Record, currency: str) -> dict[str, object]:
    return {
        "sku": row["sku"],
        "supplier_sku": row["supplier_sku"],
        "lead_time_days": row["lead_time_days"],
        "minimum": format_quantity(row["minimum"], row["scale"]),
        "multiple": format_quantity(row["multiple"], row["scale"]),
        "prices": [
            {
                "from_quantity": format_quantity(each["from_quantity"], row["scale"]),
                "price": money(each["price_minor"], currency),
            }
            for each in row["prices"]
        ],
    }
