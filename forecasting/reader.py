"""Files of demand, CSV and Parquet, into histories."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.censor import known_demand
from forecasting.column import Column, Sheet, read_sheet
from forecasting.grid import DATE, ID, Grid, Rows
from forecasting.history import Frequency, History

Floats = NDArray[np.float64]

DEMAND, OPEN, AVAILABLE = "y", "open", "available"
# A file without any zero, and with so many cells missing, says nothing where nothing was ordered.
SPARSE_SHARE = 0.25
# Squares and sums of larger numbers would lose their digits.
NUMBER_MAX = 1e12


class Gap(StrEnum):
    """What a period without a row means, after a series' first row."""

    AUTO = "auto"
    ZERO = "zero"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Read:
    """A history, and what was decided while reading it.

    gap: ZERO or UNKNOWN. notes: sentences. past_only: drivers that are not known ahead.
    """

    history: History
    gap: Gap
    available: Floats | None
    notes: tuple[str, ...]
    past_only: tuple[str, ...] = ()

    def remarks(self) -> tuple[str, ...]:
        """What whoever gave the file should know of how it was read."""
        if not self.past_only:
            return self.notes
        return *self.notes, f"not known ahead, so only of the past: {', '.join(self.past_only)}"


def read_history(
    path: Path, frequency: Frequency, future: Path | None = None, gap: Gap = Gap.AUTO
) -> Read:
    """The history in a file with columns unique_id, ds, y and any drivers, in any order.

    Numeric columns are drivers, columns of text attributes that do not change within a series.
    `available` is the share of a period in which it could be sold, `open` 0 where all is closed.
    future: a file with the drivers of the periods after the last one.

    Raises:
        FileRefused: naming line, column and what was expected.
        OSError: the file cannot be read.
    """
    sheet = read_sheet(path)
    for name in (ID, DATE, DEMAND):
        sheet.require(name)
    grid = Grid.of(sheet, frequency)
    demand = grid.spread(sheet.numbers(DEMAND, 0.0, NUMBER_MAX, may_be_empty=True))
    written = grid.spread(np.ones(len(sheet)))
    first = _first(written)
    inside = np.arange(grid.periods) >= first[:, None]
    gap = _meant(gap, demand, written, inside)
    if gap is Gap.ZERO:
        demand = np.where(inside & np.isnan(written), 0.0, demand)
    available = None
    if sheet.has(AVAILABLE):
        available = grid.spread(sheet.numbers(AVAILABLE, 0.0, 1.0, may_be_empty=True))
        demand = known_demand(demand, available)
    ahead = _Ahead.read(future, grid, sheet) if future is not None else _Ahead()
    drivers, notes = _drivers(sheet, grid, ahead)
    attributes = {name: _attribute(sheet, grid, name) for name in sheet.texts if name != ID}
    opened = None
    if sheet.has(OPEN):
        opened = _opened(sheet, grid, ahead)
    history = History(
        series=grid.series,
        starts=grid.starts,
        frequency=frequency,
        demand=demand,
        drivers=drivers,
        future=ahead.periods,
        attributes=attributes,
        open=opened,
    )
    return Read(history, gap, available, notes, () if ahead.periods else tuple(drivers))


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What is known of periods to come. values: column -> (n, periods). without: series."""

    periods: int = 0
    values: Mapping[str, Floats] | None = None
    name: str = ""
    without: int = 0

    @classmethod
    def read(cls, path: Path, grid: Grid, past: Sheet) -> "_Ahead":
        sheet = read_sheet(path)
        for name in (ID, DATE):
            sheet.require(name)
        inner = Grid.ahead(sheet, grid.series, grid.frequency, grid.starts[-1], past.name)
        numeric = [c for c in sheet.numeric if c not in (DEMAND, AVAILABLE) and past.has(c)]
        values = {
            name: inner.spread(sheet.numbers(name, -NUMBER_MAX, NUMBER_MAX, may_be_empty=True))
            for name in numeric
        }
        without = len(grid.series) - len(np.unique(inner.row))
        return cls(inner.periods, values, sheet.name, without)


def _first(written: Floats) -> Rows:
    """(n,) the first period with a row."""
    answer: Rows = np.argmax(~np.isnan(written), axis=1)
    return answer


def _meant(gap: Gap, demand: Floats, written: Floats, inside: NDArray[np.bool_]) -> Gap:
    if gap is not Gap.AUTO:
        return gap
    missing = inside & np.isnan(written)
    sparse = missing.sum() > SPARSE_SHARE * inside.sum()
    return Gap.ZERO if sparse and not (demand == 0).any() else Gap.UNKNOWN


def _drivers(sheet: Sheet, grid: Grid, ahead: _Ahead) -> tuple[dict[str, Floats], tuple[str, ...]]:
    drivers: dict[str, Floats] = {}
    unknown = []
    for name in sheet.numeric:
        if name in (DEMAND, OPEN, AVAILABLE):
            continue
        cells = sheet.numbers(name, -NUMBER_MAX, NUMBER_MAX, may_be_empty=True)
        past = _carried(grid.spread(cells))
        coming = (ahead.values or {}).get(name)
        if coming is not None:
            drivers[name] = _carried(np.concatenate([past, coming], axis=1))
        elif ahead.periods:
            unknown.append(name)
        else:
            drivers[name] = past
    notes = []
    if unknown:
        notes.append(f"not used, as {ahead.name} does not have them: {', '.join(unknown)}")
    if drivers and ahead.without:
        notes.append(f"{ahead.without} series have no row in {ahead.name}: nothing changes there")
    return drivers, tuple(notes)


def _opened(sheet: Sheet, grid: Grid, ahead: _Ahead) -> NDArray[np.bool_]:
    past = grid.spread(sheet.numbers(OPEN, 0.0, may_be_empty=True))
    coming = (ahead.values or {}).get(OPEN)
    if coming is None:
        coming = np.ones((len(grid.series), ahead.periods))
    answer: NDArray[np.bool_] = ~(np.concatenate([past, coming], axis=1) == 0)
    return answer


def _carried(values: Floats) -> Floats:
    """A driver with its gaps filled from the period before, at the beginning from the first."""
    frame = pd.DataFrame(values)
    filled: Floats = frame.ffill(axis=1).bfill(axis=1).to_numpy()
    return filled


def _attribute(sheet: Sheet, grid: Grid, name: str) -> tuple[str, ...]:
    column: Column = sheet.column(name)
    text = column.text()
    values = np.full(len(grid.series), "", dtype=object)
    values[grid.row[::-1]] = text[::-1]
    sheet.refuse(
        name,
        values[grid.row] != text,
        "a number, or one text for all rows of a unique_id",
        lambda row: repr(text[row]),
    )
    return tuple(str(value) for value in values)
