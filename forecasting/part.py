"""A chunk of a history, and what all chunks share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import origins
from forecasting.demand_class import begun
from forecasting.history import Frequency
from forecasting.request import Request
from forecasting.season import phase

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What all chunks share."""

    request: Request
    frequency: Frequency
    first: np.datetime64
    last: np.datetime64
    periods: int
    season: int
    #: every so many series tell of their class' season
    stride: int

    @property
    def reach(self) -> int:
        """Periods ahead that a forecast speaks of."""
        return max(self.request.horizon, self.request.protection)

    @property
    def phases(self) -> NDArray[np.intp]:
        """Answer the season's phase of each period, past and ahead."""
        return phase(self.first, self.frequency, self.season, self.periods + self.reach)

    @property
    def origins(self) -> NDArray[np.intp]:
        """Answer the past origins at which forecasts are checked."""
        return origins(self.periods, self.request.protection)


@dataclass(frozen=True, slots=True)
class Part:
    """The n series of one chunk."""

    #: (n, t), nan where unknown
    demand: Floats
    #: (n, t + ahead) or None
    open: NDArray[np.bool_] | None
    #: (n,) True where a driver moved
    promoted: NDArray[np.bool_]


def known_demand(plan: Plan, part: Part) -> Floats:
    """Answer demand (n, t) with nothing where it says nothing: closed, or not yet listed."""
    # The order in memory is the order of sums: it must not depend on how the part came here.
    demand = np.array(part.demand, dtype=np.float64, order="C")
    if part.open is not None:
        demand[~part.open[:, : plan.periods]] = np.nan
    demand[np.arange(plan.periods) < begun(demand)[:, None]] = np.nan
    return demand


def closed_as_none(demand: Floats, open: NDArray[np.bool_] | None, plan: Plan) -> Floats:
    """Answer demand with 0 where closed: that nothing was asked for then is known."""
    if open is None:
        return demand
    return np.where(open[:, : plan.periods], demand, 0.0)


def open_ahead(open: NDArray[np.bool_] | None, plan: Plan) -> NDArray[np.bool_] | None:
    """Answer open (n, t + reach); what is not known of the future counts as open."""
    if open is None:
        return None
    short = plan.periods + plan.reach - open.shape[1]
    if short <= 0:
        return open
    return np.pad(open, ((0, 0), (0, short)), constant_values=True)
