"""What stock our forecasts and the textbook's formula need for the same service, period by period.

Both hold a base stock, reviewed in every period, and at every period know only what was before.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast_set import Dataset
from forecasting.candidate import sums
from forecasting.distribution import Distribution
from forecasting.executor import Executor
from forecasting.forecast import forecast
from forecasting.history import History
from forecasting.request import Request
from forecasting.service import Loop, Service
from forecasting.simulation import Outcome, simulate

Floats = NDArray[np.float64]

#: the quantiles whose coverage is told, the fill rates aimed at, and the one stocks are compared at
LEVELS = (0.9, 0.95, 0.99)
TARGETS = (0.9, 0.95, 0.98)
EQUAL = 0.95
#: the textbook's window in periods, and the points of either curve of stock against fill
WINDOW = 104
PROBABILITIES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.9995)
SAFETIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0, 14.0)
GOALS = {"oj": 0.30, "retail": 0.95}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was foreseen of the protection interval after each period from `first` on."""

    first: int
    laws: tuple[Distribution, ...]

    def at(self, period: int) -> Distribution:
        """The demand of the interval that begins with a period."""
        return self.laws[period - self.first]


@dataclass(frozen=True, slots=True)
class Point:
    """A fill rate and the stock it took, in periods of demand; every series counts the same.

    fill_of_units: the share of all units.
    """

    fill: float
    stock: float
    fill_of_units: float


def foresee(dataset: Dataset, executor: Executor) -> Outlook:
    """Forecasts anew in every period, of the periods before it alone."""
    periods = dataset.history.shape[1]
    protection = dataset.lead + 1
    # Drivers are known ahead as far as the protection interval reaches.
    asked = [_known(dataset.history, t, protection) for t in range(dataset.first, periods)]
    laws = []
    for law in executor.map(partial(_law, protection), asked):
        laws.append(law)
        if len(laws) % 10 == 0:
            print(f"{dataset.name}: {len(laws)} of {len(asked)} origins", file=sys.stderr)
    return Outlook(dataset.first, tuple(laws))


def _known(history: History, t: int, protection: int) -> History:
    """What is known at a period; past the end of the set drivers stay as they were last."""
    ahead = min(protection, history.shape[1] - t)
    drivers = {name: driver[:, : t + ahead] for name, driver in history.drivers.items()}
    return replace(history.until(t), drivers=drivers, future=ahead)


def _law(protection: int, history: History) -> Distribution:
    return forecast(history, Request(protection, protection)).protection


def measure_coverage(dataset: Dataset, ours: Outlook) -> list[dict[str, Any]]:
    """How often the demand of the interval lay below its quantile, at all origins."""
    periods, protection = dataset.history.shape[1], dataset.lead + 1
    origins = np.arange(dataset.first, periods - protection + 1)
    came = sums(dataset.history.demand, origins, protection)
    rows = []
    for level in LEVELS:
        safety = NormalDist().inv_cdf(level)
        own = np.stack([ours.at(int(t)).quantile(level) for t in origins], axis=1)
        theirs = np.stack([textbook(dataset, int(t), safety) for t in origins], axis=1)
        found, other = _covered(came, own), _covered(came, theirs)
        rows.append(
            {
                "name": dataset.name,
                "level": level,
                "ours": found,
                "textbook": other,
                "points": 100 * (found - level),
                "textbook_points": 100 * (other - level),
                "ours_whole": _covered(came, np.ceil(own)),
            }
        )
    return rows


def _covered(came: Floats, quantile: Floats) -> float:
    known = ~np.isnan(came)
    return float((came <= quantile)[known].mean())


def textbook(dataset: Dataset, period: int, safety: float) -> Floats:
    """The window's mean and so many standard deviations above it, over the protection interval.

    Source: Silver, Pyke and Thomas 2017, section 6.7, eq. (6.7).
    """
    protection = dataset.lead + 1
    window = dataset.history.demand[:, max(0, period - WINDOW) : period]
    spread = np.nan_to_num(np.nanstd(window, axis=1, ddof=1))
    target: Floats = np.nanmean(window, axis=1) * protection + safety * spread * protection**0.5
    return target


