"""A check of tours that knows no solver: it walks the way again."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.plan import Tour
from routing.pick.tour.reading import read_path


def audit_tour(
    floor: Layout | Walkways,
    stops: Sequence[Stop | NodeStop],
    tour: Tour,
    *,
    precedence: bool = False,
) -> list[str]:
    """What is wrong with a tour, in plain sentences; nothing when it holds.

    precedence: whether stops of a lower rank must come before all of a higher one.
    """
    faults = _audit_numbers(tour)
    if sorted(tour.visits) != list(range(len(stops))):
        faults.append("the visits are not each stop exactly once")
    elif precedence:
        faults += _audit_ranks(stops, tour)
    if isinstance(floor, Layout):
        return faults + _audit_path(floor, stops, tour)
    return faults + _audit_nodes(floor, stops, tour)


def _audit_numbers(tour: Tour) -> list[str]:
    faults = []
    if tour.bound_mm > tour.distance_mm:
        faults.append(f"no walk is shorter than {tour.bound_mm} mm, but this is said to be")
    if tour.optimal and 0 < tour.bound_mm < tour.distance_mm:
        faults.append(f"the tour is called shortest, but its bound is {tour.bound_mm} mm")
    return faults


def _audit_ranks(stops: Sequence[Stop | NodeStop], tour: Tour) -> list[str]:
    return [
        f"stop {later} of rank {stops[later].rank} comes after stop {earlier} of a higher rank"
        for earlier, later in pairwise(tour.visits)
        if stops[earlier].rank > stops[later].rank
    ]


def _audit_path(layout: Layout, stops: Sequence[Stop | NodeStop], tour: Tour) -> list[str]:
    if not all(isinstance(stop, Stop) for stop in stops):
        return ["a stop is at a node, but the floor has aisles"]
    if not tour.path:
        return ["the tour has no path"]
    ends = layout.drops or layout.starts
    starts = {layout.point_of(door) for door in layout.starts}
    if tour.path[0] not in starts or tour.path[-1] not in {layout.point_of(d) for d in ends}:
        return ["the path does not start at a door and end at a drop"]
    if not layout.drops and tour.path[0] != tour.path[-1]:
        return ["the path does not end at the door where it starts"]
    asked = [stops[k] for k in tour.visits if 0 <= k < len(stops)]
    reading = read_path(layout, tour.path, [stop for stop in asked if isinstance(stop, Stop)])
    if reading.broken is not None:
        a, b = reading.broken
        return [f"no way leads straight from {a} to {b}"]
    faults = []
    if tour.distance_mm not in reading.lengths_mm:
        walked_mm = min(reading.lengths_mm)
        faults.append(f"the path is {walked_mm} mm long, the tour says {tour.distance_mm} mm")
    if reading.passed < len(asked):
        visit = tour.visits[reading.passed]
        faults.append(f"the path does not pass stop {visit} when its turn comes")
    return faults


def _audit_nodes(walkways: Walkways, stops: Sequence[Stop | NodeStop], tour: Tour) -> list[str]:
    if not all(isinstance(stop, NodeStop) for stop in stops):
        return ["a stop is in an aisle, but the floor has nodes"]
    if not tour.nodes:
        return ["the tour passes no node"]
    if strangers := [node for node in tour.nodes if not 0 <= node < walkways.nodes]:
        return [f"node {node} is not one of {walkways.nodes} nodes" for node in strangers]
    first, last = tour.nodes[0], tour.nodes[-1]
    if first not in walkways.doors or last not in (walkways.drops or (first,)):
        return ["the walk does not start at a door and end at a drop"]
    faults = [*_audit_steps(walkways, tour), *_audit_points(walkways, tour)]
    step = 0
    for visit in tour.visits:
        stop = stops[visit] if 0 <= visit < len(stops) else None
        while step < len(tour.nodes) and not (
            isinstance(stop, NodeStop) and tour.nodes[step] == stop.node
        ):
            step += 1
        if step == len(tour.nodes):
            return [*faults, f"the walk does not pass stop {visit} when its turn comes"]
    return faults


def _audit_steps(walkways: Walkways, tour: Tour) -> list[str]:
    steps_mm: dict[tuple[int, int], int] = {}
    for arc in walkways.arcs:
        for step in [(arc.a, arc.b)] if arc.one_way else [(arc.a, arc.b), (arc.b, arc.a)]:
            steps_mm[step] = min(arc.length_mm, steps_mm.get(step, arc.length_mm))
    missing = [step for step in pairwise(tour.nodes) if step not in steps_mm]
    if missing:
        return [f"no walkway leads from node {a} to node {b}" for a, b in missing]
    walked_mm = sum(steps_mm[step] for step in pairwise(tour.nodes))
    if walked_mm != tour.distance_mm:
        return [f"the walk is {walked_mm} mm long, the tour says {tour.distance_mm} mm"]
    return []


def _audit_points(walkways: Walkways, tour: Tour) -> list[str]:
    """The path is that of the nodes, point by point."""
    points = [walkways.points[node] for node in tour.nodes] if walkways.points else []
    if tour.path != tuple(point for point, _ in groupby(points)):
        return ["the path is not that of the nodes"]
    return []
