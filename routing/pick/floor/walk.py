"""Shortest ways along walkways in plain Python, for walks made by rule."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from heapq import heappop, heappush

from routing.pick.floor.walkway import Walkways

# For each node where one step leads, and how long the step is in mm.
Steps = dict[int, list[tuple[int, int]]]


def steps_of(walkways: Walkways) -> Steps:
    """Every arc in each direction in which it may be walked."""
    steps: Steps = defaultdict(list)
    for arc in walkways.arcs:
        steps[arc.a].append((arc.b, arc.length_mm))
        if not arc.one_way:
            steps[arc.b].append((arc.a, arc.length_mm))
    return steps


def nearest_of(
    steps: Steps, starts: Iterable[int], ends: Collection[int]
) -> tuple[int, list[int]] | None:
    """The shortest way from any start to any end in mm, with its nodes; None when there is none.

    Of equally near ends the one with the lowest number is taken.
    """
    before: dict[int, int] = {}
    waiting = [(0, node, -1) for node in starts]
    waiting.sort()
    while waiting:
        mm, node, came_from = heappop(waiting)
        if node in before:
            continue
        before[node] = came_from
        if node in ends:
            way = [node]
            while before[way[-1]] >= 0:
                way.append(before[way[-1]])
            return mm, way[::-1]
        for there, step_mm in steps.get(node, ()):
            if there not in before:
                heappush(waiting, (mm + step_mm, there, node))
    return None
