"""A chunk of series as kernels read it: period by period, all series side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Demand of n series in t periods, time first, so that one period is one row of memory."""

    #: (t, n), 0 where unknown
    demand: Floats
    #: (t, n) 1.0 where known, 0.0 where not; None: all is known
    known: Floats | None
    #: (t, n or 1) how much the newest period weighs in a plain mean of all known so far
    share: Floats
    #: (t,) the largest share, and whether all of the period is known
    most: Floats
    whole: NDArray[np.bool_]
    #: (o,) past origins, ascending
    origins: NDArray[np.intp]
    protection: int
    #: (t, n) season's factor, as estimated before the period; None: no season
    factor: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and series."""
        periods, series = self.demand.shape
        return periods, series


def panel(demand: Floats, origins: NDArray[np.intp], protection: int) -> Panel:
    """Turn demand (n, t), nan where unknown, into a panel."""
    # A copy also of one series, whose transpose is the caller's own memory.
    upright = np.array(demand.T, dtype=np.float64, order="C")
    missing = np.isnan(upright)
    whole: NDArray[np.bool_] = np.logical_not(missing.any(axis=1))
    if whole.all():
        share = (1.0 / np.arange(1.0, len(upright) + 1.0))[:, None]
        return Panel(upright, None, share, share[:, 0], whole, origins, protection)
    known = (~missing).astype(np.float64)
    share = 1.0 / np.maximum(np.cumsum(known, axis=0), 1.0)
    upright[missing] = 0.0
    return Panel(upright, known, share, share.max(axis=1), whole, origins, protection)
