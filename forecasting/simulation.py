"""What a stock policy would have cost and served, had it run over demand that came."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What each of n series had after the warm-up; all arrays (n,).

    filled, demanded: units. mean_stock: units on hand at a period's end. orders: how many were
    placed. met: the share of periods without a unit owed for want of stock.
    """

    filled: Floats
    demanded: Floats
    mean_stock: Floats
    orders: NDArray[np.int64]
    met: Floats

    def fill_rate(self, weight: Floats | None = None) -> float:
        """The share of demand met from stock at once, over all series; 1.0 without any demand.

        weight: (n,), for example one over the mean demand, so that every series counts the same.
        """
        share = np.ones(len(self.filled)) if weight is None else weight
        demanded = float((self.demanded * share).sum())
        return float((self.filled * share).sum()) / demanded if demanded > 0 else 1.0


def simulate(
    demand: Floats,
    first: int,
    lead: int,
    target: Callable[[int], Floats],
    observe: Callable[[int, Floats, Floats], None] | None = None,
) -> Outcome:
    """Runs a base stock policy with review in every period, what cannot be met at once being owed.

    Each period from `first` on: what was ordered `lead` periods ago arrives and serves what is
    owed, the position is raised to the next whole unit of `target(period)`, then demand comes.
    `lead` 0 arrives before the demand of its own period. The protection interval is `lead + 1`
    periods; that many are run before anything is counted.

    demand: (n, t), nan where unknown: nothing is asked for then. observe: told each counted
    period with what was filled and what demanded, (n,) each.

    Raises:
        ValueError: `first` or `lead` lie outside the periods.

    Source: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., section 4.3.
    """
    n, periods = demand.shape
    if lead < 0 or first < 0 or first + lead + 1 >= periods:
        raise ValueError(f"first {first} and lead {lead} leave nothing of {periods} periods")
    counted_from = first + lead + 1
    on_hand, owed, coming = _whole(target(first), n), np.zeros(n), np.zeros((lead + 1, n))
    filled, demanded, stock, short = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    orders = np.zeros(n, np.int64)
    for period in range(first, periods):
        slot = period % (lead + 1)
        on_hand, owed = _served(on_hand + coming[slot], owed)
        coming[slot] = 0.0
        position = on_hand - owed + coming.sum(axis=0)
        order = np.maximum(_whole(target(period), n) - position, 0.0)
        if lead == 0:
            on_hand, owed = _served(on_hand + order, owed)
        else:
            coming[(period + lead) % (lead + 1)] += order
        asked = np.nan_to_num(demand[:, period])
        given = np.minimum(on_hand, asked)
        on_hand, owed = on_hand - given, owed + asked - given
        if period >= counted_from:
            filled, demanded, stock = filled + given, demanded + asked, stock + on_hand
            short += given < asked
            orders += order > 0
            if observe is not None:
                observe(period, given, asked)
    counted = periods - counted_from
    return Outcome(filled, demanded, stock / counted, orders, 1.0 - short / counted)


def _whole(target: Floats, n: int) -> Floats:
    level = np.asarray(target, np.float64)
    if level.shape != (n,) or not np.isfinite(level).all():
        raise ValueError(f"a target is {n} finite figures")
    return np.maximum(np.ceil(level - math.sqrt(np.finfo(np.float64).eps)), 0.0)


def _served(on_hand: Floats, owed: Floats) -> tuple[Floats, Floats]:
    given = np.minimum(on_hand, owed)
    return on_hand - given, owed - given
