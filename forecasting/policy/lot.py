"""Economic order quantities: how much at once, where demand is steady and each order costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from forecasting.policy.valley import lowest


@dataclass(frozen=True, slots=True)
class Lot:
    """quantity: units at once. cost: of a time unit. tier: the price's number, from 0."""

    quantity: float
    cost: float
    tier: int = 0


def economic_order_quantity(order_cost: float, holding_cost: float, demand: float) -> Lot:
    """The quantity at which ordering and holding cost least.

    order_cost: of each order. holding_cost: of a unit and time unit. demand: units a time unit.

    Raises:
        ValueError: a cost or a demand not above 0.

    Source: Harris 1913; Snyder & Shen, 2nd ed., eq. 3.4.
    """
    _positive(order_cost=order_cost, holding_cost=holding_cost, demand=demand)
    quantity = math.sqrt(2 * order_cost * demand / holding_cost)
    return Lot(quantity, order_cost * demand / quantity + holding_cost * quantity / 2)


def with_all_units_discount(
    order_cost: float,
    holding_rate: float,
    demand: float,
    breaks: Sequence[float],
    prices: Sequence[float],
) -> Lot:
    """The quantity that costs least, where a price holds for every unit of the order.

    holding_rate: share of a unit's price, a time unit. breaks: ascending from 0, where each of the
    prices begins. The cost contains the goods.

    Raises:
        ValueError: a cost, rate or demand not above 0, or breaks and prices that don't belong
            together.

    Source: Snyder & Shen, 2nd ed., section 3.4.1.
    """
    _check_breaks(order_cost, holding_rate, demand, breaks, prices)
    found = []
    for tier, (start, price) in enumerate(zip(breaks, prices, strict=True)):
        end = breaks[tier + 1] if tier + 1 < len(breaks) else math.inf
        quantity = max(math.sqrt(2 * order_cost * demand / (holding_rate * price)), start)
        if quantity < end:
            cost = order_cost * demand / quantity + holding_rate * price * quantity / 2
            found.append(Lot(quantity, cost + price * demand, tier))
    return min(found, key=lambda lot: lot.cost)


def with_incremental_discount(
    order_cost: float,
    holding_rate: float,
    demand: float,
    breaks: Sequence[float],
    prices: Sequence[float],
) -> Lot:
    """The quantity that costs least, where a price holds only for the units above its break.

    Arguments and errors are those of `with_all_units_discount`.

    Source: Snyder & Shen, 2nd ed., section 3.4.2.
    """
    _check_breaks(order_cost, holding_rate, demand, breaks, prices)
    found, extra = [], 0.0
    for tier, (start, price) in enumerate(zip(breaks, prices, strict=True)):
        if tier:
            # What the dearer units below the break cost above this price, once an order.
            extra += (prices[tier - 1] - price) * start
        end = breaks[tier + 1] if tier + 1 < len(breaks) else math.inf
        quantity = math.sqrt(2 * (order_cost + extra) * demand / (holding_rate * price))
        if start <= quantity < end:
            stock = holding_rate * (extra + price * quantity) / 2
            cost = price * demand + (order_cost + extra) * demand / quantity + stock
            found.append(Lot(quantity, cost, tier))
    return min(found, key=lambda lot: lot.cost)


def with_backorders(
    order_cost: float, holding_cost: float, shortage_cost: float, demand: float
) -> tuple[Lot, float]:
    """The quantity, and the share of it that is best owed, where owing costs too.

    shortage_cost: of a unit owed and a time unit.

    Raises:
        ValueError: a cost or a demand not above 0.

    Source: Snyder & Shen, 2nd ed., section 3.5.
    """
    _positive(shortage_cost=shortage_cost)
    plain = economic_order_quantity(order_cost, holding_cost, demand)
    kept = shortage_cost / (holding_cost + shortage_cost)
    quantity = plain.quantity / math.sqrt(kept)
    return Lot(quantity, plain.cost * math.sqrt(kept)), 1 - kept


