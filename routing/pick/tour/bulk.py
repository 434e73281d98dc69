"""Exact walks by the thousand, on flat arrays."""

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel
from routing.pick.floor.layout import Layout
from routing.pick.tour.frontier import LEFT, Ground, ground_of, levels_of, shortest_on
from routing.pick.tour.frontier_states import Ints
from routing.pick.tour.frontier_walk import walk_on


def solve_many(
    layout: Layout,
    aisle: npt.ArrayLike,
    mm: npt.ArrayLike,
    start: npt.ArrayLike,
    side: npt.ArrayLike | None = None,
) -> tuple[Ints, Ints]:
    """The shortest walks' lengths in mm, and for each walk its stops in walking order.

    aisle, mm: one entry a stop. Walk k has the stops from start[k] up to start[k + 1]. side: 0 is
    left, 1 is right; all left where it is not given. The visits are written one walk after the
    other like the stops, each an index into the stops of its own walk.

    Raises: ValueError when an array does not fit, a stop lies outside the layout, or walks
    through the layout cannot be found exactly.
    """
    ground = ground_of(layout)
    lengths_mm, visits = _solve_all(ground, *_checked(layout, aisle, mm, start, side))
    return lengths_mm, visits


def measure_many(
    layout: Layout,
    aisle: npt.ArrayLike,
    mm: npt.ArrayLike,
    start: npt.ArrayLike,
    side: npt.ArrayLike | None = None,
) -> Ints:
    """The lengths alone of what `solve_many` answers, in mm.

    Raises: ValueError as `solve_many` does.
    """
    ground = ground_of(layout)
    lengths_mm: Ints = _measure_all(ground, *_checked(layout, aisle, mm, start, side))
    return lengths_mm


def _checked(
    layout: Layout,
    aisle: npt.ArrayLike,
    mm: npt.ArrayLike,
    start: npt.ArrayLike,
    side: npt.ArrayLike | None,
) -> tuple[Ints, Ints, Ints, Ints]:
    aisles, places, starts = (np.ascontiguousarray(a, dtype=np.int64) for a in (aisle, mm, start))
    sides = np.zeros_like(aisles) if side is None else np.ascontiguousarray(side, dtype=np.int64)
    if not aisles.shape == places.shape == sides.shape == (aisles.size,):
        raise ValueError("aisle, mm and side must be as long as each other")
    if starts.ndim != 1 or not starts.size or starts[0] != 0 or starts[-1] != aisles.size:
        raise ValueError("start must go from 0 to the number of stops")
    if (np.diff(starts) < 0).any():
        raise ValueError("start must not fall")
    if not ((aisles >= 0) & (aisles < layout.aisles)).all():
        raise ValueError(f"a stop lies outside the {layout.aisles} aisles")
    lengths_mm = np.array([layout.length_of(a) for a in range(layout.aisles)], np.int64)
    if not ((places >= 0) & (places <= lengths_mm[aisles])).all():
        raise ValueError("a stop lies beyond the end of its aisle")
    if not ((sides == 0) | (sides == 1)).all():
        raise ValueError("side must be 0 for left or 1 for right")
    return aisles, places, sides + LEFT, starts


@kernel
def _solve_all(
    ground: Ground, aisle: Ints, mm: Ints, racks: Ints, start: Ints
) -> tuple[Ints, Ints]:
    walks = start.shape[0] - 1
    lengths_mm, visits = np.empty(walks, np.int64), np.empty_like(aisle)
    for k in range(walks):
        low, high = start[k], start[k + 1]
        length_mm, order, _, _ = walk_on(ground, aisle[low:high], mm[low:high], racks[low:high])
        lengths_mm[k] = length_mm
        visits[low:high] = order
    return lengths_mm, visits


@kernel
def _measure_all(ground: Ground, aisle: Ints, mm: Ints, racks: Ints, start: Ints) -> Ints:
    walks = start.shape[0] - 1
    lengths_mm = np.empty(walks, np.int64)
    for k in range(walks):
        low, high = start[k], start[k + 1]
        level_of = np.empty(high - low, np.int64)
        levels = levels_of(aisle[low:high], mm[low:high], racks[low:high], level_of)
        lengths_mm[k] = shortest_on(ground, levels)
    return lengths_mm
