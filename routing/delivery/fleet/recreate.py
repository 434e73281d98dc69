"""Stops put back one after the other, each where it costs least at that moment."""

import numpy as np

from routing.chance import share
from routing.delivery.fleet.flat import Flat, Floats, Ints
from routing.delivery.fleet.place import cheapest_place
from routing.delivery.fleet.state import (
    BEFORE,
    LIMIT,
    NEXT,
    NOWHERE,
    ROUTE,
    USED,
    State,
)
from routing.delivery.fleet.upkeep import engage, log, reprice
from routing.kernel import lean_kernel

# How often stops are ordered by chance, and by each column of Flat.key, out of all.
ORDERS = (4.0, 4.0, 2.0, 1.0, 2.0, 2.0, 2.0, 1.0)
# Without windows three of these orders say nothing.
PLAIN_ORDERS = (4.0, 4.0, 2.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@lean_kernel
def put_in_order(
    flat: Flat, out: Ints, count: int, value: Floats, weight: Floats, chance: Ints
) -> None:
    """Orders out[:count] by chance or by a key, drawn with these weights."""
    total = 0.0
    for each in weight:
        total += each
    at, left = 0, share(chance) * total
    while at + 1 < len(weight) and left >= weight[at]:
        left -= weight[at]
        at += 1
    for k in range(count):
        value[k] = share(chance) if at == 0 else flat.key[out[k], at - 1]
    for k in range(1, count):
        v, x, j = value[k], out[k], k - 1
        while j >= 0 and value[j] > v:
            value[j + 1], out[j + 1] = value[j], out[j]
            j -= 1
        value[j + 1], out[j + 1] = v, x


@lean_kernel
def recreate(
    flat: Flat,
    state: State,
    out: Ints,
    count: int,
    reach: int,
    opening: float,
    heat: float,
    wanted: int,
    step: int,
) -> int:
    """Puts out[:count] on routes in their order; those that stay out come first in it.

    opening: how likely a stop opens a route though a place on another is cheaper. heat: how much
    more than its prize a stop may cost, on average. wanted: the sort of vehicle that the first stop
    opens a route with, if that can be. Returns how many stay out.
    """
    left = 0
    for k in range(count):
        x = out[k]
        cost, after = cheapest_place(flat, state, x, reach)
        route = state.node[after, ROUTE] if after != NOWHERE else NOWHERE
        sort = state.offer[route] if after != NOWHERE else NOWHERE
        new_cost, new_sort = _lone_place(flat, state, x)
        if k == 0 and wanted != NOWHERE and new_sort != NOWHERE and flat.alone[x, wanted] < np.inf:
            new_cost, new_sort, cost = flat.alone[x, wanted], wanted, np.inf
        if new_sort != NOWHERE and (
            new_cost < cost or (opening > 0.0 and share(state.chance) < opening)
        ):
            cost, sort = new_cost, new_sort
            route = state.active[state.tally[USED]]
            after = len(flat.stop) + route
        if after == NOWHERE or (
            cost >= flat.prize[x]
            and (cost >= flat.prize[x] - heat * np.log(1.0 - share(state.chance)))
        ):
            out[left] = x
            left += 1
            continue
        log(flat, state, route, step)
        engage(state, route, sort)
        before = state.node[after, NEXT]
        state.node[after, NEXT], state.node[x, BEFORE] = x, after
        state.node[x, NEXT], state.node[before, BEFORE] = before, x
        reprice(flat, state, route)
    return left


@lean_kernel
def _lone_place(flat: Flat, state: State, x: int) -> tuple[float, int]:
    """The least cost of a new route for x, and its sort; infinite and NOWHERE for none."""
    best, best_sort = np.inf, NOWHERE
    if state.tally[USED] >= state.tally[LIMIT]:
        return best, best_sort
    for sort in range(len(flat.sort)):
        if state.free[sort] > 0 and flat.alone[x, sort] < best:
            best, best_sort = flat.alone[x, sort], sort
    return best, best_sort
