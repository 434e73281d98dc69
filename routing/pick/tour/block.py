"""The shortest walk of one picker through one block, with its way."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from routing.pick.floor.layout import Layout, Point, Stop, refuse_outside
from routing.pick.tour.path import tour_along
from routing.pick.tour.plan import Tour
from routing.pick.tour.ratliff_rosenthal import (
    AISLE_STEPS,
    BACK,
    CLOSED,
    CROSS_EDGES,
    CROSS_STEPS,
    CROSS_WAYS,
    FRONT,
    GAP,
    NOTHING,
    ONCE,
    SKIP,
    TWICE,
    Ints,
    aisle_costs,
    note_pick,
    shortest,
    tour_length,
)

__all__ = ["solve_tour", "tour_length"]

METHOD = "ratliff_rosenthal"

# Places at both ends of an edge, and how often it is walked.
Edge = tuple[Point, Point, int]


def solve_tour(layout: Layout, stops: Sequence[Stop]) -> Tour:
    """The shortest tour past all stops, proven.

    Raises: ValueError when a stop lies outside the layout.
    Source: Ratliff and Rosenthal (1983).
    """
    refuse_outside(layout, stops)
    spots = sorted({(stop.aisle, stop.position_mm) for stop in stops} | {(layout.depot_aisle, 0)})
    summary = np.full((layout.aisles, 3), -1, np.int64)
    for aisle, mm in spots:
        note_pick(summary, aisle, mm)
    after_aisle = np.empty((layout.aisles, 7), np.int64)
    after_cross = np.empty((layout.aisles, 7), np.int64)
    shortest(summary, layout.aisle_length_mm, layout.aisle_pitch_mm, after_aisle, after_cross)
    first, last = spots[0][0], spots[-1][0]
    ways = _trace(layout, summary, after_aisle, after_cross, first, last)
    walk = _circuit(_edges(layout, spots, ways), layout.depot)
    return tour_along(layout, stops, walk, METHOD, optimal=True)


def _trace(
    layout: Layout, summary: Ints, after_aisle: Ints, after_cross: Ints, first: int, last: int
) -> list[tuple[int, int, int]]:
    """For each aisle from the last to the first: the way through it and the way on from it.

    The steps are found again by their exact integer costs, so the search keeps no pointers.
    """
    ways: list[tuple[int, int, int]] = []
    costs = np.empty(6, np.int64)
    start = np.where(np.arange(7) == NOTHING, 0, 1 << 60)
    state = int(min(CLOSED, key=lambda closed: int(after_aisle[last, closed])))
    cross = len(CROSS_WAYS) - 1
    for aisle in range(last, first - 1, -1):
        aisle_costs(summary, aisle, layout.aisle_length_mm, costs)
        before = start if aisle == first else after_cross[aisle - 1]
        came_from, way = _step_into(AISLE_STEPS, state, before, costs, after_aisle[aisle, state])
        ways.append((aisle, way, cross))
        if aisle > first:
            edge_mm = CROSS_EDGES * layout.aisle_pitch_mm
            aim = after_cross[aisle - 1, came_from]
            state, cross = _step_into(
                CROSS_STEPS, came_from, after_aisle[aisle - 1], edge_mm, int(aim)
            )
    return ways


def _step_into(
    steps: Ints, state: int, before: Ints, cost_mm: Ints, reached_mm: int
) -> tuple[int, int]:
    for s, w, t in steps.tolist():
        if t == state and before[s] + cost_mm[w] == reached_mm:
            return s, w
    raise AssertionError(f"no step reaches state {state} at {reached_mm} mm")


def _edges(
    layout: Layout, spots: Sequence[tuple[int, int]], ways: Sequence[tuple[int, int, int]]
) -> Iterator[Edge]:
    positions: dict[int, list[int]] = defaultdict(list)
    for aisle, mm in spots:
        positions[aisle].append(mm)
    back_mm = layout.aisle_length_mm
    for aisle, way, cross in ways:
        x = aisle * layout.aisle_pitch_mm
        for low, high, times in _aisle_edges(positions[aisle], way, back_mm):
            yield (x, low), (x, high), times
        on_back, on_front = CROSS_WAYS[cross]
        yield (x, back_mm), (x + layout.aisle_pitch_mm, back_mm), on_back
        yield (x, 0), (x + layout.aisle_pitch_mm, 0), on_front


def _aisle_edges(picks_mm: list[int], way: int, back_mm: int) -> list[tuple[int, int, int]]:
    """The stretches walked between picks and corners, with how often."""
    if way == SKIP:
        return []
    if way == FRONT:
        return _stretches([0, *picks_mm], 2)
    if way == BACK:
        return _stretches([*picks_mm, back_mm], 2)
    if way in (ONCE, TWICE):
        return _stretches([0, *picks_mm, back_mm], 1 if way == ONCE else 2)
    assert way == GAP
    widest = max(range(1, len(picks_mm)), key=lambda k: picks_mm[k] - picks_mm[k - 1])
    return _stretches([0, *picks_mm[:widest]], 2) + _stretches([*picks_mm[widest:], back_mm], 2)


def _stretches(places_mm: list[int], times: int) -> list[tuple[int, int, int]]:
    return [(a, b, times) for a, b in pairwise(places_mm) if a < b]


def _circuit(edges: Iterator[Edge], start: Point) -> list[Point]:
    """A closed walk from start over every edge as often as it is given (Hierholzer)."""
    left: dict[Point, dict[Point, int]] = defaultdict(dict)
    for a, b, times in edges:
        if times:
            left[a][b] = left[a].get(b, 0) + times
            left[b][a] = left[b].get(a, 0) + times
    stack, walk = [start], []
    while stack:
        here = stack[-1]
        if not left[here]:
            walk.append(stack.pop())
            continue
        there = min(left[here])
        for a, b in ((here, there), (there, here)):
            left[a][b] -= 1
            if not left[a][b]:
                del left[a][b]
        stack.append(there)
    return walk
