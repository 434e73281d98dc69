"""Orders of several items together: how often each, and how much of each fills the truck."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass


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
    the supplier sells at once. load: of one unit, in what the truck is measured in. position:
    units on hand and on order. most: never more units than this, by shelf life or by room.

    Raises:
        ValueError: a figure below 0, or a minimum or multiple below 1.
    """

    need: int
    demand: float
    minimum: int = 1
    multiple: int = 1
    load: float = 0.0
    position: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        figures = (self.need, self.demand, self.load)
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


def fill_truck(lines: Sequence[Line], truck: float, days_max: float) -> tuple[int, ...]:
    """What to order of each item, so that needs are met and the last truck is not half empty.

    Needs come first, each raised to what can be ordered. What the last truck has room for goes to
    the items that would run out first, step by step, none beyond `days_max` days of its demand.

    truck: what one takes, in the lines' loads; 0 where that does not matter.
    """
    quantities = [line.allowed() for line in lines]
    loaded = sum(line.load * each for line, each in zip(lines, quantities, strict=True))
    if truck <= 0 or loaded <= 0:
        return tuple(quantities)
    room = math.ceil(loaded / truck - 1e-9) * truck - loaded
    waiting = [
        (_cover(line, q), k) for k, (line, q) in enumerate(zip(lines, quantities, strict=True))
    ]
    heapq.heapify(waiting)
    while waiting:
        _, k = heapq.heappop(waiting)
        line = lines[k]
        step = line.multiple if quantities[k] else line.least
        after = quantities[k] + step
        too_many = line.most is not None and after > line.most
        if too_many or step * line.load > room + 1e-9 or _cover(line, after) > days_max:
            continue
        quantities[k], room = after, room - step * line.load
        heapq.heappush(waiting, (_cover(line, after), k))
    return tuple(quantities)


def _cover(line: Line, quantity: int) -> float:
    """For how many days what is there and what is ordered lasts."""
    return (line.position + quantity) / line.demand if line.demand > 0 else math.inf
