"""Files of demand, CSV and Parquet, into histories."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.censor import known_demand
from forecasting.column import Column, Sheet, read_sheet
from forecasting.error import Fault, FileRefused
from forecasting.history import Days, Frequency, History, following

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ID, DATE, DEMAND = "unique_id", "ds", "y"
OPEN, AVAILABLE = "open", "available"
# A file without any zero, and with so many cells missing, says nothing where nothing was ordered.
SPARSE_SHARE = 0.25
PERIODS_MAX = 20_000
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
    grid = _Grid.of(sheet, frequency)
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
class _Grid:
    """Where each row of a sheet lies among series and periods."""

    series: tuple[str, ...]
    frequency: Frequency
    starts: Days
    row: Rows
    column: Rows

    @property
    def periods(self) -> int:
        return len(self.starts)

    @classmethod
    def of(cls, sheet: Sheet, frequency: Frequency) -> "_Grid":
        for name in (ID, DATE, DEMAND):
            sheet.require(name)
        if not len(sheet):
            raise FileRefused(sheet.name, [Fault(sheet.place(0), "a row of demand", "none")])
        codes, names = sheet.names(ID)
        days = sheet.days(DATE)
        at = _periods(sheet, days, frequency, days.min())
        count = int(at.max()) + 1
        if count > PERIODS_MAX:
            found = f"{days.min()} to {days.max()}"
            raise FileRefused(
                sheet.name, [Fault(f"column {DATE}", f"at most {PERIODS_MAX} periods", found)]
            )
        starts = following(np.array([days.min()]), frequency, count - 1)
        starts = np.concatenate([np.array([days.min()], "datetime64[D]"), starts])
        grid = cls(tuple(names), frequency, starts, codes, at)
        grid.refuse_twice(sheet)
        return grid

    def spread(self, values: Floats) -> Floats:
        """(n, t) of a column; nan where the file has no row."""
        matrix = np.full((len(self.series), self.periods), np.nan)
        matrix[self.row, self.column] = values
        return matrix

    def refuse_twice(self, sheet: Sheet) -> None:
        key = self.row * (int(self.column.max()) + 1) + self.column
        order = np.argsort(key, kind="stable")
        twice = np.flatnonzero(np.diff(key[order]) == 0)
        if len(twice):
            faults = [
                Fault(
                    sheet.place(int(order[at + 1])),
                    "one row for each unique_id and ds",
                    f"{self.series[self.row[order[at]]]} twice, first in "
                    f"{sheet.place(int(order[at]))}",
                )
                for at in twice[: sheet.FAULTS_MAX]
            ]
            raise FileRefused(sheet.name, faults, len(twice))


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What is known of periods to come. values: column -> (n, periods). without: series."""

    periods: int = 0
    values: Mapping[str, Floats] | None = None
    name: str = ""
    without: int = 0

    @classmethod
    def read(cls, path: Path, grid: _Grid, past: Sheet) -> "_Ahead":
        sheet = read_sheet(path)
        for name in (ID, DATE):
            sheet.require(name)
        codes, names = sheet.names(ID)
        place = {name: row for row, name in enumerate(grid.series)}
        known = np.array([place.get(name, -1) for name in names], np.intp)[codes]
        days = sheet.days(DATE)
        at = _periods(sheet, days, grid.frequency, grid.starts[0]) - grid.periods
        wanted = (known >= 0) & (at >= 0)
        if not wanted.any():
            expected = f"rows after {grid.starts[-1]} of the series of {past.name}"
            raise FileRefused(sheet.name, [Fault("all rows", expected, "none")])
        periods = int(at[wanted].max()) + 1
        inner = replace(
            grid,
            starts=following(grid.starts, grid.frequency, periods),
            row=known[wanted],
            column=at[wanted],
        )
        inner.refuse_twice(sheet)
        numeric = [c for c in sheet.numeric if c not in (DEMAND, AVAILABLE) and past.has(c)]
        values = {
            name: inner.spread(
                sheet.numbers(name, -NUMBER_MAX, NUMBER_MAX, may_be_empty=True)[wanted]
            )
            for name in numeric
        }
        without = len(grid.series) - len(np.unique(inner.row))
        return cls(periods, values, sheet.name, without)


def _periods(sheet: Sheet, days: Days, frequency: Frequency, first: np.datetime64) -> Rows:
    """Each day's period, counted from that of `first`."""
    if frequency is Frequency.MONTH:
        months = days.astype("datetime64[M]")
        wrong = months.astype("datetime64[D]") != days
        expected = "the first day of a month"
        answer = (months - first.astype("datetime64[M]")).astype(np.intp)
    else:
        length = 7 if frequency is Frequency.WEEK else 1
        away = (days - first).astype(np.int64)
        wrong = away % length != 0
        expected = f"a date whole weeks after {first}"
        answer = (away // length).astype(np.intp)
    sheet.refuse(DATE, wrong, expected, lambda row: str(days[row]))
    periods: Rows = answer
    return periods


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


def _drivers(sheet: Sheet, grid: _Grid, ahead: _Ahead) -> tuple[dict[str, Floats], tuple[str, ...]]:
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


def _opened(sheet: Sheet, grid: _Grid, ahead: _Ahead) -> NDArray[np.bool_]:
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


def _attribute(sheet: Sheet, grid: _Grid, name: str) -> tuple[str, ...]:
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
