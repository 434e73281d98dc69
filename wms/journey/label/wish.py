"""What stands on a label that somebody asks for, read from what the house knows."""

from dataclasses import dataclass
from datetime import date

import asyncpg

from devices.gs1 import is_gtin
from wms.bins import queries as bins
from wms.error import Conflict, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.labelling.label import Format
from wms.shipping import queries as shipping
from wms.stock import queries as stock
from wms.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class Wish:
    """Labels of one format: a bin's or tote's code, an item's SKU, a pallet's or parcel's SSCC.

    Items are a shop's; `lot` and `expires_on` stand on their labels where they are given.
    """

    format: Format
    codes: tuple[str, ...]
    printer: str
    copies: int = 1
    shop: str | None = None
    warehouse: str | None = None
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Print:
    """One label to be: whose it is, what a scanner reads from it, and what stands beside that."""

    code: str
    content: dict[str, object]
    tenant_id: int | None = None
    waybill_id: int | None = None


async def prints_of(connection: asyncpg.Connection, wish: Wish) -> list[Print]:
    """The labels of a wish, one for each of its codes.

    Raises:
        NotFound: `unknown_warehouse`.
        Refused: `unknown_place`, `unknown_shop`, `unknown_item`, `unknown_unit`,
            `unknown_label`, each with a pointer to the code.
        Conflict: `void_waybill`, a parcel's number counts no more.
    """
    return [
        await _print(connection, wish, code, f"/codes/{number}")
        for number, code in enumerate(wish.codes)
    ]


async def _print(connection: asyncpg.Connection, wish: Wish, code: str, pointer: str) -> Print:
    if wish.format is Format.BIN:
        return await _bin(connection, wish, code, pointer)
    if wish.format is Format.TOTE:
        # A tote's label is on it before the house knows it.
        return Print(code, {"code": code})
    if wish.format is Format.ITEM:
        return await _item(connection, wish, code, pointer)
    if wish.format is Format.PALLET:
        return await _pallet(connection, code, pointer)
    return await _parcel(connection, code, pointer)


async def _bin(connection: asyncpg.Connection, wish: Wish, code: str, pointer: str) -> Print:
    warehouse = await bins.the_warehouse(connection, wish.warehouse)
    place = await bins.place_of_code(connection, warehouse["id"], code)
    if place is None or place["virtual"]:
        raise Refused("unknown_place", f"There is no place {code!r}.", pointer)
    return Print(code, {"code": code, "note": place["zone"]})


async def _item(connection: asyncpg.Connection, wish: Wish, code: str, pointer: str) -> Print:
    shop = None if wish.shop is None else await tenants.shop_of_name(connection, wish.shop)
    if shop is None:
        raise Refused("unknown_shop", f"There is no shop {wish.shop!r}.", "/shop")
    found = await items.items_of_skus(connection, shop.owner_id, [canonical_sku(code)])
    if not found:
        raise Refused("unknown_item", f"No item has the SKU {code!r}.", pointer)
    [item] = found
    content: dict[str, object] = {
        "name": item["name"],
        "sku": item["sku"],
        "gtin": await _gtin(connection, item),
        "lot": wish.lot,
        "expiry": None if wish.expires_on is None else wish.expires_on.isoformat(),
    }
    return Print(item["sku"], content, item["tenant_id"])


async def _pallet(connection: asyncpg.Connection, code: str, pointer: str) -> Print:
    unit = await bins.unit_of_code(connection, code)
    if unit is None or unit["fulfilment_order_id"] is not None:
        raise Refused("unknown_unit", f"There is no pallet or case {code!r}.", pointer)
    inside = await bins.units_within(connection, [unit["id"]])
    goods = await stock.contents_of_units(connection, inside)
    content: dict[str, object] = {"sscc": code}
    if len({(row["item_id"], row["lot"], row["expires_on"]) for row in goods}) == 1:
        [item] = await items.items_of_ids(connection, [goods[0]["item_id"]])
        content["name"] = item["name"]
        gtin = await _gtin(connection, item)
        # Ribbon by the metre has no number of trade items.
        if gtin and item["scale"] == 0:
            content |= {"gtin": gtin, "count": sum(row["on_hand"] for row in goods)}
            content["lot"] = goods[0]["lot"]
            expires_on = goods[0]["expires_on"]
            content["expiry"] = None if expires_on is None else expires_on.isoformat()
    return Print(code, content)


async def _parcel(connection: asyncpg.Connection, code: str, pointer: str) -> Print:
    parcel = await shipping.parcel_of_sscc(connection, code)
    if parcel is None:
        raise Refused("unknown_label", f"No parcel has the SSCC {code!r}.", pointer)
    if parcel["waybill_state"] == "void":
        raise Conflict("void_waybill", f"The waybill of {code} is void.")
    waybill = await shipping.waybill_of_parcel(connection, parcel["parcel_id"])
    assert waybill is not None, "a waybill that is not void stands"
    return Print("", {}, waybill["tenant_id"], waybill["id"])


async def _gtin(connection: asyncpg.Connection, item: asyncpg.Record) -> str:
    """The GTIN of one whole unit, or nothing where it has none."""
    one = 10 ** item["scale"]
    for row in await items.barcodes_of(connection, [item["id"]]):
        barcode: str = row["barcode"]
        if row["factor"] == one and is_gtin(barcode):
            return barcode
    return ""
