"""Where an order ships from: the nearest warehouse that has all, else the cheapest split.

A split is the cheaper the fewer parcels it makes, one a warehouse at least, and then the less far
they come in all. A line is split by its units: a pack or a bundle is never opened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from wms.orders.nearness import Source

# More sets of warehouses are not looked at one by one: what is left out of all of them is then.
SETS_MAX = 5_000
# So often is looked for how lines that want the same goods share them; then they do not fit.
TRIES_MAX = 20_000

# How much of which items can be had in which warehouse.
Stock = Mapping[int, Mapping[int, int]]
# How many units of which line a warehouse gives.
Portion = dict[int, int]


@dataclass(frozen=True, slots=True)
class Need:
    """A line of an order: its units, and how much of which items makes one."""

    line: int
    units: int
    each: tuple[tuple[int, int], ...]

    def of(self, units: int) -> "Need":
        """The same line with another number of units."""
        return Need(self.line, units, self.each)


@dataclass(frozen=True, slots=True)
class Part:
    """What one warehouse ships: units by line, and why it does. `waits` for goods on their way.

    `due_at` is the day before which it is not worked on, where there is one. What is digital is
    sent by mail.
    """

    warehouse_id: int
    units: Portion
    reason: str
    waits: bool = False
    due_at: datetime | None = None
    digital: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of an order, what is there first; `left` are units by line that never ship."""

    parts: tuple[Part, ...]
    left: Portion

    @property
    def plain(self) -> bool:
        """Whether all of the order goes out as one."""
        return len(self.parts) == 1 and not self.left and not self.parts[0].digital


@dataclass(frozen=True, slots=True)
class Choice:
    """The warehouses that may ship, with how far each is and what of each item can be had.

    `free` is what is there, `coming` what is on its way.
    """

    sources: tuple[Source, ...]
    distance: Mapping[int, int]
    free: Stock
    coming: Stock

    @property
    def near(self) -> list[int]:
        """The warehouses, the nearest first; of those equally far the older one."""
        numbers = [source.warehouse_id for source in self.sources]
        return sorted(numbers, key=lambda number: (self.distance[number], number))


def plan_together(needs: Sequence[Need], choice: Choice, *, backorder: bool) -> Plan | None:
    """All lines from what is there; or, with `backorder`, all from one warehouse that waits.

    Goods that are there are split over warehouses where none has all. What has to wait is not, as
    its parts would come apart. None where neither can be had.
    """
    portions = complete(needs, choice.near, choice.distance, choice.free)
    if portions is not None:
        return Plan(tuple(_parts(portions, choice, "all")), {})
    if not backorder:
        return None
    hoped = _either(choice.free, choice.coming)
    for warehouse_id in choice.near:
        portion = fit(needs, [warehouse_id], hoped)
        if portion is not None:
            [part] = _parts(portion, choice, "all, some of it on its way")
            return Plan((Part(warehouse_id, part.units, part.reason, waits=True),), {})
    return None


def plan_available(needs: Sequence[Need], choice: Choice) -> Plan | None:
    """What is there ships now, what is on its way waits, and what neither is never ships.

    Earlier lines are served first. None where there is nothing at all.
    """
    near, distance = choice.near, choice.distance
    here = fill(needs, near, choice.free)
    portions = complete(here, near, distance, choice.free)
    assert portions is not None, "what is filled fits"
    parts = list(_parts(portions, choice, "all that is there"))
    now = {need.line: need.units for need in here}
    rest = [need.of(need.units - now[need.line]) for need in needs]
    hoped = _either(_without(choice.free, portions, needs), choice.coming)
    later = fill(rest, near, hoped)
    waiting = complete(later, near, distance, hoped)
    assert waiting is not None, "what is filled fits"
    for part in _parts(waiting, choice, "what is on its way"):
        parts.append(Part(part.warehouse_id, part.units, part.reason, waits=True))
    if not parts:
        return None
    then = {need.line: need.units for need in later}
    left = {need.line: need.units - now[need.line] - then[need.line] for need in needs}
    return Plan(tuple(parts), {line: units for line, units in left.items() if units})


