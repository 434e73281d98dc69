"""Carts near each other emptied whole or by half, and their loads put back where they cost least.

Source: G. Schrimpf et al. (2000), Record Breaking Optimization Results Using the Ruin and Recreate
Principle; insertion by regret: J.-Y. Potvin and J.-M. Rousseau (1993).
"""

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel
from routing.pick.batch.carts import (
    Search,
    draw,
    insertion_mm,
    measure,
    put_in,
    take_out,
)
from routing.pick.batch.flat import EMPTY, Ints
from routing.pick.batch.walk import FAR

Flags = npt.NDArray[np.bool_]

RUINED_MAX = 4
LOADS_MAX = 24
CARTS_MAX = 14
# One in so many places is overlooked, so that equal ruins are not always rebuilt alike.
OVERLOOK = 20


@kernel
def ruin_and_recreate(search: Search, patience_mm: float) -> bool:
    """One step; taken back unless all walks together grow by less than patience_mm."""
    carts = search.carts
    before_mm = carts.total_mm[0]
    chosen = np.full(CARTS_MAX, EMPTY, np.int64)
    ruined = _choose(search, chosen)
    loads = np.empty(LOADS_MAX, np.int64)
    out = _ruin(search, chosen, ruined, loads)
    known = _add_neighbours(search, chosen, ruined, loads, out)
    old = carts.members[chosen[:known]].copy()
    for k in range(out):
        take_out(search, carts.cart_of[loads[k]], loads[k])
    for k in range(ruined):
        measure(search, chosen[k])
    if _recreate(search, chosen, known, loads, out) and carts.total_mm[0] - before_mm < patience_mm:
        return True
    _restore(search, chosen[:known], old)
    return False


@kernel
def _choose(search: Search, chosen: Ints) -> int:
    """Two to four carts near a load."""
    carts, near = search.carts, search.near
    seed = draw(carts.state, carts.cart_of.shape[0])
    chosen[0] = carts.cart_of[seed]
    wanted, found = 2 + draw(carts.state, RUINED_MAX - 1), 1
    for k in range(near.shape[1]):
        cart = carts.cart_of[near[seed, k]]
        if draw(carts.state, 4) and not _holds(chosen, found, cart):
            chosen[found] = cart
            found += 1
            if found == wanted:
                break
    return found


@kernel
def _holds(chosen: Ints, count: int, cart: int) -> bool:
    return bool((chosen[:count] == cart).any())


@kernel
def _ruin(search: Search, chosen: Ints, ruined: int, loads: Ints) -> int:
    """Which loads leave the chosen carts: of each all, or about every other one."""
    carts = search.carts
    out = 0
    for k in range(ruined):
        whole = draw(carts.state, 2)
        for at in range(carts.held[chosen[k]]):
            if out < LOADS_MAX and (whole or draw(carts.state, 2)):
                loads[out] = carts.members[chosen[k], at]
                out += 1
    for k in range(out - 1, 0, -1):
        j = draw(carts.state, k + 1)
        loads[k], loads[j] = loads[j], loads[k]
    return out


@kernel
def _add_neighbours(search: Search, chosen: Ints, known: int, loads: Ints, out: int) -> int:
    """Behind the ruined carts: an empty one and carts near the loads that are out."""
    carts, near = search.carts, search.near
    for cart in range(carts.held.shape[0]):
        if carts.held[cart] == 0:
            chosen[known] = cart
            known += 1
            break
    for _ in range(2 * CARTS_MAX):
        if known == CARTS_MAX or out == 0:
            break
        load = loads[draw(carts.state, out)]
        cart = carts.cart_of[near[load, draw(carts.state, near.shape[1])]]
        if not _holds(chosen, known, cart):
            chosen[known] = cart
            known += 1
    return known


@kernel
def _recreate(search: Search, chosen: Ints, known: int, loads: Ints, out: int) -> bool:
    """Puts the loads back, by regret or the largest first; whether all of them found a place."""
    cost = np.empty((out, known), np.int64)
    waiting = np.ones(out, np.bool_)
    for i in range(out):
        for c in range(known):
            cost[i, c] = insertion_mm(search, chosen[c], loads[i])
    by_regret = draw(search.carts.state, 2) == 0
    for _ in range(out):
        i = _next(search, cost, waiting, loads, by_regret)
        c = _cheapest(search, cost[i])
        if cost[i, c] >= FAR:
            return False
        put_in(search, chosen[c], loads[i])
        measure(search, chosen[c])
        waiting[i] = False
        for j in range(out):
            if waiting[j]:
                cost[j, c] = insertion_mm(search, chosen[c], loads[j])
    return True


@kernel
def _next(search: Search, cost: Ints, waiting: Flags, loads: Ints, by_regret: bool) -> int:
    """The load that loses most if it has to wait, or the one that takes most of a cart."""
    flat = search.flat
    best, most = -1, -1.0
    for i in range(waiting.shape[0]):
        if not waiting[i]:
            continue
        worth = 0.0
        if by_regret:
            first, second = FAR, FAR
            for c in range(cost.shape[1]):
                if cost[i, c] < first:
                    first, second = cost[i, c], first
                elif cost[i, c] < second:
                    second = cost[i, c]
            worth = float(second - first)
        else:
            for m in range(flat.capacity.shape[0]):
                worth = max(worth, flat.demand[loads[i], m] / flat.capacity[m])
        if worth > most:
            best, most = i, worth
    return best


@kernel
def _cheapest(search: Search, cost: Ints) -> int:
    best = 0
    for c in range(1, cost.shape[0]):
        if cost[c] < cost[best] and draw(search.carts.state, OVERLOOK):
            best = c
    return best


@kernel
def _restore(search: Search, chosen: Ints, old: Ints) -> None:
    carts = search.carts
    for k in range(chosen.shape[0]):
        while carts.held[chosen[k]]:
            take_out(search, chosen[k], carts.members[chosen[k], 0])
    for k in range(chosen.shape[0]):
        for load in old[k]:
            if load != EMPTY:
                put_in(search, chosen[k], load)
        measure(search, chosen[k])
