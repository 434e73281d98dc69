"""What every model offers for a choice between models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: the last past origins at which a single period is forecast too
SINGLES = 16


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model's forecasts of n series: of the past, at each origin, and of the future."""

    name: str
    #: a model of higher complexity must win clearly over one of lower
    complexity: int
    #: (n, o) forecast of the protection-interval sum, made at each past origin; nan: none
    past: Floats
    #: (n, h) mean of each period ahead
    mean: Floats
    #: (n,) forecast of the sum over the protection interval after the last period
    ahead: Floats
    #: (n, up to SINGLES) forecast of the single period protection // 2 after each of the last
    #: past origins, made there; None: an even part of the sum
    single: Floats | None = None

    def singles(self, protection: int) -> Floats:
        """Answer the forecasts of single periods."""
        if self.single is not None:
            return self.single
        answer: Floats = self.past[:, -SINGLES:] / protection
        return answer


def origins(periods: int, protection: int, most: int = 32, burn: int = 8) -> NDArray[np.intp]:
    """Answer up to `most` past origins, ascending: at o, periods 0..o-1 are known.

    The last is periods - protection, the last one whose sum is known; they lie evenly.
    """
    last = periods - protection
    first = min(max(burn, periods // 4), max(last, 1))
    if last < 1:
        return np.zeros(0, np.intp)
    step = max(1, -(-(last - first + 1) // most))
    return np.arange(last, first - 1, -step, dtype=np.intp)[::-1].copy()


def sums(demand: Floats, at: NDArray[np.intp], protection: int) -> Floats:
    """Answer the demand of the `protection` periods from each origin on, (n, o); nan: unknown."""
    if protection == 1:
        return demand[:, at]
    n, periods = demand.shape
    blank = np.isnan(demand)
    total = np.zeros((n, periods + 1))
    np.cumsum(np.where(blank, 0.0, demand), axis=1, out=total[:, 1:])
    answer: Floats = total[:, at + protection] - total[:, at]
    if blank.any():
        unknown = np.zeros((n, periods + 1), np.int32)
        np.cumsum(blank, axis=1, out=unknown[:, 1:])
        answer[unknown[:, at + protection] > unknown[:, at]] = np.nan
    return answer
