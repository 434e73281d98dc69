"""Where each stop's mark stands, so that none covers another."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin

from routing.pick.drawing.ground import WALKWAY, clear_mm
from routing.pick.drawing.lane import Leg, Place
from routing.pick.drawing.sheet import Sheet
from routing.pick.floor.layout import Layout, NodeStop, Point, Side, Stop
from routing.pick.floor.walkway import Walkways

RADIUS_MOST, RADIUS_LEAST = 8.0, 2.2
# So many marks stand in a row beside a node.
ROW = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop of a walk: its number in walking order, from 1, and where it is marked."""

    walk: int
    number: int
    spot: Point
    side: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Every mark with its place on the sheet, all of one size."""

    places: tuple[tuple[Mark, Place], ...]
    radius: float


def place_marks(
    sheet: Sheet, floor: Layout | Walkways, walks: Sequence[Sequence[Stop | NodeStop]]
) -> Marks:
    """Marks beside the walks' stops, given in walking order: in the racks, or beside the nodes."""
    if isinstance(floor, Layout):
        return _in_racks(sheet, floor, list(_marks(floor, walks)))
    return _beside_nodes(sheet, floor, walks)


def leg_at(legs: Sequence[Leg], spot: Point, start: int) -> int | None:
    """The first leg from `start` on that passes a spot; none where none does."""
    for at in range(start, len(legs)):
        leg = legs[at]
        (x, y), (u, v) = leg.a, leg.b
        on_line = (u - x) * (spot[1] - y) == (v - y) * (spot[0] - x)
        within = min(x, u) <= spot[0] <= max(x, u) and min(y, v) <= spot[1] <= max(y, v)
        if on_line and within:
            return at
    return None


def _marks(layout: Layout, walks: Sequence[Sequence[Stop | NodeStop]]) -> Iterator[Mark]:
    for walk, stops in enumerate(walks):
        for at, stop in enumerate(stops, start=1):
            assert isinstance(stop, Stop)
            spot = (stop.aisle * layout.aisle_pitch_mm, stop.position_mm)
            yield Mark(walk, at, spot, -1 if stop.side is Side.LEFT else 1)


def _in_racks(sheet: Sheet, layout: Layout, marks: list[Mark]) -> Marks:
    """Marks in the racks, at the height of their stops as far as there is room."""
    columns: dict[tuple[int, int], list[Mark]] = defaultdict(list)
    told = len({mark.side for mark in marks}) > 1
    for mark in sorted(marks, key=lambda mark: (mark.spot, mark.walk, mark.number)):
        side = mark.side
        if not told:
            # Where no stop says its side, either rack will do.
            left, right = (columns[mark.spot[0], way] for way in (-1, 1))
            side = -1 if _last(left) <= _last(right) else 1
        columns[mark.spot[0], side].append(mark)
    depth = (layout.aisle_pitch_mm - clear_mm(layout)) / 2 * sheet.scale
    radius = min(RADIUS_MOST, depth / 2 - 0.5)
    for (x_mm, _), column in columns.items():
        length = layout.length_of(x_mm // layout.aisle_pitch_mm) * sheet.scale
        radius = min(radius, length / (2.0 * len(column) + 1))
    radius = max(radius, RADIUS_LEAST)
    placed: list[tuple[Mark, Place]] = []
    for (x_mm, side), column in columns.items():
        beside_mm = side * (clear_mm(layout) / 2 + depth / 2 / sheet.scale)
        places = [sheet.at((x_mm + beside_mm, mark.spot[1])) for mark in column]
        heights = spread([-y for _, y in places], 2 * radius + 0.8)
        for mark, (x, _), height in zip(column, places, heights, strict=True):
            placed.append((mark, (x, -height)))
    return Marks(tuple(placed), radius)


def _last(column: list[Mark]) -> int:
    return column[-1].spot[1] if column else -1


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Rising numbers moved as little as needed to lie so far apart; groups stay centred."""
    groups: list[tuple[float, int]] = []
    for value in wanted:
        middle, count = value, 1
        while groups and groups[-1][0] + (groups[-1][1] + count) / 2 * apart > middle:
            before, others = groups.pop()
            middle = (before * others + middle * count) / (others + count)
            count += others
        groups.append((middle, count))
    return [
        middle + (at - (count - 1) / 2) * apart for middle, count in groups for at in range(count)
    ]


def _beside_nodes(
    sheet: Sheet, walkways: Walkways, walks: Sequence[Sequence[Stop | NodeStop]]
) -> Marks:
    """Marks in a row from each node, away from its walkways."""
    radius = RADIUS_MOST
    at_node: dict[int, int] = defaultdict(int)
    placed: list[tuple[Mark, Place]] = []
    for walk, stops in enumerate(walks):
        for at, stop in enumerate(stops, start=1):
            assert isinstance(stop, NodeStop)
            x, y = sheet.at(walkways.points[stop.node])
            away = _free_way(walkways, stop.node)
            row, column = divmod(at_node[stop.node], ROW)
            at_node[stop.node] += 1
            far = WALKWAY / 2 + radius + 2 + column * (2 * radius + 1)
            # Rows stand left and right of the first one in turn.
            aside = (row + 1) // 2 * (1 if row % 2 else -1) * (2 * radius + 1)
            place = (
                x + cos(away) * far + sin(away) * aside,
                y - sin(away) * far + cos(away) * aside,
            )
            placed.append((Mark(walk, at, walkways.points[stop.node], 1), place))
    return Marks(tuple(placed), radius)


def _free_way(walkways: Walkways, node: int) -> float:
    """The middle of the widest angle between a node's walkways."""
    x, y = walkways.points[node]
    others = {arc.b if arc.a == node else arc.a for arc in walkways.arcs if node in (arc.a, arc.b)}
    ends = [walkways.points[other] for other in others if walkways.points[other] != (x, y)]
    angles = sorted({atan2(v - y, u - x) for u, v in ends})
    if not angles:
        return pi / 2
    turns = zip(angles, [*angles[1:], angles[0] + 2 * pi], strict=True)
    low, high = max(turns, key=lambda pair: round(pair[1] - pair[0], 6))
    return (low + high) / 2
