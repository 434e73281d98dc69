"""Items that are promoted: forecasts from their drivers, common to all of them.

The ridge of `driver` is always offered. With LightGBM installed a model of what the ridge leaves
of the protection interval's sum is offered too, each past origin foreseen by a model that knew
only what came before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting.booster import Booster, installed
from forecasting.candidate import SINGLES, Candidate, sums
from forecasting.distribution import Distribution
from forecasting.driver import Drivers, fit_drivers, learn_drivers
from forecasting.history import History
from forecasting.lift import lifted
from forecasting.request import Request

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Levels = tuple[float | None, ...]

NAME = "lightgbm"
COMPLEXITY = 6
#: rows a model learns from, at most; fewer than the least teach it nothing
MOST, LEAST = 80_000, 2_000
#: shares of the history after which a model is learnt anew, and the last of them
CUTS, TRIAL = (0.5,), 0.75
#: of the mean demand, added so that a sum of zero has a logarithm
OFFSET = 0.1
#: a correction further from the ridge than this is not believed
LIMIT = 2.0
#: share of all series' past errors that the more complex model must save to be offered
MARGIN = 0.02
#: series whose rows are made at once
BLOCK = 4096


def fit_promoted(
    history: History, request: Request, at: Places, boost: bool | None = None
) -> tuple[Candidate, ...]:
    """Answer a candidate of the ridge, and one of LightGBM where it is installed; or none.

    history: promoted series only. at: (o,) past origins, ascending. boost: False for no LightGBM.
    """
    drivers = learn_drivers(history, request)
    if drivers is None:
        return ()
    done = at[at + request.protection <= history.shape[1]]
    actual = sums(history.demand, done, request.protection)
    plain = fit_drivers(history, request, at, drivers)
    ridge = lifted(plain, actual, history.demand)
    if not (installed() if boost is None else boost):
        return (ridge,)
    table = _table(history, request, drivers)
    if len(table.origins) < 2 or len(table.origins) * len(table.actual) < LEAST:
        return (ridge,)
    with Booster() as booster:
        # The last stretch of the past decides at a third of the cost whether it is worth it.
        factor = np.full(table.past.shape, np.nan)
        _correct(booster, table, factor, TRIAL, 1.0)
        if not _wins(factor, table):
            return (ridge,)
        for start, stop in pairwise((*CUTS, TRIAL)):
            _correct(booster, table, factor, start, stop)
        _correct(booster, table, factor, 1.0, None)
    return ridge, lifted(_boosted(table, factor, plain, at), actual, history.demand)


def foresee(history: History, request: Request, levels: tuple[float, ...]) -> Distribution | None:
    """Answer the distribution of the protection interval's sum as LightGBM's quantiles have it.

    None where no driver says anything, or there is too little to learn from.
    """
    drivers = learn_drivers(history, request)
    if drivers is None:
        return None
    table = _table(history, request, drivers)
    periods = history.shape[1]
    if len(table.origins) * len(table.actual) < LEAST:
        return None
    with Booster() as booster:
        booster.learn(*table.lesson(periods), (None, *levels))
        last = np.array([len(table.origins) - 1])
        parts = [booster.answer(table.rows(rows, last)) for rows in _blocks(len(table.actual))]
    log = np.clip(np.concatenate(parts), -LIMIT, LIMIT)
    value = np.exp(log) * (table.past[:, -1] + table.offset)[:, None] - table.offset[:, None]
    return Distribution.build(value[:, 0], levels, value[:, 1:])


def _wins(factor: Floats, table: "_Table") -> bool:
    """Answer whether the errors of all series together fall by the margin at least.

    factor: (n, e) log of the correction where one was made; every series counts the same.
    """
    known = np.isfinite(factor) & np.isfinite(table.past) & np.isfinite(table.actual)
    if not known.any():
        return False
    usual = np.where(known, table.actual, 0.0).sum(axis=1, keepdims=True)
    weight = np.divide(1.0, usual, out=np.zeros_like(usual), where=usual > 0)
    old = np.where(known, np.abs(table.past - table.actual), 0.0)
    new = np.where(known, np.abs(table.corrected(factor) - table.actual), 0.0)
    return float((new * weight).sum()) < (1.0 - MARGIN) * float((old * weight).sum())


def _correct(
    booster: Booster, table: "_Table", factor: Floats, start: float, stop: float | None
) -> None:
    """Learn from what was known at a share of the past, and write corrections up to another."""
    first, end = int(table.origins[0]), int(table.origins[-1])
    cut = first + int(start * (end - first))
    until = end + 1 if stop is None else first + int(stop * (end - first))
    lesson = table.lesson(cut)
    if len(lesson[0]) < LEAST:
        return
    booster.learn(*lesson, (None,))
    places = np.flatnonzero((table.origins >= cut) & (table.origins < until))
    for rows in _blocks(len(table.past)):
        log = booster.answer(table.rows(rows, places))[:, 0]
        factor[rows, places[0] : places[-1] + 1] = log.reshape(-1, len(places))


@dataclass(frozen=True, slots=True)
class _Table:
    """What a model sees of n series at e origins, the last of which is the end."""

    origins: Places
    #: (n, e) the ridge's forecast, and what came, nan where unknown
    past: Floats
    actual: Floats
    #: (n,) added before the logarithm
    offset: Floats
    #: what is known, (n or 1, e) each
    features: tuple[NDArray[np.float32], ...]
    protection: int

    def rows(self, rows: slice, at: Places) -> NDArray[np.float32]:
        """Answer the features (r * a, f) of series at the places `at` among the origins."""
        n = len(self.past[rows])
        answer = np.empty((n, len(at), len(self.features)), np.float32)
        for i, feature in enumerate(self.features):
            answer[:, :, i] = (feature if len(feature) == 1 else feature[rows])[:, at]
        return answer.reshape(n * len(at), -1)

    def corrected(self, factor: Floats) -> Floats:
        """Answer the forecasts (n, e) times e to the factor (n, e), never negative."""
        add = self.offset[:, None]
        grown = np.exp(np.clip(factor, -LIMIT, LIMIT))
        return np.maximum((self.past + add) * grown - add, 0.0)

    def lesson(self, cut: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Answer features and targets of the origins whose sum is known before the cut."""
        known = np.isfinite(self.past) & np.isfinite(self.actual)
        known[:, self.origins + self.protection > cut] = False
        row, at = np.nonzero(known)
        step = -(-len(row) // MOST)
        row, at = row[::step], at[::step] if step else at
        columns = [
            feature[0, at] if len(feature) == 1 else feature[row, at] for feature in self.features
        ]
        add = self.offset[row]
        target = np.log((self.actual[row, at] + add) / (self.past[row, at] + add))
        return np.stack(columns, axis=1), np.clip(target, -LIMIT, LIMIT).astype(np.float32)


def _table(history: History, request: Request, drivers: Drivers) -> _Table:
    periods, width = history.shape[1], request.protection
    origins = np.arange(drivers.commons[0].cut, periods + 1)
    ridge = fit_drivers(history, request, origins, drivers)
    done = origins[origins + width <= periods]
    actual = np.full(ridge.past.shape, np.nan)
    actual[:, : len(done)] = sums(history.demand, done, width)
    known = np.isfinite(history.demand)
    total = np.where(known, history.demand, 0.0).sum(axis=1)
    mean = total / np.maximum(known.sum(axis=1), 1)
    mean = np.where(mean > 0, mean, 1.0)
    offset = OFFSET * width * mean
    table = _Table(origins, ridge.past, actual, offset, (), width)
    return replace(table, features=tuple(_features(table, history, drivers, mean)))


def _features(
    table: _Table, history: History, drivers: Drivers, mean: Floats
) -> Iterator[NDArray[np.float32]]:
    origins, width = table.origins, table.protection
    yield np.log(table.past / (width * mean)[:, None] + OFFSET).astype(np.float32)
    yield np.log(mean)[:, None].repeat(len(origins), axis=1).astype(np.float32)
    error = np.log((table.actual + table.offset[:, None]) / (table.past + table.offset[:, None]))
    for value in (error, np.abs(error)):
        yield _lately(value, width).astype(np.float32)
    share = np.where(np.isfinite(history.demand), history.demand, np.nan) / mean[:, None]
    for span in (4, 13):
        yield np.log(_before(share, origins, span) + OFFSET).astype(np.float32)
    for value in drivers.design.shown(history, max(width, drivers.reach)):
        seen = min(width, max(drivers.future, 1))
        yield _mean(value, origins, origins + seen)
        ahead = np.stack([value[:, origins + i] for i in range(seen)])
        yield from (ahead.min(axis=0).astype(np.float32), ahead.max(axis=0).astype(np.float32))
        yield _mean(value, np.maximum(origins - 4, 0), origins)
    for path in drivers.design.paths:
        yield _mean(path[None], origins, origins + width)
    season = max(drivers.design.season, 1)
    yield (origins % season)[None].astype(np.float32)
    week = (origins * {"D": 1, "W": 7, "MS": 30}[history.frequency.value] // 7) % 52
    yield week[None].astype(np.float32)


def _mean(values: Floats, start: Places, stop: Places) -> NDArray[np.float32]:
    total = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
    answer: Floats = (total[:, stop] - total[:, start]) / np.maximum(stop - start, 1)
    return answer.astype(np.float32)


def _before(share: Floats, origins: Places, span: int) -> Floats:
    """Answer the mean of the known of the `span` periods before each origin; 1 if none is."""
    start = np.maximum(origins - span, 0)
    known = np.isfinite(share)
    count = _mean(known.astype(np.float64), start, origins)
    total = _mean(np.where(known, share, 0.0), start, origins)
    return np.divide(total, count, out=np.ones(total.shape), where=count > 0)


def _lately(error: Floats, width: int, fade: float = 0.8) -> Floats:
    """Answer the fading mean of the errors known at each origin, drawn towards 0."""
    n, count = error.shape
    answer, total, weight = np.zeros((n, count)), np.zeros(n), np.ones(n)
    for i in range(count):
        if i >= width:
            known = np.isfinite(error[:, i - width])
            total = np.where(known, fade * total + np.nan_to_num(error[:, i - width]), total)
            weight = np.where(known, fade * weight + 1.0, weight)
        answer[:, i] = total / weight
    return answer


def _blocks(n: int) -> Iterator[slice]:
    for start in range(0, n, BLOCK):
        yield slice(start, min(start + BLOCK, n))


def _boosted(table: _Table, factor: Floats, plain: Candidate, at: Places) -> Candidate:
    """Answer the ridge's candidate with its corrections (n, e)."""
    first = int(table.origins[0])
    value = table.corrected(factor)
    past = np.full((len(value), len(at)), np.nan)
    inside = at >= first
    past[:, inside] = value[:, at[inside] - first]
    ahead = np.where(np.isfinite(value[:, -1]), value[:, -1], plain.ahead)
    # The course over the horizon is the ridge's, moved as its sum was.
    moved = np.divide(ahead, plain.ahead, out=np.ones_like(ahead), where=plain.ahead > 0)
    moved = np.clip(moved, np.exp(-LIMIT), np.exp(LIMIT))
    changed = np.divide(past, plain.past, out=np.ones_like(past), where=plain.past > 0)
    single = plain.singles(table.protection) * changed[:, -SINGLES:]
    return Candidate(NAME, COMPLEXITY, past, plain.mean * moved[:, None], ahead, single)
