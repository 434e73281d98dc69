"""How goods would be shipped by an option: planned as an order would be, and dated load by load."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from wms.journey.order.schedule import sold_ahead
from wms.orders.commands import Facts
from wms.orders.line import Line
from wms.orders.making import Days, made_lines, plan_wish, to_make, with_days, with_made
from wms.orders.nearness import distances
from wms.orders.order import Fulfilment
from wms.orders.sourcing import Choice, Part, Plan, short_of
from wms.promise import queries as promises
from wms.promise.position import Position
from wms.quote.availability import Ready, Supply, Ware, made_at, ready_of
from wms.quote.calendar import WORKING_DAYS
from wms.quote.estimate import GRACE
from wms.quote.quote import House
from wms.tenants.shop import Shop

Positions = Mapping[tuple[int, int], Position]


@dataclass(frozen=True, slots=True)
class Goods:
    """What is asked for: the lines that are shipped, who may ship them where, and what there is."""

    lines: tuple[Line, ...]
    facts: Facts
    ship_to: Mapping[str, object]
    wish: Fulfilment
    positions: Positions

    def choice(self, numbers: Collection[int]) -> Choice:
        """What can be had of these warehouses."""
        sources = tuple(one for one in self.facts.sources if one.warehouse_id in numbers)
        free: dict[int, dict[int, int]] = {}
        coming: dict[int, dict[int, int]] = {}
        for (item_id, number), position in self.positions.items():
            free.setdefault(number, {})[item_id] = position.available
            coming.setdefault(number, {})[item_id] = max(0, position.inbound - position.backordered)
        return Choice(sources, distances(sources, self.ship_to), free, coming)


@dataclass(frozen=True, slots=True)
class Going:
    """A part of the plan: where it leaves, units by line, and from when each may be packed."""

    house: House
    units: Mapping[int, int]
    ready: Mapping[int, Ready]


@dataclass(frozen=True, slots=True)
class Way:
    """How an option ships the goods, the nearest first, and the units by line that never ship."""

    going: tuple[Going, ...]
    left: Mapping[int, int]

    @property
    def is_dated(self) -> bool:
        """Whether anything ships at all, and all that does has its day."""
        ready = [ready for one in self.going for ready in one.ready.values()]
        return bool(ready) and all(one.at is not None for one in ready)

    def ready_of(self, line: int) -> Ready:
        """From when on all that ships of a line may be packed."""
        found = [one.ready[line] for one in self.going if line in one.ready]
        return max(found, key=_moment, default=Ready(Supply.NONE, None))


def _moment(ready: Ready) -> float:
    return ready.at.timestamp() if ready.at else float("inf")


async def positions_of(
    connection: asyncpg.Connection, shop: Shop, facts: Facts, lines: Sequence[Line]
) -> Positions:
    """What could be promised of the lines' items in each warehouse."""
    items = sorted({part.item_id for line in lines for part in line.parts})
    found = await promises.positions_of(connection, shop.owner_id, items, channel=facts.channel)
    return {(one.item_id, one.warehouse_id): one for one in found}


def way_of(goods: Goods, houses: Sequence[House], now: datetime) -> Way | None:
    """How these warehouses ship it together; None where they cannot."""
    by_number = {house.warehouse_id: house for house in houses}
    choice = goods.choice(by_number)
    days = _days(goods, choice, by_number, now)
    if days.making is not None:
        choice = with_made(choice, days.making)
    waits = goods.wish is not Fulfilment.FILL_OR_KILL
    needs = [line.need() for line in goods.lines]
    plan = plan_wish(needs, choice, goods.wish, backorder=waits)
    if plan is None:
        return None
    plan = with_days(plan, days, goods.wish)
    going = tuple(
        Going(house, part.units, _ready(goods, part, plan, house, days, now))
        for part in plan.parts
        for house in [by_number[part.warehouse_id]]
    )
    return Way(going, plan.left)


def _days(goods: Goods, choice: Choice, houses: Mapping[int, House], now: datetime) -> Days:
    sold = {
        line.number: line.item.available_from
        for line in goods.lines
        if sold_ahead(line, now) and line.item.available_from is not None
    }
    making = to_make(goods.lines, choice, goods.wish, backorder=True)
    if making is None:
        return Days(sold)
    house = houses[making.warehouse_id]
    ready = {
        item_id: made_at(number, house.days(WORKING_DAYS), house.here, now + GRACE)
        for item_id, number in making.days(goods.lines).items()
    }
    return Days(sold, made_lines(goods.lines, ready), making)


def _ready(
    goods: Goods, part: Part, plan: Plan, house: House, days: Days, now: datetime
) -> dict[int, Ready]:
    """When each line of a part may be packed: all of its items, for all lines that want them."""
    lines = {line.number: line for line in goods.lines}
    here = _taken(part, lines)
    # What waits has of the stock only what the other parts leave.
    before: dict[int, int] = {}
    if goods.wish is Fulfilment.FILL_AVAILABLE and part.waits:
        for other in plan.parts:
            if other.warehouse_id == part.warehouse_id and not other.waits:
                for item_id, quantity in _taken(other, lines).items():
                    before[item_id] = before.get(item_id, 0) + quantity
    made = {} if days.making is None else days.making.days(goods.lines)
    return {
        number: _line_ready(goods, lines[number], here, before, made, house, now)
        for number in part.units
    }


def _line_ready(
    goods: Goods,
    line: Line,
    asked: Mapping[int, int],
    before: Mapping[int, int],
    made: Mapping[int, int],
    house: House,
    now: datetime,
) -> Ready:
    found: list[Ready] = []
    for part in line.parts:
        position = goods.positions.get((part.item_id, house.warehouse_id))
        if position is not None and part.item_id in before:
            position = replace(position, promised=position.promised + before[part.item_id])
        ware = Ware(part.item_id, line.item.available_from, made.get(part.item_id))
        quantity = asked[part.item_id]
        found.append(ready_of(ware, quantity, position, house.days(WORKING_DAYS), house.here, now))
    return max(found, key=_moment)


def _taken(part: Part, lines: Mapping[int, Line]) -> dict[int, int]:
    taken: dict[int, int] = {}
    for number, units in part.units.items():
        for item_id, quantity in lines[number].need().of(units).each:
            taken[item_id] = taken.get(item_id, 0) + units * quantity
    return taken


def short_lines(goods: Goods, numbers: Collection[int]) -> set[int]:
    """The lines for which these warehouses have too little, even of what is coming."""
    choice = goods.choice(numbers)
    waits = goods.wish is not Fulfilment.FILL_OR_KILL
    needs = [line.need() for line in goods.lines]
    short = {item_id for item_id, _, _ in short_of(needs, choice, backorder=waits)}
    return {line.number for line in goods.lines if short & {part.item_id for part in line.parts}}
