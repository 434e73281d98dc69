"""Items as rows of a file.

`barcode` holds `CODE` for one whole unit or `CODE=FACTOR`, `packagings` `LEVEL=FACTOR`, where it
is known with `@WIDTHxDEPTHxHEIGHT@MASS`, `components` `SKU=QUANTITY`, and `substitutes` SKUs; all
parted by semicolons.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.quantity import DECIMAL
from api.table import Row, Table, integer, number_or, optional, parts, said, yes
from wms.items.item import Barcode, Component, Item, ItemKind, Packaging

ITEMS = Table(
    ("sku", "name", "width_mm", "depth_mm", "height_mm", "mass_g"),
    (
        "barcode",
        "usual_price_minor",
        "kind",
        "unit",
        "scale",
        "storage_class",
        "track_lot",
        "track_serial",
        "track_expiry",
        "shelf_life_min_days",
        "quality_percent",
        "fragile",
        "liquid",
        "electronic",
        "keep_upright",
        "dangerous_class",
        "age_min",
        "needs_approval",
        "cost_minor",
        "packagings",
        "components",
        "substitutes",
        "available_from",
        "made_to_order_days",
        "approval_kind",
        "digital",
        "limit_per_buyer",
        "limit_days",
    ),
)
JOINED = ("barcode", "packagings", "components", "substitutes")
_DIGITS = re.compile(r"[0-9]{1,12}")
_PACKAGING = re.compile(
    r"([a-z]+)=([0-9]{1,12})(?:@([0-9]{0,6})x([0-9]{0,6})x([0-9]{0,6}))?(?:@([0-9]{1,9}))?"
)


def item_from(row: Row) -> Item:
    """A line of an items file; a column that is not there means what an empty field means."""
    return Item(
        row["sku"],
        row["name"],
        integer(row, "width_mm"),
        integer(row, "depth_mm"),
        integer(row, "height_mm"),
        integer(row, "mass_g"),
        tuple(_barcode(text) for text in parts(row, "barcode")),
        optional(row, "usual_price_minor"),
        ItemKind(row.get("kind") or ItemKind.GOODS),
        row.get("unit") or "each",
        number_or(row, "scale", 0),
        row.get("storage_class", ""),
        yes(row, "track_lot"),
        yes(row, "track_serial"),
        yes(row, "track_expiry"),
        number_or(row, "shelf_life_min_days", 0),
        number_or(row, "quality_percent", 0),
        yes(row, "fragile"),
        yes(row, "liquid"),
        yes(row, "electronic"),
        yes(row, "keep_upright"),
        dangerous_class=row.get("dangerous_class", ""),
        age_min=number_or(row, "age_min", 0),
        needs_approval=yes(row, "needs_approval"),
        cost_minor=optional(row, "cost_minor"),
        packagings=tuple(_packaging(text) for text in parts(row, "packagings")),
        components=tuple(_component(text) for text in parts(row, "components")),
        substitutes=parts(row, "substitutes"),
        available_from=_moment(row.get("available_from", "")),
        made_to_order_days=optional(row, "made_to_order_days"),
        approval_kind=row.get("approval_kind", ""),
        digital=row.get("digital", ""),
        limit_per_buyer=optional(row, "limit_per_buyer"),
        limit_days=optional(row, "limit_days"),
    )


def row_of_item(item: Mapping[str, Any]) -> Row:
    """An item with all that belongs to it as a line of an items file."""
    columns = (*ITEMS.needs, *ITEMS.may_have)
    row = {name: said(item[name]) for name in columns if name not in (*JOINED, "available_from")}
    row["available_from"] = item["available_from"].isoformat() if item["available_from"] else ""
    one = 10 ** item["scale"]
    codes = [(code, one) for code in item["barcodes"]]
    codes += [(code, pack["factor"]) for pack in item["packagings"] for code in pack["barcodes"]]
    codes += [(other["barcode"], other["factor"]) for other in item["other_barcodes"]]
    plain = [
        code if factor == one and "=" not in code else f"{code}={factor}" for code, factor in codes
    ]
    return row | {
        "barcode": ";".join(plain),
        "packagings": ";".join(_packaging_text(pack) for pack in item["packagings"]),
        "components": ";".join(f"{c['sku']}={c['quantity']}" for c in item["components"]),
        "substitutes": ";".join(item["substitutes"]),
    }


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _barcode(text: str) -> str | Barcode:
    code, equals, factor = text.rpartition("=")
    if not equals or not _DIGITS.fullmatch(factor):
        return text
    return Barcode(code, int(factor))


def _component(text: str) -> Component:
    sku, equals, quantity = text.rpartition("=")
    if not equals or not re.fullmatch(DECIMAL[1:-1], quantity, re.ASCII):
        raise ValueError(f"components are SKU=QUANTITY, not {text!r}")
    return Component(sku, quantity)


def _packaging(text: str) -> Packaging:
    found = _PACKAGING.fullmatch(text)
    if found is None:
        raise ValueError(f"packagings are LEVEL=FACTOR, not {text!r}")
    level, factor, *rest = found.groups()
    width_mm, depth_mm, height_mm, mass_g = (int(size) if size else None for size in rest)
    return Packaging(level, int(factor), width_mm, depth_mm, height_mm, mass_g)


def _packaging_text(pack: Mapping[str, Any]) -> str:
    text = f"{pack['level']}={pack['factor']}"
    sizes = [said(pack[name]) for name in ("width_mm", "depth_mm", "height_mm")]
    if any(sizes):
        text += f"@{'x'.join(sizes)}"
    return text + (f"@{pack['mass_g']}" if pack["mass_g"] else "")
