"""Files of the periods that came after a forecast was made."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecasting.advance import advance
from forecasting.archive import Archive
from forecasting.censor import known_demand
from forecasting.column import read_sheet
from forecasting.grid import DATE, ID, Grid
from forecasting.history import Days
from forecasting.reader import AVAILABLE, DEMAND, NUMBER_MAX, OPEN

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sequel:
    """What came of the n series of a state in the k periods after its last.

    rowless: how many of them have no row.
    """

    starts: Days
    #: (n, k), nan where unknown or closed
    demand: Floats
    rowless: int


def read_sequel(path: Path, archive: Archive, *, zeros: bool) -> Sequel:
    """The demand in a file with columns unique_id, ds and y of the periods that came since.

    `available` and `open` mean what they mean in a history; other columns are not looked at.
    zeros: whether a period without a row is one without an order; else it is unknown.

    Raises:
        FileRefused: naming line, column and what was expected.
        OSError: the file cannot be read.
    """
    sheet = read_sheet(path)
    for name in (ID, DATE, DEMAND):
        sheet.require(name)
    state, series = archive.forecast.state, archive.forecast.series
    grid = Grid.after(sheet, series, state.frequency, state.last)
    demand = grid.spread(sheet.numbers(DEMAND, 0.0, NUMBER_MAX, may_be_empty=True))
    if zeros:
        demand[np.isnan(grid.spread(np.ones(len(sheet))))] = 0.0
    if sheet.has(AVAILABLE):
        cells = sheet.numbers(AVAILABLE, 0.0, 1.0, may_be_empty=True)
        demand = known_demand(demand, grid.spread(cells))
    closed = ~_known_open(archive, grid.periods)
    if sheet.has(OPEN):
        told = grid.spread(sheet.numbers(OPEN, 0.0, may_be_empty=True))
        closed = np.where(np.isnan(told), closed, told == 0)
    demand[closed] = np.nan
    return Sequel(grid.starts, demand, len(series) - len(np.unique(grid.row)))


def read_open(path: Path, archive: Archive, since: Sequel) -> Flags:
    """Which periods ahead are open (n, m), by a file with columns unique_id, ds and open.

    What it says nothing of is as it was known before, else open. Rows of other series and of
    periods that are over are passed over.

    Raises:
        FileRefused: naming line, column and what was expected.
        OSError: the file cannot be read.
    """
    sheet = read_sheet(path)
    for name in (ID, DATE, OPEN):
        sheet.require(name)
    state, series = archive.forecast.state, archive.forecast.series
    grid = Grid.ahead(sheet, series, state.frequency, since.starts[-1], "the state")
    told = grid.spread(sheet.numbers(OPEN, 0.0, may_be_empty=True))
    before = _known_open(archive, len(since.starts) + grid.periods)[:, len(since.starts) :]
    answer: Flags = np.where(np.isnan(told), before, told != 0)
    return answer


def moved_on(archive: Archive, since: Sequel, open: Flags | None = None) -> Archive:
    """The forecast with what came since taken in, and nothing fitted.

    open: (n, m) of the periods ahead; without it what was known before.
    """
    taken = len(since.starts)
    if open is None and archive.open is not None:
        open = archive.open[:, taken:]
    return replace(archive, forecast=advance(archive.forecast, since.demand, open), open=open)


def _known_open(archive: Archive, periods: int) -> Flags:
    """(n, periods) which of the periods after a state's last are not known to be closed."""
    answer = np.ones((len(archive.forecast.series), periods), np.bool_)
    if archive.open is not None:
        known = archive.open[:, :periods]
        answer[:, : known.shape[1]] = known
    return answer
