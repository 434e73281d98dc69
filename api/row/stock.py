"""Opening stock as rows of a file."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from api.quantity import DECIMAL
from api.table import Row, Table, said
from wms.items.unit import QUANTITY_MAX, format_quantity
from wms.journey.goods.opening import OpeningStock

STOCK = Table(("sku", "place", "quantity"), ("lot", "expires_on", "serial", "status", "unit"))


def stock_from(row: Row) -> OpeningStock:
    """A line of a stock file."""
    expires = row.get("expires_on", "")
    return OpeningStock(
        row["sku"],
        row["place"],
        _quantity(row["quantity"].strip()),
        row.get("lot", ""),
        date.fromisoformat(expires) if expires else None,
        row.get("serial", ""),
        row.get("status") or "available",
        row.get("unit", ""),
    )


def row_of_stock(stock: Mapping[str, Any]) -> Row:
    """Goods in a place as a line of a stock file."""
    row = {name: said(stock[name]) for name in (*STOCK.needs, *STOCK.may_have)}
    return row | {"quantity": said(format_quantity(stock["quantity"], stock["scale"]))}


def _quantity(text: str) -> int | str:
    if not re.fullmatch(DECIMAL[1:-1], text, re.ASCII) or Decimal(text) > QUANTITY_MAX:
        raise ValueError(f"quantity is a number of at most {QUANTITY_MAX}, not {text!r}")
    if not text.strip("0."):
        raise ValueError(f"quantity is more than 0, not {text}")
    return text if "." in text else int(text)