def measure_stock(dataset: Dataset, ours: Outlook) -> dict[str, Any]:
    """The stock for an equal fill, and the fill reached when one is aimed at."""
    own = [_run(dataset, partial(_quantile, ours, probability)) for probability in PROBABILITIES]
    theirs = [_run(dataset, partial(_textbook, dataset, safety)) for safety in SAFETIES]
    mine, other = stock_at(EQUAL, own), stock_at(EQUAL, theirs)
    ratio = None if mine is None or other is None else mine / other
    fills = [_aim(dataset, ours, target) for target in TARGETS]
    return {
        "equal": {
            "name": dataset.name,
            "metric": f"stock for {EQUAL:.0%} fill, periods of demand",
            "ours": mine,
            "against": "textbook",
            "peer": other,
            "ratio": ratio,
            "goal": GOALS.get(dataset.name),
            "series": dataset.history.shape[0],
        },
        "fill": fills,
        "curve": {"ours": [_plain(point) for point in own], "textbook": [*map(_plain, theirs)]},
    }


def _quantile(ours: Outlook, probability: float, period: int) -> Floats:
    return ours.at(period).quantile(probability)


def _textbook(dataset: Dataset, safety: float, period: int) -> Floats:
    return textbook(dataset, period, safety)


def _aim(dataset: Dataset, ours: Outlook, target: float) -> dict[str, Any]:
    """The fill reached in a closed loop, by the level it began with, and by the textbook."""
    protection = dataset.lead + 1
    usual = float(np.nanmean(dataset.history.demand[:, : dataset.first], axis=1).sum())
    begun = Service.of_law(target, ours.at(dataset.first), usual, protection)
    loop = Loop(begun, ours.at)
    reached = _run(dataset, loop.target, loop.observe)
    once = _run(dataset, partial(_quantile, ours, begun.level))
    safety = NormalDist().inv_cdf(target)
    plain = _run(dataset, partial(_textbook, dataset, safety))
    return {
        "name": dataset.name,
        "target": target,
        "reached": reached.fill,
        "points": 100 * (reached.fill - target),
        "reached_of_units": reached.fill_of_units,
        "points_of_units": 100 * (reached.fill_of_units - target),
        "stock": reached.stock,
        "open": once.fill,
        "open_of_units": once.fill_of_units,
        "textbook": plain.fill,
        "textbook_of_units": plain.fill_of_units,
        "textbook_stock": plain.stock,
    }


def _run(
    dataset: Dataset,
    target: Callable[[int], Floats],
    observe: Callable[[int, Floats, Floats], None] | None = None,
) -> Point:
    demand = dataset.history.demand
    return _point(simulate(demand, dataset.first, dataset.lead, target, observe), demand)


def _point(outcome: Outcome, demand: Floats) -> Point:
    share = 1.0 / np.maximum(np.nanmean(demand, axis=1), 1e-9)
    stock = float(np.mean(outcome.mean_stock * share))
    return Point(outcome.fill_rate(share), stock, outcome.fill_rate())


def stock_at(fill: float, curve: list[Point]) -> float | None:
    """The stock at which a curve reaches a fill rate; None where it never does or always did."""
    fills = np.maximum.accumulate([point.fill for point in curve])
    if not fills[0] <= fill <= fills[-1]:
        return None
    logs = np.log(np.maximum([point.stock for point in curve], 1e-6))
    apart = fills + 1e-12 * np.arange(len(fills))
    return float(np.exp(np.interp(fill, apart, logs)))


def _plain(point: Point) -> list[float]:
    return [round(one, 4) for one in (point.fill, point.stock, point.fill_of_units)]
