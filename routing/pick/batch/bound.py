"""What no plan can walk less than, by several arguments; the best of them counts.

Carts. Loads that ask for D of a measure of which a cart holds C need D / C carts, rounded up.

Far loads. A cart walks at least as far as its farthest load alone. So at any length t, as many
carts walk t or more as the loads need whose own walks are t or longer; all t summed up is a bound.

Aisles. In one block a walk is what it walks along aisles and along cross aisles. In each aisle it
walks at least what its costliest load needs in that aisle alone: through it, or there and back
from either end, or from both. Along the cross aisles it goes out and back to its outermost aisles.
Each of these parts is summed over t as above.

All at once. Where walks start and end at one and the same door, all carts' walks one after the
other are a walk past all stops, so no plan is shorter than one walk with an endless cart.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from routing.pick.batch.flat import BITS, Flat, Ints


def far_bound_mm(demand: Ints, capacity: Ints, alone_mm: Sequence[int] | Ints) -> int:
    """The bound by far loads, from each load's own walk or less; loads of no length need none."""
    alone = np.asarray(alone_mm, np.int64)
    order = np.argsort(-alone, kind="stable")
    lengths = np.append(alone[order], 0)
    needed = -(-np.cumsum(demand[order], axis=0) // capacity)
    carts = np.maximum(1, needed.max(axis=1)) if len(order) else np.zeros(0, np.int64)
    return int((carts * (lengths[:-1] - lengths[1:])).sum())


def aisle_bound_mm(flat: Flat, door_aisle: int) -> int:
    """The bound by aisles, in one block."""
    aisles = len(flat.word_start) - 1
    visited = np.zeros((len(flat.demand), aisles), np.bool_)
    total = 0
    for aisle in range(aisles):
        inside = np.array([_inside_mm(flat, k, aisle) for k in range(len(flat.demand))], np.int64)
        visited[:, aisle] = inside >= 0
        total += far_bound_mm(flat.demand, flat.capacity, np.maximum(inside, 0))
    numbers = np.arange(aisles)
    right = np.where(visited, numbers - door_aisle, 0).max(axis=1, initial=0)
    left = np.where(visited, door_aisle - numbers, 0).max(axis=1, initial=0)
    pitch_mm = 2 * flat.aisle_pitch_mm
    for out_mm in (right * pitch_mm, left * pitch_mm):
        total += far_bound_mm(flat.demand, flat.capacity, out_mm)
    return total


def _inside_mm(flat: Flat, load: int, aisle: int) -> int:
    """What a load alone costs at least inside an aisle; -1 where it has no stop there."""
    places = [
        int(flat.bit_mm[word, bit])
        for word in range(flat.word_start[aisle], flat.word_start[aisle + 1])
        for bit in range(BITS)
        if int(flat.masks[load, word]) >> bit & 1
    ]
    if not places:
        return -1
    gap = max((b - a for a, b in pairwise(places)), default=0)
    length = flat.aisle_length_mm
    return min(length, 2 * places[-1], 2 * (length - places[0]), 2 * (length - gap))
