"""The best carts of a few loads, proven, from the walks of all carts that could be.

Every way to part the loads is weighed by a dynamic programme over sets of loads, a set being the
bits of a number. Source: M. Held and R. M. Karp (1962), applied to partitions.
"""

import numpy as np

from routing.kernel import kernel
from routing.pick.batch.carts import MEASURES, is_timely
from routing.pick.batch.flat import Flat, Ints
from routing.pick.batch.walk import FAR, Work, walk_mm

LOADS_MAX = 12

Members = tuple[int, ...]


@kernel
def _members(number: int, row: Ints) -> int:
    count = 0
    load = 0
    while number:
        if number & 1:
            row[count] = load
            count += 1
        number >>= 1
        load += 1
    return count


@kernel
def set_lengths(flat: Flat, work: Work) -> Ints:
    """The walk of each set of loads, in mm by its number; FAR for those that no cart holds."""
    n = flat.demand.shape[0]
    row = np.empty(n, np.int64)
    length_mm = np.full(1 << n, FAR, np.int64)
    for number in range(1, 1 << n):
        count = _members(number, row)
        fits = not flat.windowed or is_timely(flat, row, count)
        for m in range(MEASURES):
            used = 0
            for k in range(count):
                used += flat.demand[row[k], m]
            fits = fits and used <= flat.capacity[m]
        if fits:
            length_mm[number] = walk_mm(flat, row, count, work)
    return length_mm


@kernel
def _cheapest_parts(length_mm: Ints) -> Ints:
    """For each set of loads the cart that holds its last load in the best way to part it."""
    sets = length_mm.shape[0]
    cost = np.full(sets, FAR, np.int64)
    cart = np.zeros(sets, np.int64)
    cost[0] = 0
    top = 1
    for number in range(1, sets):
        if number >= 2 * top:
            top *= 2
        rest = number ^ top
        part = rest
        while True:
            own = part | top
            if length_mm[own] < FAR and cost[number ^ own] + length_mm[own] < cost[number]:
                cost[number] = cost[number ^ own] + length_mm[own]
                cart[number] = own
            if part == 0:
                break
            part = (part - 1) & rest
    return cart


def best_parts(length_mm: Ints) -> list[Members]:
    """The carts with the least sum of walks that hold all loads; each fits a cart of its own."""
    cart = _cheapest_parts(length_mm)
    left = len(length_mm) - 1
    carts: list[Members] = []
    while left:
        own = int(cart[left])
        assert own, "some load fits no cart alone"
        carts.append(tuple(k for k in range(own.bit_length()) if own >> k & 1))
        left ^= own
    return carts
