"""What is made to order because no warehouse has it, where it is made, and the days of an order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from wms.orders.line import Line
from wms.orders.order import Fulfilment
from wms.orders.sourcing import (
    Choice,
    Need,
    Part,
    Plan,
    Portion,
    plan_available,
    plan_together,
    quantity_of,
)


@dataclass(frozen=True, slots=True)
class Making:
    """How much of which items a warehouse has made."""

    warehouse_id: int
    quantities: Mapping[int, int]

    def days(self, lines: Sequence[Line]) -> dict[int, int]:
        """By item in how many days it is made."""
        return {
            line.item.item_id: line.item.made_to_order_days
            for line in lines
            if line.item.item_id in self.quantities
        }


@dataclass(frozen=True, slots=True)
class Days:
    """From when on lines may be worked on, where that is not at once.

    By line the day of what is sold ahead, and that of what is made; `making` says where.
    """

    sold: Mapping[int, datetime] = field(default_factory=dict)
    made: Mapping[int, datetime] = field(default_factory=dict)
    making: Making | None = None

    @property
    def any(self) -> bool:
        """Whether any line has a day."""
        return bool(self.sold or self.made)


def plan_wish(
    needs: Sequence[Need], choice: Choice, wish: Fulfilment, *, backorder: bool
) -> Plan | None:
    """The plan that a shop's wish asks for, or None where it cannot be had."""
    if wish is Fulfilment.FILL_AVAILABLE:
        return plan_available(needs, choice)
    return plan_together(needs, choice, backorder=backorder)


def to_make(
    lines: Sequence[Line], choice: Choice, wish: Fulfilment, *, backorder: bool
) -> Making | None:
    """What has to be made so that lines can be shipped as wished; None where nothing has to be.

    It is made in the nearest warehouse from which the order could then be had. An order that is
    filled with what there is has only the rest made.
    """
    makers = [line for line in lines if line.item.made_to_order_days]
    if not makers or wish is Fulfilment.FILL_OR_KILL:
        return None
    needs = [line.need() for line in lines]
    found = plan_wish(needs, choice, wish, backorder=backorder)
    if wish is Fulfilment.FILL_AVAILABLE:
        left = {line.number: line.units for line in lines} if found is None else found.left
        wanted = _goods(line.need().of(left.get(line.number, 0)) for line in makers)
        return Making(choice.near[0], wanted) if wanted else None
    if found is not None:
        return None
    asked = _goods(line.need() for line in lines)
    made = {line.item.item_id for line in makers}
    wanted = {
        item_id: quantity
        for item_id, quantity in asked.items()
        if item_id in made and not _had(item_id, quantity, choice, backorder=backorder)
    }
    if not wanted:
        return None
    ways = [Making(number, wanted) for number in choice.near]
    return next((way for way in ways if _suffices(way, needs, choice)), ways[0])


def _suffices(making: Making, needs: Sequence[Need], choice: Choice) -> bool:
    return plan_together(needs, with_made(choice, making), backorder=True) is not None


def _goods(needs: Iterable[Need]) -> dict[int, int]:
    goods: dict[int, int] = {}
    for need in needs:
        for item_id, quantity in need.each:
            if need.units:
                goods[item_id] = goods.get(item_id, 0) + need.units * quantity
    return goods


def _had(item_id: int, quantity: int, choice: Choice, *, backorder: bool) -> bool:
    free = sum(quantity_of(choice.free, number, item_id) for number in choice.near)
    coming = max(quantity_of(choice.coming, number, item_id) for number in choice.near)
    return free >= quantity or (backorder and coming >= quantity)


def with_made(choice: Choice, making: Making) -> Choice:
    """The same choice with what is made on its way."""
    coming = {number: dict(goods) for number, goods in choice.coming.items()}
    goods = coming.setdefault(making.warehouse_id, {})
    for item_id, quantity in making.quantities.items():
        goods[item_id] = goods.get(item_id, 0) + quantity
    return replace(choice, coming=coming)


def made_lines(lines: Sequence[Line], at: Mapping[int, datetime]) -> dict[int, datetime]:
    """By line when the last of what is made for it is made, a bundle's parts as well; `at` by item.

    Lines for which nothing is made are left out.
    """
    found = {
        line.number: [at[part.item_id] for part in line.parts if part.item_id in at]
        for line in lines
    }
    return {number: max(moments) for number, moments in found.items() if moments}


def with_days(plan: Plan, days: Days, wish: Fulfilment) -> Plan:
    """The plan with the day of each part: that of its last line.

    An order that is filled with what there is comes apart by days; of one that ships together no
    part goes before the others. What is sent by mail waits only for itself.
    """
    if wish is Fulfilment.FILL_AVAILABLE:
        return replace(plan, parts=tuple(by for part in plan.parts for by in _apart(part, days)))
    parts = [(part, _day(part, days)) for part in plan.parts]
    last = max((day for part, day in parts if day and not part.digital), default=None)
    return replace(
        plan,
        parts=tuple(replace(part, due_at=day if part.digital else last) for part, day in parts),
    )


def _day(part: Part, days: Days) -> datetime | None:
    return max((day for line in part.units if (day := _line_day(line, part, days))), default=None)


def _line_day(line: int, part: Part, days: Days) -> datetime | None:
    """What is there is not made: only what waits has the day on which it is."""
    known = [days.sold.get(line), days.made.get(line) if part.waits else None]
    return max((day for day in known if day), default=None)


def _apart(part: Part, days: Days) -> list[Part]:
    """A part by the days of its lines, what has none first."""
    by_day: dict[datetime | None, Portion] = {}
    for line, units in part.units.items():
        by_day.setdefault(_line_day(line, part, days), {})[line] = units
    ordered = sorted(by_day, key=lambda day: (day is not None, day.timestamp() if day else 0.0))
    return [replace(part, units=by_day[day], due_at=day) for day in ordered]
