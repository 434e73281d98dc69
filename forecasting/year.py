"""What the time of year adds to log demand: as much of it as came again a year later.

Source: variance components of a two-way layout, Searle, Casella and McCulloch 1992, section 4.7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.history import Frequency

Floats = NDArray[np.float64]

WEEKS = 52
#: weeks on either side that tell something of a week
NEAR = 2
#: periods of a week
LENGTHS = {Frequency.DAY: 7, Frequency.WEEK: 1}


@dataclass(frozen=True, slots=True)
class Year:
    """The weeks of a year: what they add to every series, and how far a series is believed.

    length: periods of a week. shared: (52,). belief: (years + 1, 5) what a week's mean over so
    many years and its neighbours' count for in a series' own year.
    """

    length: int
    shared: Floats
    belief: Floats

    def course(self, rest: Floats, weight: Floats, width: int) -> Floats:
        """Answer (n, width) what the year adds; rest: (n, t) what else explains left."""
        week = np.arange(width) // self.length % WEEKS
        shared = self.shared[week]
        if not self.belief.any():
            return np.broadcast_to(shared, (len(rest), width)).copy()
        own = _cells(rest - shared[: rest.shape[1]], weight, self.length)
        answer: Floats = shared + _expected(own, self.belief)[:, week]
        return answer


def year_of(rest: Floats, weight: Floats, frequency: Frequency | None) -> Year | None:
    """Learn the year from what is left of log demand (n, t); None before it came twice."""
    length = LENGTHS.get(frequency) if frequency is not None else None
    if length is None or rest.shape[1] < 2 * WEEKS * length:
        return None
    cells = _cells(rest, weight, length)
    count = np.isfinite(cells).sum(axis=0)
    total = np.where(np.isfinite(cells), cells, 0.0).sum(axis=0)
    pooled = np.where(count > 0, total / np.maximum(count, 1), np.nan)[None]
    shared = _expected(pooled, _belief(pooled))[0]
    return Year(length, shared, _belief(cells - shared))


def _cells(rest: Floats, weight: Floats, length: int) -> Floats:
    """Answer (n, years, 52) each week's mean, centred a series; nan where unknown."""
    n, periods = rest.shape
    mean = (rest * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
    years = -(-periods // (WEEKS * length))
    missing = years * WEEKS * length - periods
    values = np.pad((rest - mean[:, None]) * weight, ((0, 0), (0, missing)))
    known = np.pad(weight, ((0, 0), (0, missing)))
    shape = (n, years, WEEKS, length)
    count = known.reshape(shape).sum(axis=3)
    total = values.reshape(shape).sum(axis=3)
    answer: Floats = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    return answer


def _belief(cells: Floats) -> Floats:
    """Answer (years + 1, 5) the best weights of the means of weeks -2 to 2 in a week to come.

    What two years share of a week, and of weeks near each other, is what comes again.
    """
    years = cells.shape[1]
    if not np.isfinite(cells).any():
        return np.zeros((years + 1, 2 * NEAR + 1))
    whole = float(np.nanmean(np.square(cells)))
    again = np.array([_shared_by_years(cells, apart) for apart in range(2 * NEAR + 1)])
    # No more than the week itself shares, and never less than nothing.
    again = np.minimum.accumulate(np.clip(again, 0.0, whole))
    once = max(whole - again[0], 1e-9)
    at = np.arange(2 * NEAR + 1)
    between = again[np.abs(at[:, None] - at)]
    wanted = again[np.abs(at - NEAR)]
    rows = [
        np.linalg.solve(between + np.eye(len(at)) * once / years_seen, wanted)
        for years_seen in range(1, years + 1)
    ]
    return np.stack((np.zeros(len(at)), *rows))


def _shared_by_years(cells: Floats, apart: int) -> float:
    """Answer the covariance of a week with one `apart` weeks later, a year before or after."""
    moved = np.roll(cells, -apart, axis=2)
    products = np.concatenate(
        ((cells[:, 1:] * moved[:, :-1]).ravel(), (cells[:, :-1] * moved[:, 1:]).ravel())
    )
    return float(np.nanmean(products)) if np.isfinite(products).any() else 0.0


def _expected(cells: Floats, belief: Floats) -> Floats:
    """Answer (n, 52) what each week is believed to add."""
    count = np.isfinite(cells).sum(axis=1)
    total = np.where(np.isfinite(cells), cells, 0.0).sum(axis=1)
    mean = total / np.maximum(count, 1)
    answer: Floats = np.zeros(mean.shape)
    for place, by in enumerate(range(-NEAR, NEAR + 1)):
        answer += belief[count, place] * np.roll(mean, -by, axis=1)
    return answer
