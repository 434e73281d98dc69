"""Real invoices as they were written, and what each of them is: an order, or something else.

Source: Chen, D. (2015), Online Retail, UCI Machine Learning Repository, DOI 10.24432/C5BW33.
"""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

COPY = Path(__file__).parent.parent / "data" / "online_retail_2010-12.csv.gz"
_Value = TypeVar("_Value")
_ITEM_CODE = re.compile(r"[0-9]{5}[A-Za-z]{0,2}")


class Kind(StrEnum):
    """What an invoice is to a warehouse."""

    ORDER = "order"
    CANCELLATION = "cancellation"
    NEGATIVE_QUANTITY = "negative_quantity"
    CHARGE_LINES = "charge_lines"
    CHARGES_ONLY = "charges_only"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One row; `code` is in the case in which the shop wrote it."""

    code: str
    description: str
    quantity: int
    price_minor: int

    @property
    def sku(self) -> str:
        """The code as the warehouse knows it."""
        return self.code.upper()

    @property
    def is_item(self) -> bool:
        """Whether the code names goods, not postage, a fee, a discount or a voucher."""
        return _ITEM_CODE.fullmatch(self.code) is not None


@dataclass(frozen=True, slots=True)
class Invoice:
    """The rows of one invoice number in their order; `customer` is empty for a guest."""

    number: str
    at: datetime
    customer: str
    country: str
    lines: tuple[InvoiceLine, ...]

    @property
    def kind(self) -> Kind:
        """What this invoice is to a warehouse."""
        if self.number.startswith("C"):
            return Kind.CANCELLATION
        if any(line.quantity <= 0 for line in self.lines):
            return Kind.NEGATIVE_QUANTITY
        if all(line.is_item for line in self.lines):
            return Kind.ORDER
        if any(line.is_item for line in self.lines):
            return Kind.CHARGE_LINES
        return Kind.CHARGES_ONLY

    @property
    def charges_minor(self) -> int:
        """What the lines that are no goods cost together."""
        return sum(line.price_minor * line.quantity for line in self.lines if not line.is_item)

    def goods_only(self) -> "Invoice":
        """Give the invoice without its lines that are no goods."""
        return replace(self, lines=tuple(line for line in self.lines if line.is_item))


def read_invoices(path: Path = COPY) -> list[Invoice]:
    """Read the invoices in order of time."""
    rows: dict[str, list[dict[str, str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            rows.setdefault(row["InvoiceNo"], []).append(row)
    return [_invoice(number, group) for number, group in rows.items()]


def take_orders(invoices: Iterable[Invoice], orders: int) -> list[Invoice]:
    """Give the invoices up to the one that makes this many orders, the others between them too.

    Raises: ValueError when there are not as many.
    """
    taken: list[Invoice] = []
    left = orders
    for invoice in invoices:
        if left == 0:
            break
        taken.append(invoice)
        left -= invoice.kind in (Kind.ORDER, Kind.CHARGE_LINES)
    if left > 0:
        raise ValueError(f"the data holds {orders - left} orders, not {orders}")
    return taken


def usual_names(invoices: Iterable[Invoice]) -> dict[str, str]:
    """Give for each SKU the description that it has most often; the first one among equals."""
    return _most_frequent(
        (line.sku, line.description) for line in _goods(invoices) if line.description
    )


def usual_prices_minor(invoices: Iterable[Invoice]) -> dict[str, int]:
    """Give for each SKU the price that it has most often, gifts aside."""
    return _most_frequent(
        (line.sku, line.price_minor) for line in _goods(invoices) if line.price_minor > 0
    )


def _goods(invoices: Iterable[Invoice]) -> Iterable[InvoiceLine]:
    return (line for invoice in invoices for line in invoice.lines if line.is_item)


def _most_frequent(pairs: Iterable[tuple[str, _Value]]) -> dict[str, _Value]:
    counts: dict[str, Counter[_Value]] = {}
    for key, value in pairs:
        counts.setdefault(key, Counter())[value] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in counts.items()}


def _invoice(number: str, rows: list[dict[str, str]]) -> Invoice:
    first = rows[0]
    return Invoice(
        number=number,
        at=datetime.fromisoformat(first["InvoiceDate"]).replace(tzinfo=UTC),
        customer=first["CustomerID"],
        country=first["Country"],
        lines=tuple(_line(row) for row in rows),
    )


def _line(row: dict[str, str]) -> InvoiceLine:
    price_minor = (Decimal(row["UnitPrice"]) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    name = " ".join(row["Description"].split())
    return InvoiceLine(row["StockCode"], name, int(row["Quantity"]), int(price_minor))
