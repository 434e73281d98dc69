"""Orders of places, shortened step by step: 2-opt, Or-opt and Or-3opt under perturbation.

A distance of FAR forbids a step, so ranks and one-way walkways need no rules here, except that
only a stretch within one layer may be turned round.

Source: I. Or (1976), Traveling Salesman-Type Combinatorial Problems and Their Relation to the
Logistics of Regional Blood Banking; O. Martin, S. W. Otto and E. W. Felten (1991), Large-Step
Markov Chains for the Traveling Salesman Problem, Complex Systems 5.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel

Ints = npt.NDArray[np.int64]

NEIGHBOURS_MAX: Final = 10
SEGMENT_MAX: Final = 3
STRETCH_MAX: Final = 30
FAR: Final = 1 << 62


@kernel
def length_of(mm: Ints, order: Ints) -> int:
    """The length of the closed walk in this order, in mm."""
    total = mm[order[-1], order[0]]
    for k in range(order.shape[0] - 1):
        total += mm[order[k], order[k + 1]]
    return int(total)


@kernel
def neighbours_of(mm: Ints, inward: bool) -> Ints:
    """For each place the nearest others, nearest first: to it if inward, else from it."""
    n = mm.shape[0]
    width = min(NEIGHBOURS_MAX, n - 1)
    near = np.zeros((n, width), np.int64)
    for a in range(n):
        row = mm[:, a].copy() if inward else mm[a].copy()
        row[a] = FAR
        near[a] = np.argsort(row, kind="mergesort")[:width]
    return near


@kernel
def insert_all(mm: Ints, first: Ints, order: Ints) -> int:
    """Builds an order: layer after layer, each place where it lengthens the walk least."""
    order[0] = 0
    count, begin = 1, 1
    for layer in range(first.shape[0] - 1):
        for place in range(first[layer], first[layer + 1]):
            best, at = FAR, count
            for k in range(begin, count + 1):
                a = order[k - 1]
                if k < count:
                    b = order[k]
                    cost = mm[a, place] + mm[place, b] - mm[a, b]
                elif layer == first.shape[0] - 2:
                    cost = mm[a, place] + mm[place, 0] - (mm[a, 0] if k > begin else 0)
                else:
                    cost = mm[a, place]
                if cost < best:
                    best, at = cost, k
            for k in range(count, at, -1):
                order[k] = order[k - 1]
            order[at] = place
            count += 1
        begin = count
    return length_of(mm, order)


@kernel
def _reverse(order: Ints, i: int, j: int) -> None:
    while i < j:
        order[i], order[j] = order[j], order[i]
        i += 1
        j -= 1


@kernel
def _settle(order: Ints, position: Ints, i: int, j: int) -> None:
    for k in range(i, j + 1):
        position[order[k]] = k


@kernel
def _swap_stretches(order: Ints, position: Ints, i: int, j: int, k: int) -> None:
    """Turns ... i] [i+1 .. j] [j+1 .. k] ... into ... i] [j+1 .. k] [i+1 .. j] ..."""
    _reverse(order, i + 1, j)
    _reverse(order, j + 1, k)
    _reverse(order, i + 1, k)
    _settle(order, position, i + 1, k)


@kernel
def _two_opt(mm: Ints, layer: Ints, order: Ints, position: Ints, a: int, near: Ints) -> int:
    """Turns a stretch round if that shortens the walk; by how much."""
    n = order.shape[0]
    for c in near[a]:
        for after in (True, False):
            i, j = min(position[a], position[c]), max(position[a], position[c])
            if not after:
                i, j = i - 1, j - 1
            if i < 0 or j - i < 2 or layer[order[i + 1]] != layer[order[j]]:
                continue
            a1, a2, b1, b2 = order[i], order[i + 1], order[j], order[(j + 1) % n]
            gain = mm[a1, a2] + mm[b1, b2] - mm[a1, b1] - mm[a2, b2]
            if gain > 0:
                _reverse(order, i + 1, j)
                _settle(order, position, i + 1, j)
                return int(gain)
    return 0


@kernel
def _or_opt(
    mm: Ints, layer: Ints, order: Ints, position: Ints, a: int, near_in: Ints, near_out: Ints
) -> int:
    """Moves up to three places from a on, turned round, if that shortens the walk."""
    n = order.shape[0]
    p = position[a]
    for size in range(1, SEGMENT_MAX + 1):
        q = p + size - 1
        if p == 0 or q >= n or layer[order[q]] != layer[a]:
            break
        z = order[q]
        before, behind = order[p - 1], order[(q + 1) % n]
        spared = mm[before, a] + mm[z, behind] - mm[before, behind]
        for side in range(2):
            for c in near_in[z] if side == 0 else near_out[a]:
                t = position[c] if side == 0 else (position[c] - 1) % n
                if p - 1 <= t <= q:
                    continue
                b, d = order[t], order[(t + 1) % n]
                gain = spared + mm[b, d] - mm[b, z] - mm[a, d]
                if gain > 0:
                    _reverse(order, p, q)
                    if t > q:
                        _swap_stretches(order, position, p - 1, q, t)
                    else:
                        _swap_stretches(order, position, t, p - 1, q)
                    return int(gain)
    return 0


@kernel
def _or_3opt(mm: Ints, order: Ints, position: Ints, a: int, near_in: Ints, near_out: Ints) -> int:
    """Swaps two neighbouring stretches, neither turned, if that shortens the walk."""
    n = order.shape[0]
    p = position[a]
    b = order[(p + 1) % n]
    for c in near_out[a]:
        saved = mm[a, b] - mm[a, c]
        if saved <= 0:
            break
        q = (position[c] - 1) % n
        d = order[q]
        if d == a:
            continue
        for e in near_in[b]:
            r = position[e]
            f = order[(r + 1) % n]
            if (r - p) % n <= (q - p) % n:
                continue
            gain = saved + mm[d, c] + mm[e, f] - mm[e, b] - mm[d, f]
            if gain > 0:
                i, k = min(p, q, r), max(p, q, r)
                _swap_stretches(order, position, i, p + q + r - i - k, k)
                return int(gain)
    return 0


@kernel
def descend(
    mm: Ints,
    layer: Ints,
    symmetric: bool,
    near_in: Ints,
    near_out: Ints,
    order: Ints,
    position: Ints,
    waiting: Ints,
    is_waiting: Ints,
    count: int,
) -> int:
    """Shortens the order round the waiting places until no step helps; by how much in all.

    waiting is a ring of as many entries as places, filled up to count; it is empty afterwards.
    """
    n = order.shape[0]
    head, total = 0, 0
    while count:
        a = waiting[head]
        head = (head + 1) % n
        count -= 1
        is_waiting[a] = 0
        while True:
            p = position[a]
            ends = (a, order[p - 1], order[(p + 1) % n])
            gain = _or_3opt(mm, order, position, a, near_in, near_out)
            if gain == 0 and symmetric:
                gain = _two_opt(mm, layer, order, position, a, near_out)
            if gain == 0 and symmetric:
                gain = _or_opt(mm, layer, order, position, a, near_in, near_out)
            if gain == 0:
                break
            total += gain
            p = position[a]
            for place in (ends[1], ends[2], order[p - 1], order[(p + 1) % n]):
                if not is_waiting[place]:
                    is_waiting[place] = 1
                    waiting[(head + count) % n] = place
                    count += 1
    return total


@kernel
def _chance(state: npt.NDArray[np.uint64], below: int) -> int:
    """A number from 0 on and below this, by xorshift; the same on every machine."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return int((x >> np.uint64(11)) % np.uint64(below))


