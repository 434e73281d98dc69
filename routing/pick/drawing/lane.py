"""Walks along the same stretch, set beside each other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, hypot

from routing.pick.floor.layout import Point

Place = tuple[float, float]
# A line of the plane: its direction in smallest whole numbers, and how far it is from the origin.
Line = tuple[int, int, int]
# Two stretches nearly in line meet far away, if at all; then both are simply ended.
REACH = 4.0


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight part of a walk, from a to b in mm, on a line of the plane."""

    a: Point
    b: Point

    @property
    def line(self) -> Line:
        """The line that the leg lies on, whichever way it is walked."""
        dx, dy = self.b[0] - self.a[0], self.b[1] - self.a[1]
        whole = gcd(dx, dy)
        dx, dy = dx // whole, dy // whole
        if (dx, dy) < (0, 0):
            dx, dy = -dx, -dy
        return dx, dy, dx * self.a[1] - dy * self.a[0]

    @property
    def reach(self) -> tuple[float, float]:
        """From where to where along its line."""
        dx, dy, _ = self.line
        size = hypot(dx, dy)
        ends = ((dx * x + dy * y) / size for x, y in (self.a, self.b))
        low, high = sorted(ends)
        return low, high

    @property
    def across(self) -> Place:
        """The way across its line, of length 1, the same for both directions."""
        dx, dy, _ = self.line
        size = hypot(dx, dy)
        return dy / size, -dx / size


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a leg is drawn: so many lanes beside its line, of so many on that stretch."""

    beside: float
    lanes: int


def legs_of(path: Sequence[Point]) -> list[Leg]:
    """The straight parts of a walk, each as long as it goes on the same way."""
    corners: list[Point] = []
    for point in path:
        if corners and corners[-1] == point:
            continue
        if len(corners) > 1 and _goes_on(corners[-2], corners[-1], point):
            corners[-1] = point
        else:
            corners.append(point)
    return [Leg(a, b) for a, b in pairwise(corners)]


def _goes_on(a: Point, b: Point, c: Point) -> bool:
    u, v = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    return u[0] * v[1] == u[1] * v[0] and u[0] * v[0] + u[1] * v[1] > 0


def lanes_of(walks: Sequence[Sequence[Leg]], apart_mm: float) -> list[list[Lane]]:
    """A lane for each leg of each walk, so that no two share one where both go.

    Legs on one line that come closer than apart_mm to each other have different lanes.
    """
    found = [[Lane(0.0, 1)] * len(legs) for legs in walks]
    lines: dict[Line, list[tuple[int, int]]] = defaultdict(list)
    for walk, legs in enumerate(walks):
        for at, leg in enumerate(legs):
            lines[leg.line].append((walk, at))
    for members in lines.values():
        for group in _meeting(walks, members, apart_mm):
            numbers = _number(walks, group, apart_mm)
            lanes = max(numbers.values()) + 1
            for (walk, at), number in numbers.items():
                found[walk][at] = Lane(number - (lanes - 1) / 2, lanes)
    return found


def _meeting(
    walks: Sequence[Sequence[Leg]], members: list[tuple[int, int]], apart_mm: float
) -> Iterator[list[tuple[int, int]]]:
    """The legs of one line in groups that do not touch."""
    by_start = sorted(members, key=lambda member: walks[member[0]][member[1]].reach)
    group: list[tuple[int, int]] = []
    end = float("-inf")
    for walk, at in by_start:
        low, high = walks[walk][at].reach
        if group and low > end + apart_mm:
            yield group
            group = []
        group.append((walk, at))
        end = max(end, high)
    if group:
        yield group


def _number(
    walks: Sequence[Sequence[Leg]], group: list[tuple[int, int]], apart_mm: float
) -> dict[tuple[int, int], int]:
    """The first free lane for each leg, walk by walk, so that a walk keeps to its side."""
    numbers: dict[tuple[int, int], int] = {}
    taken: list[list[tuple[float, float]]] = []
    for walk, at in sorted(group):
        low, high = walks[walk][at].reach
        free = (
            number
            for number, others in enumerate(taken)
            if all(low > end + apart_mm or high < start - apart_mm for start, end in others)
        )
        number = next(free, len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((low, high))
        numbers[walk, at] = number
    return numbers


def corners_of(legs: Sequence[Leg], beside_mm: Sequence[float]) -> list[tuple[Place, Place]]:
    """Each leg's own start and end in mm when it is drawn so far beside its line."""
    if not legs:
        return []
    starts = [_shifted(legs[0].a, legs[0], beside_mm[0])]
    ends: list[Place] = []
    for (leg, other), (mm, other_mm) in zip(pairwise(legs), pairwise(beside_mm), strict=True):
        end, start = _meet(leg, other, mm, other_mm)
        ends.append(end)
        starts.append(start)
    ends.append(_shifted(legs[-1].b, legs[-1], beside_mm[-1]))
    return list(zip(starts, ends, strict=True))


def _shifted(point: Point, leg: Leg, mm: float) -> Place:
    across = leg.across
    return point[0] + across[0] * mm, point[1] + across[1] * mm


def _meet(leg: Leg, other: Leg, mm: float, other_mm: float) -> tuple[Place, Place]:
    """Where one leg ends and the next begins: one place, but at a turn back or a slight bend."""
    end, start = _shifted(leg.b, leg, mm), _shifted(other.a, other, other_mm)
    (ux, uy), (vx, vy) = leg.across, other.across
    turn = ux * vy - uy * vx
    if abs(turn) > 1e-9:
        x = leg.b[0] + (mm * vy - other_mm * uy) / turn
        y = leg.b[1] + (other_mm * ux - mm * vx) / turn
        farthest = REACH * max(abs(mm), abs(other_mm), 1.0)
        if hypot(x - leg.b[0], y - leg.b[1]) <= farthest:
            return (x, y), (x, y)
    return end, start


def nearest(place: Place, a: Place, b: Place) -> Place:
    """The place from a to b that is nearest."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = dx * dx + dy * dy
    if not size:
        return a
    share = min(1.0, max(0.0, ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / size))
    return a[0] + dx * share, a[1] + dy * share
