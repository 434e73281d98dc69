"""The shortest walk's length in one block, as a dynamic programme over aisles.

The walk is a connected multigraph in which every corner has even degree. Built aisle by aisle,
all that matters of its left part is, for the aisle's back and front corner, whether its degree is
zero, even or odd, and in how many pieces the left part lies.

Source: H. D. Ratliff and A. S. Rosenthal (1983), Order-Picking in a Rectangular Warehouse: A
Solvable Case of the Traveling Salesman Problem, Operations Research 31(3), tables I and II.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]

ZERO, EVEN, ODD = 0, 2, 1
# The degrees of the back and the front corner, and the number of pieces.
STATES: Final = (
    (ODD, ODD, 1),
    (ZERO, EVEN, 1),
    (EVEN, ZERO, 1),
    (EVEN, EVEN, 1),
    (EVEN, EVEN, 2),
    (ZERO, ZERO, 0),
    (ZERO, ZERO, 1),
)
NOTHING: Final = 5
CLOSED: Final = np.array([1, 2, 3, 6])

# Ways through an aisle.
ONCE, BACK, FRONT, GAP, TWICE, SKIP = range(6)
# What each way adds to the back and the front corner, and whether it joins them.
_AISLE_WAYS: Final = (
    (1, 1, True),
    (2, 0, False),
    (0, 2, False),
    (2, 2, False),
    (2, 2, True),
    (0, 0, False),
)
# Edges along the back and the front cross aisle between two aisles.
CROSS_WAYS: Final = ((1, 1), (2, 0), (0, 2), (2, 2), (0, 0))
FAR: Final = 1 << 60


def _degree(before: int, added: int) -> int:
    total = before + added
    return total if total < 2 else 2 - total % 2


def _through_aisle(state: tuple[int, int, int], way: tuple[int, int, bool]) -> int | None:
    back, front, pieces = state
    add_back, add_front, joins = way
    if pieces == 1 and back == front == ZERO and (add_back or add_front):
        return None  # The walk is closed already; anything more would be a piece apart.
    if joins:
        pieces = 1
    else:
        pieces += (add_back > 0 and back == ZERO) + (add_front > 0 and front == ZERO)
    return _index(_degree(back, add_back), _degree(front, add_front), pieces)


def _along_cross(state: tuple[int, int, int], way: tuple[int, int]) -> int | None:
    back, front, pieces = state
    add_back, add_front = way
    if (back == ZERO and add_back == 1) or (front == ZERO and add_front == 1):
        return None
    if (back + add_back) % 2 or (front + add_front) % 2:
        return None
    carried = (add_back > 0 and back != ZERO) + (add_front > 0 and front != ZERO)
    if (pieces == 2 and carried < 2) or (pieces == 1 and not carried and add_back + add_front):
        return None  # A piece would be left behind.
    if back == front == ODD:
        return _index(ODD, ODD, 1)
    fresh = (add_back > 0 and back == ZERO) + (add_front > 0 and front == ZERO)
    return _index(add_back, add_front, pieces + fresh)


def _index(back: int, front: int, pieces: int) -> int | None:
    state = (back, front, pieces)
    return STATES.index(state) if state in STATES else None


def _aisle_steps() -> Ints:
    steps = [
        (s, w, t)
        for s, state in enumerate(STATES)
        for w, way in enumerate(_AISLE_WAYS)
        if (t := _through_aisle(state, way)) is not None
    ]
    return np.array(steps, np.int64)


def _cross_steps() -> Ints:
    steps = [
        (s, w, t)
        for s, state in enumerate(STATES)
        for w, way in enumerate(CROSS_WAYS)
        if (t := _along_cross(state, way)) is not None
    ]
    return np.array(steps, np.int64)


AISLE_STEPS: Final = _aisle_steps()
CROSS_STEPS: Final = _cross_steps()
CROSS_EDGES: Final = np.array([sum(way) for way in CROSS_WAYS], np.int64)


@njit(cache=True)
def note_pick(summary: Ints, aisle: int, mm: int) -> None:
    """Adds a pick to an aisle's summary (lowest, highest, largest gap); picks come in order."""
    if summary[aisle, 1] < 0:
        summary[aisle, 0] = mm
        summary[aisle, 2] = 0
    elif mm - summary[aisle, 1] > summary[aisle, 2]:
        summary[aisle, 2] = mm - summary[aisle, 1]
    summary[aisle, 1] = mm


@njit(cache=True)
def aisle_costs(summary: Ints, aisle: int, length_mm: int, costs: Ints) -> None:
    """Writes what each way through the aisle costs in mm; a way that misses a pick is FAR."""
    low, high, gap = summary[aisle, 0], summary[aisle, 1], summary[aisle, 2]
    costs[ONCE] = length_mm
    costs[TWICE] = 2 * length_mm
    if high < 0:
        costs[BACK] = costs[FRONT] = costs[GAP] = FAR
        costs[SKIP] = 0
        return
    costs[BACK] = 2 * (length_mm - low)
    costs[FRONT] = 2 * high
    costs[GAP] = 2 * (length_mm - gap)
    costs[SKIP] = FAR


@njit(cache=True)
def shortest(
    summary: Ints, length_mm: int, pitch_mm: int, after_aisle: Ints, after_cross: Ints
) -> int:
    """The shortest closed walk past all picks, in mm; the depot is a pick at 0 of its aisle.

    summary: a row an aisle of lowest and highest pick and largest gap between picks, in mm; the
    highest is -1 where there is none. after_aisle, after_cross: a row an aisle of the cheapest
    cost of each state, filled between the first and the last aisle with a pick.
    """
    first, last = 0, summary.shape[0] - 1
    while summary[first, 1] < 0:
        first += 1
    while summary[last, 1] < 0:
        last -= 1
    costs = np.empty(6, np.int64)
    for aisle in range(first, last + 1):
        aisle_costs(summary, aisle, length_mm, costs)
        for state in range(7):
            after_aisle[aisle, state] = FAR
            after_cross[aisle, state] = FAR
        for k in range(AISLE_STEPS.shape[0]):
            s, w, t = AISLE_STEPS[k, 0], AISLE_STEPS[k, 1], AISLE_STEPS[k, 2]
            cost = costs[w]
            if aisle > first:
                cost += after_cross[aisle - 1, s]
            elif s != NOTHING:
                cost = FAR
            if cost < after_aisle[aisle, t]:
                after_aisle[aisle, t] = cost
        for k in range(CROSS_STEPS.shape[0]):
            s, w, t = CROSS_STEPS[k, 0], CROSS_STEPS[k, 1], CROSS_STEPS[k, 2]
            cost = after_aisle[aisle, s] + CROSS_EDGES[w] * pitch_mm
            if cost < after_cross[aisle, t]:
                after_cross[aisle, t] = cost
    best = FAR
    for state in CLOSED:
        best = min(best, after_aisle[last, state])
    return best


@njit(cache=True)
def tour_length(aisle: Ints, mm: Ints, aisles: int, length_mm: int, pitch_mm: int) -> int:
    """The shortest walk's length in mm past picks sorted by aisle, then position.

    aisle, mm: one entry a pick, the depot among them as (its aisle, 0); repeats do no harm.
    """
    summary = np.full((aisles, 3), -1, np.int64)
    for k in range(aisle.shape[0]):
        note_pick(summary, aisle[k], mm[k])
    after_aisle = np.empty((aisles, 7), np.int64)
    after_cross = np.empty((aisles, 7), np.int64)
    return shortest(summary, length_mm, pitch_mm, after_aisle, after_cross)
