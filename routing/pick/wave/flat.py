"""Orders and aisles as arrays, without what no choice can use."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.pick.wave.problem import Contents, WaveProblem

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


class Wave(NamedTuple):
    """Lines of orders and of aisles as rows one after another; each row has its start.

    order_of: the orders that ask for an item, those which may go first foremost. holder: the aisles
    that hold an item, which most first. dearest: the
    greatest quantity of an item that one order asks for. must: 1 where an order has to be chosen.
    """

    order_start: Ints
    order_item: Ints
    order_quantity: Ints
    aisle_start: Ints
    aisle_item: Ints
    aisle_quantity: Ints
    item_start: Ints
    order_of: Ints
    holder_start: Ints
    holder: Ints
    units: Ints
    demand: Ints
    dearest: Ints
    must: Flags
    units_min: int
    units_max: int

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return len(self.order_start) - 1

    @property
    def aisles(self) -> int:
        """How many aisles there are."""
        return len(self.aisle_start) - 1

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.item_start) - 1


@dataclass(frozen=True, slots=True)
class Compact:
    """A wave, the indices that its orders and aisles have in the problem, and who was struck."""

    wave: Wave
    order_ids: Ints
    aisle_ids: Ints
    struck: dict[int, str]


Row = dict[int, int]


def compact(problem: WaveProblem) -> Compact:
    """The orders that could be chosen, the items they ask for, the aisles that hold any of them.

    A quantity in an aisle is never above what all of these orders ask for.
    """
    orders = [_merge(row) for row in problem.orders]
    aisles = [_merge(row) for row in problem.aisles]
    held: Row = {}
    for aisle in aisles:
        for item, quantity in aisle.items():
            held[item] = held.get(item, 0) + quantity
    reasons = (_obstacle(order, held, problem.units_max) for order in orders)
    struck = {number: reason for number, reason in enumerate(reasons) if reason}
    kept = [number for number in range(len(orders)) if number not in struck]
    demand: Row = {}
    for number in kept:
        for item, quantity in orders[number].items():
            demand[item] = demand.get(item, 0) + quantity
    index = {item: place for place, item in enumerate(sorted(demand))}
    stock = [
        {
            index[item]: min(quantity, demand[item])
            for item, quantity in aisle.items()
            if item in index
        }
        for aisle in aisles
    ]
    open_aisles = [number for number, aisle in enumerate(stock) if aisle]
    wave = _wave(
        [_by_scarcity(orders[number], held, index) for number in kept],
        [stock[number] for number in open_aisles],
        np.array([number in problem.must for number in kept], np.uint8),
        problem,
        len(index),
    )
    return Compact(wave, np.array(kept, np.int64), np.array(open_aisles, np.int64), struck)


def _merge(row: Contents) -> Row:
    merged: Row = {}
    for item, quantity in row:
        if quantity:
            merged[item] = merged.get(item, 0) + quantity
    return merged


def _obstacle(order: Row, held: Row, units_max: int) -> str:
    """Why no choice can hold the order; nothing if one might."""
    if not order:
        return "asks for nothing"
    units = sum(order.values())
    if units > units_max:
        return f"has {units} units, more than the {units_max} of a wave"
    for item, quantity in order.items():
        if quantity > held.get(item, 0):
            return f"would need {quantity - held.get(item, 0)} more of item {item} in all aisles"
    return ""


def _by_scarcity(order: Row, held: Row, index: Row) -> Row:
    """What there is least of comes first, so that a test which fails does so early."""
    return {index[item]: order[item] for item in sorted(order, key=lambda item: held[item])}


def _wave(
    orders: list[Row], aisles: list[Row], must: Flags, problem: WaveProblem, items: int
) -> Wave:
    order_start, order_item, order_quantity = _rows(orders)
    aisle_start, aisle_item, aisle_quantity = _rows(aisles)
    units = np.array([sum(order.values()) for order in orders], np.int64)
    owner = np.repeat(np.arange(len(orders)), np.diff(order_start))
    dearest = np.zeros(items, np.int64)
    np.maximum.at(dearest, order_item, order_quantity)
    by_item = np.lexsort((owner, units[owner], must[owner], order_item))
    aisle = np.repeat(np.arange(len(aisles)), np.diff(aisle_start))
    by_holder = np.lexsort((aisle, -aisle_quantity, aisle_item))
    demand = np.zeros(items, np.int64)
    np.add.at(demand, order_item, order_quantity)
    return Wave(
        order_start,
        order_item,
        order_quantity,
        aisle_start,
        aisle_item,
        aisle_quantity,
        _starts(order_item, items),
        owner[by_item],
        _starts(aisle_item, items),
        aisle[by_holder],
        units,
        demand,
        dearest,
        must,
        problem.units_min,
        problem.units_max,
    )


def _starts(item: Ints, items: int) -> Ints:
    start = np.zeros(items + 1, np.int64)
    np.cumsum(np.bincount(item, minlength=items), out=start[1:])
    return start


def _rows(rows: list[Row]) -> tuple[Ints, Ints, Ints]:
    start = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=start[1:])
    item = np.fromiter((item for row in rows for item in row), np.int64, start[-1])
    quantity = np.fromiter((q for row in rows for q in row.values()), np.int64, start[-1])
    return start, item, quantity
