"""What no order of places can be shorter than: minimal trees with prices on the places.

Every order of the places is a tree (a path) through each layer, a link from each layer to the
next, a way out and a way home. The cheapest tree, links and ways together are a bound; prices on
entering and leaving a place push them towards entering and leaving each place once.

Source: M. Held and R. M. Karp (1970, 1971), The Traveling-Salesman Problem and Minimum Spanning
Trees, parts I and II; with a price for each direction as in R. Jonker and T. Volgenant (1983),
Transforming Asymmetric into Symmetric Traveling Salesman Problems.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel

Ints = npt.NDArray[np.int64]

# Prices are whole numbers of parts of a mm, so that the bound is exact.
PARTS: Final = 64
FAR: Final = 1 << 62


@kernel
def order_bound(
    mm: Ints, first: Ints, symmetric: bool, assign: bool, upper_mm: int, rounds: int
) -> int:
    """A length in mm that no order of all places, one layer after the other, falls below.

    mm, first: as in `held_karp.shortest_order`. symmetric: the distances within each layer are
    the same both ways. assign: begin with the prices of the cheapest assignment. upper_mm: the
    length of a known order.
    """
    n = mm.shape[0]
    leave, enter = np.zeros(n, np.int64), np.zeros(n, np.int64)
    if assign:
        _assign(mm, leave, enter)
        for k in range(n):
            leave[k] *= -PARTS
            enter[k] *= -PARTS
    best = -1
    step = 2.0
    since = 0
    patience = max(6, rounds // 20)
    out_before, in_before = np.zeros(n), np.zeros(n)
    for _ in range(rounds):
        outs, ins = np.zeros(n, np.int64), np.zeros(n, np.int64)
        total = _trees(mm, first, leave, enter, outs, ins, symmetric)
        for k in range(n):
            total -= leave[k] + enter[k]
        since += 1
        if total > best:
            best, since = total, 0
        elif since >= patience:
            step, since = step / 2, 0
        if -(-best // PARTS) >= upper_mm:
            break
        norm = _miss(outs, ins, symmetric)
        if norm == 0:
            break
        size = step * max(1.0, 1.0 * PARTS * upper_mm - total) / norm
        for k in range(1, n):
            out_before[k] = 0.7 * outs[k] + 0.3 * out_before[k]
            in_before[k] = 0.7 * ins[k] + 0.3 * in_before[k]
            leave[k] += round(size * out_before[k])
            enter[k] += round(size * in_before[k])
    return max(0, -(-best // PARTS))


@kernel
def _miss(outs: Ints, ins: Ints, symmetric: bool) -> int:
    """Turns counts of ends into how many there are too many; the sum of their squares.

    Where directions do not matter, a place has two ends that count for both.
    """
    total = 0
    for k in range(1, outs.shape[0]):
        if symmetric:
            outs[k] += ins[k] - 2
            ins[k] = outs[k]
            total += outs[k] ** 2
        else:
            outs[k] -= 1
            ins[k] -= 1
            total += outs[k] ** 2 + ins[k] ** 2
    return int(total)


@kernel
def _trees(
    mm: Ints, first: Ints, leave: Ints, enter: Ints, outs: Ints, ins: Ints, symmetric: bool
) -> int:
    """The priced length of the cheapest trees, links and ways out and home; counts their ends."""
    layers = first.shape[0] - 1
    total = 0
    for layer in range(layers):
        total += _tree(mm, first[layer], first[layer + 1], leave, enter, outs, ins)
        if layer:
            total += _link(
                mm, first[layer - 1], first[layer], first[layer + 1], leave, enter, outs, ins
            )
    return total + _ends(mm, first, leave, enter, outs, ins)


@kernel
def _price(mm: Ints, a: int, b: int, leave: Ints, enter: Ints) -> int:
    return int(PARTS * mm[a, b] + leave[a] + enter[b])


@kernel
def _tree(mm: Ints, low: int, high: int, leave: Ints, enter: Ints, outs: Ints, ins: Ints) -> int:
    """Prim's minimal tree of one layer, each edge in its cheaper direction."""
    size = high - low
    near = np.full(size, FAR)
    tail, head = np.zeros(size, np.int64), np.zeros(size, np.int64)
    done = np.zeros(size, np.bool_)
    done[0] = True
    here, total = low, 0
    for _ in range(size - 1):
        nearest, least = -1, FAR
        for j in range(size):
            if done[j]:
                continue
            there = low + j
            forth = _price(mm, here, there, leave, enter)
            back = _price(mm, there, here, leave, enter)
            if min(forth, back) < near[j]:
                near[j] = min(forth, back)
                tail[j], head[j] = (here, there) if forth <= back else (there, here)
            if near[j] < least:
                nearest, least = j, near[j]
        done[nearest] = True
        total += int(least)
        outs[tail[nearest]] += 1
        ins[head[nearest]] += 1
        here = low + nearest
    return total


