"""Effects of promotions, prices and holidays: a ridge on log demand, each series shrunk to all.

Every series has its own coefficients; how far they may lie from the common ones is learnt from
all series. Around them runs a smoothed level. Coefficients of past origins know only what came
before, so that the errors of the past are those to be expected.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import SINGLES, Candidate
from forecasting.design import Design, learn
from forecasting.history import Frequency, History
from forecasting.level import best_speed, levels, smooth
from forecasting.request import Request
from forecasting.ridge import normal, pooled
from forecasting.year import Year, year_of

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

NAME = "drivers"
COMPLEXITY = 5
#: added to demand over its mean before the logarithm, so that a zero has one
OFFSET = 0.1
#: series of which the common coefficients are learnt
SAMPLE = 400
#: figures of a matrix worked on at once: 32 MB
SIZE = 4_000_000
#: times that coefficients are learnt anew along the history
CUTS = 6
#: periods before the first coefficients
LEAST = 12
#: times that coefficients, year and trend are fitted in turn
ROUNDS = 2
#: log demand above its fit by more than this is forecast no higher
CEILING = 5.0


@dataclass(frozen=True, slots=True)
class Common:
    """What all series share at one cut: coefficients (k,), their spread, noise, year, speed."""

    cut: int
    mean: Floats
    spread: Floats
    noise: float
    year: Year | None
    speed: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """A design, and what all series share at each cut; the last cut is the end."""

    design: Design
    commons: tuple[Common, ...]
    #: periods ahead of any origin for which the drivers are known
    future: int
    reach: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Log demand of n series: z (n, t), 0 where unknown; weight (n, t) 1 where known."""

    z: Floats
    weight: Floats
    #: (n,) mean of the known demand, whose logarithm is about 0
    scale: Floats