def economic_production_quantity(
    order_cost: float, holding_cost: float, demand: float, production: float
) -> Lot:
    """The quantity that is best made at once, at `production` units a time unit.

    Raises:
        ValueError: a figure not above 0, or production no faster than demand.

    Source: Snyder & Shen, 2nd ed., section 3.6.
    """
    _positive(order_cost=order_cost, holding_cost=holding_cost, demand=demand)
    if production <= demand:
        raise ValueError("production is faster than demand")
    return economic_order_quantity(order_cost, holding_cost * (1 - demand / production), demand)


def with_additive_yield(
    order_cost: float, holding_cost: float, demand: float, mean: float, deviation: float
) -> Lot:
    """The quantity, where what arrives differs from it by a random number of units.

    Raises:
        ValueError: a cost or a demand not above 0.

    Source: Snyder & Shen, 2nd ed., section 9.3.1.
    """
    _positive(order_cost=order_cost, holding_cost=holding_cost, demand=demand)
    arriving = math.sqrt(2 * order_cost * demand / holding_cost + deviation**2)
    cost = order_cost * demand / arriving
    cost += holding_cost * (deviation**2 + arriving**2) / (2 * arriving)
    return Lot(arriving - mean, cost)


def with_multiplicative_yield(
    order_cost: float, holding_cost: float, demand: float, mean: float, deviation: float
) -> Lot:
    """The quantity, where a random share of it arrives.

    Raises:
        ValueError: a cost, a demand or a mean not above 0.

    Source: Snyder & Shen, 2nd ed., section 9.3.1.
    """
    _positive(order_cost=order_cost, holding_cost=holding_cost, demand=demand, mean=mean)
    square = mean**2 + deviation**2
    quantity = math.sqrt(2 * order_cost * demand / (holding_cost * square))
    cost = order_cost * demand / (mean * quantity) + holding_cost * square * quantity / (2 * mean)
    return Lot(quantity, cost)


def _check_breaks(
    order_cost: float,
    holding_rate: float,
    demand: float,
    breaks: Sequence[float],
    prices: Sequence[float],
) -> None:
    _positive(order_cost=order_cost, holding_rate=holding_rate, demand=demand)
    if not breaks or len(breaks) != len(prices) or breaks[0] != 0:
        raise ValueError("each price has a break, the first at 0")
    if any(later <= earlier for earlier, later in pairwise(breaks)):
        raise ValueError("breaks ascend")
    if min(prices) <= 0 or any(b >= a for a, b in pairwise(prices)):
        raise ValueError("prices are above 0 and descend")


def _positive(**figures: float) -> None:
    for name, figure in figures.items():
        if not (figure > 0 and math.isfinite(figure)):
            raise ValueError(f"{name} is above 0, not {figure}")


def with_disruptions(
    order_cost: float,
    holding_cost: float,
    shortage_cost: float,
    demand: float,
    disruption: float,
    recovery: float,
) -> Lot:
    """The quantity, where the supplier fails at times and demand meanwhile is lost.

    shortage_cost: of a unit lost. disruption, recovery: how often a working one fails and a failed
    one recovers, a time unit.

    Raises:
        ValueError: a figure not above 0.

    Source: Berk & Arreola-Risa 1994; Snyder & Shen, 2nd ed., section 9.2.1.
    """
    _positive(shortage_cost=shortage_cost, disruption=disruption, recovery=recovery)
    low = economic_order_quantity(order_cost, holding_cost, demand).quantity

    def cost(quantity: float) -> float:
        both = disruption + recovery
        failed = disruption / both * -math.expm1(-both * quantity / demand) / recovery
        stock = holding_cost * quantity**2 / (2 * demand)
        total = order_cost + stock + shortage_cost * demand * failed
        return total / (quantity / demand + failed)

    high = 2 * (low + demand * (1 + shortage_cost / holding_cost) / recovery)
    quantity = lowest(cost, low / 2, high)
    return Lot(quantity, cost(quantity))