@kernel
def _link(
    mm: Ints, low: int, middle: int, high: int, leave: Ints, enter: Ints, outs: Ints, ins: Ints
) -> int:
    best, a, b = FAR, low, middle
    for i in range(low, middle):
        for j in range(middle, high):
            cost = _price(mm, i, j, leave, enter)
            if cost < best:
                best, a, b = cost, i, j
    outs[a] += 1
    ins[b] += 1
    return best


@kernel
def _ends(mm: Ints, first: Ints, leave: Ints, enter: Ints, outs: Ints, ins: Ints) -> int:
    """The cheapest way out and way home, to two places where there are two in one layer."""
    n = mm.shape[0]
    apart = first.shape[0] == 2 and n > 2
    outward, second = _two_least(mm, first[0], first[1], leave, enter, True)
    homeward, second_home = _two_least(mm, first[-2], first[-1], leave, enter, False)
    if apart and outward == homeward:
        one = _price(mm, 0, second, leave, enter) + _price(mm, homeward, 0, leave, enter)
        other = _price(mm, 0, outward, leave, enter) + _price(mm, second_home, 0, leave, enter)
        if one <= other:
            outward = second
        else:
            homeward = second_home
    ins[outward] += 1
    outs[homeward] += 1
    return _price(mm, 0, outward, leave, enter) + _price(mm, homeward, 0, leave, enter)


@kernel
def _two_least(
    mm: Ints, low: int, high: int, leave: Ints, enter: Ints, out: bool
) -> tuple[int, int]:
    one, two = low, low
    least = next_least = FAR
    for k in range(low, high):
        cost = _price(mm, 0, k, leave, enter) if out else _price(mm, k, 0, leave, enter)
        if cost < least:
            two, next_least = one, least
            one, least = k, cost
        elif cost < next_least:
            two, next_least = k, cost
    return one, two


@kernel
def _assign(mm: Ints, leave: Ints, enter: Ints) -> None:
    """Writes dual prices of the cheapest assignment of successors (Hungarian method, rows one
    by one along shortest augmenting paths); nothing succeeds itself."""
    n = mm.shape[0]
    far = FAR >> 2
    u, v = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    row_of = np.zeros(n + 1, np.int64)
    way = np.zeros(n + 1, np.int64)
    for i in range(1, n + 1):
        row_of[0] = i
        column = 0
        least = np.full(n + 1, far)
        used = np.zeros(n + 1, np.bool_)
        while row_of[column] != 0:
            used[column] = True
            row, step, nearest = row_of[column], far, 0
            for j in range(1, n + 1):
                if used[j]:
                    continue
                if row != j:
                    reduced = mm[row - 1, j - 1] - u[row] - v[j]
                    if reduced < least[j]:
                        least[j] = reduced
                        way[j] = column
                if least[j] < step:
                    step, nearest = least[j], j
            for j in range(n + 1):
                if used[j]:
                    u[row_of[j]] += step
                    v[j] -= step
                else:
                    least[j] -= step
            column = nearest
        while column:
            row_of[column] = row_of[way[column]]
            column = way[column]
    for k in range(n):
        leave[k] = u[k + 1]
        enter[k] = v[k + 1]
