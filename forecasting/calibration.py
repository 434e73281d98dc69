"""Past errors turned into the quantiles of what comes: shared by class, scaled to the item.

Errors are counted in units of the item's own scale, on a fixed grid, by class of demand and by
how large the forecast is against that scale. Counts are whole numbers, so it does not matter who
added them in which order. A class without errors of its own borrows from the others.
Source: Barber, Candes, Ramdas and Tibshirani 2023, Conformal prediction beyond exchangeability
(newer errors weigh more); Gibbs and Candes 2021 (why that follows a drift).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Places = NDArray[np.intp]

#: the levels of every calibrated distribution
LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995])
#: edges of the grid on which scaled errors are counted
GRID = np.sinh(np.linspace(-4.5, 5.7, 137)) / 2.0
#: forecast over scale that parts the bands: the smaller, the lumpier the demand
BANDS = np.array([1.0, 2.0])
#: periods after which an error counts half: in the new and in the standing counts of a class,
#: and in an item's scale
RECENT, STANDING, MEMORY = 3.0, 26.0, 104.0
#: what a newest error counts; older ones less
WHOLE = 64
#: errors that the spread of the demand itself counts for, in an item's scale
PRIOR = 30.0
#: errors of all classes that weigh as much as new ones, at the least (they never weigh less than
#: half), and as a class' own; and errors of the exponential law that weigh as much as all classes'
SETTLED, BORROWED, LAW = 1000.0, 1000.0, 5.0
#: parameters chosen on the item's own past errors, which are by that smaller than those to come
CHOSEN = 0.25
#: share of a neighbouring band's errors that count
NEIGHBOUR = 0.25


class Forecasts(Protocol):
    """What n series were thought to sell in a number of periods, and what they sold."""

    @property
    def past(self) -> Floats:
        """(n, o) forecast at each past origin; nan: none."""
        ...

    @property
    def actual(self) -> Floats:
        """(n, o) what came; nan: unknown."""
        ...

    @property
    def ahead(self) -> Floats:
        """(n,) forecast after the last period."""
        ...


@dataclass(frozen=True, slots=True)
class Sums:
    """Plain Forecasts."""

    past: Floats
    actual: Floats
    ahead: Floats


@dataclass(frozen=True, slots=True)
class Scale:
    """The mean absolute error expected of n series: (n, o) at past origins, (n,) ahead."""

    past: Floats
    ahead: Floats


def scale(demand: Floats, sums: Forecasts, origins: Places, protection: int) -> Scale:
    """Answer what error was to be expected at each origin, with nothing known but its past.

    It starts as the mean deviation of the demand known by then and goes over to the forecast's
    own errors; both move with the root of the level, as the noise of counts does.
    demand: (n, t), nan where unknown. origins: (o,) ascending. protection: periods summed.
    """
    n, periods = demand.shape
    ends = np.append(origins, periods)
    mean, deviation = _spread(demand, ends)
    mean, deviation = mean * protection, deviation * np.sqrt(protection)
    middle = 0.5 * np.column_stack((np.nan_to_num(sums.past), sums.ahead)) + 0.5 * mean
    stretch = np.sqrt(np.divide(middle, mean, out=np.ones_like(mean), where=mean > 0))
    error = np.abs(sums.actual - sums.past)
    known = ~np.isnan(error)
    seen = np.where(known, error, 0.0)
    due = np.where(known, stretch[:, :-1], 0.0)
    total, weight = np.zeros(n), np.zeros(n)
    answer = np.empty_like(mean)
    done = 0
    for j, end in enumerate(ends):
        fade = 0.5 ** ((end - ends[j - 1]) / MEMORY) if j else 1.0
        total, weight = total * fade, weight * fade
        while done < len(origins) and origins[done] + protection <= end:
            total, weight = total + seen[:, done], weight + due[:, done]
            done += 1
        answer[:, j] = stretch[:, j] * (total + PRIOR * deviation[:, j]) / (weight + PRIOR)
    # Source: Akaike 1969, Fitting autoregressive models for prediction: the final prediction error.
    alone = (origins[-1] - origins[0]) / protection + 1.0 if len(origins) else 1.0
    return Scale(answer[:, :-1], answer[:, -1] * np.sqrt(1.0 + 2.0 * CHOSEN / alone))


def _spread(demand: Floats, ends: Places) -> tuple[Floats, Floats]:
    """Answer the mean and mean deviation (n, ends) a period of what was known at each end.

    A deviation is from the mean known before it; one of half the mean is taken as seen, so that
    a single period does not pass for certainty.
    """
    known = ~np.isnan(demand)
    filled = np.where(known, demand, 0.0)
    blank = np.zeros((len(demand), 1))
    count = np.concatenate((blank, np.cumsum(known, axis=1)), axis=1)
    total = np.concatenate((blank, np.cumsum(filled, axis=1)), axis=1)
    before = total / np.maximum(count, 1.0)
    away = np.where(known & (count[:, :-1] > 0), np.abs(filled - before[:, :-1]), 0.0)
    away = np.concatenate((blank, np.cumsum(away, axis=1)), axis=1)
    mean = before[:, ends]
    return mean, (away[:, ends] + 0.5 * mean) / np.maximum(count[:, ends], 1.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often scaled errors fell into each cell of the grid: (2, classes, bands, cells).

    First the new errors, then all that stand; in 64ths, the older the fewer.
    """

    cells: NDArray[np.int64]

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.cells + other.cells)

    def shape(self, levels: Sequence[float] | Floats = LEVELS) -> Shape:
        """Answer the quantiles of scaled errors in each class and band."""
        recent, standing = (_among_neighbours(cells / WHOLE) for cells in self.cells)
        law = _mixed(standing.sum(axis=0), _law(), LAW)
        # Shocks that all items share show in the newest errors of all.
        new = recent.sum(axis=0)
        common = _mixed(new, law, np.maximum(SETTLED, new.sum(axis=-1, keepdims=True)))
        own = _mixed(standing, law[None], BORROWED)
        share = own * np.divide(common, law, out=np.ones_like(law), where=law > 0)[None]
        share /= share.sum(axis=-1, keepdims=True)
        wanted = np.asarray(levels, dtype=np.float64)
        flat = np.cumsum(share.reshape(-1, share.shape[-1]), axis=1)
        rows = [np.interp(wanted, np.append(0.0, row / row[-1]), GRID) for row in flat]
        return Shape(wanted, np.stack(rows).reshape(*share.shape[:2], len(wanted)))


