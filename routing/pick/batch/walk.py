"""The length of a cart's walk, from nothing but the loads in it.

In one block it is exact: the least of the ways by which Ratliff and Rosenthal (1983) build a walk
aisle by aisle, with their equivalence classes written out. Elsewhere it is an estimate that no
shortest walk exceeds: places are inserted where they cost least, then moved and turned.
"""

from typing import Final, NamedTuple

import numpy as np

from routing.kernel import kernel
from routing.pick.batch.flat import BITS, Flat, Ints

DEBRUIJN: Final = 0x03F79D71B4CB0A89
FAR: Final = 1 << 50
TABLE: Final = 1 << 17
_ROUNDS: Final = 4


def _bit_numbers() -> Ints:
    """The number of a lone bit, by the top six bits of its product with DEBRUIJN."""
    numbers = np.zeros(64, np.int64)
    for bit in range(BITS):
        numbers[((DEBRUIJN << bit) % (1 << 64)) >> 58] = bit
    return numbers


BIT_NUMBER: Final = _bit_numbers()


class Work(NamedTuple):
    """Room for the functions below to work in, made once for many calls.

    union, ways: the words of a cart and what it costs to enter each of its aisles. seen, route,
    place: for estimates. key, mm: the lengths found before, by the loads' keys.
    """

    union: Ints
    ways: Ints
    seen: Ints
    route: Ints
    key: Ints
    mm: Ints


def workroom(flat: Flat) -> Work:
    """Room to work in for one search."""
    nodes = flat.matrix_mm.shape[0]
    return Work(
        union=np.zeros(len(flat.depot_words), np.int64),
        ways=np.zeros((len(flat.word_start), 3), np.int64),
        seen=np.zeros(nodes + 1, np.int64),
        route=np.zeros((3, nodes + 2), np.int64),
        key=np.zeros(TABLE, np.int64),
        mm=np.zeros(TABLE, np.int64),
    )


@kernel
def walk_mm(flat: Flat, row: Ints, count: int, work: Work) -> int:
    """The walk of a cart with the loads row[:count], in mm; remembered for the next time."""
    if count == 0:
        return 0
    key = 0
    for k in range(count):
        key ^= flat.keys[row[k]]
    slot = key & (TABLE - 1)
    if work.key[slot] == key:
        return int(work.mm[slot])
    mm = block_mm(flat, row, count, work) if flat.plain else estimate_mm(flat, row, count, work)
    work.key[slot] = key
    work.mm[slot] = mm
    return mm


@kernel
def block_mm(flat: Flat, row: Ints, count: int, work: Work) -> int:
    """The shortest walk in one block."""
    union = work.union
    union[:] = flat.depot_words
    for k in range(count):
        mask = flat.masks[row[k]]
        for w in range(union.shape[0]):
            union[w] |= mask[w]
    for aisle in range(flat.word_start.shape[0] - 1):
        _enter(flat, union, aisle, work.ways)
    return _shortest(
        work.ways, flat.word_start.shape[0] - 1, flat.aisle_length_mm, flat.aisle_pitch_mm
    )


@kernel
def _enter(flat: Flat, union: Ints, aisle: int, ways: Ints) -> None:
    """What an aisle costs from the back, from the front, and from both up to the largest gap."""
    low, last, gap = -1, -1, 0
    for w in range(flat.word_start[aisle], flat.word_start[aisle + 1]):
        x = union[w]
        while x != 0:
            y = x & -x
            mm = flat.bit_mm[w, BIT_NUMBER[((y * DEBRUIJN) >> 58) & 63]]
            if last < 0:
                low = mm
            elif mm - last > gap:
                gap = mm - last
            last = mm
            x ^= y
    if last < 0:
        ways[aisle, 0] = -1
    else:
        ways[aisle, 0] = 2 * (flat.aisle_length_mm - low)
        ways[aisle, 1] = 2 * last
        ways[aisle, 2] = 2 * (flat.aisle_length_mm - gap)


@kernel
def _shortest(ways: Ints, aisles: int, length_mm: int, pitch_mm: int) -> int:
    """The least closed walk through the aisles' ways; the classes by their corners' degrees.

    uu: both odd. be, fe: only the back's, only the front's even. one, two: both even, in one
    piece or in two.
    """
    first, last = 0, aisles - 1
    while ways[first, 0] < 0:
        first += 1
    while ways[last, 0] < 0:
        last -= 1
    uu, one = length_mm, 2 * length_mm
    be, fe, two = ways[first, 0], ways[first, 1], ways[first, 2]
    for aisle in range(first + 1, last + 1):
        # Along the cross aisles: two can also begin where only one side was walked.
        two = min(two, be, fe) + 4 * pitch_mm
        be_on, fe_on = min(be, one) + 2 * pitch_mm, min(fe, one) + 2 * pitch_mm
        one += 4 * pitch_mm
        uu += 2 * pitch_mm
        be, fe = be_on, fe_on
        through = length_mm + min(min(be, fe), min(one, two))
        twice = 2 * length_mm + min(min(be, fe), two)
        if ways[aisle, 0] < 0:
            one = min(one, min(uu + length_mm, twice))
            uu = min(uu, through)
            continue
        back, front, both = ways[aisle, 0], ways[aisle, 1], ways[aisle, 2]
        least = min(back, min(front, both))
        one = min(one + least, min(uu + length_mm, twice))
        uu = min(uu + least, through)
        two = min(two + least, min(be + min(front, both), fe + min(back, both)))
        be += back
        fe += front
    return int(min(one, min(be, fe)))


