"""The shortest walk past a few places by trying every order, on a floor drawn as a plain graph.

It shares nothing with the planners: it is what they are held against.
Source: M. Held and R. M. Karp (1962), A Dynamic Programming Approach to Sequencing Problems.
"""

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel
from routing.pick.floor.layout import Layout, Stop

Ints = npt.NDArray[np.int64]
FAR = 1 << 50


def shortest_mm(layout: Layout, stops: tuple[Stop, ...]) -> int:
    """The length in mm of the shortest walk from the first door past all stops and back."""
    spots = sorted({(stop.aisle, stop.position_mm) for stop in stops} - {(layout.depot_aisle, 0)})
    return int(_held_karp(ways_mm(layout, [(layout.depot_aisle, 0), *spots])))


def ways_mm(layout: Layout, spots: list[tuple[int, int]]) -> Ints:
    """The shortest way between any two spots: straight in an aisle, or by a cross aisle."""
    crossings = (0, *layout.cross_aisles_mm, layout.aisle_length_mm)
    ways = np.zeros((len(spots), len(spots)), np.int64)
    for i, (aisle, mm) in enumerate(spots):
        for j, (other, other_mm) in enumerate(spots):
            if aisle == other:
                ways[i, j] = abs(mm - other_mm)
            else:
                along = min(abs(mm - y) + abs(y - other_mm) for y in crossings)
                ways[i, j] = along + abs(aisle - other) * layout.aisle_pitch_mm
    return ways


@kernel
def _held_karp(ways: Ints) -> int:
    n = ways.shape[0] - 1
    if n == 0:
        return 0
    best = np.full((1 << n, n), FAR, np.int64)
    for k in range(n):
        best[1 << k, k] = ways[0, k + 1]
    for seen in range(1, 1 << n):
        for last in range(n):
            here = best[seen, last]
            if here >= FAR:
                continue
            for k in range(n):
                if not seen >> k & 1:
                    there = here + ways[last + 1, k + 1]
                    if there < best[seen | 1 << k, k]:
                        best[seen | 1 << k, k] = there
    shortest = FAR
    for last in range(n):
        shortest = min(shortest, best[(1 << n) - 1, last] + ways[last + 1, 0])
    return shortest