def no_counts() -> Counts:
    """Make counts of nothing, to add to."""
    return Counts(np.zeros((2, len(DemandClass), len(BANDS) + 1, len(GRID) - 1), np.int64))


def _among_neighbours(cells: Floats) -> Floats:
    near = cells.copy()
    near[:, 1:] += NEIGHBOUR * cells[:, :-1]
    near[:, :-1] += NEIGHBOUR * cells[:, 1:]
    return near


def _mixed(cells: Floats, prior: Floats, belief: float | Floats) -> Floats:
    answer: Floats = (cells + belief * prior) / (cells.sum(axis=-1, keepdims=True) + belief)
    return answer


def _law() -> Floats:
    """Answer the shares of the grid's cells under an exponential law of mean deviation 1.

    Its mean deviation is 2 / e of its mean.
    """
    x = np.maximum(GRID * 2.0 / np.e + 1.0, 0.0)
    share = np.diff(-np.expm1(-x))
    answer: Floats = share / share.sum()
    return answer


def count(sums: Forecasts, spread: Scale, codes: Codes, origins: Places) -> Counts:
    """Count the scaled errors of n series by class and band, newer ones more."""
    answer = no_counts()
    known = ~np.isnan(sums.actual - sums.past) & (spread.past > 0)
    at, place = np.nonzero(known)
    if not len(at):
        return answer
    unit = spread.past[at, place]
    forecast = sums.past[at, place]
    error = (sums.actual[at, place] - forecast) / unit
    _, classes, bands, width = answer.cells.shape
    cell = np.clip(np.searchsorted(GRID, error, side="right") - 1, 0, width - 1)
    band = np.searchsorted(BANDS, forecast / unit, side="right")
    age = origins[-1] - origins
    # What drivers do not explain of a promotion does not last into the next period.
    recent = np.where(codes == DemandClass.PROMOTED, STANDING, RECENT)[at]
    halves: tuple[Floats | float, ...] = (recent, STANDING)
    weights = [np.rint(WHOLE * 0.5 ** (age[place] / half)) for half in halves]
    flat = (codes[at].astype(np.intp) * bands + band) * width + cell
    # Sums of whole numbers below 2^53 are exact in floats, so their order does not matter.
    total = [np.bincount(flat, weight, classes * bands * width) for weight in weights]
    return Counts(np.stack(total).astype(np.int64).reshape(answer.cells.shape))


@dataclass(frozen=True, slots=True)
class Shape:
    """Quantiles of scaled errors: levels (k,), values (classes, bands, k)."""

    levels: Floats
    values: Floats

    def of(self, forecast: Floats, unit: Floats, codes: Codes) -> Floats:
        """Answer the quantiles (..., k) around forecasts (...) of a scale (...), cut at zero."""
        ratio = np.divide(forecast, unit, out=np.full_like(forecast, np.inf), where=unit > 0)
        band = np.searchsorted(BANDS, ratio, side="right")
        around = self.values[codes, band] * unit[..., None]
        answer: Floats = np.maximum(forecast[..., None] + around, 0.0)
        return answer


def calibrate(ahead: Floats, unit: Floats, codes: Codes, shape: Shape) -> Distribution:
    """Answer the demand of n series around their forecasts (n,) with error scales (n,)."""
    return Distribution.build(ahead, shape.levels, shape.of(ahead, unit, codes))
