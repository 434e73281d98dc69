"""The lines of an edit: what shall ship, and what it costs.

Less of a line is taken from the parts of the order that nobody has begun with, and from what a
picker has not come to yet. More of it joins such a part where all of it is in its warehouse; else
it ships by itself from where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from wms.error import Refused
from wms.items.unit import smallest_units
from wms.journey.order.order_view import in_units_of, money
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.commands import Facts
from wms.orders.edit import Edit, LineChange, is_none, price_minor
from wms.orders.line import Line, read_lines
from wms.orders.order import TOTAL_MINOR_MAX, NewLine, NewOrder
from wms.tenants.shop import Shop


@dataclass(frozen=True, slots=True)
class Less:
    """So much less of an order line, in its smallest units; `pointer` is where it was said."""

    row: asyncpg.Record
    quantity: int
    pointer: str


@dataclass(frozen=True, slots=True)
class More:
    """So much more of an order line, or of a new one where `row` is None."""

    row: asyncpg.Record | None
    line: Line
    pointer: str


@dataclass(slots=True)
class LinePlan:
    """What an edit wants of the lines: less, more, other prices; and by how much it is dearer."""

    less: list[Less] = field(default_factory=list)
    more: list[More] = field(default_factory=list)
    prices: list[tuple[int, int]] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)
    dearer_minor: int = 0
    facts: Facts | None = None
    wanted: NewOrder | None = None
    # What there is more of as the whole lines that they become, which is what looks odd or not.
    whole: list[Line] = field(default_factory=list)

    @property
    def moves_goods(self) -> bool:
        return bool(self.less or self.more)


async def plan_lines(
    connection: asyncpg.Connection, shop: Shop, order: asyncpg.Record, edit: Edit, now: datetime
) -> LinePlan:
    """Reads the lines of an edit against those of the order; what stays as it is is left out.

    Raises:
        Refused: each with a pointer: `unknown_line`, `doubled_line`, `unknown_item`, `wrong_unit`,
            `bad_quantity`, `empty_bundle`, `sold_ahead`, `digital_goods`, `packaging_changed`,
            `amount_too_large`; `nothing_left`, nothing of the order would ship.
    """
    plan = LinePlan()
    if not edit.lines and not edit.added:
        return plan
    rows = {row["line"]: row for row in await order_rows.lines_to_edit(connection, order["id"])}
    live = {number: row["quantity"] - row["cancelled"] for number, row in rows.items()}
    asked: list[tuple[NewLine, asyncpg.Record | None, str]] = []
    for index, change in enumerate(edit.lines):
        row = _row_of(rows, edit.lines, index)
        pointer = f"/lines/{index}"
        target = _target(row, change, live[change.line], pointer)
        more = target - live[change.line]
        if more and row["digital"]:
            raise _digital(row["sku"], f"{pointer}/quantity")
        if more < 0:
            plan.less.append(Less(row, -more, pointer))
        elif more:
            said = in_units_of(row, more)
            price = row["unit_price_minor"]
            if change.unit_price_minor is not None:
                price = change.unit_price_minor
            asked.append((NewLine(row["sku"], said, price, row["unit"]), row, pointer))
        _note_change(plan, order, row, change, live[change.line], target)
        live[change.line] = target
    asked += [(line, None, f"/add/{index}") for index, line in enumerate(edit.added)]
    ordered = [left for number, left in live.items() if rows[number]["insert_rule_id"] is None]
    if not any(ordered) and not edit.added:
        raise Refused("nothing_left", "Nothing of the order would ship: cancel it.", "/lines")
    if asked:
        await _read_more(connection, shop, order, plan, asked, len(rows), now)
        plan.whole = [
            replace(more.line, quantity=live.get(more.line.number, more.line.quantity))
            for more in plan.more
        ]
    if order["total_minor"] + plan.dearer_minor > TOTAL_MINOR_MAX:
        raise Refused("amount_too_large", f"An order comes to at most {TOTAL_MINOR_MAX}.", "/lines")
    return plan


def _row_of(
    rows: dict[int, asyncpg.Record], changes: Sequence[LineChange], index: int
) -> asyncpg.Record:
    number, pointer = changes[index].line, f"/lines/{index}/line"
    if number not in rows:
        raise Refused("unknown_line", f"The order has no line {number}.", pointer)
    if any(change.line == number for change in changes[:index]):
        raise Refused("doubled_line", f"Line {number} is there twice.", pointer)
    return rows[number]


def _target(row: asyncpg.Record, change: LineChange, live: int, pointer: str) -> int:
    """How much of a line shall ship, in its smallest units."""
    if change.quantity is None:
        return live
    if is_none(change.quantity):
        return 0
    target, _ = smallest_units(
        change.quantity,
        row["unit"],
        item_unit=row["item_unit"],
        scale=row["scale"],
        packaging={row["unit"]: row["factor"]},
        pointer=pointer,
    )
    return target


def _note_change(
    plan: LinePlan,
    order: asyncpg.Record,
    row: asyncpg.Record,
    change: LineChange,
    live: int,
    target: int,
) -> None:
    old: int = row["unit_price_minor"]
    new = old if change.unit_price_minor is None else change.unit_price_minor
    if target == live and new == old:
        return
    if new != old:
        plan.prices.append((row["id"], new))
    before, after = in_units_of(row, live), in_units_of(row, target)
    plan.dearer_minor += price_minor(new, after) - price_minor(old, before)
    plan.told.append(
        {
            "line": row["line"],
            "sku": row["sku"],
            "quantity_before": before,
            "quantity": after,
            "unit_price_before": money(old, order["currency"]),
            "unit_price": money(new, order["currency"]),
        }
    )


async def _read_more(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    plan: LinePlan,
    asked: Sequence[tuple[NewLine, asyncpg.Record | None, str]],
    count: int,
    now: datetime,
) -> None:
    """Reads what is wanted more as lines of their own, as an order that comes in is read."""
    wanted = NewOrder(
        external_order_id=order["external_order_id"],
        placed_at=order["placed_at"],
        currency=order["currency"],
        customer={},
        ship_to={},
        service=order["service"],
        lines=tuple(line for line, _, _ in asked),
        total_minor=0,
        body_hash=b"",
    )
    plan.wanted = wanted
    plan.facts = await orders.look_up(connection, shop, wanted)
    try:
        lines = read_lines(wanted.lines, plan.facts.items)
    except Refused as refusal:
        raise _pointed(refusal, asked) from refusal
    for line, (new, row, pointer) in zip(lines, asked, strict=True):
        if line.item.digital_at is not None:
            raise _digital(line.item.sku, pointer)
        starts = line.item.available_from
        if starts is not None and starts > now:
            raise Refused(
                "sold_ahead",
                f"{line.item.sku} is sold from {starts.isoformat()} on: order it by itself.",
                pointer,
            )
        if row is None:
            count += 1
            plan.dearer_minor += new.price_minor()
            plan.told.append(_told_of_new(count, line, order["currency"]))
            plan.more.append(More(None, replace(line, number=count), pointer))
            continue
        if line.factor != row["factor"]:
            raise Refused(
                "packaging_changed",
                f"A {row['unit']} of {row['sku']} is another quantity now: add a line for it.",
                f"{pointer}/quantity",
            )
        plan.more.append(More(row, replace(line, number=row["line"]), pointer))


def _told_of_new(number: int, line: Line, currency: str) -> dict[str, object]:
    return {
        "line": number,
        "sku": line.item.sku,
        "quantity_before": None,
        "quantity": line.pieces,
        "unit_price_before": None,
        "unit_price": money(line.unit_price_minor, currency),
    }


def _digital(sku: str, pointer: str) -> Refused:
    return Refused(
        "digital_goods",
        f"{sku} is sent as soon as it is paid: order more by itself, or revoke what was sent.",
        pointer,
    )


def _pointed(
    refusal: Refused, asked: Sequence[tuple[NewLine, asyncpg.Record | None, str]]
) -> Refused:
    """A refusal of one of the lines that were made for it, pointing at where it was said."""
    assert refusal.pointer is not None, "a line is refused by its pointer"
    _, _, index, *rest = refusal.pointer.split("/")
    return Refused(refusal.code, refusal.detail, "/".join([asked[int(index)][2], *rest]))
