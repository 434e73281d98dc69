"""What each way through a stretch of an aisle costs where its two racks lie apart.

Between two corners the picker walks in one of two lanes, before the left or the right rack, and
may cross over anywhere at a cost; at the corners the lanes meet. Swept from the lower corner up,
level by level, all that matters is for both lanes whether the degree is zero, odd or even, and
whether the lane hangs at the lower corner or has still to be joined from above.
"""

from typing import Final

import numpy as np

from routing.kernel import kernel
from routing.pick.tour.frontier_states import GAP, LOWER, ONCE, SKIP, TWICE, UPPER, WAYS, Ints

FAR: Final = 1 << 60

# The piece of a lane: none, at the lower corner, or not joined yet. Two lanes that are not joined
# yet may hang together (LOOSE twice) or not (LOOSE and APART).
_NONE, _BELOW, _LOOSE, _APART = range(4)
# Degree and piece of the left and the right lane, and whether the lower corner is touched.
_State = tuple[int, int, int, int, bool]
_RUNGS: Final = 3
_RISES: Final = 9


def _cross_over(state: _State, times: int) -> _State:
    """Walks the rung of this level so many times."""
    left, right, of_left, of_right, touched = state
    if times == 0:
        return state
    piece = _BELOW if _BELOW in (of_left, of_right) else _LOOSE
    return _degree(left, times), _degree(right, times), piece, piece, touched


def _degree(before: int, added: int) -> int:
    """0, 1 for odd or 2 for even."""
    total = before + added
    return total if total < 2 else 2 - total % 2


def _rise(state: _State, on_left: int, on_right: int) -> _State | None:
    """Walks on to the next level so many times in each lane."""
    left, right, of_left, of_right, touched = state
    if (left + on_left) % 2 or (right + on_right) % 2:
        return None
    together = of_left == of_right == _LOOSE
    for piece, here, there in ((of_left, on_left, on_right), (of_right, on_right, on_left)):
        if piece in (_LOOSE, _APART) and not here and not (together and there):
            return None  # It would never be joined.
    new_left = (of_left or _LOOSE) if on_left else _NONE
    new_right = (of_right or _LOOSE) if on_right else _NONE
    if min(new_left, new_right) >= _LOOSE and not together:
        new_left, new_right = _LOOSE, _APART
    return on_left, on_right, new_left, new_right, touched


def _covers(state: _State, on_left: int, on_right: int) -> int:
    """Which lanes are touched at the level, the left one as 1, the right one as 2."""
    return (state[0] + on_left > 0) + 2 * (state[1] + on_right > 0)


def _way_to_end(state: _State) -> int:
    """The way through the stretch that a state at the upper corner is, -1 for none."""
    left, right, of_left, of_right, touched = state
    if left + right == 0:
        return LOWER if touched else SKIP
    if _BELOW in (of_left, of_right):
        return TWICE if (left + right) % 2 == 0 else ONCE
    if (left + right) % 2:
        return -1
    return GAP if touched else UPPER


def _begin(on_left: int, on_right: int) -> _State:
    return (
        on_left,
        on_right,
        _BELOW if on_left else _NONE,
        _BELOW if on_right else _NONE,
        on_left + on_right > 0,
    )


def _explore() -> tuple[Ints, Ints, Ints, Ints]:
    states = [_begin(*divmod(rise, 3)) for rise in range(_RISES)]
    rungs: list[list[int]] = []
    rises: list[list[int]] = []
    covers: list[list[int]] = []

    def number(state: _State | None) -> int:
        if state is None:
            return -1
        if state not in states:
            states.append(state)
        return states.index(state)

    k = 0
    while k < len(states):
        state = states[k]
        rungs.append([number(_cross_over(state, times)) for times in range(_RUNGS)])
        rises.append([number(_rise(state, *divmod(rise, 3))) for rise in range(_RISES)])
        covers.append([_covers(state, *divmod(rise, 3)) for rise in range(_RISES)])
        k += 1
    ends = [_way_to_end(state) for state in states]
    return np.array(rungs), np.array(rises), np.array(covers), np.array(ends)


# The first nine states are the ways to begin: left * 3 + right times up from the lower corner.
_RUNG_TO, _RISE_TO, _COVERS, _WAY_TO_END = _explore()
_STATES: Final = len(_WAY_TO_END)


@kernel
def _begin_at(rise_mm: int, cost: Ints) -> None:
    cost[:] = FAR
    for rise in range(_RISES):
        cost[rise] = (rise // 3 + rise % 3) * rise_mm


@kernel
def _cross_level(before: Ints, width_mm: int, after: Ints, came: Ints) -> None:
    after[:] = FAR
    for s in range(_STATES):
        if before[s] < FAR:
            for times in range(_RUNGS):
                t, cost = _RUNG_TO[s, times], before[s] + times * width_mm
                if cost < after[t]:
                    after[t] = cost
                    came[t] = s * _RUNGS + times


@kernel
def _leave_level(before: Ints, wanted: int, rise_mm: int, after: Ints, came: Ints) -> None:
    after[:] = FAR
    for s in range(_STATES):
        if before[s] < FAR:
            for rise in range(_RISES):
                t = _RISE_TO[s, rise]
                if t < 0 or wanted & ~_COVERS[s, rise]:
                    continue
                cost = before[s] + (rise // 3 + rise % 3) * rise_mm
                if cost < after[t]:
                    after[t] = cost
                    came[t] = s * _RISES + rise


@kernel
def climb(mm: Ints, wanted: Ints, low_mm: int, high_mm: int, width_mm: int, came: Ints) -> Ints:
    """The least cost of each state at the upper corner.

    mm, wanted: the levels of a stretch from low_mm to high_mm, rising, and whose racks are picked
    from there, 1 for the left and 2 for the right one. came: is filled with where each state came
    from; two rows a level, at least.
    """
    cost, other = np.empty(_STATES, np.int64), np.empty(_STATES, np.int64)
    levels = mm.shape[0]
    _begin_at((mm[0] if levels else high_mm) - low_mm, cost)
    for k in range(levels):
        rise_mm = (mm[k + 1] if k + 1 < levels else high_mm) - mm[k]
        _cross_level(cost, width_mm, other, came[2 * k])
        _leave_level(other, wanted[k], rise_mm, cost, came[2 * k + 1])
    return cost


@kernel
def new_ladder(levels: int) -> Ints:
    """Room for `climb` to note down where states came from."""
    return np.empty((2 * levels, _STATES), np.int64)


@kernel
def ladder_costs(cost: Ints, ways_mm: Ints) -> None:
    """Writes what each way through the stretch costs, from what `climb` answers."""
    ways_mm[:WAYS] = FAR
    for s in range(_STATES):
        way = _WAY_TO_END[s]
        if way >= 0 and cost[s] < ways_mm[way]:
            ways_mm[way] = cost[s]


@kernel
def climb_down(cost: Ints, came: Ints, levels: int, way: int, rungs: Ints, rises: Ints) -> None:
    """Writes how often each rung is walked, and each rise as 3 * left + right, lowest first."""
    state = -1
    for s in range(_STATES):
        if _WAY_TO_END[s] == way and (state < 0 or cost[s] < cost[state]):
            state = s
    for k in range(levels - 1, -1, -1):
        step = came[2 * k + 1, state]
        state, rises[k + 1] = step // _RISES, step % _RISES
        step = came[2 * k, state]
        state, rungs[k] = step // _RUNGS, step % _RUNGS
    rises[0] = state
