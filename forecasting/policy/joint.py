"""Orders of several items together: how often each, and how much of each fills the truck."""

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_CLOSE = 1e-9
# An order is filled up in steps of so much of each item's demand, or of one multiple.
_STEP_DAYS = 0.25


@dataclass(frozen=True, slots=True)
class Cycle:
    """time: between two orders of the family. every: each item is in every so manyth of them."""

    time: float
    every: tuple[int, ...]
    quantities: tuple[float, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a supplier's order.

    need: units that are short of the item's target. demand: units a day. minimum, multiple: what
    the supplier sells at once. load: of one unit, in each measure of a truck, such as grams and
    millilitres. position: units on hand and on order; less the reorder point, days are counted
    from there. most: never more units than this, by shelf life or by room.

    Raises:
        ValueError: a figure below 0, or a minimum or multiple below 1.
    """

    need: int
    demand: float
    minimum: int = 1
    multiple: int = 1
    load: tuple[float, ...] = ()
    position: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        figures = (self.need, self.demand, *self.load)
        if min(figures) < 0 or min(self.minimum, self.multiple) < 1:
            raise ValueError("need, demand and load are not below 0; minimum and multiple above")

    @property
    def least(self) -> int:
        """The least quantity that can be ordered."""
        return -(-self.minimum // self.multiple) * self.multiple

    def allowed(self) -> int:
        """The least quantity that covers the need and can be ordered."""
        if self.need == 0:
            return 0
        return max(self.least, -(-self.need // self.multiple) * self.multiple)

    def days(self, quantity: int) -> float:
        """For how many days what is there and what is ordered lasts."""
        return (self.position + quantity) / self.demand if self.demand > 0 else math.inf

    def room(self, quantity: int, days_max: float) -> int:
        """How many units more than `quantity` can be ordered that last so many days at most."""
        if self.demand <= 0:
            return 0
        end = math.floor(days_max * self.demand - self.position + _CLOSE)
        end = end if self.most is None else min(end, self.most)
        end = end // self.multiple * self.multiple
        return end - quantity if end >= max(self.least, quantity) else 0

    def step(self, quantity: int) -> int:
        """How many units more are added at a time: at least what can be ordered."""
        if quantity == 0:
            return self.least
        return max(1, math.floor(self.demand * _STEP_DAYS / self.multiple)) * self.multiple


def joint_cycle(
    shared_cost: float,
    own_costs: Sequence[float],
    holding_costs: Sequence[float],
    demands: Sequence[float],
) -> Cycle:
    """How often to order a family of items, each order costing once and once more an item in it.

    Raises:
        ValueError: no items, or a figure out of its range.

    Source: Silver 1976; Snyder & Shen, 2nd ed., section 3.7.
    """
    rates = [h * d for h, d in zip(holding_costs, demands, strict=True)]
    if not rates or min(rates) <= 0 or min(shared_cost, *own_costs) < 0:
        raise ValueError("holding costs and demands are above 0, order costs not below")
    ratios = [own / rate for own, rate in zip(own_costs, rates, strict=True)]
    first = ratios.index(min(ratios))
    if shared_cost + own_costs[first] <= 0:
        raise ValueError("an order costs something")
    scale = rates[first] / (shared_cost + own_costs[first])
    every = [max(1, round(math.sqrt(ratio * scale))) for ratio in ratios]
    every[first] = 1
    once = shared_cost + sum(own / m for own, m in zip(own_costs, every, strict=True))
    stock = sum(rate * m for rate, m in zip(rates, every, strict=True))
    time = math.sqrt(2 * once / stock)
    quantities = tuple(time * m * d for m, d in zip(every, demands, strict=True))
    return Cycle(time, tuple(every), quantities, once / time + time * stock / 2)


def fill_truck(lines: Sequence[Line], truck: Sequence[float], days_max: float) -> tuple[int, ...]:
    """What to order of each item, so that needs are met and the last truck is not half empty.

    Needs come first, each raised to what can be ordered. What the last truck has room for goes to
    the items that would run out first, in steps of a quarter of a day's demand, none beyond
    `days_max` days of its demand.

    truck: what one takes in each measure of the lines' loads; empty where that does not matter.

    Raises:
        ValueError: a truck that takes nothing, or loads in other measures than its.
    """
    if any(size <= 0 for size in truck) or any(len(one.load) != len(truck) for one in lines):
        raise ValueError("a truck takes something in each measure that the lines' loads are in")
    quantities = [line.allowed() for line in lines]
    loaded = [
        sum(line.load[at] * each for line, each in zip(lines, quantities, strict=True))
        for at in range(len(truck))
    ]
    filled = [each / size for each, size in zip(loaded, truck, strict=True)]
    trucks = max((math.ceil(each * (1 - _CLOSE)) for each in filled), default=0)
    room = [trucks * size - each for size, each in zip(truck, loaded, strict=True)]

    def fits(line: Line, units: int) -> int:
        each = [(have + _CLOSE) // load for have, load in zip(room, line.load, strict=True) if load]
        return min(units, int(min(each, default=0)) // line.multiple * line.multiple)

    for k, units in _in_turn(lines, quantities, days_max, fits) if trucks else ():
        room = [have - units * load for have, load in zip(room, lines[k].load, strict=True)]
    return tuple(quantities)


def reach_worth(
    lines: Sequence[Line], worth: Callable[[int, int], float], least: float, days_max: float
) -> tuple[int, ...] | None:
    """What to order of each item, so that needs are met and the whole is worth at least so much.

    What is missing goes to the items that would run out first, none beyond `days_max` days of its
    demand; None where that is not enough.

    worth: of a line's number and a quantity of it.
    """
    quantities = [line.allowed() for line in lines]
    each = [worth(k, quantity) for k, quantity in enumerate(quantities)]
    whole = sum(each)
    if whole >= least:
        return tuple(quantities)

    def fits(line: Line, units: int) -> int:
        return units

    for k, units in _in_turn(lines, quantities, days_max, fits):
        others = whole - each[k]
        each[k] = worth(k, quantities[k])
        whole = others + each[k]
        if whole >= least:
            # The last step is as short as it may be.
            before, multiple = quantities[k] - units, lines[k].multiple
            first = max(before + multiple, lines[k].least)
            enough = range(first, quantities[k] + 1, multiple)
            at = bisect_left(enough, least - others, key=lambda some: worth(k, some))
            quantities[k] = enough[min(at, len(enough) - 1)]
            return tuple(quantities)
    return None


def _in_turn(
    lines: Sequence[Line],
    quantities: list[int],
    days_max: float,
    fits: Callable[[Line, int], int],
) -> Iterator[tuple[int, int]]:
    """Raises the quantities step by step, what runs out first before the others; each step."""
    waiting = [
        (line.days(quantity), k)
        for k, (line, quantity) in enumerate(zip(lines, quantities, strict=True))
    ]
    heapq.heapify(waiting)
    while waiting:
        _, k = heapq.heappop(waiting)
        line = lines[k]
        most = line.room(quantities[k], days_max)
        units = fits(line, min(line.step(quantities[k]), most))
        if units <= 0 or quantities[k] + units < line.least:
            continue
        quantities[k] += units
        heapq.heappush(waiting, (line.days(quantities[k]), k))
        yield k, units