@kernel
def estimate_mm(flat: Flat, row: Ints, count: int, work: Work) -> int:
    """The length of a short walk by ranks past the loads' nodes, from the door back to it."""
    n = _gather(flat, row, count, work)
    route = work.route[0]
    length = int(np.int64(1))
    route[0] = 0
    for k in range(n):
        _insert(flat, route, length, work.route[1, k])
        length += 1
    for _ in range(_ROUNDS):
        moved = _move(flat, route, length)
        turned = _turn(flat, route, length)
        if not (moved or turned):
            break
    return _length(flat, route, length)


@kernel
def _gather(flat: Flat, row: Ints, count: int, work: Work) -> int:
    """The loads' nodes without repeats, the farthest first, in work.route[1]."""
    seen, found = work.seen, work.route[1]
    seen[-1] += 1
    n = 0
    for k in range(count):
        for at in range(flat.load_start[row[k]], flat.load_start[row[k] + 1]):
            node = flat.load_node[at]
            if seen[node] != seen[-1]:
                seen[node] = seen[-1]
                found[n] = node
                n += 1
    far = np.empty(n, np.int64)
    for k in range(n):
        # Ties by the node's number, so that the order of the loads does not matter.
        far[k] = -(flat.matrix_mm[0, found[k]] + flat.matrix_mm[found[k], 0]) * 65536 + found[k]
    found[:n] = found[:n][np.argsort(far)]
    return n


@kernel
def _fits(flat: Flat, before: int, node: int, after: int) -> bool:
    """Ranks rise along a walk; the door has none."""
    rank = flat.rank
    return (before == 0 or rank[before] <= rank[node]) and (after == 0 or rank[node] <= rank[after])


@kernel
def _insert(flat: Flat, route: Ints, length: int, node: int) -> None:
    d = flat.matrix_mm
    best, at = FAR, length
    for k in range(length):
        a, b = route[k], route[k + 1] if k + 1 < length else 0
        if _fits(flat, a, node, b):
            added = d[a, node] + d[node, b] - d[a, b]
            if added < best:
                best, at = added, k + 1
    for k in range(length, at, -1):
        route[k] = route[k - 1]
    route[at] = node


@kernel
def _move(flat: Flat, route: Ints, length: int) -> bool:
    """Moves single nodes to where they cost less."""
    d = flat.matrix_mm
    moved = False
    for k in range(1, length):
        node, a = route[k], route[k - 1]
        b = route[k + 1] if k + 1 < length else 0
        spared = d[a, node] + d[node, b] - d[a, b]
        if spared <= 0:
            continue
        for j in range(k, length - 1):
            route[j] = route[j + 1]
        before = _position(flat, route, length - 1, node, spared)
        at = before if before > 0 else k
        for j in range(length - 1, at, -1):
            route[j] = route[j - 1]
        route[at] = node
        moved = moved or before > 0
    return moved


@kernel
def _position(flat: Flat, route: Ints, length: int, node: int, below: int) -> int:
    d = flat.matrix_mm
    at = 0
    for k in range(length):
        a, b = route[k], route[k + 1] if k + 1 < length else 0
        added = d[a, node] + d[node, b] - d[a, b]
        if added < below and _fits(flat, a, node, b):
            below, at = added, k + 1
    return at


@kernel
def _turn(flat: Flat, route: Ints, length: int) -> bool:
    """Turns stretches of equal rank round where that is shorter, in both directions' lengths."""
    d = flat.matrix_mm
    turned = False
    for i in range(1, length - 1):
        there, back = 0, 0
        for j in range(i + 1, length):
            if flat.rank[route[j]] != flat.rank[route[i]]:
                break
            there += d[route[j - 1], route[j]]
            back += d[route[j], route[j - 1]]
            after = route[j + 1] if j + 1 < length else 0
            now = d[route[i - 1], route[i]] + there + d[route[j], after]
            if d[route[i - 1], route[j]] + back + d[route[i], after] < now:
                route[i : j + 1] = route[i : j + 1][::-1].copy()
                there, back = back, there
                turned = True
    return turned


@kernel
def _length(flat: Flat, route: Ints, length: int) -> int:
    mm = 0
    for k in range(length):
        mm += flat.matrix_mm[route[k], route[k + 1] if k + 1 < length else 0]
    return mm
