"""The line of a quickest way, to draw on a map."""

from typing import Any

import numpy as np

from routing.road.graph import Graph
from routing.road.hierarchy import Calls, Hierarchy, Toll
from routing.road.point import Floats, Ints
from routing.road.snap import Snaps


def path_between(hierarchy: Hierarchy, metric: Any, toll: Toll, snaps: Snaps) -> Floats:
    """The line along roads from the first of two snapped points to the second, (points, 2).

    metric: the hierarchy's, customised for the toll.
    """
    from routingkit_cch import CCHQuery

    starts, ends = hierarchy.departures(snaps), hierarchy.arrivals(snaps)
    away = _cheapest(starts, 0, toll.rest(starts))
    reach = _cheapest(ends, 1, toll.last(ends))
    query = CCHQuery(metric)
    found = query.run_multi(
        [(state, cost) for state, (cost, _) in away.items()],
        [(state, cost) for state, (cost, _) in reach.items()],
    )
    stay = _along(hierarchy, toll, snaps)
    if stay is not None and (found.distance is None or stay[0] <= found.distance):
        arc = stay[1]
        return stretch(hierarchy.graph, arc, *_parts(snaps, arc))
    first_arc, last_arc = away[found.node_path[0]][1], reach[found.node_path[-1]][1]
    steps = hierarchy.steps.arc[np.array(found.arc_path, np.int64)].tolist()
    lines = [
        stretch(hierarchy.graph, first_arc, _parts(snaps, first_arc)[0], 1.0),
        *(stretch(hierarchy.graph, arc, 0.0, 1.0) for arc in steps),
        stretch(hierarchy.graph, last_arc, 0.0, _parts(snaps, last_arc)[1]),
    ]
    return np.concatenate(lines)


def _cheapest(calls: Calls, point: int, costs: Ints) -> dict[int, tuple[int, int]]:
    """For each state of a point the least cost, and the arc that it is the cost of."""
    best: dict[int, tuple[int, int]] = {}
    for at in np.flatnonzero(calls.point == point).tolist():
        state, here = int(calls.state[at]), (int(costs[at]), int(calls.arc[at]))
        best[state] = min(here, best.get(state, here))
    return best


def _parts(snaps: Snaps, arc: int) -> tuple[float, float]:
    """Where both points lie along an arc of their edge, from 0 to 1."""
    first, second = snaps.part.tolist()
    return (first, second) if arc % 2 == 0 else (1 - first, 1 - second)


def _along(hierarchy: Hierarchy, toll: Toll, snaps: Snaps) -> tuple[int, int] | None:
    """The toll of going on along the edge of both points, and the arc; None if that is no way."""
    if snaps.edge[0] != snaps.edge[1]:
        return None
    ways = []
    for arc in (2 * int(snaps.edge[0]), 2 * int(snaps.edge[0]) + 1):
        start, end = _parts(snaps, arc)
        if hierarchy.steps.arc_head[arc] >= 0 and start <= end:
            cost = toll.upto(np.array([arc, arc]), np.array([start, end]))
            ways.append((int(cost[1] - cost[0]), arc))
    return min(ways, default=None)


def stretch(graph: Graph, arc: int, start: float, end: float) -> Floats:
    """The line of an arc from one part of its length to another, in the direction driven."""
    line = graph.line(arc // 2)
    if arc % 2:
        line = line[::-1]
    scale = np.array([1.0, np.cos(np.radians(line[0, 0]))])
    steps = np.hypot(*(np.diff(line, axis=0) * scale).T)
    at = np.append(0.0, np.cumsum(steps))
    at /= max(at[-1], 1e-12)
    inner = (at > start) & (at < end)
    cuts = np.concatenate(([start], at[inner], [end]))
    return np.stack([np.interp(cuts, at, line[:, axis]) for axis in (0, 1)], axis=1)
