"""Orders of a CSV file are placed, each for itself, with a result for each of its lines."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.orders.messages import OrderRequest
from api.orders.sheet import OF_ORDER, Fault, Row, Sheet
from wms.error import Conflict, Refused
from wms.orders.order import NewOrder
from wms.outbox.command import Answer

ADDRESS_SEPARATOR = " / "
WHOLE = re.compile(r"-?\d{1,18}")
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
# Where an order's field stands in a file.
COLUMNS = {
    "/ship_to/name": "name",
    "/ship_to/lines": "address",
    "/customer/name": "customer_name",
    "/customer/email": "customer_email",
    "/customer/reference": "customer_reference",
    "/customer/phone": "customer_phone",
    "/shipping": "shipping_minor",
    "/total": "total_minor",
}
Place = Callable[[str, NewOrder], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class LineResult:
    """What came of one line; `code` and what follows are of a refusal."""

    line: int
    external_order_id: str
    result: str
    order_id: int | None = None
    code: str | None = None
    detail: str | None = None
    column: str | None = None


async def place_sheets(sheets: Sequence[Sheet], place: Place) -> tuple[list[LineResult], bool]:
    """Places each order for itself; what came of each line of the file, in its order.

    With it, whether all of that had been answered before. `place` is given the order's number.
    """
    results: list[LineResult] = []
    replayed = True
    for sheet in sheets:
        lines, before = await _place(sheet, place)
        results += lines
        replayed = replayed and before
    return sorted(results, key=lambda one: one.line), replayed


async def _place(sheet: Sheet, place: Place) -> tuple[list[LineResult], bool]:
    """What came of an order's lines, and whether it is an answer that was given before."""
    if sheet.faults:
        return list(_refused(sheet, sheet.faults[0])), True
    try:
        answer = await place(sheet.number, order_of(sheet))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        return list(_refused(sheet, _fault(sheet, "invalid_order", first["msg"], pointer))), True
    except (Conflict, Refused) as error:
        fault = _fault(sheet, error.code, error.detail, error.pointer)
        return list(_refused(sheet, fault)), error.replayed
    result = "accepted" if answer.status == 201 else "same"
    order_id = int(str(answer.body["id"]))
    lines = [LineResult(line, sheet.number, result, order_id) for line, _ in sheet.rows]
    return lines, answer.replayed


def order_of(sheet: Sheet) -> NewOrder:
    """The order that some lines say together.

    Raises:
        Refused: with a pointer into an order as the API takes it.
        ValidationError: the same, of its form.
    """
    first = sheet.rows[0][1]
    for at, (_, row) in enumerate(sheet.rows):
        for name in OF_ORDER:
            if row.get(name) and row[name] != first.get(name, ""):
                raise Refused(
                    "lines_differ",
                    f"{name} differs from that of line {sheet.rows[0][0]}, of the same order.",
                    f"/lines/{at}/{name}",
                )
    said = _body(first) | {
        "lines": [_line(at, row, first["currency"]) for at, (_, row) in enumerate(sheet.rows)]
    }
    return OrderRequest.model_validate(said).order()


def _body(row: Row) -> dict[str, Any]:
    said: dict[str, Any] = {
        name: row[name] for name in ("external_order_id", "placed_at", "currency")
    }
    for name in ("service", "buyer_note", "gift_message", "fulfilment", "language"):
        if row.get(name):
            said[name] = row[name]
    if row.get("backorder"):
        said["backorder"] = _yes(row["backorder"])
    for name in ("shipping", "total"):
        if row.get(f"{name}_minor"):
            amount = _whole(row[f"{name}_minor"], f"/{name}")
            said[name] = {"amount_minor": amount, "currency": row["currency"]}
    lines = [part.strip() for part in row["address"].split(ADDRESS_SEPARATOR) if part.strip()]
    told = ("name", "city", "country", "postal_code", "region", "district", "phone")
    said["ship_to"] = {"lines": lines} | {name: row[name] for name in told if row.get(name)}
    for name in ("latitude", "longitude"):
        if row.get(name):
            said["ship_to"][name] = row[name]
    customer = {
        name: row[f"customer_{name}"]
        for name in ("name", "email", "reference", "phone")
        if row.get(f"customer_{name}")
    }
    if customer:
        # Whoever leaves a mail address and no name is the one to whom it goes.
        said["customer"] = {"name": row["name"]} | customer
    return said


def _line(at: int, row: Row, currency: str) -> dict[str, Any]:
    quantity = row["quantity"]
    said: dict[str, Any] = {
        "sku": row["sku"],
        "quantity": int(quantity) if WHOLE.fullmatch(quantity) else quantity,
        "unit_price": {
            "amount_minor": _whole(row["unit_price_minor"], f"/lines/{at}/unit_price"),
            "currency": currency,
        },
    }
    if row.get("unit"):
        said["unit"] = row["unit"]
    if row.get("shelf_life_min_days"):
        said["shelf_life_min_days"] = _whole(
            row["shelf_life_min_days"], f"/lines/{at}/shelf_life_min_days"
        )
    return said


def _whole(text: str, pointer: str) -> int:
    if WHOLE.fullmatch(text) is None:
        raise Refused("no_number", f"{text[:40]!r} is no whole number.", pointer)
    return int(text)


def _yes(text: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise Refused("no_answer", f"It is yes or no, not {text[:40]!r}.", "/backorder")
    return text.lower() in YES


def _fault(sheet: Sheet, code: str, detail: str, pointer: str | None) -> Fault:
    """A refusal of an order, by the line and the column that say what it is about."""
    at, column = 0, None
    found = re.match(r"/lines/(\d+)(?:/(\w+))?", pointer or "")
    if found is not None:
        at = min(int(found[1]), len(sheet.rows) - 1)
        column = "unit_price_minor" if found[2] == "unit_price" else found[2]
    elif pointer:
        column = _column(pointer)
    return Fault(code, detail, sheet.rows[at][0], column)


def _column(pointer: str) -> str | None:
    for start, name in COLUMNS.items():
        if pointer.startswith(start):
            return name
    last = pointer.rsplit("/", 1)[-1]
    return last if last in OF_ORDER else None


def _refused(sheet: Sheet, fault: Fault) -> Iterator[LineResult]:
    for line, _ in sheet.rows:
        if line == fault.line:
            yield LineResult(
                line, sheet.number, "refused", None, fault.code, fault.detail, fault.column
            )
        else:
            yield LineResult(
                line,
                sheet.number,
                "refused",
                None,
                "order_refused",
                f"Line {fault.line} of the same order was refused: {fault.code}.",
            )
