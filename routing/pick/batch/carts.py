"""Carts while they are searched: who is in which, what is used up, and which were met before."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from routing.kernel import kernel
from routing.pick.batch.flat import EMPTY, Flat, Ints, width_of
from routing.pick.batch.walk import FAR, Work, walk_mm, workroom

MEASURES = 3
SLOTS = 1 << 18
SEEN_BYTES = 64_000_000


class Carts(NamedTuple):
    """Members (a row a cart, EMPTY behind those it has), and what follows from them.

    cart_of: one entry a load. row, out: room for carts that are only tried. state: the generator
    of chances; total_mm: one entry.
    """

    members: Ints
    held: Ints
    length_mm: Ints
    used: Ints
    cart_of: Ints
    total_mm: Ints
    row: Ints
    out: Ints
    state: Ints


class Seen(NamedTuple):
    """Carts met and their walks in mm, each once, up to as many as there are rows."""

    slot: Ints
    key: Ints
    members: Ints
    length_mm: Ints
    filled: Ints


class Search(NamedTuple):
    """All that the kernels of a search work on."""

    flat: Flat
    work: Work
    carts: Carts
    seen: Seen
    near: Ints


def begin_search(flat: Flat, start: Sequence[Sequence[int]], near: Ints, seed: int) -> Search:
    """A search that starts from these carts."""
    n, width = len(flat.demand), width_of(flat)
    rows = min(n, 2 * len(start) + 32) + 1
    carts = Carts(
        members=np.full((rows, width), EMPTY, np.int64),
        held=np.zeros(rows, np.int64),
        length_mm=np.zeros(rows, np.int64),
        used=np.zeros((rows, MEASURES), np.int64),
        cart_of=np.full(n, EMPTY, np.int64),
        total_mm=np.zeros(1, np.int64),
        row=np.zeros((2, width + 1), np.int64),
        out=np.zeros((2, 2), np.int64),
        state=np.array([seed * 2 + 0x9E3779B97F4A7C1], np.int64),
    )
    seen_rows = max(1, min(SLOTS // 2, SEEN_BYTES // (8 * width)))
    seen = Seen(
        slot=np.full(SLOTS, EMPTY, np.int64),
        key=np.zeros(seen_rows, np.int64),
        members=np.full((seen_rows, width), EMPTY, np.int64),
        length_mm=np.zeros(seen_rows, np.int64),
        filled=np.zeros(1, np.int64),
    )
    search = Search(flat, workroom(flat), carts, seen, near)
    for cart, loads in enumerate(start):
        for load in loads:
            put_in(search, cart, load)
        measure(search, cart)
    for _ in range(16):
        draw(carts.state, 2)
    return search


def members_of(members: Ints) -> list[tuple[int, ...]]:
    """The carts that hold something, each with its loads rising."""
    rows = (tuple(sorted(load for load in row if load != EMPTY)) for row in members.tolist())
    return [row for row in rows if row]


@kernel
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


@kernel
def put_in(search: Search, cart: int, load: int) -> None:
    """Puts a load into a cart; the walk is measured later."""
    carts = search.carts
    carts.members[cart, carts.held[cart]] = load
    carts.held[cart] += 1
    carts.cart_of[load] = cart
    for m in range(MEASURES):
        carts.used[cart, m] += search.flat.demand[load, m]


@kernel
def take_out(search: Search, cart: int, load: int) -> None:
    """Takes a load out of its cart; the walk is measured later."""
    carts = search.carts
    last = carts.held[cart] - 1
    for k in range(last):
        if carts.members[cart, k] == load:
            carts.members[cart, k] = carts.members[cart, last]
            break
    carts.members[cart, last] = EMPTY
    carts.held[cart] = last
    carts.cart_of[load] = EMPTY
    for m in range(MEASURES):
        carts.used[cart, m] -= search.flat.demand[load, m]


@kernel
def measure(search: Search, cart: int) -> None:
    """Finds the cart's walk again, keeps the total true and remembers the cart."""
    carts = search.carts
    count = carts.held[cart]
    mm = walk_mm(search.flat, carts.members[cart], count, search.work)
    carts.total_mm[0] += mm - carts.length_mm[cart]
    carts.length_mm[cart] = mm
    if count:
        _remember(search, carts.members[cart], count, mm)


@kernel
def has_room(search: Search, cart: int, load: int) -> bool:
    """Whether a load goes into a cart beside what is in it."""
    carts, flat = search.carts, search.flat
    if carts.held[cart] == carts.members.shape[1]:
        return False
    for m in range(MEASURES):
        if carts.used[cart, m] + flat.demand[load, m] > flat.capacity[m]:
            return False
    if not flat.windowed:
        return True
    count = carts.held[cart]
    row = carts.row[0]
    row[:count] = carts.members[cart, :count]
    row[count] = load
    return is_timely(flat, row, count + 1)


@kernel
def is_timely(flat: Flat, row: Ints, count: int) -> bool:
    """Whether a cart can be handled between the last release and the first due time in it."""
    begin, due, work = 0.0, 1e18, flat.setup_s
    for k in range(count):
        begin = max(begin, flat.window[row[k], 0])
        due = min(due, flat.window[row[k], 1])
        work += flat.window[row[k], 2]
    return begin + work <= due


@kernel
def insertion_mm(search: Search, cart: int, load: int) -> int:
    """What a load adds to a cart's walk; FAR where it does not fit."""
    if not has_room(search, cart, load):
        return FAR
    carts = search.carts
    count = carts.held[cart]
    row = carts.row[1]
    row[:count] = carts.members[cart, :count]
    row[count] = load
    return int(walk_mm(search.flat, row, count + 1, search.work) - carts.length_mm[cart])


@kernel
def _remember(search: Search, row: Ints, count: int, mm: int) -> None:
    seen = search.seen
    if seen.filled[0] == seen.length_mm.shape[0]:
        return
    key = 0
    for k in range(count):
        key ^= search.flat.keys[row[k]]
    at = key & (SLOTS - 1)
    while seen.slot[at] != EMPTY:
        if seen.key[seen.slot[at]] == key:
            return
        at = (at + 1) & (SLOTS - 1)
    new = seen.filled[0]
    seen.slot[at] = new
    seen.key[new] = key
    seen.members[new, :count] = row[:count]
    seen.length_mm[new] = mm
    seen.filled[0] += 1
