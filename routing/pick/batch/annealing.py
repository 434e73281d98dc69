"""Loads moved and swapped between carts under a falling temperature.

Source: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi (1983), Optimization by Simulated Annealing.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from routing.pick.batch.flat import Floor, Picks, cart_length, scratch, spots_of
from routing.pick.tour.ratliff_rosenthal import Ints

EMPTY = -1
# A change of this share of a mean walk is taken at 1/e at first, and of a hundredth of it at last.
HOT_SHARE = 0.005
COLD_SHARE = 0.01


class Carts(NamedTuple):
    """Members (a row a cart, a column a slot, EMPTY where free) and what follows from them."""

    members: Ints
    picks: Picks
    mass_g: Ints
    length_mm: Ints


class Seen(NamedTuple):
    """The last carts accepted, as sorted rows of members, and their walks in mm; a ring."""

    members: Ints
    length_mm: Ints
    filled: Ints


@njit(cache=True)
def draw(state: Ints, below: int) -> int:
    """A number from 0 to below - 1, from a generator that the caller seeds and owns.

    Source: G. Marsaglia (2003), Xorshift RNGs, the triple (13, 7, 17).
    """
    x = state[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    state[0] = x
    return int(((x >> 11) & 0xFFFFFFFFFFFFF) % below)


@njit(cache=True)
def _carry(floor: Floor, carts: Carts, cart: int, load: int, times: int) -> None:
    if load != EMPTY:
        for spot in spots_of(floor, load):
            carts.picks[cart, spot] += times
        carts.mass_g[cart] += times * floor.mass_g[load]


@njit(cache=True)
def _empty_carts(floor: Floor, members: Ints) -> Carts:
    n = members.shape[0]
    picks = np.zeros((n, floor.spot_mm.shape[0]), np.int16)
    return Carts(members.copy(), picks, np.zeros(n, np.int64), np.zeros(n, np.int64))


@njit(cache=True)
def _fill(floor: Floor, carts: Carts, work: Ints) -> None:
    for c in range(carts.members.shape[0]):
        carts.picks[c, floor.depot_spot] = 1
        for load in carts.members[c]:
            _carry(floor, carts, c, load, 1)
        carts.length_mm[c] = cart_length(floor, carts.picks[c], work)


@njit(cache=True)
def _exchange(floor: Floor, carts: Carts, a: int, at: int, b: int, to: int) -> None:
    """Swaps what lies in two slots of two carts; either may be empty."""
    out, back = carts.members[a, at], carts.members[b, to]
    for load, source, target in ((out, a, b), (back, b, a)):
        _carry(floor, carts, source, load, -1)
        _carry(floor, carts, target, load, 1)
    carts.members[a, at], carts.members[b, to] = back, out


@njit(cache=True)
def _accept(carts: Carts, a: int, a_mm: int, b: int, b_mm: int) -> None:
    carts.length_mm[a] = a_mm
    carts.length_mm[b] = b_mm


@njit(cache=True)
def _remember(seen: Seen, carts: Carts, c: int) -> None:
    if seen.members.shape[0] > 0:
        row = seen.filled[0] % seen.members.shape[0]
        seen.members[row] = np.sort(carts.members[c])
        seen.length_mm[row] = carts.length_mm[c]
        seen.filled[0] += 1


@njit(cache=True)
def anneal(floor: Floor, members: Ints, iterations: int, seed: int, seen: Seen) -> Ints:
    """The best members met within so many iterations; the given ones are not changed.

    The carts accepted last are left in `seen`. Equal seeds give equal answers.
    """
    n, slots = members.shape
    work = scratch(floor)
    # numba drops writes into the fields of a tuple that the writing function has made itself, so
    # all of them are in functions that are given the tuple.
    carts = _empty_carts(floor, members)
    _fill(floor, carts, work)
    best = members.copy()
    total = carts.length_mm.sum()
    best_total = total
    state = np.array([seed * 2 + 0x9E3779B97F4A7C1], np.int64)
    for _ in range(16):
        draw(state, 2)
    heat_mm = HOT_SHARE * total / n
    cooling = COLD_SHARE ** (1.0 / max(1, iterations))
    for _ in range(iterations):
        heat_mm *= cooling
        a, b = draw(state, n), draw(state, n)
        at, to = draw(state, slots), draw(state, slots)
        if a == b or carts.members[a, at] == EMPTY:
            continue
        _exchange(floor, carts, a, at, b, to)
        if max(carts.mass_g[a], carts.mass_g[b]) > floor.mass_g_max:
            _exchange(floor, carts, a, at, b, to)
            continue
        new_a = cart_length(floor, carts.picks[a], work)
        new_b = cart_length(floor, carts.picks[b], work)
        change = new_a + new_b - carts.length_mm[a] - carts.length_mm[b]
        if change > 0 and draw(state, 1 << 30) >= np.exp(-change / heat_mm) * (1 << 30):
            _exchange(floor, carts, a, at, b, to)
            continue
        _accept(carts, a, new_a, b, new_b)
        total += change
        _remember(seen, carts, a)
        _remember(seen, carts, b)
        if total < best_total:
            best_total = total
            best[:] = carts.members
    return best
