"""Which stops a picker can get to from a door, and get away from to a drop."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from routing.pick.floor.layout import Layout, NodeStop, Stop, Way, why_outside
from routing.pick.floor.walkway import Walkways

WhyNot = Callable[[Stop | NodeStop], str]
Corner = tuple[int, int]
Node = TypeVar("Node", bound=Hashable)

NO_WAY_TO = "no way leads to it from a door"
NO_WAY_FROM = "no way leads from it to a drop"


def reach_of(floor: Layout | Walkways) -> WhyNot:
    """A function that tells why a stop cannot be walked to; nothing when it can."""
    return _on_walkways(floor) if isinstance(floor, Walkways) else _in_layout(floor)


def _on_walkways(floor: Walkways) -> WhyNot:
    legs = [(arc.a, arc.b) for arc in floor.arcs]
    legs += [(arc.b, arc.a) for arc in floor.arcs if not arc.one_way]
    to = _spread(floor.doors, legs)
    back = _spread(floor.drops or floor.doors, ((b, a) for a, b in legs))

    def why_not(stop: Stop | NodeStop) -> str:
        assert isinstance(stop, NodeStop), "a problem refuses stops of another kind of floor"
        if stop.node >= floor.nodes:
            return f"stop at node {stop.node}, but there are {floor.nodes} nodes"
        if stop.node not in to:
            return f"stop at node {stop.node}: {NO_WAY_TO}"
        return "" if stop.node in back else f"stop at node {stop.node}: {NO_WAY_FROM}"

    return why_not


def _in_layout(floor: Layout) -> WhyNot:
    legs = list(_legs(floor)) if floor.ways else []
    starts = [_corner(floor, door.aisle, door.at_back) for door in floor.starts]
    ends = [_corner(floor, drop.aisle, drop.at_back) for drop in floor.drops or floor.starts]
    to = _spread(starts, legs)
    back = _spread(ends, ((b, a) for a, b in legs))

    def why_not(stop: Stop | NodeStop) -> str:
        assert isinstance(stop, Stop), "a problem refuses stops of another kind of floor"
        if outside := why_outside(floor, stop):
            return outside
        if not floor.ways:
            return ""
        below, above = _around(floor, stop)
        way = floor.ways[stop.aisle]
        into = ([below] if way is not Way.DOWN else []) + ([above] if way is not Way.UP else [])
        out = ([above] if way is not Way.DOWN else []) + ([below] if way is not Way.UP else [])
        place = f"stop at {stop.position_mm} mm in aisle {stop.aisle}"
        if below == above:
            into = out = [below]
        if not any(corner in to for corner in into):
            return f"{place}: {NO_WAY_TO}"
        return "" if any(corner in back for corner in out) else f"{place}: {NO_WAY_FROM}"

    return why_not


def _crossings_mm(floor: Layout, aisle: int) -> tuple[int, ...]:
    length_mm = floor.length_of(aisle)
    return (0, *(y for y in floor.cross_aisles_mm if y < length_mm), length_mm)


def _corner(floor: Layout, aisle: int, at_back: bool) -> Corner:
    return aisle, floor.length_of(aisle) if at_back else 0


def _around(floor: Layout, stop: Stop) -> tuple[Corner, Corner]:
    """The corners next to a stop, below and above; twice the same one when it is at a corner."""
    crossings = _crossings_mm(floor, stop.aisle)
    k = bisect_left(crossings, stop.position_mm)
    low = k if crossings[k] == stop.position_mm else k - 1
    return (stop.aisle, crossings[low]), (stop.aisle, crossings[k])


def _legs(floor: Layout) -> Iterator[tuple[Corner, Corner]]:
    for aisle in range(floor.aisles):
        crossings = _crossings_mm(floor, aisle)
        for low, high in pairwise(crossings):
            if floor.ways[aisle] is not Way.DOWN:
                yield (aisle, low), (aisle, high)
            if floor.ways[aisle] is not Way.UP:
                yield (aisle, high), (aisle, low)
        if aisle:
            shared = sorted({*crossings[:-1]} & {*_crossings_mm(floor, aisle - 1)[:-1]})
            pairs = [(y, y) for y in shared] + [(floor.length_of(aisle - 1), crossings[-1])]
            for left, right in pairs:
                yield (aisle - 1, left), (aisle, right)
                yield (aisle, right), (aisle - 1, left)


def _spread(starts: Iterable[Node], legs: Iterable[tuple[Node, Node]]) -> set[Node]:
    after: dict[Node, list[Node]] = defaultdict(list)
    for a, b in legs:
        after[a].append(b)
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for node in after[waiting.pop()]:
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen
