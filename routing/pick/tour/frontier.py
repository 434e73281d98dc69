"""The shortest walk on two-way aisles with any cross aisles, as a dynamic programme.

The floor is swept from the left: in each aisle one stretch between two corners at a time, then
one edge of a cross aisle at a time. See `frontier_states` for what is known of the part behind.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from routing.kernel import kernel
from routing.pick.floor.layout import Door, Layout, Way
from routing.pick.tour.frontier_states import (
    CLOSED,
    GAP,
    LOWER,
    NOTHING,
    ONCE,
    SKIP,
    TWICE,
    UPPER,
    WAYS,
    Ints,
    Steps,
    steps_of,
    ways_of,
)
from routing.pick.tour.ladder import FAR, climb, ladder_costs, new_ladder

LEFT, RIGHT = 1, 2
# Cross aisles, the front and the back among them, up to which a walk is found exactly. Each one
# more makes six times as many states; walks that end elsewhere than they start have more of them.
CROSS_AISLES_MAX: Final = 7
CROSS_AISLES_OPEN_MAX: Final = 6
_AISLE_SHIFT: Final = 1 << 40


class Ground(NamedTuple):
    """A layout as flat arrays.

    corner_mm: how far in each corner of each aisle lies, one row an aisle, front to back; cross
    aisles that an aisle does not reach have a corner at its back end. cross_mm: the way from
    each corner to the next aisle's, FAR where there is none. leave, arrive: corners, counted row
    by row, that a walk may start and end at, pair by pair. A named tuple, since numba can take
    nothing else that has field names.
    """

    corner_mm: Ints
    cross_mm: Ints
    pitch_mm: int
    width_mm: int
    leave: Ints
    arrive: Ints
    steps: Steps


class Levels(NamedTuple):
    """The places to pick from, rising by aisle and position; racks: LEFT, RIGHT or both."""

    aisle: Ints
    mm: Ints
    racks: Ints


class Program(NamedTuple):
    """The steps of a sweep: their kinds, what each way costs, and which aisle they are in.

    levels: for the stretches, which levels lie in them, from and up to.
    """

    kind: Ints
    cost: Ints
    aisle: Ints
    levels: Ints


def is_exact(layout: Layout) -> bool:
    """Whether walks through the layout can be found exactly here."""
    if any(way is not Way.BOTH for way in layout.ways):
        return False
    is_open = set(layout.drops) not in (set(), set(layout.starts)) or len(set(layout.drops)) > 1
    most = CROSS_AISLES_OPEN_MAX if is_open else CROSS_AISLES_MAX
    return len(layout.cross_aisles_mm) + 2 <= most


@lru_cache(maxsize=64)
def ground_of(layout: Layout) -> Ground:
    """The layout as flat arrays.

    Raises: ValueError when it has more than walks can be found exactly in.
    """
    if not is_exact(layout):
        raise ValueError("walks are exact only past two-way aisles and few cross aisles")
    ends = (0, *layout.cross_aisles_mm, layout.aisle_length_mm)
    lengths = [layout.length_of(aisle) for aisle in range(layout.aisles)]
    corner_mm = np.array([[min(mm, length) for mm in ends] for length in lengths], np.int64)
    cross_mm = np.full(corner_mm.shape, FAR, np.int64)
    for aisle, (here, there) in enumerate(pairwise(lengths)):
        for k, mm in enumerate(ends[:-1]):
            if mm < min(here, there):
                cross_mm[aisle, k] = layout.aisle_pitch_mm
        cross_mm[aisle, -1] = layout.aisle_pitch_mm + abs(here - there)

    def corner(door: Door) -> int:
        return door.aisle * len(ends) + (len(ends) - 1 if door.at_back else 0)

    pairs = {(corner(a), corner(b)) for a in layout.starts for b in layout.drops or (a,)}
    leave, arrive = np.array(sorted(pairs), np.int64).T.copy()
    return Ground(
        corner_mm=corner_mm,
        cross_mm=cross_mm,
        pitch_mm=layout.aisle_pitch_mm,
        width_mm=layout.aisle_width_mm,
        leave=leave,
        arrive=arrive,
        steps=steps_of(len(ends), is_open=any(a != b for a, b in pairs)),
    )


@kernel
def _sorted_order(keys: Ints) -> Ints:
    """The indices of rising keys (Shell's sort: numpy's takes numba seconds to compile)."""
    order = np.arange(keys.shape[0])
    gap = keys.shape[0] // 2
    while gap > 0:
        for k in range(gap, keys.shape[0]):
            moved, j = order[k], k - gap
            while j >= 0 and keys[order[j]] > keys[moved]:
                order[j + gap] = order[j]
                j -= gap
            order[j + gap] = moved
        gap //= 2
    return order


@kernel
def levels_of(aisle: Ints, mm: Ints, racks: Ints, level_of: Ints) -> Levels:
    """The levels that stops lie at, and for each stop in `level_of` which one."""
    order = _sorted_order(aisle * _AISLE_SHIFT + mm)
    on_aisle, on_mm, on_racks = np.empty_like(aisle), np.empty_like(mm), np.zeros_like(racks)
    count = 0
    for stop in order:
        new = count == 0 or on_aisle[count - 1] != aisle[stop] or on_mm[count - 1] != mm[stop]
        if new:
            on_aisle[count], on_mm[count] = aisle[stop], mm[stop]
            count += 1
        on_racks[count - 1] |= racks[stop]
        level_of[stop] = count - 1
    return Levels(on_aisle[:count], on_mm[:count], on_racks[:count])


@kernel
def line_costs(mm: Ints, low_mm: int, high_mm: int, ways_mm: Ints) -> None:
    """Writes what each way through a stretch costs; a way that misses a pick is FAR."""
    ways_mm[ONCE] = high_mm - low_mm
    ways_mm[TWICE] = 2 * (high_mm - low_mm)
    levels = mm.shape[0]
    if levels == 0:
        ways_mm[SKIP] = 0
        ways_mm[LOWER] = ways_mm[UPPER] = ways_mm[GAP] = FAR
        return
    ways_mm[SKIP] = FAR
    ways_mm[LOWER] = 2 * (mm[levels - 1] - low_mm)
    ways_mm[UPPER] = 2 * (high_mm - mm[0])
    widest = 0
    for k in range(1, levels):
        widest = max(widest, mm[k] - mm[k - 1])
    ways_mm[GAP] = 2 * (high_mm - low_mm - widest)


@kernel
def _stretch_costs(
    ground: Ground, levels: Levels, low: int, high: int, aisle: int, k: int, cost: Ints
) -> None:
    low_mm, high_mm = ground.corner_mm[aisle, k], ground.corner_mm[aisle, k + 1]
    mm = levels.mm[low:high]
    if ground.width_mm == 0 or low == high:
        line_costs(mm, low_mm, high_mm, cost)
        return
    came = new_ladder(high - low)
    racks = levels.racks[low:high]
    ladder_costs(climb(mm, racks, low_mm, high_mm, ground.width_mm, came), cost)


@kernel
def _say_ends(
    program: Program, step: int, aisle: int, corners: int, leave: int, arrive: int
) -> int:
    """Adds the steps that make the walk start and end where it must, if in this aisle."""
    for corner, first in ((leave, True), (arrive, False)):
        if corner // corners != aisle or (leave == arrive and not first):
            continue
        program.kind[step] = (2 if leave == arrive else 3) * corners - 1 + corner % corners
        program.cost[step, 0] = 0
        program.aisle[step] = aisle
        step += 1
    return step


@kernel
def program_of(ground: Ground, levels: Levels, leave: int, arrive: int) -> Program:
    """The steps from the first to the last aisle in which there is anything to do."""
    corners, count = ground.corner_mm.shape[1], levels.mm.shape[0]
    first = min(leave // corners, arrive // corners)
    last = max(leave // corners, arrive // corners)
    if count:
        first, last = min(first, levels.aisle[0]), max(last, levels.aisle[count - 1])
    steps = (last - first + 1) * (2 * corners - 1) + (1 if leave == arrive else 2)
    program = Program(
        np.empty(steps, np.int64),
        np.empty((steps, WAYS), np.int64),
        np.empty(steps, np.int64),
        np.zeros((steps, 2), np.int64),
    )
    step, level = int(np.int64(0)), int(np.int64(0))
    for aisle in range(first, last + 1):
        step = _say_ends(program, step, aisle, corners, leave, arrive)
        for k in range(2 * corners - 1):
            program.kind[step], program.aisle[step] = k, aisle
            cost = program.cost[step]
            if k < corners - 1:
                low = level
                while (
                    level < count
                    and levels.aisle[level] == aisle
                    and levels.mm[level] <= ground.corner_mm[aisle, k + 1]
                ):
                    level += 1
                program.levels[step] = low, level
                _stretch_costs(ground, levels, low, level, aisle, k, cost)
            else:
                on = FAR if aisle == last else ground.cross_mm[aisle, k - corners + 1]
                cost[0], cost[1], cost[2] = 0, on, 2 * on
            step += 1
    return program


@kernel
def sweep(ground: Ground, program: Program, came: Steps) -> int:
    """The length of the shortest walk in mm, FAR when there is none.

    came: is filled with where each state after each step came from, state * WAYS + way, one row
    a step; without rows, it is not kept.
    """
    corners, states = ground.corner_mm.shape[1], ground.steps.shape[1]
    before, after = np.full(states, FAR, np.int64), np.empty(states, np.int64)
    before[NOTHING] = 0
    keep = came.shape[0] > 0
    for step in range(program.kind.shape[0]):
        kind, cost = program.kind[step], program.cost[step]
        ways = ways_of(kind, corners)
        after[:] = FAR
        for s in range(states):
            if before[s] >= FAR:
                continue
            for way in range(ways):
                t, mm = ground.steps[kind, s, way], before[s] + cost[way]
                if t >= 0 and mm < after[t]:
                    after[t] = mm
                    if keep:
                        came[step, t] = s * WAYS + way
        before, after = after, before
    return int(before[CLOSED])


@kernel
def shortest_on(ground: Ground, levels: Levels) -> int:
    """The length of the shortest walk past all levels in mm, FAR when there is none."""
    best = FAR
    nowhere = np.empty((0, 0), np.int32)
    for pair in range(ground.leave.shape[0]):
        program = program_of(ground, levels, ground.leave[pair], ground.arrive[pair])
        best = min(best, sweep(ground, program, nowhere))
    return best


@kernel
def trace(program: Program, came: Steps) -> Ints:
    """The way each step is taken on the shortest walk."""
    ways = np.empty(program.kind.shape[0], np.int64)
    state = CLOSED
    for step in range(ways.shape[0] - 1, -1, -1):
        ways[step] = came[step, state] % WAYS
        state = came[step, state] // WAYS
    return ways