@kernel
def _cut(mm: Ints, order: Ints, position: Ints, i: int, j: int, k: int, ends: Ints) -> int:
    """Swaps two stretches, whatever it costs: by how much. Notes down the places at their ends."""
    a, b, d, c = order[i], order[i + 1], order[j], order[j + 1]
    e, f = order[k], order[(k + 1) % order.shape[0]]
    for at, place in enumerate((a, b, c, d, e, f)):
        ends[at] = place
    _swap_stretches(order, position, i, j, k)
    return int(mm[a, c] + mm[e, b] + mm[d, f] - mm[a, b] - mm[d, c] - mm[e, f])


@kernel
def _shake(
    mm: Ints, layer: Ints, order: Ints, position: Ints, state: npt.NDArray[np.uint64], ends: Ints
) -> int:
    """Swaps two stretches by chance within one layer, or two on each side of where one ends.

    By how much that lengthens the walk; the places at the ends of the stretches are noted down.
    """
    n = order.shape[0]
    ends[:] = 0
    for _ in range(20):
        i = _chance(state, n - 2)
        j = i + 1 + _chance(state, min(STRETCH_MAX, n - 2 - i))
        k = j + 1 + _chance(state, min(STRETCH_MAX, n - 1 - j))
        if layer[order[i + 1]] == layer[order[k]]:
            return _cut(mm, order, position, i, j, k, ends[:6])
        # The end of the first stretch's layer lies between; both sides of it are shaken.
        seam = i + 1
        while layer[order[seam + 1]] == layer[order[i + 1]]:
            seam += 1
        if seam - i < 2 or k - seam < 2 or layer[order[seam + 1]] != layer[order[k]]:
            continue
        before = i + 1 + _chance(state, seam - i - 1)
        behind = seam + 1 + _chance(state, k - seam - 1)
        longer = _cut(mm, order, position, i, before, seam, ends[:6])
        return longer + _cut(mm, order, position, seam, behind, k, ends[6:])
    return 0


