"""CSV files at the border: every row is read into a checked type, errors are told by line."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

from wms.error import Conflict, Refused

Row = dict[str, str]
Parsed = TypeVar("Parsed")
ERRORS_SHOWN = 20
NUMBER_MAX = 10**12
ROW_POINTED_AT = re.compile(r"/(\d+)(?:/|$)")
# What a spreadsheet takes for a formula, and the mark by which it takes it for text.
FORMULA = re.compile(r"[=+\-@\t\r']")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
TEXT = "'"
YES = ("yes", "true", "1")
NO = ("", "no", "false", "0")


class TableError(Exception):
    """A file that was not taken, with what is wrong in which line."""

    def __init__(self, path: Path, errors: list[str]) -> None:
        shown = errors[:ERRORS_SHOWN]
        rest = len(errors) - len(shown)
        more = [f"… and {rest} more"] if rest else []
        super().__init__("\n".join([f"{path}: nothing was taken.", *shown, *more]))


@contextmanager
def told_by_line(path: Path, lines: Sequence[int]) -> Iterator[None]:
    """Turns a refusal that points at a row into one that names its line in the file.

    Raises:
        TableError: what was refused; a refusal of something else stays what it is.
    """
    try:
        yield
    except (Refused, Conflict) as refusal:
        row = ROW_POINTED_AT.match(refusal.pointer or "")
        if row is None:
            raise
        raise TableError(path, [f"line {lines[int(row[1])]}: {refusal.detail}"]) from refusal


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file: those it must have, and those it may have."""

    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()


def read_table(path: Path, table: Table, parse: Callable[[Row], Parsed]) -> list[Parsed]:
    """All rows of a CSV file, or none.

    Raises:
        TableError: the file is not there, its columns are others, or rows are wrong; by line.
    """
    return [row for _, row in read_lines(path, table, parse)]


def read_lines(
    path: Path, table: Table, parse: Callable[[Row], Parsed]
) -> list[tuple[int, Parsed]]:
    """All rows of a CSV file with the numbers of their lines, or none.

    Raises:
        TableError: the file is not there, its columns are others, or rows are wrong; by line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(path, [str(error)]) from error
    if "\0" in text:
        raise TableError(path, ["the file is not plain UTF-8 text"])
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = set(reader.fieldnames or ())
    errors = [
        f"line 1: the column {name} is missing" for name in table.needs if name not in columns
    ]
    known = {*table.needs, *table.may_have}
    errors += [f"line 1: the column {name} is not known" for name in sorted(columns - known)]
    if errors:
        raise TableError(path, errors)
    rows, errors = _parse(reader, parse)
    if errors:
        raise TableError(path, errors)
    if not rows:
        raise TableError(path, ["the file has no rows"])
    return rows


def _parse(
    reader: "csv.DictReader[str]", parse: Callable[[Row], Parsed]
) -> tuple[list[tuple[int, Parsed]], list[str]]:
    rows: list[tuple[int, Parsed]] = []
    errors: list[str] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                errors.append(
                    f"line {reader.line_num}: the number of fields differs from the header"
                )
                continue
            try:
                told = {name: _as_meant(cell) for name, cell in row.items()}
                rows.append((reader.line_num, parse(told)))
            except (ValueError, Refused) as error:
                errors.append(f"line {reader.line_num}: {error}")
    except csv.Error as error:
        errors.append(f"line {reader.line_num}: {error}")
    return rows, errors


def write_table(out: TextIO, table: Table, rows: Iterable[Row]) -> int:
    """Writes rows with all columns of a table, as `read_table` reads them; how many there were.

    A text that a spreadsheet would take for a formula is marked as text.
    """
    writer = csv.DictWriter(out, (*table.needs, *table.may_have), lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: _as_text(cell) for name, cell in row.items()})
        count += 1
    return count


def _as_text(cell: str) -> str:
    formula = FORMULA.match(cell) is not None and NUMBER.fullmatch(cell) is None
    return f"{TEXT}{cell}" if formula else cell


def _as_meant(cell: str) -> str:
    marked = cell.startswith(TEXT) and FORMULA.match(cell, 1) is not None
    return cell.removeprefix(TEXT) if marked else cell


def integer(row: Row, name: str, most: int = NUMBER_MAX) -> int:
    """A whole number of at most so much, below or above 0.

    Raises:
        ValueError: there is none.
    """
    try:
        number = int(row[name])
    except ValueError as error:
        raise ValueError(f"{name} is a whole number, not {row[name]!r}") from error
    if abs(number) > most:
        raise ValueError(f"{name} is at most {most}, not {number}")
    return number


def optional(row: Row, name: str) -> int | None:
    """A whole number, or None where the field is empty or not there."""
    return integer(row, name) if row.get(name) else None


def number_or(row: Row, name: str, default: int) -> int:
    """A whole number, or the default where the field is empty or not there."""
    return integer(row, name) if row.get(name) else default


def yes(row: Row, name: str) -> bool:
    """Whether a field says yes; an empty one says no.

    Raises:
        ValueError: it says neither.
    """
    text = row.get(name, "").strip().lower()
    if text not in YES and text not in NO:
        raise ValueError(f"{name} is yes or no, not {text!r}")
    return text in YES


def parts(row: Row, name: str) -> tuple[str, ...]:
    """What stands in a field between semicolons."""
    return tuple(part.strip() for part in row.get(name, "").split(";") if part.strip())


def said(value: object) -> str:
    """A value as a field says it."""
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)
