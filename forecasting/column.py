"""Columns of a table in a file, each cell of which can be named."""

import csv
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.error import Fault, FileRefused
from forecasting.history import Days

Floats = NDArray[np.float64]
Wrong = NDArray[np.bool_]

# Years beyond are of systems that write a date where they have none.
YEARS = 1900, 2100


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column, as text or as the file's own type."""

    cells: pd.Series

    def text(self) -> NDArray[np.object_]:
        """Each cell as text, an empty one as ''."""
        answer: NDArray[np.object_] = (
            self.cells.astype(object).where(self.cells.notna(), "").astype(str).to_numpy(object)
        )
        return answer

    def cell(self, row: int) -> str:
        """One cell as text."""
        value = self.cells.iloc[row]
        return "" if pd.isna(value) is True else str(value)

    def empty(self) -> Wrong:
        """Which cells hold nothing, or only blanks."""
        answer: Wrong = self.cells.isna().to_numpy(np.bool_)
        if self.cells.dtype == object or pd.api.types.is_string_dtype(self.cells):
            answer = answer | np.array([str(cell).strip() == "" for cell in self.cells])
        return answer

    @property
    def is_numeric(self) -> bool:
        """Whether every cell that is not empty is a number."""
        if pd.api.types.is_numeric_dtype(self.cells) or pd.api.types.is_bool_dtype(self.cells):
            return True
        if pd.api.types.is_datetime64_any_dtype(self.cells):
            return False
        filled = self.cells.dropna()
        filled = filled[filled.astype(str).str.strip() != ""]
        return bool(len(filled)) and bool(pd.to_numeric(filled, errors="coerce").notna().all())


class Sheet:
    """A table read from a file. Line 1 of a text file is its heading."""

    FAULTS_MAX: ClassVar[int] = 10

    def __init__(self, name: str, frame: pd.DataFrame, is_text: bool) -> None:
        self.name, self._frame, self._is_text = name, frame, is_text
        columns = [column for column in frame.columns if column]
        self.numeric = tuple(
            c for c in columns if c not in ("unique_id", "ds") and self.column(c).is_numeric
        )
        self.texts = tuple(c for c in columns if c not in ("ds", "y", *self.numeric))

    def __len__(self) -> int:
        return len(self._frame)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._frame.columns

    def column(self, name: str) -> Column:
        """The column of this name."""
        return Column(self._frame[name])

    def place(self, row: int) -> str:
        """Where a row stands in the file."""
        if not self._is_text:
            return f"row {row + 1}"
        # A name in quotes may go over several lines.
        before = self._frame.iloc[:row]
        breaks = sum(
            int(before[name].str.count("\n").sum()) for name in self.texts if name in before
        )
        return f"line {row + 2 + breaks}"

    def require(self, name: str) -> None:
        """Refuses a file without this column.

        Raises:
            FileRefused
        """
        if not self.has(name):
            found = ", ".join(map(str, self._frame.columns)) or "no columns"
            where = "line 1" if self._is_text else "its columns"
            raise FileRefused(self.name, [Fault(where, f"a column {name!r}", found)])

    def refuse(self, name: str, wrong: Wrong, expected: str, found: Callable[[int], str]) -> None:
        """Refuses a file with wrong cells in a column.

        Raises:
            FileRefused
        """
        rows = np.flatnonzero(wrong)
        if len(rows):
            faults = [
                Fault(f"{self.place(int(row))}, column {name}", expected, found(int(row)))
                for row in rows[: self.FAULTS_MAX]
            ]
            raise FileRefused(self.name, faults, len(rows))

    def names(self, name: str) -> tuple[NDArray[np.intp], list[str]]:
        """Each row's number among the distinct names, and these as they first come."""
        column = self.column(name)
        codes, found = pd.factorize(column.cells)
        stripped = [str(each).strip() for each in found]
        blank = np.array([*(each == "" for each in stripped), True])
        # -1 is a cell without anything, and so the last of them.
        self.refuse(name, blank[codes], "a name", lambda _: "nothing")
        again, names = pd.factorize(np.array(stripped, dtype=object))
        return again[codes].astype(np.intp), [str(each) for each in names]

    def days(self, name: str) -> Days:
        """Each row's date."""
        cells = self.column(name).cells
        if pd.api.types.is_numeric_dtype(cells):
            moments = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[ns]")
        else:
            moments = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=False)
            if not pd.api.types.is_datetime64_dtype(moments):
                moments = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[ns]")
        values = moments.to_numpy("datetime64[s]")
        days: Days = values.astype("datetime64[D]")
        show = self._shower(name)
        wrong = np.isnat(values) | (days != values)
        self.refuse(name, wrong, "a date like 2026-01-31", show)
        years = values.astype("datetime64[Y]").astype(int) + 1970
        first, last = YEARS
        wrong = (years < first) | (years > last)
        self.refuse(name, wrong, f"a year from {first} to {last}", show)
        return days

    def numbers(
        self,
        name: str,
        least: float | None = None,
        most: float | None = None,
        *,
        may_be_empty: bool = False,
    ) -> Floats:
        """Each row's number; nan where the cell is empty."""
        cells, empty = self.column(name).cells, self.column(name).empty()
        values = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        is_nan = np.isnan(values)
        wrong = (is_nan & ~empty) | np.isinf(values)
        if not may_be_empty:
            wrong |= empty
        if least is not None:
            wrong |= values < least
        if most is not None:
            wrong |= values > most
        span = _span(least, most)
        self.refuse(name, wrong, f"a number{span}", self._shower(name))
        answer: Floats = values
        return answer

    def _shower(self, name: str) -> Callable[[int], str]:
        return lambda row: _shown(self.column(name).cell(row))


