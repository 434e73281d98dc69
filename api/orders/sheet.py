"""Orders in a CSV file: a line is an order's line, and lines of one number are one order."""

import csv
import io
from dataclasses import dataclass, field

NEEDS = (
    "external_order_id",
    "placed_at",
    "currency",
    "name",
    "address",
    "city",
    "country",
    "sku",
    "quantity",
    "unit_price_minor",
)
MAY_HAVE = (
    "postal_code",
    "region",
    "district",
    "phone",
    "latitude",
    "longitude",
    "customer_name",
    "customer_email",
    "customer_reference",
    "customer_phone",
    "service",
    "shipping_minor",
    "total_minor",
    "buyer_note",
    "gift_message",
    "backorder",
    "fulfilment",
    "language",
    "unit",
    "shelf_life_min_days",
)
# What every line of one order says alike, or leaves empty after the first.
OF_LINE = ("sku", "quantity", "unit_price_minor", "unit", "shelf_life_min_days")
OF_ORDER = tuple(name for name in (*NEEDS, *MAY_HAVE) if name not in OF_LINE)
LINES_MAX = 10_000
SPLIT = "split it between two orders, and send each part under a key of its own."
# Spreadsheets write the one that their country's numbers do not use.
SEPARATORS = (",", ";", "\t")
Row = dict[str, str]


class SheetRefused(Exception):
    """A file of which nothing can be read, with the line and the column at fault."""

    def __init__(self, code: str, detail: str, line: int = 1, column: str | None = None) -> None:
        super().__init__(f"line {line}: {detail}")
        self.code = code
        self.detail = detail
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an order: in which line of the file, in which column."""

    code: str
    detail: str
    line: int
    column: str | None = None


@dataclass(slots=True)
class Sheet:
    """An order of a file: its rows with the numbers of their lines."""

    number: str
    rows: list[tuple[int, Row]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_sheets(text: str) -> list[Sheet]:
    """The orders of a file, in the order of their first lines; what stands in cells is text.

    Raises:
        SheetRefused: the file has other columns, no lines, too many, or the character NUL.
    """
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise SheetRefused("nul", "No text may hold the character NUL.", line)
    text = text.removeprefix("\ufeff")
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=_separator(text.lstrip())
    )
    sheets: dict[str, Sheet] = {}
    count, header = 0, None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells)
                continue
            count += 1
            if count > LINES_MAX:
                raise SheetRefused(
                    "too_many_lines",
                    f"A file has at most {LINES_MAX} lines below its header: {SPLIT}",
                    reader.line_num,
                )
            _take(sheets, header, cells, reader.line_num)
    except csv.Error as error:
        raise SheetRefused("no_csv", str(error), reader.line_num) from error
    if not sheets:
        raise SheetRefused("no_lines", "The file has no lines below its header.")
    return list(sheets.values())


def _separator(text: str) -> str:
    """What parts the cells of a file: that which is there most in its first line."""
    first = text.partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    for name in NEEDS:
        if name not in header:
            raise SheetRefused("column_missing", f"The column {name} is missing.", 1, name)
    for name in header:
        if name not in NEEDS and name not in MAY_HAVE:
            raise SheetRefused("column_unknown", f"The column {name[:100]} is not known.", 1, name)
        if header.count(name) > 1:
            raise SheetRefused("column_twice", f"The column {name} is there twice.", 1, name)
    return header


def _take(sheets: dict[str, Sheet], header: list[str], cells: list[str], line: int) -> None:
    row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    number = row.get("external_order_id", "")
    # A line without a number belongs to nobody; alone, it holds up no other.
    sheet = sheets.setdefault(number or f"\n{line}", Sheet(number))
    sheet.rows.append((line, row))
    if len(cells) != len(header):
        detail = f"The header has {len(header)} fields, this line {len(cells)}."
        sheet.faults.append(Fault("wrong_fields", detail, line))
    if not number:
        detail = "A line names its order."
        sheet.faults.append(Fault("order_missing", detail, line, "external_order_id"))
