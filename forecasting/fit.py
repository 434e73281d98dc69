"""Every kernel fitted to a chunk of series, and what each says of past and future."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import SINGLES, Candidate
from forecasting.kernel.croston import Croston
from forecasting.kernel.kernel import Kernel, Memory, run
from forecasting.kernel.panel import Panel, panel
from forecasting.kernel.smoothing import Smoothing, mean, seasonal
from forecasting.kernel.trend import Trend
from forecasting.kernel.tsb import Tsb
from forecasting.season import Season
from forecasting.tune import shrunk

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: in the order of their codes, which a state stores: append only
KERNELS: tuple[Kernel, ...] = (mean(), Smoothing(), Croston(), Tsb(), Trend(), seasonal())
#: how many protection intervals of a series' own the class' errors count for
TRUST = 8.0
#: how many numbers each remembers of a series
WIDTHS = tuple(len(kernel.start((1,))) for kernel in KERNELS)
#: most numbers a kernel remembers of a series, and most parameters it has
MEMORY = 4
PARAMETERS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk of series as it is fitted: n series, t periods, o origins."""

    #: (n, t), nan where unknown, closed or before the first sale
    demand: Floats
    #: (n, t + ahead) False where closed, or None when nothing ever is
    open: NDArray[np.bool_] | None
    #: (n,) codes of DemandClass
    codes: NDArray[np.int8]
    #: (t + ahead,) the season's phase of each period
    phases: Places
    #: (m, n) the class' factors, or None without a season
    prior: Floats | None
    #: (n,) periods of mean demand by which those outweigh a series' own
    weight: Floats
    origins: Places
    protection: int
    horizon: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One kernel's chosen parameters and memory, of n series."""

    #: (PARAMETERS, n) and (MEMORY, n), padded with zeros
    parameters: Floats
    memory: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """All candidates of a chunk, the state each would leave, and the season's state."""

    candidates: tuple[Candidate, ...]
    codes: tuple[int, ...]
    kept: tuple[Kept, ...]
    season: Season | None


def fit(task: Task, actual: Floats) -> Fit:
    """Fit every kernel that applies; parameters are tuned on the error of the interval's sum.

    actual: (n, o) demand of the protection interval from each origin on, nan where unknown.
    """
    chunk = panel(task.demand, task.origins, task.protection)
    plain, seasonal, season = _open_weights(task), None, None
    if task.prior is not None:
        season, factor, seasonal = _course(task, chunk)
        chunk = replace(chunk, factor=factor)
    found = []
    for code, kernel in enumerate(KERNELS):
        weights = seasonal if kernel.seasonal else plain
        if weights is not None:
            found.append((code, *_one(kernel, chunk, weights, actual.T, task)))
    return Fit(
        candidates=tuple(candidate for _, candidate, _ in found),
        codes=tuple(code for code, _, _ in found),
        kept=tuple(kept for _, _, kept in found),
        season=season,
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """What a rate is multiplied by; n is 1 where all series have the same."""

    #: (o + 1, n) for the sum over the protection interval from each origin on, and from the end
    interval: Floats
    #: (o, n) share of the sum that falls on the interval's middle period
    middle: Floats
    #: (h, n) for each period ahead
    ahead: Floats


def _weights(interval: list[Floats], middle: list[Floats], ahead: list[Floats]) -> Weights:
    whole = np.stack(interval)
    single = np.stack(middle) if middle else np.zeros((0, whole.shape[1]))
    return Weights(whole, single / np.maximum(whole[:-1], 1e-12), np.stack(ahead))


def _open_weights(task: Task) -> Weights:
    """Answer weights that know only open from closed."""
    periods = task.demand.shape[1]
    if task.open is None:
        open = np.ones((1, periods + max(task.horizon, task.protection)))
    else:
        open = task.open.astype(np.float64)
    counted = np.cumsum(np.pad(open, ((0, 0), (1, 0))), axis=1)
    ends = [int(at) for at in task.origins] + [periods]
    half = task.protection // 2
    return _weights(
        [counted[:, end + task.protection] - counted[:, end] for end in ends],
        [open[:, end + half] for end in ends[:-1]],
        [open[:, periods + i] for i in range(task.horizon)],
    )


def _course(task: Task, chunk: Panel) -> tuple[Season, Floats, Weights]:
    """Run the season; answer it after all periods, the factors (t, n) and the weights."""
    assert task.prior is not None
    periods, n = chunk.shape
    blank = np.zeros_like(task.prior)
    season = Season(task.prior, blank, blank.copy(), np.zeros(n), task.weight)
    factors = np.empty((periods, n))
    interval, middle = [], []
    origins = {int(at) for at in task.origins}
    for t in range(periods):
        if t in origins:
            interval.append(_interval(task, season, t))
            middle.append(_factor(task, season, t + task.protection // 2))
        factors[t] = season.step(
            int(task.phases[t]),
            chunk.demand[t],
            None if chunk.known is None else chunk.known[t],
            chunk.share[t],
        )
    interval.append(_interval(task, season, periods))
    ahead = [_factor(task, season, periods + i) for i in range(task.horizon)]
    return season, factors, _weights(interval, middle, ahead)


def _factor(task: Task, season: Season, t: int) -> Floats:
    factor = season.factor(int(task.phases[t]))
    return factor if task.open is None else factor * task.open[:, t]


def _interval(task: Task, season: Season, t: int) -> Floats:
    total = _factor(task, season, t)
    for i in range(t + 1, t + task.protection):
        total = total + _factor(task, season, i)
    return total


def _one(
    kernel: Kernel, chunk: Panel, weights: Weights, actual: Floats, task: Task
) -> tuple[Candidate, Kept]:
    trail = run(kernel, chunk, weights.interval[:-1], actual)
    best = _tuned(trail.loss, task, np.sum(~np.isnan(actual), axis=0))
    rows = np.arange(len(best))
    memory: Memory = tuple(part if part.ndim == 1 else part[best, rows] for part in trail.memory)
    parameters = np.ascontiguousarray(kernel.grid.T[:, best])
    path = kernel.path(memory, parameters, task.horizon)
    past = trail.past[:, best, rows]
    candidate = Candidate(
        name=kernel.name,
        complexity=kernel.complexity,
        past=past.T,
        mean=(path * weights.ahead).T,
        ahead=kernel.rate(memory, parameters, task.protection) * weights.interval[-1],
        single=(past[-SINGLES:] * weights.middle[-SINGLES:]).T,
    )
    return candidate, Kept(_padded(parameters, PARAMETERS), _padded(np.stack(memory), MEMORY))


def _padded(rows: Floats, count: int) -> Floats:
    return np.concatenate((rows, np.zeros((count - len(rows), rows.shape[1]))))


def _tuned(loss: Floats, task: Task, count: Places) -> Places:
    """Answer the parameter set (n,) with the least absolute error; the first of equals.

    Losses are shrunk to the class'. loss: (g, n); count: (n,) origins it is of.
    """
    if len(loss) == 1:
        return np.zeros(loss.shape[1], np.intp)
    answer: Places = shrunk(loss, task.codes, count, TRUST * task.protection).argmin(axis=0)
    return answer
