"""What a model of boosted trees sees of promoted series, and what came then.

Its target is what the ridge of `driver` leaves of the protection interval's sum, as a logarithm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import sums
from forecasting.driver import Drivers, fit_drivers
from forecasting.history import History
from forecasting.request import Request

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: rows a model learns from, at most; fewer than the least teach it nothing
MOST, LEAST = 80_000, 2_000
#: of the mean demand, added so that a sum of zero has a logarithm
OFFSET = 0.1
#: a correction further from the ridge than this is not believed
LIMIT = 2.0
#: series whose rows are made at once
BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Table:
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

    def cut(self, share: float) -> int:
        """Answer the origin after a share of the past."""
        first, end = int(self.origins[0]), int(self.origins[-1])
        return first + int(share * (end - first))

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

    def lesson(self, cut: int, most: int = MOST) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Answer features and targets of the origins whose sum is known before the cut."""
        known = np.isfinite(self.past) & np.isfinite(self.actual)
        known[:, self.origins + self.protection > cut] = False
        row, at = np.nonzero(known)
        some = evenly(len(row), most)
        row, at = row[some], at[some]
        columns = [
            feature[0, at] if len(feature) == 1 else feature[row, at] for feature in self.features
        ]
        add = self.offset[row]
        target = np.log((self.actual[row, at] + add) / (self.past[row, at] + add))
        return np.stack(columns, axis=1), np.clip(target, -LIMIT, LIMIT).astype(np.float32)


def table_of(history: History, request: Request, drivers: Drivers) -> Table:
    """Answer the table of n promoted series at every origin since the drivers' first cut."""
    periods, width = history.shape[1], request.protection
    origins = np.arange(drivers.commons[0].cut, periods + 1)
    ridge = fit_drivers(history, request, origins, drivers)
    done = origins[origins + width <= periods]
    actual = np.full(ridge.past.shape, np.nan)
    actual[:, : len(done)] = sums(asked(history), done, width)
    known = np.isfinite(history.demand)
    total = np.where(known, history.demand, 0.0).sum(axis=1)
    mean = total / np.maximum(known.sum(axis=1), 1)
    mean = np.where(mean > 0, mean, 1.0)
    offset = OFFSET * width * mean
    table = Table(origins, ridge.past, actual, offset, (), width)
    return replace(table, features=tuple(_features(table, history, drivers, mean)))


def _features(
    table: Table, history: History, drivers: Drivers, mean: Floats
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


def asked(history: History) -> Floats:
    """Answer demand (n, t) with 0 where closed: that nothing was asked for then is known."""
    if history.open is None:
        return history.demand
    return np.where(history.open[:, : history.shape[1]], history.demand, 0.0)


def evenly(n: int, most: int) -> Places:
    """Answer up to `most` places of n, spread over all of them."""
    return np.linspace(0, max(n - 1, 0), min(n, most)).astype(np.intp)


def blocks(n: int) -> Iterator[slice]:
    """Answer the rows of n series, some at a time."""
    for start in range(0, n, BLOCK):
        yield slice(start, min(start + BLOCK, n))
