"""Where the rows of a file lie among series and periods."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.column import Sheet
from forecasting.error import Fault, FileRefused
from forecasting.history import Days, Frequency, following

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ID, DATE = "unique_id", "ds"
PERIODS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Where each row of a sheet lies among series and periods.

    used: the sheet's rows that lie there at all; None: every one.
    """

    series: tuple[str, ...]
    frequency: Frequency
    starts: Days
    row: Rows
    column: Rows
    used: Rows | None = None

    @property
    def periods(self) -> int:
        """How many there are."""
        return len(self.starts)

    @classmethod
    def of(cls, sheet: Sheet, frequency: Frequency) -> "Grid":
        """The series and periods from the first to the last that a sheet writes.

        Raises:
            FileRefused
        """
        _refuse_rowless(sheet)
        codes, names = sheet.names(ID)
        days = sheet.days(DATE)
        at = periods_of(sheet, days, frequency, days.min())
        starts = following(np.array([days.min()]), frequency, _counted(sheet, days, at) - 1)
        starts = np.concatenate([np.array([days.min()], "datetime64[D]"), starts])
        grid = cls(tuple(names), frequency, starts, codes, at)
        grid.refuse_twice(sheet)
        return grid

    @classmethod
    def after(
        cls, sheet: Sheet, series: tuple[str, ...], frequency: Frequency, last: np.datetime64
    ) -> "Grid":
        """Of series that are known already, the periods from the one after `last` on.

        Raises:
            FileRefused: another series, a period that is known already, or one is left out.
        """
        _refuse_rowless(sheet)
        codes, names = sheet.names(ID)
        place = {name: row for row, name in enumerate(series)}
        row = np.array([place.get(name, -1) for name in names], np.intp)[codes]
        expected = "a series that the state knows"
        sheet.refuse(ID, row < 0, expected, lambda at: repr(names[codes[at]]))
        days = sheet.days(DATE)
        early = days <= last
        sheet.refuse(DATE, early, f"a day after {last}, which the state ends with", _shown(days))
        at = periods_of(sheet, days, frequency, last) - 1
        first = following(np.array([last]), frequency, 1)[0]
        if at.min() > 0:
            raise FileRefused(
                sheet.name, [Fault(f"column {DATE}", f"rows of {first}, the next period", "none")]
            )
        starts = following(np.array([last]), frequency, _counted(sheet, days, at))
        grid = cls(series, frequency, starts, row, at)
        grid.refuse_twice(sheet)
        return grid

    @classmethod
    def ahead(
        cls,
        sheet: Sheet,
        series: tuple[str, ...],
        frequency: Frequency,
        last: np.datetime64,
        of: str,
    ) -> "Grid":
        """Of series that are known already, the periods after `last`; other rows are passed over.

        of: what the series are of, for a refusal.

        Raises:
            FileRefused
        """
        codes, names = sheet.names(ID)
        place = {name: row for row, name in enumerate(series)}
        known = np.array([place.get(name, -1) for name in names], np.intp)[codes]
        days = sheet.days(DATE)
        at = periods_of(sheet, days, frequency, last) - 1
        used = np.flatnonzero((known >= 0) & (at >= 0))
        if not len(used):
            expected = f"rows after {last} of the series of {of}"
            raise FileRefused(sheet.name, [Fault("all rows", expected, "none")])
        starts = following(np.array([last]), frequency, _counted(sheet, days[used], at[used]))
        grid = cls(series, frequency, starts, known[used], at[used], used)
        grid.refuse_twice(sheet)
        return grid

    def spread(self, values: Floats) -> Floats:
        """(n, t) of a column; nan where the file has no row."""
        matrix = np.full((len(self.series), self.periods), np.nan)
        matrix[self.row, self.column] = values if self.used is None else values[self.used]
        return matrix

    def refuse_twice(self, sheet: Sheet) -> None:
        """Refuses a sheet with two rows for one series and period.

        Raises:
            FileRefused
        """
        key = self.row * (int(self.column.max()) + 1) + self.column
        order = np.argsort(key, kind="stable")
        twice = np.flatnonzero(np.diff(key[order]) == 0)
        rows = order if self.used is None else self.used[order]
        if len(twice):
            faults = [
                Fault(
                    sheet.place(int(rows[at + 1])),
                    "one row for each unique_id and ds",
                    f"{self.series[self.row[order[at]]]} twice, first in "
                    f"{sheet.place(int(rows[at]))}",
                )
                for at in twice[: sheet.FAULTS_MAX]
            ]
            raise FileRefused(sheet.name, faults, len(twice))


def periods_of(sheet: Sheet, days: Days, frequency: Frequency, first: np.datetime64) -> Rows:
    """Each day's period, counted from that of `first`.

    Raises:
        FileRefused: a day begins none.
    """
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
    sheet.refuse(DATE, wrong, expected, _shown(days))
    periods: Rows = answer
    return periods


def _shown(days: Days) -> Callable[[int], str]:
    """What is found in a row, for a refusal."""
    return lambda row: str(days[row])


def _counted(sheet: Sheet, days: Days, at: Rows) -> int:
    count = int(at.max()) + 1
    if count > PERIODS_MAX:
        found = f"{days.min()} to {days.max()}"
        raise FileRefused(
            sheet.name, [Fault(f"column {DATE}", f"at most {PERIODS_MAX} periods", found)]
        )
    return count


def _refuse_rowless(sheet: Sheet) -> None:
    if not len(sheet):
        raise FileRefused(sheet.name, [Fault(sheet.place(0), "a row of demand", "none")])
