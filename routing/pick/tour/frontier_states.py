"""What must be known of the left part of a walk to go on with it, and every step between.

A walk in any number of blocks is a connected multigraph whose corners have even degree. Swept
from the left, aisle by aisle, it meets a frontier of one corner a cross aisle. All that matters
of what lies behind is, for each corner of the frontier, whether its degree is zero, odd or even,
and which corners hang together.

Source: H. D. Ratliff and A. S. Rosenthal (1983), Operations Research 31(3), carried on to several
blocks by L. Pansart, N. Catusse and H. Cambazard (2018), Exact algorithms for the order picking
problem, Computers and Operations Research 100.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel

Ints = npt.NDArray[np.int64]
Steps = npt.NDArray[np.int32]

# Ways through a stretch of an aisle, between two corners: once, twice, not at all, from one end
# and back to it, or from both ends up to the largest gap.
ONCE, TWICE, SKIP, LOWER, UPPER, GAP = range(6)
WAYS: Final = 6
# What each way adds to the lower and to the upper corner.
_ADDS: Final = np.array([(1, 1), (2, 2), (0, 0), (2, 0), (0, 2), (2, 2)], np.int64)
CROSSINGS: Final = 3

# States that every frontier has: before the first edge, and after the last.
NOTHING, CLOSED = 0, 1
_CLOSED_CODE: Final = 1
_BITS: Final = 5
_NEVER: Final = -1


@kernel
def _unpack(code: int, corners: int, piece: Ints, odd: Ints) -> None:
    for k in range(corners):
        odd[k] = code >> (_BITS * k) & 1
        piece[k] = code >> (_BITS * k + 1) & 15


@kernel
def _pack(corners: int, piece: Ints, odd: Ints) -> int:
    """The state as a number; pieces are numbered anew, in the order of their first corners."""
    code, pieces = 0, 0
    for k in range(corners):
        if piece[k] == 0:
            continue
        number = 0
        for j in range(k):
            if piece[j] == piece[k]:
                number = code >> (_BITS * j + 1) & 15
                break
        if number == 0:
            pieces += 1
            number = pieces
        code |= (number << 1 | odd[k]) << (_BITS * k)
    return code


@kernel
def _through(corners: int, piece: Ints, odd: Ints, k: int, way: int) -> None:
    """Takes the stretch between corners k and k + 1 in some way."""
    for end in range(2):
        if _ADDS[way, end] and piece[k + end] == 0:
            piece[k + end] = corners + 1 + end
        odd[k + end] = (odd[k + end] + _ADDS[way, end]) % 2
    if way in (ONCE, TWICE):
        upper = piece[k + 1]
        for j in range(corners):
            if piece[j] == upper:
                piece[j] = piece[k]


@kernel
def _across(corners: int, piece: Ints, odd: Ints, k: int, times: int) -> int:
    """Leaves corner k for the next aisle's so many times: 1, 0 when it cannot be, 2 when closed.

    An edge from a corner that nothing reaches would be walked for nothing.
    """
    if piece[k] == 0:
        return 1 if times == 0 else 0
    if (odd[k] + times) % 2:
        return 0
    if times:
        odd[k] = times % 2
        return 1
    alone, last = True, True
    for j in range(corners):
        if j != k and piece[j]:
            last = False
            alone = alone and piece[j] != piece[k]
    piece[k] = odd[k] = 0
    if last:
        return 2
    return 0 if alone else 1


@kernel
def _odd_pieces(corners: int, piece: Ints, odd: Ints) -> int:
    """How many pieces hold an odd number of odd corners: each hides one end of an open walk."""
    count = 0
    for k in range(corners):
        total, first = 0, piece[k] > 0
        for j in range(corners):
            if piece[j] == piece[k]:
                total += odd[j]
                first = first and j >= k
        count += first and total % 2
    return count


@kernel
def _next(code: int, corners: int, kind: int, way: int, piece: Ints, odd: Ints) -> int:
    """The state after a step, -1 when it cannot be taken. The kinds are those of `steps_of`."""
    if code == _CLOSED_CODE:
        still = (kind < corners - 1 and way == SKIP) or (
            corners - 1 <= kind < 2 * corners - 1 and way == 0
        )
        return code if still else _NEVER
    _unpack(code, corners, piece, odd)
    if kind < corners - 1:
        _through(corners, piece, odd, kind, way)
    elif kind < 2 * corners - 1:
        outcome = _across(corners, piece, odd, kind - corners + 1, way)
        if outcome != 1:
            return _CLOSED_CODE if outcome == 2 else _NEVER
    else:
        k = (kind - 2 * corners + 1) % corners
        if piece[k] == 0:
            piece[k] = corners + 1
        odd[k] ^= kind >= 3 * corners - 1
        if _odd_pieces(corners, piece, odd) > 2:
            return _NEVER
    return _pack(corners, piece, odd)


@kernel
def ways_of(kind: int, corners: int) -> int:
    """How many ways a step of a kind can be taken."""
    if kind < corners - 1:
        return WAYS
    return CROSSINGS if kind < 2 * corners - 1 else 1


@kernel
def _find(codes: Ints, table: Ints, code: int) -> int:
    """The slot of a code in the hash table, or the free one where it belongs."""
    slot = (code * 0x9E3779B97F4A7C1) >> 20 & (table.shape[0] - 1)
    while table[slot] >= 0 and codes[table[slot]] != code:
        slot = (slot + 1) & (table.shape[0] - 1)
    return int(slot)


@kernel
def _explore(corners: int, kinds: int, room: int) -> Steps:
    """The steps among all states that can be reached, by breadth-first search."""
    codes = np.empty(room, np.int64)
    table = np.full(4 * room, -1, np.int64)
    steps = np.full((kinds, room, WAYS), _NEVER, np.int32)
    piece, odd = np.zeros(16, np.int64), np.zeros(16, np.int64)
    codes[NOTHING], codes[CLOSED] = 0, _CLOSED_CODE
    table[_find(codes, table, 0)] = NOTHING
    table[_find(codes, table, _CLOSED_CODE)] = CLOSED
    count, state = 2, 0
    while state < count:
        for kind in range(kinds):
            for way in range(ways_of(kind, corners)):
                code = _next(codes[state], corners, kind, way, piece, odd)
                if code == _NEVER:
                    continue
                slot = _find(codes, table, code)
                if table[slot] < 0:
                    if count == room:
                        return steps[:, :0]
                    codes[count] = code
                    table[slot] = count
                    count += 1
                steps[kind, state, way] = table[slot]
        state += 1
    return steps[:, :count].copy()


@lru_cache(maxsize=32)
def steps_of(corners: int, is_open: bool) -> Steps:
    """The state after each step, by kind, state and way; -1 where it cannot be taken.

    Kinds, for the corners k counted from the front: k is the stretch from corner k to k + 1, its
    ways as above; corners - 1 + k the edge from corner k to the next aisle, its ways 0, 1 or 2
    times; 2 * corners - 1 + k says that the walk must touch corner k; and for open walks
    3 * corners - 1 + k that it starts or ends there.
    """
    room = 1 << (2 * corners)
    while True:
        room *= 2
        kinds = (4 if is_open else 3) * corners - 1
        steps: Steps = _explore(corners, kinds, room)
        if steps.shape[1]:
            return steps