def complete(
    needs: Sequence[Need], near: Sequence[int], distance: Mapping[int, int], stock: Stock
) -> dict[int, Portion] | None:
    """What each of the fewest warehouses that have all together gives, the least far in all.

    None where all of them have not.
    """
    needs = [need for need in needs if need.units]
    if not needs:
        return {}
    everything = fit(needs, near, stock)
    if everything is None:
        return None
    looked_at = 0
    for size in range(1, len(near)):
        sets = sorted(
            _first(combinations(near, size), SETS_MAX),
            key=lambda chosen: sum(distance[number] for number in chosen),
        )
        for chosen in sets:
            looked_at += 1
            if looked_at > SETS_MAX:
                return _pruned(needs, near, stock, everything)
            portions = fit(needs, chosen, stock)
            if portions is not None:
                return portions
    return everything


def fill(needs: Sequence[Need], near: Sequence[int], stock: Stock) -> list[Need]:
    """As many units of each line as can be had of all warehouses together, earlier lines first."""
    filled: list[Need] = []
    for need in needs:
        low, high = 0, need.units
        while low < high:
            middle = (low + high + 1) // 2
            if fit([*filled, need.of(middle)], near, stock) is None:
                high = middle - 1
            else:
                low = middle
        filled.append(need.of(low))
    return filled


def fit(needs: Sequence[Need], chosen: Sequence[int], stock: Stock) -> dict[int, Portion] | None:
    """What each of these warehouses gives so that all is had, the first of them the most.

    None where it is not to be had; or where lines want the same goods, in packs or bundles of their
    own, and no way to share them was found in TRIES_MAX tries.
    """
    needs = [need for need in needs if need.units]
    left = {number: dict(stock.get(number, {})) for number in chosen}
    wanted: dict[int, int] = {}
    for need in needs:
        for item_id, quantity in need.each:
            wanted[item_id] = wanted.get(item_id, 0) + need.units * quantity
    for item_id, quantity in wanted.items():
        if quantity > sum(goods.get(item_id, 0) for goods in left.values()):
            return None
    portions: dict[int, Portion] = {number: {} for number in chosen}
    search = _Search(list(chosen), left, portions)
    if not search.place(needs):
        return None
    return {number: portion for number, portion in portions.items() if portion}


