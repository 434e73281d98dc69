"""A walk as corners in mm, turned into a tour."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from routing.pick.floor.layout import Layout, Point, Stop
from routing.pick.tour.plan import Tour


def tour_along(
    layout: Layout, stops: Sequence[Stop], walk: Iterable[Point], method: str, optimal: bool
) -> Tour:
    """The tour that follows this walk and takes each stop the first time it is passed.

    Raises: ValueError when the walk misses a stop.
    """
    path = straighten(walk)
    visits = _visits(layout, stops, path)
    if len(visits) != len(stops):
        missed = sorted(set(range(len(stops))) - set(visits))
        raise ValueError(f"the walk misses the stops {missed}")
    distance_mm = sum(abs(x - u) + abs(y - v) for (x, y), (u, v) in pairwise(path))
    return Tour(distance_mm, tuple(visits), path, method, optimal)


def straighten(walk: Iterable[Point]) -> tuple[Point, ...]:
    """The same walk without points that repeat or lie within a straight stretch."""
    path: list[Point] = []
    for point in walk:
        if path and path[-1] == point:
            continue
        if len(path) >= 2 and _goes_on(path[-2], path[-1], point):
            path[-1] = point
        else:
            path.append(point)
    return tuple(path)


def _goes_on(a: Point, b: Point, c: Point) -> bool:
    if a[0] == b[0] == c[0]:
        return (b[1] - a[1]) * (c[1] - b[1]) > 0
    return a[1] == b[1] == c[1] and (b[0] - a[0]) * (c[0] - b[0]) > 0


def _visits(layout: Layout, stops: Sequence[Stop], path: Sequence[Point]) -> list[int]:
    waiting: dict[int, list[tuple[Point, int]]] = defaultdict(list)
    ends: dict[int, list[tuple[Point, int]]] = {0: [], layout.aisle_length_mm: []}
    for index, stop in enumerate(stops):
        point = (stop.aisle * layout.aisle_pitch_mm, stop.position_mm)
        waiting[point[0]].append((point, index))
        if stop.position_mm in ends:
            ends[stop.position_mm].append((point, index))
    visits: dict[int, None] = {}
    for start, end in zip(path, path[1:] or path, strict=False):
        near = waiting[start[0]] if start[0] == end[0] else ends.get(start[1], [])
        passed = [(_way(start, p), i) for p, i in near if i not in visits and _on(start, p, end)]
        visits.update((index, None) for _, index in sorted(passed))
    return list(visits)


def _way(a: Point, b: Point) -> int:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _on(a: Point, p: Point, b: Point) -> bool:
    return _way(a, p) + _way(p, b) == _way(a, b)
