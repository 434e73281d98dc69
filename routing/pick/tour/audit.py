"""A check of tours that knows no solver: it walks the way again."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from routing.pick.floor.layout import Layout, Point, Stop
from routing.pick.tour.plan import Tour


def audit_tour(layout: Layout, stops: Sequence[Stop], tour: Tour) -> list[str]:
    """What is wrong with a tour, in plain sentences; nothing when it holds."""
    if not tour.path or tour.path[0] != layout.depot or tour.path[-1] != layout.depot:
        return ["the path does not start and end at the depot"]
    faults = [
        f"no way leads straight from {a} to {b}"
        for a, b in _legs(tour.path)
        if not _is_walkable(layout, a, b)
    ]
    walked_mm = sum(abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in _legs(tour.path))
    if walked_mm != tour.distance_mm:
        faults.append(f"the path is {walked_mm} mm long, the tour says {tour.distance_mm} mm")
    if sorted(tour.visits) != list(range(len(stops))):
        faults.append("the visits are not each stop exactly once")
    elif not faults:
        faults += _audit_visits(layout, stops, tour)
    return faults


def _legs(path: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise(path)


def _is_walkable(layout: Layout, a: Point, b: Point) -> bool:
    """A leg lies in one aisle or along one cross aisle, inside the block."""
    width_mm = (layout.aisles - 1) * layout.aisle_pitch_mm
    inside = all(0 <= x <= width_mm and 0 <= y <= layout.aisle_length_mm for x, y in (a, b))
    in_aisle = a[0] == b[0] and a[0] % layout.aisle_pitch_mm == 0
    in_cross = a[1] == b[1] and a[1] in (0, layout.aisle_length_mm)
    return inside and (in_aisle or in_cross)


def _audit_visits(layout: Layout, stops: Sequence[Stop], tour: Tour) -> list[str]:
    """Going on along the path, each visited stop is met at or after the one before."""
    legs = list(_legs(tour.path)) or [(layout.depot, layout.depot)]
    leg, gone_mm = 0, 0
    for visit in tour.visits:
        stop = stops[visit]
        place = (stop.aisle * layout.aisle_pitch_mm, stop.position_mm)
        while leg < len(legs) and (at_mm := _met_at(*legs[leg], place)) < gone_mm:
            leg, gone_mm = leg + 1, 0
        if leg == len(legs):
            return [f"the path does not pass stop {visit} at {place} when its turn comes"]
        gone_mm = at_mm
    return []


def _met_at(a: Point, b: Point, place: Point) -> int:
    """How far along the leg the place lies, -1 when it lies beside it."""
    for fixed, along in ((0, 1), (1, 0)):
        low, high = sorted((a[along], b[along]))
        if a[fixed] == b[fixed] == place[fixed] and low <= place[along] <= high:
            return abs(place[along] - a[along])
    return -1
