"""What a forecast says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.flag import Flag
from forecasting.history import Days
from forecasting.request import Request
from forecasting.state import State

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Demand not exceeded: levels (k,), values (n, h, k)."""

    levels: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class Forecast:
    """What n series are expected to sell, and why it is thought so."""

    request: Request
    series: tuple[str, ...]
    #: (h,) first day of each period ahead
    starts: Days
    #: (n, h)
    mean: Floats
    quantiles: Quantiles
    #: of the sum over the protection interval
    protection: Distribution
    #: (n,) codes of DemandClass
    demand_class: NDArray[np.int8]
    model: tuple[str, ...]
    reason: tuple[str, ...]
    flags: tuple[frozenset[Flag], ...]
    state: State
