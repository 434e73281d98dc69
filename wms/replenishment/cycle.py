"""How long an order to a supplier is meant to last: what ordering costs against keeping."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.policy.joint import joint_cycle
from forecasting.policy.lot import with_all_units_discount
from wms.replenishment.purchase import PriceBreak

YEAR_DAYS = 365
# Of what sells less than so much a day, no quantity is economic.
DEMAND_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class Member:
    """One of the items that a supplier brings to a warehouse: smallest units a day, and prices."""

    demand: float
    scale: int
    prices: tuple[PriceBreak, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """days: how long an order lasts. least: the quantity from which its price holds, else 0."""

    days: float
    least: int = 0


def cycles(
    order_cost_minor: int, members: Sequence[Member], holding_percent: float, days_max: int
) -> list[Cycle]:
    """How long an order of each member lasts where ordering and keeping cost least together.

    All members share the cost of an order, each as much as it costs to keep. One whose price falls
    with its quantity may last longer for that. None lasts longer than `days_max` days, or shorter
    than one; what nobody wants is not asked of the others, and what costs nothing lasts as they do.

    holding_percent: of an item's price, a year.
    """
    rate = holding_percent / 100 / YEAR_DAYS
    tiers = [_tiers(member) for member in members]
    priced = [
        k
        for k, member in enumerate(members)
        if member.demand >= DEMAND_MIN and tiers[k].unit_prices[0] > 0
    ]
    if not priced:
        return [Cycle(days_max)] * len(members)
    keeping = [rate * tiers[k].unit_prices[0] for k in priced]
    demands = [members[k].demand for k in priced]
    family = joint_cycle(order_cost_minor, [0.0] * len(priced), keeping, demands)
    found = [_within(family.time, days_max)] * len(members)
    whole = sum(cost * demand for cost, demand in zip(keeping, demands, strict=True))
    for k, cost, demand in zip(priced, keeping, demands, strict=True):
        if len(tiers[k].starts) == 1:
            continue
        # With this share of the cost, each alone is ordered as often as all of them together.
        share = order_cost_minor * cost * demand / whole
        best = with_all_units_discount(share, rate, demand, tiers[k].starts, tiers[k].unit_prices)
        lasts = _within(best.quantity / demand, days_max)
        if best.tier and lasts.days == best.quantity / demand:
            lasts = Cycle(lasts.days, round(tiers[k].starts[best.tier]))
        found[k] = lasts
    return found


def demand_over(mean: NDArray[np.float64], days: float) -> float:
    """What is expected in so many days; beyond the forecast its last week goes on."""
    if not mean.size:
        return 0.0
    whole = int(days)
    tail = float(mean[-7:].mean())
    next_day = float(mean[whole]) if whole < mean.size else tail
    beyond = tail * max(0, whole - mean.size)
    return float(mean[:whole].sum()) + beyond + (days - whole) * next_day


def _within(days: float, days_max: int) -> Cycle:
    return Cycle(min(max(days, 1.0), float(days_max)))


@dataclass(frozen=True, slots=True)
class _Tiers:
    starts: tuple[float, ...]
    unit_prices: tuple[float, ...]


def _tiers(member: Member) -> _Tiers:
    """The prices of a smallest unit as they fall; one that does not, or that is 0, is left out."""
    one = 10**member.scale
    starts, prices = [0.0], [member.prices[0].price_minor / one]
    for step in member.prices[1:]:
        if 0 < step.price_minor / one < prices[-1]:
            starts.append(float(step.from_quantity))
            prices.append(step.price_minor / one)
    return _Tiers(tuple(starts), tuple(prices))
