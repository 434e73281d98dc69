"""Public histories of demand, as the forecast's benchmark takes them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecasting.history import Frequency, History
from forecasting.reader import Gap, read_history

Floats = NDArray[np.float64]

# Series whose past holds fewer demands tell nothing to any model.
DEMANDS_MIN = 3
WEEKS_ALIVE = 13


@dataclass(frozen=True, slots=True)
class Dataset:
    """A history of n series, all of it known to the benchmark.

    horizon: periods at the end that point forecasts are held against. season: what peers are told.
    lead: periods from an order to its arrival. first: the origin at which stock begins to be run.
    """

    name: str
    history: History
    horizon: int
    season: int
    lead: int
    first: int

    @property
    def past(self) -> History:
        """What is known before the horizon, with the drivers of all periods."""
        return self.history.until(self.history.shape[1] - self.horizon)

    @property
    def coming(self) -> Floats:
        """(n, horizon) what was ordered then."""
        return self.history.demand[:, -self.horizon :]


@dataclass(frozen=True, slots=True)
class Split:
    """Which part of a set is taken, so that a figure does not hang on one.

    back: so many last periods are left out. series: at most so many, drawn with the seed. lead:
    periods from an order to its arrival.
    """

    back: int = 0
    series: int | None = None
    seed: int = 0
    lead: int = 2


def read_sets(folder: Path, names: Sequence[str], split: Split) -> Iterator[Dataset]:
    """The named sets of a folder, one after the other."""
    for name in names:
        dataset = replace(SETS[name](folder, split.back), lead=split.lead)
        n, periods = dataset.history.shape
        if split.back:
            dataset = replace(dataset, first=min(dataset.first, int(0.6 * periods)))
        if split.series is not None and split.series < n:
            rows = np.random.default_rng(split.seed).permutation(n)[: split.series]
            dataset = replace(dataset, history=dataset.history.take(np.sort(rows)))
        yield dataset


def _known(history: History, back: int) -> History:
    """A history without its last periods, of which nothing is known."""
    kept = history.shape[1] - back
    drivers = {name: driver[:, :kept] for name, driver in history.drivers.items()}
    return replace(history.until(kept), drivers=drivers, future=0)


def _carparts(folder: Path, back: int) -> Dataset:
    read = read_history(folder / "carparts_monthly.parquet", Frequency.MONTH)
    history = _known(read.history, back)
    whole = ~np.isnan(history.demand).any(axis=1)
    sold = (history.demand[:, :-12] > 0).sum(axis=1) >= DEMANDS_MIN
    kept = history.take(np.flatnonzero(whole & sold))
    return Dataset("carparts", kept, horizon=6, season=12, lead=2, first=27)


def _orange_juice(folder: Path, back: int) -> Dataset:
    read = read_history(folder / "oj_dominicks_weekly.parquet", Frequency.WEEK)
    history = _known(read.history, back)
    drivers: Mapping[str, Floats] = {
        name: history.drivers[name] for name in ("price", "deal", "feat")
    }
    known = replace(history, drivers=drivers, demand=_between(history.demand))
    return Dataset("oj", known, horizon=8, season=1, lead=2, first=72)


def _retail(folder: Path, back: int) -> Dataset:
    """Weeks of the shop's days, of items that were sold at the beginning and of late."""
    read = read_history(folder / "online_retail_daily_sparse.parquet", Frequency.DAY, gap=Gap.ZERO)
    days = np.nan_to_num(read.history.demand)
    starts = read.history.starts
    monday = int((4 - int(starts[0].astype(int)) % 7) % 7)
    weeks = (days.shape[1] - monday) // 7 - back
    demand = days[:, monday : monday + 7 * weeks].reshape(len(days), weeks, 7).sum(axis=2)
    past = demand[:, :-8]
    alive = ((past > 0).sum(axis=1) >= 8) & (past[:, :16] > 0).any(axis=1)
    alive &= (past[:, -WEEKS_ALIVE:] > 0).any(axis=1)
    rows = np.flatnonzero(alive)
    history = History(
        series=tuple(read.history.series[row] for row in rows),
        starts=starts[monday : monday + 7 * weeks : 7],
        frequency=Frequency.WEEK,
        demand=demand[rows],
    )
    return Dataset("retail", history, horizon=8, season=1, lead=2, first=31)


def _between(demand: Floats) -> Floats:
    """Gaps inside a series filled in a straight line, for libraries that know no gaps."""
    filled = demand.copy()
    at = np.arange(demand.shape[1])
    for row in filled:
        known = ~np.isnan(row)
        row[~known] = np.interp(at[~known], at[known], row[known])
    return filled


SETS: dict[str, Callable[[Path, int], Dataset]] = {
    "carparts": _carparts,
    "oj": _orange_juice,
    "retail": _retail,
}
