"""(r, Q): whenever the position falls to r, Q units are ordered."""

import math
from dataclasses import dataclass

from forecasting.policy.law import Law, Normal, poisson
from forecasting.policy.lot import economic_order_quantity, with_backorders
from forecasting.policy.valley import lowest, root

_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Costs:
    """holding, shortage: of a unit and time unit, on hand or owed. order: of each order.

    Raises:
        ValueError: a cost not above 0.
    """

    holding: float
    shortage: float
    order: float

    def __post_init__(self) -> None:
        if not min(self.holding, self.shortage, self.order) > 0:
            raise ValueError("holding, shortage and order cost are above 0")


@dataclass(frozen=True, slots=True)
class Policy:
    """point: the position that starts an order. quantity: of each order. cost: of a time unit."""

    point: float
    quantity: float
    cost: float


def cost(point: float, quantity: float, rate: float, lead_time: Law, costs: Costs) -> float:
    """What a time unit costs, demand over the lead time having a continuous law.

    rate: units demanded in a time unit.

    Source: Snyder & Shen, 2nd ed., eq. 5.7.
    """
    owed = lead_time.second_loss(point) - lead_time.second_loss(point + quantity)
    stock = point - lead_time.mean + quantity / 2
    total = costs.holding * stock + (costs.holding + costs.shortage) * owed / quantity
    return costs.order * rate / quantity + total


def best_point(quantity: float, lead_time: Law, costs: Costs) -> float:
    """The reorder point that costs least at this quantity.

    Source: Snyder & Shen, 2nd ed., eq. 5.14.
    """
    wanted = costs.shortage / (costs.holding + costs.shortage)

    def kept(point: float) -> float:
        return 1 - (lead_time.loss(point) - lead_time.loss(point + quantity)) / quantity - wanted

    spread = lead_time.deviation + quantity + 1
    return root(kept, lead_time.mean - 20 * spread, lead_time.mean + 20 * spread)


def exact(rate: float, lead_time: Law, costs: Costs) -> Policy:
    """The policy that costs least, demand over the lead time having a continuous law.

    Source: Zheng 1992; Snyder & Shen, 2nd ed., section 5.4.2.
    """
    low = economic_order_quantity(costs.order, costs.holding, rate).quantity
    # Zheng's bounds, with room.
    high = 4 * with_backorders(costs.order, costs.holding, costs.shortage, rate)[0].quantity
    high += 20 * lead_time.deviation

    def at(quantity: float) -> float:
        return cost(best_point(quantity, lead_time, costs), quantity, rate, lead_time, costs)

    quantity = lowest(at, low / 2, high)
    point = best_point(quantity, lead_time, costs)
    return Policy(point, quantity, cost(point, quantity, rate, lead_time, costs))


def by_backorder_lot(rate: float, lead_time: Law, costs: Costs) -> Policy:
    """The EOQ with backorders, and its best reorder point: at most 11.8 % above the least cost.

    Source: Zheng 1992; Snyder & Shen, 2nd ed., section 5.3.2.
    """
    quantity = with_backorders(costs.order, costs.holding, costs.shortage, rate)[0].quantity
    point = best_point(quantity, lead_time, costs)
    return Policy(point, quantity, cost(point, quantity, rate, lead_time, costs))


def by_lot_and_safety_stock(rate: float, lead_time: Law, costs: Costs) -> Policy:
    """The EOQ, and the newsvendor's level of the lead time.

    Source: Snyder & Shen, 2nd ed., section 5.3.3.
    """
    quantity = economic_order_quantity(costs.order, costs.holding, rate).quantity
    point = lead_time.quantile(costs.shortage / (costs.holding + costs.shortage))
    return Policy(point, quantity, cost(point, quantity, rate, lead_time, costs))


def by_expected_level(rate: float, lead_time: Law, costs: Costs) -> Policy:
    """Both by turns, with the stock that is expected and each unit owed paid once.

    Here the shortage cost is of a unit, however long it is owed.

    Source: Hadley & Whitin 1963; Snyder & Shen, 2nd ed., section 5.3.1.
    """
    quantity, point = economic_order_quantity(costs.order, costs.holding, rate).quantity, 0.0
    for _ in range(1_000):
        share = 1 - quantity * costs.holding / (costs.shortage * rate)
        if not 0 < share < 1:
            raise ValueError("shortages are so cheap that no stock is worth its cost")
        before, point = (point, quantity), lead_time.quantile(share)
        owed = costs.shortage * lead_time.loss(point)
        quantity = math.sqrt(2 * rate * (costs.order + owed) / costs.holding)
        if abs(point - before[0]) + abs(quantity - before[1]) < _CLOSE:
            break
    stock = costs.holding * (point - lead_time.mean + quantity / 2)
    total = stock + (costs.order + costs.shortage * lead_time.loss(point)) * rate / quantity
    return Policy(point, quantity, total)


def by_loss(rate: float, lead_time: Normal, costs: Costs) -> Policy:
    """Both by turns, without what is owed even after the order has come.

    Source: Hadley & Whitin 1963; Snyder & Shen, 2nd ed., section 5.3.4.
    """
    quantity, point = economic_order_quantity(costs.order, costs.holding, rate).quantity, 0.0
    both = costs.holding + costs.shortage
    for _ in range(1_000):
        before = point, quantity

        def missed(level: float, share: float = quantity * costs.holding / both) -> float:
            return share - lead_time.loss(level)

        point = root(missed, lead_time.mean - 50 * lead_time.deviation - quantity, _far(lead_time))
        owed = lead_time.second_loss(point)
        quantity = math.sqrt(2 * (costs.order * rate + both * owed) / costs.holding)
        if abs(point - before[0]) + abs(quantity - before[1]) < _CLOSE:
            break
    return Policy(point, quantity, cost(point, quantity, rate, lead_time, costs))


def poisson_cost(point: int, quantity: int, rate: float, lead_time: float, costs: Costs) -> float:
    """What a time unit costs, demand being Poisson with this rate, units being whole.

    lead_time: in time units.

    Source: Snyder & Shen, 2nd ed., eq. 5.51.
    """
    law = poisson(rate * lead_time)
    levels = range(point + 1, point + quantity + 1)
    stock = sum(_at_level(law, level, costs) for level in levels)
    return (costs.order * rate + stock) / quantity


def poisson_exact(rate: float, lead_time: float, costs: Costs) -> Policy:
    """The whole numbers that cost least, demand being Poisson.

    Source: Federgruen & Zheng 1992; Snyder & Shen, 2nd ed., section 5.5.
    """
    law = poisson(rate * lead_time)
    best = int(law.quantile(costs.shortage / (costs.holding + costs.shortage)))
    low = high = best
    total = costs.order * rate + _at_level(law, best, costs)
    least = total
    while True:
        below, above = _at_level(law, low - 1, costs), _at_level(law, high + 1, costs)
        quantity = high - low + 1
        if min(below, above) >= least:
            return Policy(low - 1, quantity, least)
        low, high = (low - 1, high) if below <= above else (low, high + 1)
        total += min(below, above)
        least = total / (quantity + 1)


def _at_level(law: Law, level: int, costs: Costs) -> float:
    owed = law.loss(level)
    return costs.holding * (level - law.mean + owed) + costs.shortage * owed


def _far(law: Normal) -> float:
    return law.mean + 50 * law.deviation
