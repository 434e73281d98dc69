"""CSV files at the border: every row is read into a checked type, errors are told by line."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from wms.bins.place import Place, PlaceKind
from wms.error import Refused
from wms.items.item import Item
from wms.journey.entry import OpeningStock
from wms.packing.carton import CartonType

Row = dict[str, str]
Parsed = TypeVar("Parsed")
ERRORS_SHOWN = 20
NUMBER_MAX = 10**9


class TableError(Exception):
    """A file that was not taken, with what is wrong in which line."""

    def __init__(self, path: Path, errors: list[str]) -> None:
        shown = errors[:ERRORS_SHOWN]
        rest = len(errors) - len(shown)
        more = [f"… and {rest} more"] if rest else []
        super().__init__("\n".join([f"{path}: nothing was taken.", *shown, *more]))


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file: those it must have, and those it may have."""

    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()


ITEMS = Table(
    ("sku", "name", "width_mm", "depth_mm", "height_mm", "mass_g"), ("barcode", "usual_price_minor")
)
PLACES = Table(
    ("code", "kind"),
    ("warehouse", "zone", "aisle", "bay", "level", "x_mm", "y_mm", "walk_seq", "volume_ml", "lane"),
)
STOCK = Table(("sku", "place", "quantity"), ("lot", "expires_on"))
CARTONS = Table(
    ("code", "inner_width_mm", "inner_depth_mm", "inner_height_mm", "tare_g", "mass_g_max")
)


def read_table(path: Path, table: Table, parse: Callable[[Row], Parsed]) -> list[Parsed]:
    """All rows of a CSV file, or none.

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
) -> tuple[list[Parsed], list[str]]:
    rows: list[Parsed] = []
    errors: list[str] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                errors.append(
                    f"line {reader.line_num}: the number of fields differs from the header"
                )
                continue
            try:
                rows.append(parse(row))
            except (ValueError, Refused) as error:
                errors.append(f"line {reader.line_num}: {error}")
    except csv.Error as error:
        errors.append(f"line {reader.line_num}: {error}")
    return rows, errors


def item_from(row: Row) -> Item:
    """A line of an items file; several barcodes are parted by semicolons."""
    return Item(
        row["sku"],
        row["name"],
        _integer(row, "width_mm"),
        _integer(row, "depth_mm"),
        _integer(row, "height_mm"),
        _integer(row, "mass_g"),
        tuple(code for code in row.get("barcode", "").split(";") if code),
        _optional(row, "usual_price_minor"),
    )


def place_from(row: Row) -> Place:
    """A line of a places file."""
    return Place(
        row["code"],
        PlaceKind(row["kind"]),
        row.get("zone", ""),
        _optional(row, "aisle"),
        _optional(row, "bay"),
        _optional(row, "level"),
        _optional(row, "x_mm"),
        _optional(row, "y_mm"),
        _optional(row, "walk_seq"),
        _optional(row, "volume_ml"),
        _optional(row, "lane"),
    )


def stock_from(row: Row) -> OpeningStock:
    """A line of a stock file."""
    quantity = _integer(row, "quantity")
    if quantity <= 0:
        raise ValueError(f"quantity is 1 or more, not {quantity}")
    expires = row.get("expires_on", "")
    return OpeningStock(
        row["sku"],
        row["place"],
        quantity,
        row.get("lot", ""),
        date.fromisoformat(expires) if expires else None,
    )


def carton_from(row: Row) -> CartonType:
    """A line of a cartons file."""
    return CartonType(
        row["code"],
        _integer(row, "inner_width_mm"),
        _integer(row, "inner_depth_mm"),
        _integer(row, "inner_height_mm"),
        _integer(row, "tare_g"),
        _integer(row, "mass_g_max"),
    )


def _integer(row: Row, name: str) -> int:
    try:
        number = int(row[name])
    except ValueError as error:
        raise ValueError(f"{name} is a whole number, not {row[name]!r}") from error
    if abs(number) > NUMBER_MAX:
        raise ValueError(f"{name} is at most {NUMBER_MAX}, not {number}")
    return number


def _optional(row: Row, name: str) -> int | None:
    return _integer(row, name) if row.get(name) else None
