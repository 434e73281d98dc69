"""(s, S): at a review where the position is at s or below, it is raised to S."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.policy.law import Discrete, Law, Normal
from forecasting.policy.newsvendor import newsvendor_cost
from forecasting.policy.r_q import Costs

Floats = NDArray[np.float64]
# How much of each period's demand the plan of a finite horizon looks at, in deviations.
_SPREAD = 5


@dataclass(frozen=True, slots=True)
class Band:
    """point: s. up_to: S. cost: of a period, or of all where that is said."""

    point: float
    up_to: float
    cost: float


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a finite horizon: its demand, and the costs as `Costs` has them."""

    law: Law
    costs: Costs
    purchase_cost: float = 0.0


def cost(point: int, up_to: int, law: Discrete, costs: Costs) -> float:
    """What a period costs in the long run, demand of each being independent, in whole units.

    Raises:
        ValueError: S not above s.

    Source: Snyder & Shen, 2nd ed., section 4.4.2.
    """
    if up_to <= point:
        raise ValueError("the level that is ordered up to lies above the reorder point")
    visits = _visits(law, up_to - point)
    levels = range(up_to, point, -1)
    stock = sum(
        visit * _single(law, level, costs) for visit, level in zip(visits, levels, strict=True)
    )
    return float((costs.order + stock) / visits.sum())


def exact(law: Discrete, costs: Costs) -> Band:
    """The whole numbers that cost least in the long run.

    Source: Zheng & Federgruen 1991; Snyder & Shen, 2nd ed., algorithm 4.2.
    """
    middle = int(law.quantile(costs.shortage / (costs.holding + costs.shortage)))
    point, up_to = middle - 1, middle
    while cost(point, up_to, law, costs) > _single(law, point, costs):
        point -= 1
    best, least = up_to, cost(point, up_to, law, costs)
    while _single(law, up_to + 1, costs) <= least:
        up_to += 1
        now = cost(point, up_to, law, costs)
        if now < least:
            best, least = up_to, now
            while least <= _single(law, point + 1, costs):
                point += 1
                least = cost(point, best, law, costs)
    return Band(float(point), float(best), least)


def by_power(law: Normal, costs: Costs) -> Band:
    """A quick approximation; law: demand of a period and the lead time after it.

    Its cost is that of the continuous band, rounded to whole units.

    Source: Ehrhardt & Mosier 1984; Snyder & Shen, 2nd ed., eq. 4.77 to 4.80.
    """
    if law.mean <= 0 or law.deviation <= 0:
        raise ValueError("demand has a mean and a deviation above 0")
    once = (costs.order / costs.holding) ** 0.506
    spread = (1 + (law.deviation / law.mean) ** 2) ** 0.116
    quantity = 1.30 * law.mean**0.494 * once * spread
    z = math.sqrt(quantity / law.deviation * costs.holding / costs.shortage)
    point = 0.973 * law.mean + law.deviation * (0.183 / z + 1.063 - 2.192 * z)
    at = cost(round(point), max(round(point + quantity), round(point) + 1), _whole(law), costs)
    return Band(point, point + quantity, at)


def over_horizon(
    periods: "tuple[Period, ...]", end_holding: float, end_shortage: float, discount: float = 1.0
) -> tuple[Band, ...]:
    """The best band of each period of a finite horizon that begins without stock.

    Demand is taken in whole units. end_holding, end_shortage: of each unit left or owed at the
    end. A band's cost is that of its period and all after it, on reaching it without stock.

    Raises:
        ValueError: no period, or a discount factor outside of 0 to 1.

    Source: Scarf 1960; Snyder & Shen, 2nd ed., section 4.4.3.
    """
    if not periods or not 0 < discount <= 1:
        raise ValueError("a horizon has periods, and a discount factor above 0 and at most 1")
    shares = [_window(period.law) for period in periods]
    most = sum(first + len(share) for first, share in shares)
    levels = np.arange(-most, most + 1, dtype=np.float64)
    after = end_holding * np.maximum(levels, 0) + end_shortage * np.maximum(-levels, 0)
    bands: list[Band] = []
    for period, (first, share) in reversed(list(zip(periods, shares, strict=True))):
        reached = discount * after + _kept(levels, period.costs)
        after_order = period.purchase_cost * levels + _expected(reached, first, share)
        # Raising costs an order; from each level the cheapest level above it is the same S.
        best = int(np.argmin(after_order))
        raised = after_order[best] + period.costs.order
        stays = after_order <= raised
        stays[best:] = True
        point = int(np.argmax(stays)) - 1
        after = np.where(stays, after_order, raised) - period.purchase_cost * levels
        bands.append(Band(float(levels[point]), float(levels[best]), float(after[most])))
    return tuple(reversed(bands))


def _kept(levels: Floats, costs: Costs) -> Floats:
    return costs.holding * np.maximum(levels, 0) + costs.shortage * np.maximum(-levels, 0)


def _expected(reached: Floats, first: int, share: Floats) -> Floats:
    """The mean of what is reached from each level; levels that fall off the end cost as it does."""
    found = np.zeros(len(reached))
    for units, probability in enumerate(share, first):
        below = np.full(units, reached[0])
        if len(reached) > 1:
            below += (reached[0] - reached[1]) * np.arange(units, 0, -1)
        found += probability * np.concatenate([below, reached[: len(reached) - units]])
    return found


def _window(law: Law) -> tuple[int, Floats]:
    low = max(0, round(law.mean - _SPREAD * law.deviation))
    high = round(law.mean + _SPREAD * law.deviation)
    edges = [law.below(units + 0.5) for units in range(low - 1, high + 1)]
    return low, np.diff(np.array(edges))


def _whole(law: Normal) -> Discrete:
    low, share = _window(law)
    filled = np.concatenate([np.zeros(low), share])
    return Discrete(filled / filled.sum())


def _single(law: Discrete, level: int, costs: Costs) -> float:
    return newsvendor_cost(law, level, costs.holding, costs.shortage)


def _visits(law: Discrete, levels: int) -> Floats:
    """How many periods are spent at each level below S, from S on, between two orders."""
    share = law.share
    if share[0] >= 1:
        raise ValueError("nothing is ever demanded")
    visits = np.zeros(levels)
    visits[0] = 1 / (1 - share[0])
    for below in range(1, levels):
        last = min(below, len(share) - 1)
        visits[below] = share[1 : last + 1] @ visits[below - last : below][::-1]
        visits[below] /= 1 - share[0]
    return visits