@dataclass(slots=True)
class _Search:
    """Places lines one after another and goes back where a later one does not fit."""

    chosen: list[int]
    left: dict[int, dict[int, int]]
    portions: dict[int, Portion]
    tries: int = 0

    def place(self, needs: list[Need]) -> bool:
        # Lines that share nothing with others have nothing to go back for.
        shared = _shared(needs)
        alone = [need for need in needs if not shared & {item for item, _ in need.each}]
        crowd = [need for need in needs if shared & {item for item, _ in need.each}]
        return all(self._line([need], 0) for need in alone) and self._line(crowd, 0)

    def _line(self, needs: list[Need], at: int) -> bool:
        if at == len(needs):
            return True
        return self._share(needs, at, needs[at].units, 0)

    def _share(self, needs: list[Need], at: int, units: int, index: int) -> bool:
        if units == 0:
            return self._line(needs, at + 1)
        if index == len(self.chosen):
            return False
        need, number = needs[at], self.chosen[index]
        most = min(units, self._room(need, number))
        later = sum(self._room(need, other) for other in self.chosen[index + 1 :])
        last = max(0, units - later)
        # Without a line that shares with it there is nothing that a smaller share could help.
        least = most if len(needs) == 1 else last
        for given in range(most, max(least, last) - 1, -1):
            self.tries += 1
            if self.tries > TRIES_MAX:
                return False
            self._give(need, number, given)
            if self._share(needs, at, units - given, index + 1):
                return True
            self._give(need, number, -given)
        return False

    def _room(self, need: Need, number: int) -> int:
        goods = self.left[number]
        return min(goods.get(item_id, 0) // quantity for item_id, quantity in need.each)

    def _give(self, need: Need, number: int, units: int) -> None:
        for item_id, quantity in need.each:
            if units:
                self.left[number][item_id] -= units * quantity
        portion = self.portions[number]
        portion[need.line] = portion.get(need.line, 0) + units
        if not portion[need.line]:
            del portion[need.line]


def _shared(needs: Sequence[Need]) -> set[int]:
    seen: set[int] = set()
    twice: set[int] = set()
    for need in needs:
        for item_id, _ in need.each:
            (twice if item_id in seen else seen).add(item_id)
    return twice


def _pruned(
    needs: Sequence[Need], near: Sequence[int], stock: Stock, everything: dict[int, Portion]
) -> dict[int, Portion]:
    """What is left of all warehouses without those, the farthest first, that are not needed."""
    chosen = [number for number in near if number in everything]
    portions = everything
    for number in reversed(chosen.copy()):
        fewer = [other for other in chosen if other != number]
        found = fit(needs, fewer, stock)
        if found is not None:
            chosen, portions = fewer, found
    return portions


def _first(sets: Iterator[tuple[int, ...]], count: int) -> Iterator[tuple[int, ...]]:
    for number, chosen in enumerate(sets):
        if number > count:
            return
        yield chosen


def _either(free: Stock, coming: Stock) -> dict[int, dict[int, int]]:
    """Each item wholly of the stock or wholly of what is on its way, as a claim takes it."""
    return {
        number: {
            item_id: max(free.get(number, {}).get(item_id, 0), quantity_of(coming, number, item_id))
            for item_id in {*free.get(number, {}), *coming.get(number, {})}
        }
        for number in {*free, *coming}
    }


def quantity_of(stock: Stock, warehouse_id: int, item_id: int) -> int:
    """How much of an item a warehouse has."""
    return stock.get(warehouse_id, {}).get(item_id, 0)


def _without(
    stock: Stock, portions: Mapping[int, Portion], needs: Sequence[Need]
) -> dict[int, dict[int, int]]:
    left = {number: dict(goods) for number, goods in stock.items()}
    each = {need.line: need.each for need in needs}
    for number, portion in portions.items():
        for line, units in portion.items():
            for item_id, quantity in each[line]:
                left[number][item_id] -= units * quantity
    return left


def _parts(portions: Mapping[int, Portion], choice: Choice, what: str) -> Iterator[Part]:
    """The parts with their reasons, the nearest first; `what` they have ends the reason."""
    code = {source.warehouse_id: source.code for source in choice.sources}
    numbers = [number for number in choice.near if number in portions]
    for number in numbers:
        if len(numbers) > 1:
            names = " and ".join(code[other] for other in numbers)
            reason = f"{names} together have {what}, in the fewest parcels"
        elif len(code) == 1:
            reason = f"{code[number]} is the only one that ships for the shop"
        elif number == choice.near[0]:
            reason = f"{code[number]} {_nearest(choice)} and has {what}"
        else:
            reason = f"{code[number]} is the nearest that has {what}"
        yield Part(number, portions[number], reason)


def _nearest(choice: Choice) -> str:
    """Of several equally near ones none is called the nearest."""
    first, second, *_ = choice.near
    return "is nearest" if choice.distance[first] < choice.distance[second] else "is as near as any"


def short_of(
    needs: Sequence[Need], choice: Choice, *, backorder: bool
) -> list[tuple[int, int, int]]:
    """The items that keep an order from being had, as (item, wanted, what could be had of it).

    Where there is enough of each, yet not in one place as packs, bundles or a wait ask for it, that
    is of the lines that cannot be filled.
    """
    stock = _either(choice.free, choice.coming) if backorder else choice.free
    wanted: dict[int, int] = {}
    for need in needs:
        for item_id, quantity in need.each:
            wanted[item_id] = wanted.get(item_id, 0) + need.units * quantity
    had = {item: sum(quantity_of(stock, number, item) for number in choice.near) for item in wanted}
    short = [
        (item, quantity, had[item]) for item, quantity in wanted.items() if had[item] < quantity
    ]
    if short:
        return short
    filled = _best(needs, choice, stock, one=backorder)
    units: dict[int, int] = {}
    for need in filled:
        for item_id, quantity in need.each:
            units[item_id] = units.get(item_id, 0) + need.units * quantity
    return [
        (item, quantity, units[item]) for item, quantity in wanted.items() if units[item] < quantity
    ]


def _best(needs: Sequence[Need], choice: Choice, stock: Stock, *, one: bool) -> list[Need]:
    """What all warehouses together can fill, or with `one` the one that can fill most."""
    if not one:
        return fill(needs, choice.near, stock)
    filled = [fill(needs, [number], stock) for number in choice.near]
    return max(filled, key=lambda of_one: sum(need.units for need in of_one))