def learn_drivers(history: History, request: Request) -> Drivers | None:
    """Learn from a sample of the series; None where no driver says anything."""
    n, periods = history.shape
    reach = max(request.horizon, request.protection)
    if periods < LEAST + 2 or not n:
        return None
    rows = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.intp))
    season = request.season or history.frequency.season
    # Who says that there is no season has none of the year either.
    yearly = history.frequency if season > 1 else None
    design = learn(history, reach, season, rows)
    if not design.terms:
        return None
    sample = history.take(rows)
    panel, matrix = _panel(design, sample), design.matrix(sample, reach)
    first = max(LEAST, periods // 4)
    cuts = np.unique(np.linspace(first, periods, CUTS + 1).astype(np.intp))
    commons: list[Common] = []
    for cut in cuts:
        warm = commons[-1] if commons else None
        commons.append(_common(panel, matrix, int(cut), yearly, warm))
    return Drivers(design, tuple(commons), history.future, reach)


def fit_drivers(history: History, request: Request, at: Places, drivers: Drivers) -> Candidate:
    """Answer the forecasts of past origins `at` and of the future.

    at: (o,) ascending; at origin o the periods before o are known.
    """
    n = history.shape[0]
    past, single = np.empty((n, len(at))), np.empty((n, len(at)))
    mean, ahead = np.empty((n, request.horizon)), np.empty(n)
    for rows, block in _blocks(history, drivers):
        past[rows], single[rows], mean[rows], ahead[rows] = _block(block, request, at, drivers)
    return Candidate(NAME, COMPLEXITY, past, mean, ahead, single[:, -SINGLES:])


def shares(history: History, request: Request, drivers: Drivers) -> dict[str, Floats]:
    """Answer which share of each period ahead (n, h) a driver brings, against its usual value.

    1.0 is all of it; below 0.0 it takes away: -0.5 where demand would be half as much again.
    """
    names = dict.fromkeys(term.driver for term in drivers.design.terms)
    horizon, periods = request.horizon, history.shape[1]
    answer = {name: np.zeros((history.shape[0], horizon)) for name in names}
    for rows, block in _blocks(history, drivers):
        panel, common = _panel(drivers.design, block), drivers.commons[-1]
        matrix = drivers.design.matrix(block, drivers.reach)
        fit = _fitted(panel, matrix, common)
        level = levels(panel.z - fit.course[:, :periods], panel.weight, common.speed)[:, -1]
        whole = _units(panel, level, fit.course[:, periods : periods + horizon])
        for name in names:
            still = drivers.design.matrix(block, drivers.reach, frozenset((name,)))
            change = np.einsum("ntk,nk->nt", (still - matrix)[:, periods:], fit.coefficients)
            course = fit.course[:, periods : periods + horizon] + change[:, :horizon]
            without = _units(panel, level, course)
            np.divide(whole - without, whole, out=answer[name][rows], where=whole > 0)
    return answer


def _blocks(history: History, drivers: Drivers) -> Iterator[tuple[slice, History]]:
    n, periods = history.shape
    step = max(1, SIZE // ((periods + drivers.reach) * len(drivers.commons[0].mean)))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n)), history.part(start, min(start + step, n))


def _block(
    history: History, request: Request, at: Places, drivers: Drivers
) -> tuple[Floats, Floats, Floats, Floats]:
    """Answer past (n, o), single (n, o), mean (n, h) and ahead (n,) of a Candidate."""
    n, periods = history.shape
    reach, design, width = drivers.reach, drivers.design, request.protection
    panel, matrix = _panel(design, history), design.matrix(history, reach)
    open_ = ~design.silenced(history, reach)
    names = frozenset(term.driver for term in design.terms)
    hidden = design.matrix(history, reach, names) - matrix if drivers.future < width else None
    past, single = np.full((2, n, len(at)), np.nan)
    ahead, mean = np.zeros(n), np.zeros((n, request.horizon))
    ends = [common.cut for common in drivers.commons[1:]] + [periods + 1]
    for common, end in zip(drivers.commons, ends, strict=True):
        fit = _fitted(panel, matrix, common)
        level = levels(panel.z - fit.course[:, :periods], panel.weight, common.speed)
        blind = fit.course
        if hidden is not None:
            blind = blind + np.einsum("ntk,nk->nt", hidden, fit.coefficients)
        for i in np.flatnonzero((at >= common.cut) & (at < end)):
            parts = _interval(panel, level, (fit.course, blind), int(at[i]), width, drivers.future)
            parts *= open_[:, at[i] : at[i] + width]
            past[:, i], single[:, i] = parts.sum(axis=1), parts[:, width // 2]
        if common.cut == periods:
            parts = _interval(panel, level, (fit.course, blind), periods, width, drivers.future)
            ahead = (parts * open_[:, periods : periods + width]).sum(axis=1)
            course = fit.course[:, periods : periods + request.horizon]
            mean = _units(panel, level[:, -1], course)
            mean = mean * open_[:, periods : periods + request.horizon]
    return past, single, mean, ahead


def _interval(
    panel: Panel, level: Floats, courses: tuple[Floats, Floats], origin: int, width: int, known: int
) -> Floats:
    """Answer demand (n, width) from an origin on: with drivers while known, then without."""
    start = level[:, origin]
    seen = min(known, width)
    sight = _units(panel, start, courses[0][:, origin : origin + seen])
    dark = _units(panel, start, courses[1][:, origin + seen : origin + width])
    answer: Floats = np.concatenate((sight, dark), axis=1)
    return answer


def _units(panel: Panel, level: Floats, course: Floats) -> Floats:
    """Answer demand (n, t) of a level (n,) and what is added to it, on the log scale."""
    log = np.minimum(level[:, None] + course, CEILING)
    answer: Floats = np.maximum(np.exp(log) - OFFSET, 0.0) * panel.scale[:, None]
    return answer


def _panel(design: Design, history: History) -> Panel:
    known = np.isfinite(history.demand) & ~design.silenced(history, 0)
    demand = np.where(known, history.demand, 0.0)
    mean = demand.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    unit = np.where(mean > 0, mean, 1.0)
    z = np.where(known, np.log(demand / unit[:, None] + OFFSET), 0.0)
    return Panel(z, known.astype(np.float64), mean)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Coefficients (n, k) and what they and the year add to the level, (n, t + reach)."""

    coefficients: Floats
    course: Floats


def _fitted(panel: Panel, matrix: Floats, common: Common) -> _Fit:
    """Fit n series with what came before the cut."""
    cut = common.cut
    z, weight = panel.z[:, :cut], panel.weight[:, :cut]
    n, width = panel.z.shape[0], matrix.shape[1]
    trend, added = np.zeros((n, cut)), np.zeros((n, width))
    for _ in range(ROUNDS):
        equations = normal(z - trend - added[:, :cut], weight, matrix[:, :cut])
        own = equations.own(common.mean, common.spread, common.noise)
        course = np.einsum("ntk,nk->nt", matrix, own)
        rest = z - course[:, :cut]
        if common.year is not None:
            added = common.year.course(rest - trend, weight, width)
        trend = smooth(rest - added[:, :cut], weight)
    return _Fit(own, course + added)


def _common(
    panel: Panel, matrix: Floats, cut: int, yearly: Frequency | None, warm: Common | None
) -> Common:
    """Learn what the series of a sample share before the cut, from what was known at another."""
    z, weight = panel.z[:, :cut], panel.weight[:, :cut]
    n, width = z.shape[0], matrix.shape[1]
    trend, added = np.zeros((n, cut)), np.zeros((n, width))
    start = None if warm is None else (warm.mean, warm.spread)
    year: Year | None = None
    for _ in range(ROUNDS):
        equations = normal(z - trend - added[:, :cut], weight, matrix[:, :cut])
        mean, spread, noise = pooled(equations, start, 10 if start is None else 5)
        start = mean, spread
        own, _ = equations.between(mean, spread, np.full(n, noise))
        course = np.einsum("ntk,nk->nt", matrix, own)
        rest = z - course[:, :cut]
        year = year_of(rest - trend, weight, yearly)
        if year is not None:
            added = year.course(rest - trend, weight, width)
        trend = smooth(rest - added[:, :cut], weight)
    rest = z - course[:, :cut] - added[:, :cut]
    return Common(cut, mean, spread, noise, year, best_speed(rest, weight))
