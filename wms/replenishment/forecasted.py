"""A forecast as the house keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution
from forecasting.forecast import Forecast
from forecasting.history import History

Floats = NDArray[np.float64]
# What nine days of ten stay below is drawn as the band.
HIGH = 0.9
LEVELS = (0.5, 0.75, HIGH, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for n series: so many days ahead, and the sum over the protection interval."""

    history: History
    ahead: int
    protection: int
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Forecasted:
    """The answer for n series; mean and high are (n, days ahead), never negative, never NaN."""

    mean: Floats
    high: Floats
    protection: Distribution
    demand_class: tuple[str, ...]
    model: tuple[str, ...]
    reason: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]
    explained: tuple[str, ...]


def forecasted_from(found: Forecast, ahead: int, explained: tuple[str, ...]) -> Forecasted:
    """The answer as the house keeps it, without what only the next update needs.

    explained: what drivers do to each series, in words, empty where they do nothing.
    """
    band = int(np.argmin(np.abs(found.quantiles.levels - HIGH)))
    return Forecasted(
        found.mean[:, :ahead],
        found.quantiles.values[:, :ahead, band],
        found.protection,
        tuple(DemandClass(int(code)).name.lower() for code in found.demand_class),
        found.model,
        found.reason,
        tuple(tuple(sorted(str(flag) for flag in flags)) for flags in found.flags),
        explained,
    )


@dataclass(frozen=True, slots=True)
class SeriesForecast:
    """One series' part of the answer."""

    mean: Floats
    high: Floats
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]
    protection_days: int
    protection_mean: float
    demand_class: str
    model: str
    reason: str
    flags: tuple[str, ...]
    explained: str = ""


def each_of(question: Question, answer: Forecasted) -> Sequence[SeriesForecast]:
    """The answer, series by series."""
    sums = answer.protection
    return [
        SeriesForecast(
            answer.mean[row],
            answer.high[row],
            tuple(sums.levels.tolist()),
            tuple(sums.values[row].tolist()),
            question.protection,
            float(sums.mean[row]),
            answer.demand_class[row],
            answer.model[row],
            answer.reason[row],
            answer.flags[row],
            answer.explained[row],
        )
        for row in range(len(question.history.series))
    ]
