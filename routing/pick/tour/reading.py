"""What a path drawn on a layout means: where it goes, how long it is, what it passes.

A point may stand for more than one place: the middle of an aisle and, where a width is odd or
wider than the pitch, a lane of the same or another aisle. So all readings are followed at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.pick.floor.layout import Layout, Point, Side, Stop, Way

# An aisle and the lane in it, None for its middle.
_Line = tuple[int, Side | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """broken: the first leg that nobody can walk. lengths_mm: how long the path can be read to
    be. passed: how many of the stops, in their order, it passes at most."""

    broken: tuple[Point, Point] | None
    lengths_mm: frozenset[int]
    passed: int


def read_path(layout: Layout, path: Sequence[Point], stops: Sequence[Stop]) -> Reading:
    """Follows a path leg by leg past the stops in their order."""
    floor = _Floor(layout)
    x, y = path[0]
    readings = {(line, 0, _take(floor, stops, 0, [(line, y)])) for line in floor.lines_at(x, y)}
    for a, b in pairwise(path):
        following = set()
        for line, length_mm, passed in readings:
            for there in floor.lines_at(*b):
                leg_mm = floor.leg_mm(line, a[1], there, b[1])
                if leg_mm is not None:
                    way = floor.passes(line, a[1], there, b[1])
                    now_passed = _take(floor, stops, passed, way)
                    following.add((there, length_mm + leg_mm, now_passed))
        if not following:
            return Reading((a, b), frozenset(), 0)
        readings = _best(
            {(line, length_mm, n) for old, length_mm, n in following for line in floor.same(old, b)}
        )
    lengths_mm = frozenset(length_mm for _, length_mm, _ in readings)
    return Reading(None, lengths_mm, max(passed for _, _, passed in readings))


def _best(readings: set[tuple[_Line, int, int]]) -> set[tuple[_Line, int, int]]:
    """For each line and length the reading that passes most."""
    most: dict[tuple[_Line, int], int] = {}
    for line, length_mm, passed in readings:
        most[line, length_mm] = max(passed, most.get((line, length_mm), 0))
    return {(line, length_mm, passed) for (line, length_mm), passed in most.items()}


def _take(floor: "_Floor", stops: Sequence[Stop], passed: int, way: list[tuple[_Line, int]]) -> int:
    """How many stops are passed after a leg: their turn comes in the order of the leg."""
    for (line, from_mm), (end, to_mm) in pairwise(way) if len(way) > 1 else [(way[0], way[0])]:
        gone_mm = 0
        while passed < len(stops):
            met_mm = floor.met_at(line, from_mm, end, to_mm, stops[passed])
            if met_mm is None or met_mm < gone_mm:
                break
            gone_mm, passed = met_mm, passed + 1
    return passed


class _Floor:
    """Where a layout's aisles meet cross aisles, found from its sizes alone."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        half, width = layout.aisle_width_mm // 2, layout.aisle_width_mm
        self.lanes: list[tuple[int, Side | None]] = [(0, None)]
        if width:
            self.lanes += [(-half, Side.LEFT), (width - half, Side.RIGHT)]
        self.lengths = [layout.length_of(aisle) for aisle in range(layout.aisles)]
        self.ways = layout.ways or (Way.BOTH,) * layout.aisles

    def lines_at(self, x: int, y: int) -> Iterator[_Line]:
        """Every aisle's middle or lane that the point can be on."""
        for shift, lane in self.lanes:
            aisle, beside = divmod(x - shift, self.layout.aisle_pitch_mm)
            if beside == 0 and 0 <= aisle < self.layout.aisles and 0 <= y <= self.lengths[aisle]:
                yield aisle, lane

    def same(self, line: _Line, point: Point) -> Iterator[_Line]:
        """What else of the same aisle is at this point of a cross aisle."""
        crossing = self.is_crossing(line[0], point[1])
        for other in self.lines_at(*point):
            if other == line or (crossing and other[0] == line[0]):
                yield other

    def is_crossing(self, aisle: int, y: int) -> bool:
        """Whether one is at both racks at once."""
        ends = y in (0, self.lengths[aisle])
        return ends or (y in self.layout.cross_aisles_mm and y < self.lengths[aisle])

    def is_joined(self, aisle: int, y: int) -> bool:
        """Whether a cross aisle leads straight from this aisle to the next at y."""
        one, other = self.lengths[aisle], self.lengths[aisle + 1]
        inner = y in self.layout.cross_aisles_mm and y < min(one, other)
        return y == 0 or inner or y == one == other

    def leg_mm(self, a: _Line, a_mm: int, b: _Line, b_mm: int) -> int | None:
        """How long a straight leg is, None when nobody can walk it."""
        if a[0] == b[0]:
            return self._in_aisle_mm(a, a_mm, b, b_mm)
        low, high = min(a[0], b[0]), max(a[0], b[0])
        along_mm = (high - low) * self.layout.aisle_pitch_mm
        if a_mm == b_mm and all(self.is_joined(aisle, a_mm) for aisle in range(low, high)):
            return along_mm
        if high - low == 1 and (a_mm, b_mm) == (self.lengths[a[0]], self.lengths[b[0]]):
            return along_mm + abs(a_mm - b_mm)
        return None

    def _in_aisle_mm(self, a: _Line, a_mm: int, b: _Line, b_mm: int) -> int | None:
        if a_mm != b_mm:
            against = Way.UP if b_mm < a_mm else Way.DOWN
            return None if a[1] is not b[1] or self.ways[a[0]] is against else abs(a_mm - b_mm)
        if a[1] is b[1] or self.is_crossing(a[0], a_mm):
            return 0
        return None if None in (a[1], b[1]) else self.layout.aisle_width_mm

    def passes(self, a: _Line, a_mm: int, b: _Line, b_mm: int) -> list[tuple[_Line, int]]:
        """Where a leg comes past, in order: its ends, and each aisle between them."""
        step = 1 if b[0] >= a[0] else -1
        between = [((aisle, None), a_mm) for aisle in range(a[0] + step, b[0], step)]
        return [(a, a_mm), *between, (b, b_mm)]

    def met_at(self, line: _Line, from_mm: int, end: _Line, to_mm: int, stop: Stop) -> int | None:
        """How far along a leg between neighbouring lines a stop is met, None when it is not."""
        mm = stop.position_mm
        if line != end:
            for k, (here, at_mm) in enumerate(((line, from_mm), (end, to_mm))):
                if self._is_at(here, at_mm, stop):
                    return k
            return None
        if line[0] == stop.aisle and min(from_mm, to_mm) <= mm <= max(from_mm, to_mm):
            return abs(mm - from_mm) if self._is_at(line, mm, stop) else None
        return None

    def _is_at(self, line: _Line, at_mm: int, stop: Stop) -> bool:
        if line[0] != stop.aisle or at_mm != stop.position_mm:
            return False
        wide = self.layout.aisle_width_mm > 0
        return not wide or line[1] is stop.side or self.is_crossing(stop.aisle, at_mm)
