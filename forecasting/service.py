"""The service really reached, fed back: which stock level keeps a fill rate, in a closed loop.

All items of a group are held to one probability of no shortage, for that spends the least stock
on the group's fill rate. What that probability must be is first read off the distributions, then
corrected by what is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution

Floats = NDArray[np.float64]

#: how far from the fill rate itself towards what the distributions ask for a service begins
TRUST = 0.35
#: halvings of the bounds when a level is sought
HALVINGS = 20
#: how far one period's shortage moves the level: this share over the protection interval, at
#: first so many times more
GAIN, EARLY = 0.3, 2.0
#: a shortage of more than so many times the one allowed counts as that many
SHOCK = 6.0
#: bounds of -log(1 - probability): never below even odds, never above one shortage in 20,000
LEAST, MOST = 0.7, 10.0


def law_level(fill: float, law: Distribution) -> float:
    """Answer the one probability of no shortage at which all items of a law reach a fill rate.

    It asks for too much stock: a shortage is counted in each interval that it touches.
    """
    whole = float(law.expected_loss(0.0).sum())
    if whole <= 0:
        return fill
    low, high = LEAST, MOST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        missed = float(law.expected_loss(law.quantile(-np.expm1(-middle))).sum())
        low, high = (middle, high) if missed > (1.0 - fill) * whole else (low, middle)
    return float(-np.expm1(-high))


@dataclass(frozen=True, slots=True)
class Service:
    """The level a group is held to, which follows the fill rate it reaches.

    Source: Gibbs and Candes 2021, Adaptive conformal inference under distribution shift, eq. (2),
    of the share of demand missed instead of the share of misses; with steps that shrink, as in
    Angelopoulos, Barber and Bates 2024, Online conformal prediction with decaying step sizes.
    """

    #: the fill rate promised
    fill: float
    #: -log(1 - probability of no shortage)
    rate: float
    #: demand of a usual period, all items
    usual: float
    #: periods of the protection interval, after which a change first shows
    protection: int
    #: periods it has followed; one that is read back from a store has long done so
    age: int = 10_000

    @classmethod
    def start(cls, fill: float, level: float, usual: float, protection: int) -> Service:
        """Begin with a probability of no shortage."""
        return cls(fill, -float(np.log1p(-level)), usual, protection, 0)

    @classmethod
    def of_law(cls, fill: float, law: Distribution, usual: float, protection: int) -> Service:
        """Begin between the fill rate itself and the level the distributions ask for."""
        asked = -float(np.log1p(-law_level(fill, law)))
        plain = -float(np.log1p(-fill))
        return cls(fill, plain + TRUST * max(asked - plain, 0.0), usual, protection, 0)

    @property
    def level(self) -> float:
        """The probability of no shortage to stock for now."""
        return float(-np.expm1(-min(max(self.rate, LEAST), MOST)))

    def after(self, filled: float, demanded: float) -> Service:
        """Answer the service once a period's fill is known."""
        usual = 0.9 * self.usual + 0.1 * demanded
        if usual <= 0:
            return self
        allowed = (1.0 - self.fill) * demanded
        wrong = (demanded - filled - allowed) / ((1.0 - self.fill) * usual)
        gain = GAIN / self.protection * (1.0 + EARLY / (1.0 + self.age / self.protection))
        moved = self.rate + gain * min(wrong, SHOCK)
        return replace(self, rate=min(max(moved, LEAST), MOST), usual=usual, age=self.age + 1)


class Loop:
    """A service run along with a simulation: gives the targets, is told the fill."""

    def __init__(self, service: Service, at: Callable[[int], Distribution]) -> None:
        self.service = service
        self._at = at

    def target(self, period: int) -> Floats:
        """Answer the stock (n,) to order up to in a period."""
        return self._at(period).quantile(self.service.level)

    def observe(self, period: int, filled: Floats, demanded: Floats) -> None:
        """Take in what a period (n,) filled and demanded."""
        self.service = self.service.after(float(filled.sum()), float(demanded.sum()))