@kernel
def descend_from_all(
    mm: Ints, layer: Ints, symmetric: bool, near_in: Ints, near_out: Ints, order: Ints
) -> int:
    """Shortens the order until no step helps; its length in mm."""
    n = order.shape[0]
    position = np.empty(n, np.int64)
    _settle(order, position, 0, n - 1)
    waiting, is_waiting = order.copy(), np.ones(n, np.int64)
    before = length_of(mm, order)
    return before - descend(
        mm, layer, symmetric, near_in, near_out, order, position, waiting, is_waiting, n
    )


@kernel
def shake_and_descend(
    mm: Ints,
    layer: Ints,
    symmetric: bool,
    near_in: Ints,
    near_out: Ints,
    order: Ints,
    best: Ints,
    state: npt.NDArray[np.uint64],
    rounds: int,
    slack_mm: int,
) -> int:
    """Perturbs and shortens the order so many times; the shortest is written into best.

    order: where the search stands; a round's order replaces it unless it is longer by more than
    slack_mm, by chance less. Returns the best order's length in mm.
    """
    n = order.shape[0]
    position = np.empty(n, np.int64)
    _settle(order, position, 0, n - 1)
    here_mm, best_mm = length_of(mm, order), length_of(mm, best)
    kept = order.copy()
    waiting, is_waiting = np.empty(n, np.int64), np.zeros(n, np.int64)
    ends = np.zeros(12, np.int64)
    for _ in range(rounds):
        there_mm = here_mm + _shake(mm, layer, order, position, state, ends)
        count = 0
        for place in ends:
            if not is_waiting[place]:
                is_waiting[place] = 1
                waiting[count] = place
                count += 1
        there_mm -= descend(
            mm, layer, symmetric, near_in, near_out, order, position, waiting, is_waiting, count
        )
        allowed = _chance(state, slack_mm + 1)
        if there_mm <= here_mm + allowed:
            kept[:] = order
            here_mm = there_mm
            if here_mm < best_mm:
                best[:] = order
                best_mm = here_mm
        else:
            order[:] = kept
            _settle(order, position, 0, n - 1)
    return best_mm
