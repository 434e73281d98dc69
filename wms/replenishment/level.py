"""From the demand of a protection interval to safety stock and reorder point."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.policy.service import LeadTime, over_lead_time
from wms.replenishment.proposal import Level

Floats = NDArray[np.float64]
# Intervals between these are covered as the next longer one, so that few are forecast.
INTERVALS: tuple[int, ...] = (
    *range(1, 11), 12, 14, 16, 18, 21, 24, 28, 35, 42, 49, 56, 70, 91, 119, 154, 182, 273, 365,
    546, 732,
)  # fmt: skip


def interval_for(days: int) -> int:
    """The protection interval that covers so many days, of the few that are forecast."""
    return next((each for each in INTERVALS if each >= days), INTERVALS[-1])


def levels(
    demand: Distribution,
    probability: Sequence[float] | Floats,
    cycle: Sequence[float] | Floats,
    lead: Sequence[LeadTime] | None = None,
) -> list[Level]:
    """The levels at which there is no shortage with that `probability` (n,).

    demand: of the protection interval, n series; cycle (n,): the demand that one order is meant
    to last for beyond it; lead (n,): the interval's days, where they are not always as many.
    """
    wanted = demand.mean > 0
    asked = np.asarray(probability, dtype=np.float64)
    point = demand.quantile(asked)
    for row, days in enumerate(lead or ()):
        if days.deviation > 0 and wanted[row]:
            point[row] = _spread(demand.part(row, row + 1), float(asked[row]), days)
    point = np.ceil(point - 1e-9)
    point = np.where(wanted, np.maximum(point, 0.0), 0.0)
    lasting = np.ceil(np.maximum(np.asarray(cycle, dtype=np.float64), 0.0))
    up_to = np.where(wanted, point + np.maximum(lasting, 1.0), 0.0)
    safety = np.clip(point - np.round(demand.mean), 0.0, point)
    return [
        Level(int(each_safety), int(each_point), int(each_up_to))
        for each_safety, each_point, each_up_to in zip(safety, point, up_to, strict=True)
    ]


def _spread(demand: Distribution, probability: float, days: LeadTime) -> float:
    """The quantile of one series' demand over an interval that is random as well.

    The forecast keeps its shape: what it lies above its mean grows as the deviation does.
    """
    mean, known = float(demand.mean[0]), float(demand.quantile(probability)[0])
    deviation = sqrt(float(demand.variance()[0]))
    law = over_lead_time(mean / days.mean, deviation / sqrt(days.mean), days)
    if deviation <= 0:
        return max(known, law.quantile(probability))
    return max(known, mean + (known - mean) * law.deviation / deviation)
