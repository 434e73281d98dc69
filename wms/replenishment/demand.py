"""What was ordered, as forecasts need it: the books' rows as series, a day each.

Demand is what was wanted, not what was shipped: refused demand counts, cancelled orders do not, and
of a day on which an item could not be sold nothing is known. Shops take orders every day of the
year, so no day is closed here: holidays only move demand, and a pause of the floor does not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.bulk import bulk_lines
from forecasting.censor import availability, known_demand
from forecasting.history import Frequency, History

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are read, up to yesterday, and how many from today on are forecast."""

    first: date
    days: int
    ahead: int

    @property
    def today(self) -> date:
        """The first day that is forecast."""
        return self.first + timedelta(days=self.days)

    def at(self, day: date) -> int:
        """The column of a day; those before the first are negative."""
        return (day - self.first).days


@dataclass(frozen=True, slots=True)
class Key:
    """An item in a warehouse, with what its forecast may borrow by."""

    item_id: int
    warehouse_id: int
    owner: str = ""
    storage_class: str = ""

    @property
    def name(self) -> str:
        """The name of its series."""
        return f"{self.item_id}@{self.warehouse_id}"


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was ordered, or wanted and refused, of an item in a warehouse on a day.

    So many `lines` of the same quantity.
    """

    item_id: int
    warehouse_id: int
    day: date
    quantity: int
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Unsellable:
    """From when to when an item could not be sold, in the warehouse's own time."""

    item_id: int
    warehouse_id: int
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """A promotion of an item, from its first to its last day; the price as a share of the usual."""

    item_id: int
    name: str
    from_day: date
    to_day: date
    price_share: float | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Bulk orders of an item that were left out of its demand: how many, and of how much."""

    orders: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Histories in the order of their keys, and what was left out of which of them."""

    history: History
    bulk: Mapping[int, Bulk]


def demand_of(
    keys: Sequence[Key],
    span: Span,
    ordered: Sequence[Ordered],
    unsellable: Iterable[Unsellable],
    drivers: Mapping[str, Floats],
) -> Demand:
    """The history of each key's demand, a day a column, with what is known ahead.

    A bulk order says nothing of everyday demand: it is planned when it comes. drivers: name ->
    (n, t + ahead).
    """
    row_of = {(key.item_id, key.warehouse_id): row for row, key in enumerate(keys)}
    inside = [
        (row_of[one.item_id, one.warehouse_id], span.at(one.day), one.quantity, one.lines)
        for one in ordered
        if (one.item_id, one.warehouse_id) in row_of and 0 <= span.at(one.day) < span.days
    ]
    found = np.array(inside, np.int64).reshape(-1, 4)
    rows, columns, quantities, _ = np.repeat(found, found[:, 3], axis=0).T
    is_bulk = bulk_lines(rows.astype(np.intp), quantities.astype(np.float64))
    demand = np.zeros((len(keys), span.days))
    np.add.at(demand, (rows[~is_bulk], columns[~is_bulk]), quantities[~is_bulk])
    demand = known_demand(demand, _sellable(row_of, span, unsellable))
    # Before the first sale nothing is known of an item: it may not have been on offer yet.
    begun = np.maximum.accumulate(np.nan_to_num(demand) > 0, axis=1)
    demand[~begun] = np.nan
    history = History(
        series=tuple(key.name for key in keys),
        starts=np.datetime64(span.first, "D") + np.arange(span.days),
        frequency=Frequency.DAY,
        demand=demand,
        drivers=drivers,
        future=span.ahead,
        attributes={
            "owner": tuple(key.owner for key in keys),
            "storage_class": tuple(key.storage_class for key in keys),
        },
    )
    return Demand(history, _bulk_of(rows[is_bulk].tolist(), quantities[is_bulk].tolist()))


def _bulk_of(rows: Sequence[int], quantities: Sequence[int]) -> dict[int, Bulk]:
    found: dict[int, Bulk] = {}
    for row, quantity in zip(rows, quantities, strict=True):
        before = found.get(row, Bulk(0, 0))
        found[row] = Bulk(before.orders + 1, before.quantity + quantity)
    return found


def _sellable(
    row_of: Mapping[tuple[int, int], int], span: Span, intervals: Iterable[Unsellable]
) -> Floats:
    """The share of each day in which each item could be sold, (n, t)."""
    edges = np.datetime64(span.first, "s") + np.arange(span.days + 1) * np.timedelta64(1, "D")
    known = [one for one in intervals if (one.item_id, one.warehouse_id) in row_of]
    return availability(
        edges,
        len(row_of),
        np.array([row_of[one.item_id, one.warehouse_id] for one in known], np.intp),
        np.array([one.from_at for one in known], "datetime64[s]"),
        np.array([one.to_at for one in known], "datetime64[s]"),
    )


def drivers_of(keys: Sequence[Key], span: Span, offered: Iterable[Offered]) -> dict[str, Floats]:
    """Promotions (1 while one runs) and prices (1 is the usual one), where there are any."""
    rows: dict[int, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key.item_id, []).append(row)
    width = span.days + span.ahead
    promo = np.zeros((len(keys), width))
    price = np.ones((len(keys), width))
    for one in offered:
        first, last = max(0, span.at(one.from_day)), min(width - 1, span.at(one.to_day))
        if first > last or one.item_id not in rows:
            continue
        promo[rows[one.item_id], first : last + 1] = 1.0
        if one.price_share is not None:
            price[rows[one.item_id], first : last + 1] = one.price_share
    found = {"promo": promo} if promo.any() else {}
    return found | ({"price": price} if (price != 1.0).any() else {})
