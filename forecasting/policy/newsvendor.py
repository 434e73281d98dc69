"""One order for one season, or for each period by itself: too much costs, too little costs more."""

import math
from dataclasses import dataclass

from forecasting.policy.law import Law

# After so many periods no supplier is still failing.
_ENOUGH = 2_000


@dataclass(frozen=True, slots=True)
class Level:
    """level: units to have. figure: what a period costs there; where that is said, its profit."""

    level: float
    figure: float


def newsvendor(law: Law, holding_cost: float, shortage_cost: float) -> Level:
    """The level that costs least, and what a period costs there.

    holding_cost: of a unit left over. shortage_cost: of a unit missed.

    Raises:
        ValueError: a cost not above 0.

    Source: Snyder & Shen, 2nd ed., eq. 4.17 and 4.30.
    """
    _check(holding_cost, shortage_cost)
    level = law.quantile(shortage_cost / (holding_cost + shortage_cost))
    return Level(level, newsvendor_cost(law, level, holding_cost, shortage_cost))


def newsvendor_cost(law: Law, level: float, holding_cost: float, shortage_cost: float) -> float:
    """What a period is expected to cost at this level.

    Source: Snyder & Shen, 2nd ed., eq. 4.6.
    """
    missed = law.loss(level)
    return holding_cost * (level - law.mean + missed) + shortage_cost * missed


def newsvendor_profit(law: Law, revenue: float, purchase_cost: float, salvage: float) -> Level:
    """The level that earns most, and the profit expected there; each figure of one unit.

    Raises:
        ValueError: revenue, cost and salvage value do not descend.

    Source: Snyder & Shen, 2nd ed., section 4.3.2.2.
    """
    if not revenue > purchase_cost > salvage:
        raise ValueError("revenue, purchase cost and salvage value descend")
    best = newsvendor(law, purchase_cost - salvage, revenue - purchase_cost)
    return Level(best.level, (revenue - purchase_cost) * law.mean - best.figure)


def myopic(
    law: Law,
    holding_cost: float,
    shortage_cost: float,
    purchase_cost: float,
    next_purchase_cost: float,
    discount: float,
) -> Level:
    """The level that is best for a period with its purchase, less what the rest is worth after it.

    discount: what a unit of money of the next period is worth now, 0 < discount <= 1.

    Raises:
        ValueError: a cost or the discount out of its range.

    Source: Snyder & Shen, 2nd ed., eq. 4.67.
    """
    _check(holding_cost, shortage_cost)
    if not 0 < discount <= 1:
        raise ValueError("a discount factor is above 0 and at most 1")
    after = purchase_cost - discount * next_purchase_cost
    share = (shortage_cost - after) / (shortage_cost + holding_cost)
    if not 0 < share < 1:
        raise ValueError("buying now or never is always better at these costs")
    level = law.quantile(share)
    return Level(
        level,
        myopic_cost(
            law, level, holding_cost, shortage_cost, purchase_cost, next_purchase_cost, discount
        ),
    )


def myopic_cost(
    law: Law,
    level: float,
    holding_cost: float,
    shortage_cost: float,
    purchase_cost: float,
    next_purchase_cost: float,
    discount: float,
) -> float:
    """What a period costs at this level: `myopic` says of what.

    Source: Snyder & Shen, 2nd ed., eq. 4.66.
    """
    rest = discount * next_purchase_cost * (level - law.mean)
    period = newsvendor_cost(law, level, holding_cost, shortage_cost)
    return purchase_cost * level + period - rest


def with_disruptions(
    demand: float,
    holding_cost: float,
    shortage_cost: float,
    disruption: float,
    recovery: float,
) -> Level:
    """The level for a known demand a period from a supplier that fails at times.

    disruption: the probability that a working supplier fails by the next period. recovery: that a
    failed one works again by then.

    Raises:
        ValueError: a cost not above 0, or a probability outside of 0 to 1.

    Source: Snyder & Shen, 2nd ed., section 9.2.2.
    """
    _check(holding_cost, shortage_cost)
    if not (0 <= disruption < 1 and 0 < recovery <= 1):
        raise ValueError("disruption and recovery are probabilities")
    working = recovery / (disruption + recovery)

    def at_most(periods: int) -> float:
        if periods == 0:
            return working
        return 1 - (1 - working) * (1 - recovery) ** periods

    wanted, periods = shortage_cost / (shortage_cost + holding_cost), 0
    while at_most(periods) < wanted:
        periods += 1
    level = demand * (periods + 1)
    cost, chance = 0.0, working
    for periods in range(_ENOUGH):
        owed = demand * (periods + 1) - level
        cost += chance * (shortage_cost * max(owed, 0.0) + holding_cost * max(-owed, 0.0))
        chance = at_most(periods + 1) - at_most(periods)
    return Level(level, cost)


def with_additive_yield(
    demand: float, law: Law, holding_cost: float, shortage_cost: float
) -> Level:
    """The order for a known demand, where what arrives differs from it by what `law` says.

    Raises:
        ValueError: a cost not above 0.

    Source: Snyder & Shen, 2nd ed., section 9.3.2.
    """
    _check(holding_cost, shortage_cost)
    order = demand - law.quantile(holding_cost / (holding_cost + shortage_cost))
    over = law.loss(demand - order)
    return Level(order, holding_cost * over + shortage_cost * (over + demand - order - law.mean))


def _check(holding_cost: float, shortage_cost: float) -> None:
    if not (holding_cost > 0 and shortage_cost > 0 and math.isfinite(holding_cost + shortage_cost)):
        raise ValueError("holding cost and shortage cost are above 0")