def read_sheet(path: Path) -> Sheet:
    """The table in a CSV or Parquet file.

    Raises:
        FileRefused: it is neither, or broken.
        OSError: it cannot be read.
    """
    if path.suffix.lower() in (".parquet", ".pq"):
        return Sheet(path.name, _parquet(path), is_text=False)
    if path.suffix.lower() in (".csv", ".txt"):
        return Sheet(path.name, _csv(path), is_text=True)
    raise FileRefused(path.name, [Fault("its name", "an ending .csv or .parquet", path.suffix)])


def _csv(path: Path) -> pd.DataFrame:
    try:
        heading = _heading(path)
        frame = _cells(path)
    except UnicodeDecodeError as error:
        raise FileRefused(path.name, [Fault(f"byte {error.start + 1}", "text in UTF-8")]) from error
    frame.columns = heading[: len(frame.columns)]
    blank = (frame == "").all(axis=1)
    # A blank last line is no row; one in the middle is reported where its name is missing.
    while len(frame) and blank.iloc[-1]:
        frame, blank = frame.iloc[:-1], blank.iloc[:-1]
    return frame.mask(frame == "")


def _heading(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        heading = [cell.strip() for cell in next(csv.reader(lines), [])]
    if not any(heading):
        raise FileRefused(path.name, [Fault("line 1", "a heading", "an empty file")])
    for other, shown in ((";", "';'"), ("\t", "tabs")):
        if len(heading) == 1 and other in heading[0]:
            raise FileRefused(path.name, [Fault("line 1", "columns separated by commas", shown)])
    twice = [name for name in heading if name and heading.count(name) > 1]
    if twice:
        raise FileRefused(path.name, [Fault("line 1", "each column once", f"{twice[0]!r} twice")])
    return heading


def _cells(path: Path) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                path,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
                skip_blank_lines=False,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        fault = _longer(path) or Fault("its lines", "CSV", str(error).strip())
        raise FileRefused(path.name, [fault]) from error


def _longer(path: Path) -> Fault | None:
    """The first line with more cells than the heading."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        cells = csv.reader(lines)
        size = len(next(cells))
        for row in cells:
            if len(row) > size:
                expected = f"{size} cells, as the heading has"
                return Fault(f"line {cells.line_num}", expected, str(len(row)))
    return None


def _parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except pa.ArrowInvalid as error:
        why = str(error).splitlines()[0]
        raise FileRefused(path.name, [Fault("the file", "Parquet", why)]) from error
    # Where names and dates are the table's index, they are columns as well.
    frame = frame.reset_index() if any(frame.index.names) else frame
    return frame.apply(lambda cells: _decoded(cells, path.name))


def _decoded(cells: pd.Series, name: str) -> pd.Series:
    """Text that was written as plain bytes, as some writers of Parquet do."""
    if cells.dtype != object or pd.api.types.infer_dtype(cells, skipna=True) != "bytes":
        return cells
    try:
        return cells.map(lambda cell: cell.decode("utf-8"), na_action="ignore")
    except UnicodeDecodeError as error:
        raise FileRefused(name, [Fault(f"column {cells.name}", "text in UTF-8")]) from error


def _span(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    return f" from {least:g} on" if least is not None else ""


def _shown(cell: object) -> str:
    text = str(cell)
    if not text.strip():
        return "nothing"
    return repr(text if len(text) <= 40 else text[:37] + "…")
