"""Stops put back one by one where they cost least, with places overlooked now and then.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54 (2), section 4.2.
"""

from typing import NamedTuple

import numpy as np

from routing.chance import draw, share
from routing.delivery.sisr.flat import Flat, Floats, Ints
from routing.delivery.sisr.neighbour import Near
from routing.delivery.sisr.state import (
    COUNT,
    KEPT,
    LIMIT,
    NEXT,
    NONE,
    PREVIOUS,
    ROUTE,
    TO_NEXT,
    USED,
    State,
    fits,
    insert,
)
from routing.kernel import lean_kernel

ENDLESS = 1 << 60
# How often an order is drawn: by chance, largest first, farthest, nearest; and where time binds,
# narrowest window, earliest opening, latest closing.
ORDERS = (4.0, 4.0, 2.0, 1.0, 2.0, 2.0, 2.0)
ORDERS_UNTIMED = 4


class Recipe(NamedTuple):
    """places: directed neighbours looked at for an insertion.

    opening: how likely a stop opens a new route, whatever that costs. blink: how likely a place is
    overlooked.
    """

    places: int
    opening: float
    blink: float


@lean_kernel
def shuffle(flat: Flat, chance: Ints, out: Ints, count: int, keys: Floats) -> None:
    """Sorts the first stops of `out` by a criterion drawn by chance."""
    kinds = len(ORDERS) if flat.timed else ORDERS_UNTIMED
    whole = 0.0
    for kind in range(kinds):
        whole += ORDERS[kind]
    left, kind = share(chance) * whole, 0
    while kind < kinds - 1 and left >= ORDERS[kind]:
        left -= ORDERS[kind]
        kind += 1
    sort_by(flat, chance, kind, out, count, keys)


@lean_kernel
def sort_by(flat: Flat, chance: Ints, kind: int, out: Ints, count: int, keys: Floats) -> None:
    """Sorts the first stops of `out` by the criterion of this number in ORDERS."""
    for k in range(count):
        keys[k] = _key(flat, chance, kind, out[k])
    for k in range(1, count):
        key, stop, at = keys[k], out[k], k - 1
        while at >= 0 and keys[at] > key:
            keys[at + 1], out[at + 1] = keys[at], out[at]
            at -= 1
        keys[at + 1], out[at + 1] = key, stop


@lean_kernel
def _key(flat: Flat, chance: Ints, kind: int, stop: int) -> float:
    if kind == 0:
        return share(chance)
    if kind == 1:
        return float(-flat.demand[stop])
    if kind == 2:
        return float(-flat.length[0, stop])
    if kind == 3:
        return float(flat.length[0, stop])
    if kind == 4:
        return float(flat.closes[stop]) - float(flat.opens[stop])
    if kind == 5:
        return float(flat.opens[stop])
    return float(-flat.closes[stop])


@lean_kernel
def put_back(
    flat: Flat, near: Near, state: State, recipe: Recipe, chance: Ints, stop: int
) -> tuple[bool, int]:
    """Inserts the stop where it costs least: whether it fitted anywhere, and what lengths grow."""
    tally = state.tally
    cost, after = _near_place(flat, near, state, recipe, chance, stop)
    if after == NONE:
        cost, after = _touched_place(flat, state, stop)
    alone = np.int64(flat.length[0, stop]) + flat.length[stop, 0] + flat.fixed
    if tally[USED] < tally[LIMIT] and (
        after == NONE or alone < cost or (recipe.opening > 0 and share(chance) < recipe.opening)
    ):
        empty = len(flat.demand)
        while state.rows[empty, COUNT] > 0:
            empty += 1
        cost, after = alone, empty
    if after == NONE:
        return False, 0
    insert(flat, state, stop, after)
    return True, cost


@lean_kernel
def _near_place(
    flat: Flat, near: Near, state: State, recipe: Recipe, chance: Ints, stop: int
) -> tuple[int, int]:
    """The cheapest place next to a neighbour: what it costs, and the node before it."""
    rows, nodes = state.rows, len(flat.demand)
    best, place = ENDLESS, NONE
    entries, out, home = near.places[stop], flat.back[stop], flat.length[stop]
    for k in range(recipe.places):
        entry = entries[k]
        if entry < 2:
            if entry < 0:
                break
            best, place = _depot_place(flat, state, stop, entry, best, place)
            continue
        y, is_before = entry >> 1, entry & 1
        if rows[y, ROUTE] == NONE:
            continue
        after = rows[y, PREVIOUS] if is_before else y
        before = y if is_before else rows[y, NEXT]
        at, to = (after if after < nodes else 0), (before if before < nodes else 0)
        cost = np.int64(out[at]) + home[to] - rows[after, TO_NEXT]
        # Most places cost too much: whether one fits, or is overlooked, is asked of the others.
        if cost < best and fits(flat, state, stop, after) and share(chance) >= recipe.blink:
            best, place = cost, after
    return best, place


@lean_kernel
def _depot_place(
    flat: Flat, state: State, stop: int, last: int, best: int, place: int
) -> tuple[int, int]:
    """The cheapest place at the beginning of a route, or at its end, if it beats the best."""
    rows, nodes = state.rows, len(flat.demand)
    for route in range(nodes, len(rows)):
        if rows[route, COUNT] == 0:
            continue
        after = rows[route, PREVIOUS] if last else route
        before = rows[after, NEXT]
        at, to = (after if after < nodes else 0), (before if before < nodes else 0)
        cost = np.int64(flat.back[stop, at]) + flat.length[stop, to] - rows[after, TO_NEXT]
        if cost < best and fits(flat, state, stop, after):
            best, place = cost, after
    return best, place


@lean_kernel
def _touched_place(flat: Flat, state: State, stop: int) -> tuple[int, int]:
    """The cheapest place in the routes that this step has changed."""
    rows, nodes = state.rows, len(flat.demand)
    best, place = ENDLESS, NONE
    for k in range(state.tally[KEPT]):
        route = state.noted[k]
        if route < nodes or rows[route, COUNT] == 0:
            continue
        after = route
        while True:
            before = rows[after, NEXT]
            at, to = (after if after < nodes else 0), (before if before < nodes else 0)
            cost = np.int64(flat.back[stop, at]) + flat.length[stop, to] - rows[after, TO_NEXT]
            if cost < best and fits(flat, state, stop, after):
                best, place = cost, after
            after = before
            if after >= nodes:
                break
    return best, place


@lean_kernel
def spread(chance: Ints, out: Ints, count: int, first: int) -> None:
    """Brings a draw by chance to the front: the first ones of so many."""
    for k in range(min(first, count)):
        other = k + draw(chance, count - k)
        out[k], out[other] = out[other], out[k]
