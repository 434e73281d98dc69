"""Totals of a forecast by brand, class or any other attribute, from the bottom up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.hierarchy import Groups, add_up, together
from forecasting.history import Days, History
from forecasting.result import Forecast, Quantiles

Floats = NDArray[np.float64]

# How far series move together is seen in so many of the last periods.
SEEN = 52


@dataclass(frozen=True, slots=True)
class Total:
    """What m groups of series are expected to sell.

    series: (m,) the attribute's values. starts: (h,). mean: (m, h). quantiles: (m, h, k).
    protection: of the sum over the protection interval.
    """

    attribute: str
    series: tuple[str, ...]
    starts: Days
    mean: Floats
    quantiles: Quantiles
    protection: Distribution


def total(forecast: Forecast, history: History, attribute: str) -> Total:
    """The forecast of each value of an attribute; means are the members' sums.

    How far members move together is taken from how their demand changed from period to period.

    Raises:
        KeyError: the history has no such attribute.
    """
    groups = Groups.of(history.attributes[attribute])
    shared = together(np.diff(history.demand[:, -SEEN:], axis=1), groups)
    levels, values = forecast.quantiles.levels, forecast.quantiles.values
    periods = [
        add_up(Distribution.build(mean, levels, values[:, at]), groups, shared)
        for at, mean in enumerate(forecast.mean.T)
    ]
    return Total(
        attribute=attribute,
        series=groups.names,
        starts=forecast.starts,
        mean=np.stack([each.mean for each in periods], axis=1),
        quantiles=Quantiles(levels, np.stack([each.values for each in periods], axis=1)),
        protection=add_up(forecast.protection, groups, shared),
    )
