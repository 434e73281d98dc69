"""A walk as places in a layout, written out as a tour."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

from routing.pick.floor.lattice import Lattice, Place, place_of_stop, point_of
from routing.pick.floor.layout import Layout, NodeStop, Point, Stop
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.plan import Tour


def tour_of_places(
    layout: Layout,
    stops: Sequence[Stop],
    places: Sequence[Place],
    method: str,
    visits: Sequence[int] | None = None,
) -> Tour:
    """The tour along these places. Without visits each stop is taken when it is first passed.

    places: neighbours in the order walked, at least one; within an aisle some may be left out.

    Raises: ValueError when the walk misses a stop.
    """
    taken = _first_passed(layout, stops, places) if visits is None else list(visits)
    if len(taken) != len(stops):
        missed = sorted(set(range(len(stops))) - set(taken))
        raise ValueError(f"the walk misses the stops {missed}")
    length_mm = sum(_step_mm(layout, a, b) for a, b in pairwise(places))
    return Tour(length_mm, tuple(taken), _path(layout, places), method, optimal=False)


def tour_of_nodes(
    floor: Layout | Walkways,
    lattice: Lattice | None,
    stops: Sequence[Stop | NodeStop],
    nodes: Sequence[int],
    length_mm: int,
    visits: Sequence[int],
    method: str,
) -> Tour:
    """The tour along these nodes of the floor's walkways, or of the layout's lattice."""
    if isinstance(floor, Layout):
        assert lattice is not None
        places = [lattice.places[node] for node in nodes]
        inside = [stop for stop in stops if isinstance(stop, Stop)]
        return tour_of_places(floor, inside, places, method, visits)
    points = [floor.points[node] for node in nodes] if floor.points else []
    path = tuple(point for point, _ in groupby(points))
    return Tour(length_mm, tuple(visits), path, method, optimal=False, nodes=tuple(nodes))


def _step_mm(layout: Layout, a: Place, b: Place) -> int:
    across = a[0] == b[0] and a[2] is not None and b[2] is not None and a[2] is not b[2]
    return (
        abs(a[0] - b[0]) * layout.aisle_pitch_mm
        + abs(a[1] - b[1])
        + (layout.aisle_width_mm if across else 0)
    )


def _path(layout: Layout, places: Sequence[Place]) -> tuple[Point, ...]:
    """The corners of the walk; a lane begins and ends beside the middle of a cross aisle."""
    path = [point_of(layout, places[0])]
    # Whether the last leg lies in a lane, along an aisle's middle, along a cross aisle, or across.
    kind = ""
    for a, b in pairwise(places):
        if a == b:
            continue
        start, end = point_of(layout, a), point_of(layout, b)
        legs = [("line", end)]
        if a[0] == b[0] and a[2] is not b[2]:
            if a[2] is None:
                legs = [("step", (end[0], start[1])), ("line", end)]
            elif b[2] is None:
                legs = [("line", (start[0], end[1])), ("step", end)]
            else:
                legs = [("line", (start[0], end[1])), ("across", end)]
        for new_kind, point in legs:
            if point == path[-1]:
                continue
            if new_kind == kind == "line" and _goes_on(path[-2], path[-1], point):
                path[-1] = point
            else:
                path.append(point)
            kind = new_kind
    return tuple(path)


def _goes_on(a: Point, b: Point, c: Point) -> bool:
    if a[0] == b[0] == c[0]:
        return (b[1] - a[1]) * (c[1] - b[1]) > 0
    return a[1] == b[1] == c[1] and (b[0] - a[0]) * (c[0] - b[0]) > 0


def _first_passed(layout: Layout, stops: Sequence[Stop], places: Sequence[Place]) -> list[int]:
    rows: dict[int, list[tuple[int, int, Place]]] = defaultdict(list)
    for index, stop in enumerate(stops):
        place = place_of_stop(layout, stop)
        rows[place[0]].append((place[1], index, place))
    for row in rows.values():
        row.sort()
    taken: dict[int, None] = {}
    for a, b in zip(places, places[1:] or places, strict=False):
        if a[0] != b[0]:
            legs = [(a, a), (b, b)]
        elif a[2] is not None and b[2] is not None and a[2] is not b[2]:
            legs = [(a, (a[0], b[1], a[2])), (b, b)]
        else:
            legs = [(a, b)]
        for start, end in legs:
            lane = start[2] or end[2]
            passed = _between(rows.get(start[0], []), start[1], end[1])
            fitting = [(abs(mm - start[1]), i) for mm, i, p in passed if p[2] in (None, lane)]
            taken.update((index, None) for _, index in sorted(fitting) if index not in taken)
    return list(taken)


def _between(
    row: list[tuple[int, int, Place]], one_mm: int, other_mm: int
) -> list[tuple[int, int, Place]]:
    low, high = min(one_mm, other_mm), max(one_mm, other_mm)
    return row[
        bisect_left(row, low, key=lambda r: r[0]) : bisect_right(row, high, key=lambda r: r[0])
    ]
