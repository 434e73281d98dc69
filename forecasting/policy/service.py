"""The level that a service promise needs: in how many cycles, or of how many units."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from forecasting.policy.law import Law, Normal


@dataclass(frozen=True, slots=True)
class LeadTime:
    """From order to arrival, in periods; independent from one order to the next.

    Raises:
        ValueError: a figure below 0.
    """

    mean: float
    deviation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.mean >= 0 and self.deviation >= 0):
            raise ValueError("a lead time and its deviation are not below 0")


def over_lead_time(mean: float, deviation: float, lead: LeadTime) -> Normal:
    """Demand over a random lead time, each period's having this mean and deviation.

    Source: Snyder & Shen, 2nd ed., section 4.3.4.2.
    """
    variance = lead.mean * deviation**2 + (mean * lead.deviation) ** 2
    return Normal(mean * lead.mean, math.sqrt(variance))


def cycle_level(protection: Law, service: float) -> float:
    """The level that is enough in this share of cycles; protection: demand until the next arrival.

    Raises:
        ValueError: a share not between 0 and 1.

    Source: Snyder & Shen, 2nd ed., section 4.3.4.1.
    """
    return protection.quantile(_share(service))


def fill_level(cycle: Law, lead_time: Law, protection: Law, fill_rate: float) -> float:
    """(R, S): the least level at which this share of demand is met from stock at once.

    cycle: demand between two reviews. lead_time: demand until an order arrives. protection: both.

    Raises:
        ValueError: a share not between 0 and 1, or no demand.

    Source: Silver, Pyke & Thomas, Inventory and Production Management, 4th ed., section 6.9.
    """
    allowed = (1 - _share(fill_rate)) * _asked(cycle)

    def spare(level: float) -> float:
        return allowed - (protection.loss(level) - lead_time.loss(level))

    return _least(spare, protection)


def fill_point(quantity: float, lead_time: Law, fill_rate: float) -> float:
    """(r, Q): the least reorder point at which this share of demand is met from stock at once.

    Raises:
        ValueError: a share not between 0 and 1, or a quantity not above 0.

    Source: Snyder & Shen, 2nd ed., section 5.3.5.
    """
    if not quantity > 0:
        raise ValueError("a quantity is above 0")
    allowed = (1 - _share(fill_rate)) * quantity

    def spare(point: float) -> float:
        return allowed - (lead_time.loss(point) - lead_time.loss(point + quantity))

    return _least(spare, lead_time, quantity)


def _asked(cycle: Law) -> float:
    if not cycle.mean > 0:
        raise ValueError("nothing is demanded between two reviews")
    return cycle.mean


def _share(service: float) -> float:
    if not 0 < service < 1:
        raise ValueError(f"a service is between 0 and 1, not {service}")
    return service


def _least(spare: Callable[[float], float], law: Law, room: float = 0.0) -> float:
    """The least level from which on `spare` is not below 0."""
    low = min(0.0, law.mean - 20 * law.deviation) - room
    high = law.mean + law.deviation + 1
    while spare(high) < 0:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if spare(middle) >= 0 else (middle, high)
    return high
