"""Seasonal profiles: a series' own, shrunk to its class', running, so that none sees ahead."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass
from forecasting.history import Frequency

Floats = NDArray[np.float64]

#: the variance of factors between the series of a class, at least
SPREAD = 0.05


def phase(first: np.datetime64, frequency: Frequency, season: int, count: int) -> NDArray[np.intp]:
    """Answer the season's phase (count,) of each period from `first` on, by the calendar."""
    if frequency is Frequency.MONTH:
        number = int(first.astype("datetime64[M]").astype(np.int64))
    else:
        number = int(first.astype("datetime64[D]").astype(np.int64))
        number //= 7 if frequency is Frequency.WEEK else 1
    answer: NDArray[np.intp] = (number + np.arange(count)) % season
    return answer


@dataclass(frozen=True, slots=True)
class Profile:
    """Sums by class: of demand and of what was expected in each phase (classes, season);
    of series and of their noise in units of the mean, squared (classes,)."""

    demand: Floats
    expected: Floats
    series: Floats
    noise: Floats

    def __add__(self, other: "Profile") -> "Profile":
        return Profile(
            self.demand + other.demand,
            self.expected + other.expected,
            self.series + other.series,
            self.noise + other.noise,
        )

    def factors(self, periods: int) -> tuple[Floats, Floats]:
        """Answer the factors (classes, season), mean 1, and how a series' own vary (classes,).

        A profile is believed as far as it stands out of its noise, and less from few series,
        whose past it has already seen.
        Source: Efron and Morris (1973), Stein's estimation rule and its competitors.
        """
        season = self.demand.shape[1]
        raw = (self.demand + 1e-9) / (self.expected + 1e-9)
        raw = raw / raw.mean(axis=1, keepdims=True)
        height = raw.var(axis=1)
        series = np.maximum(self.series, 1.0)
        blur = self.noise / series**2 * (season / periods)
        standing = np.maximum(1.0 - 2.0 * blur / np.maximum(height, 1e-12), 0.0)
        belief = standing * self.series / (self.series + 2.0)
        factor = belief[:, None] * raw + (1.0 - belief[:, None])
        spread = SPREAD + (1.0 - belief) ** 2 * np.maximum(height - blur, 0.0)
        return factor, spread


def survey(
    demand: Floats, phases: NDArray[np.intp], season: int, codes: NDArray[np.int8]
) -> Profile:
    """Sum demand (n, t) by class and phase, each series in units of its own mean.

    Expected is the moving mean of a whole season around each period, so that growth is none of
    the season's.
    """
    periods = demand.shape[1]
    classes = len(DemandClass)
    blank = Profile(
        np.zeros((classes, season)),
        np.zeros((classes, season)),
        np.zeros(classes),
        np.zeros(classes),
    )
    if season < 2 or periods < 2 * season:
        return blank
    known = ~np.isnan(demand)
    filled = np.where(known, demand, 0.0)
    level = filled.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    use = (known.sum(axis=1) >= 2 * season) & (level > 0)
    unit = np.where(use, 1.0 / np.where(level > 0, level, 1.0), 0.0)[:, None]
    rough = noise(demand, season)
    expected = np.where(known, _moving(filled, known, season), 0.0)
    for code in DemandClass:
        rows = codes == code
        if not rows.any():
            continue
        seen = (filled[rows] * unit[rows]).sum(axis=0)
        due = (expected[rows] * unit[rows]).sum(axis=0)
        blank.demand[code] = np.bincount(phases, seen, season)
        blank.expected[code] = np.bincount(phases, due, season)
        blank.series[code] = float(use[rows].sum())
        blank.noise[code] = float(rough[rows & use].sum())
    return blank


def _moving(filled: Floats, known: NDArray[np.bool_], season: int) -> Floats:
    """Answer the mean (n, t) of the known periods in a season's width around each period."""
    n, periods = filled.shape
    total = np.zeros((n, periods + 1))
    np.cumsum(filled, axis=1, out=total[:, 1:])
    low = np.clip(np.arange(periods) - season // 2, 0, periods - season)
    width: Floats | float = float(season)
    if not known.all():
        count = np.zeros((n, periods + 1))
        np.cumsum(known, axis=1, dtype=np.float64, out=count[:, 1:])
        width = np.maximum(count[:, low + season] - count[:, low], 1.0)
    answer: Floats = (total[:, low + season] - total[:, low]) / width
    return answer


def noise(demand: Floats, season: int) -> Floats:
    """Answer the variance (n,) of a period's demand, season apart, in units of the mean squared.

    demand: (n, t), nan where unknown.
    """
    known = ~np.isnan(demand)
    count = np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, demand, 0.0)
    mean = filled.sum(axis=1) / count
    square = np.square(filled).sum(axis=1) / count
    unit = np.maximum(mean, 1e-9) ** 2
    varied = square / unit - 1.0
    if demand.shape[1] > season:
        both = known[:, season:] & known[:, :-season]
        step = (filled[:, season:] - filled[:, :-season]) * both
        pairs = both.sum(axis=1)
        apart = np.square(step).sum(axis=1) / np.maximum(2 * pairs, 1) / unit
        varied = np.where(pairs >= season, np.minimum(varied, apart), varied)
    answer: Floats = np.clip(varied, 0.02, 50.0)
    return answer


@dataclass(slots=True)
class Season:
    """What n series have shown in each phase; its factors are shrunk to the class'."""

    #: (m, n) the class' factors
    prior: Floats
    #: (m, n) demand and what the level let expect
    seen: Floats
    due: Floats
    #: (n,) the level the factors are measured against
    level: Floats
    #: (n,) periods of that level by which the class' factors outweigh the series' own
    weight: Floats

    def factor(self, phase: int) -> Floats:
        """Answer the factors (n,) of a phase."""
        base = self.weight * self.level + 1e-9
        answer: Floats = (self.seen[phase] + base * self.prior[phase]) / (self.due[phase] + base)
        return answer

    def mean(self, phases: NDArray[np.intp]) -> Floats:
        """Answer the mean factor (n,) over several phases."""
        total = self.factor(int(phases[0]))
        for j in phases[1:]:
            total = total + self.factor(int(j))
        return total / len(phases)

    def step(self, phase: int, demand: Floats, known: Floats | None, share: Floats) -> Floats:
        """Take in one period; answer the factor believed before it."""
        factor = self.factor(phase)
        level = np.maximum(self.level, 1e-9)
        self.seen[phase] += demand
        self.due[phase] += level if known is None else level * known
        error = demand - self.level * factor
        gain = np.maximum(0.1, share)
        self.level += error * (gain if known is None else gain * known)
        np.maximum(self.level, 0.0, out=self.level)
        return factor
