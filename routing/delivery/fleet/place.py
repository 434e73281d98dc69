"""The cheapest place for a stop that is on no route: all checks take a moment, however long routes.

A route's vehicle may be exchanged for one of another sort that is like it in depots, shift and
pace, when that is what the stop needs.
"""

import numpy as np

from routing.chance import share
from routing.delivery.fleet.drive import time_cost
from routing.delivery.fleet.flat import (
    CLASHES,
    CLOSES,
    END,
    FIXED,
    GUILD,
    GUILDS,
    HALF_FAR,
    LIKE,
    METRE,
    METRES_MAX,
    OPENS,
    PACE,
    PICKUP,
    SECOND,
    SECONDS_MAX,
    SERVICE,
    START,
    Flat,
)
from routing.delivery.fleet.state import (
    ALL_GOODS,
    BEFORE,
    BLINK,
    DUE,
    EARLY_ON,
    FIRST,
    GAP,
    GUILDS_ALL,
    HEAD,
    LAST,
    LASTS,
    LASTS_ON,
    LASTS_TO,
    LATE_TO,
    LOCKED,
    METRES,
    NEXT,
    NOWHERE,
    READY,
    ROUTE,
    SORT,
    TOKEN,
    USED,
    State,
)
from routing.delivery.fleet.travel import arrive, begin
from routing.kernel import lean_kernel

# The share of places that are overlooked, so that equal ruins are not always rebuilt alike.
BLINKS = 0.01


@lean_kernel
def cheapest_place(flat: Flat, state: State, x: int, reach: int) -> tuple[float, int]:
    """The least extra cost of stop x on a route in use, and the node that it goes behind.

    reach: so many of its neighbours are looked at, and all places if none of them will do. The
    route's `offer` is then the sort of vehicle that it takes. Infinite and NOWHERE for none.
    """
    count = _near(flat, state, x, reach)
    cost, after = _weigh(flat, state, x, count)
    if after == NOWHERE:
        count = _everywhere(flat, state)
        cost, after = _weigh(flat, state, x, count)
    return cost, after


@lean_kernel
def _near(flat: Flat, state: State, x: int, reach: int) -> int:
    """Notes the places beside the neighbours of x that are on routes."""
    node, stops, count = state.node, len(flat.stop), 0
    room = len(state.candidate)
    for k in range(min(reach, flat.near.shape[1])):
        entry = flat.near[x, k]
        if entry < 0:
            break
        y, behind = entry >> 1, entry & 1 == 0
        if y < stops:
            if node[y, ROUTE] != NOWHERE:
                state.candidate[count] = y if behind else node[y, BEFORE]
                count += 1
            continue
        for at in range(state.tally[USED]):
            route = state.active[at]
            if count < room and state.route[route, FIRST if behind else LAST] == y:
                sentinel = stops + route
                state.candidate[count] = sentinel if behind else node[sentinel, BEFORE]
                count += 1
    return count


@lean_kernel
def _everywhere(flat: Flat, state: State) -> int:
    """Notes all places on routes."""
    stops, count = len(flat.stop), 0
    for at in range(state.tally[USED]):
        p = stops + state.active[at]
        while True:
            state.candidate[count] = p
            count += 1
            p = state.node[p, NEXT]
            if p >= stops:
                break
    return count


@lean_kernel
def _weigh(flat: Flat, state: State, x: int, count: int) -> tuple[float, int]:
    """The cheapest of the noted places that will do."""
    node, stops, tally = state.node, len(flat.stop), state.tally
    tally[TOKEN] += 1
    best, best_after = np.inf, NOWHERE
    for at in range(count):
        tally[BLINK] -= 1
        if tally[BLINK] < 0:
            tally[BLINK] = int(np.log(1.0 - share(state.chance)) / np.log(1.0 - BLINKS))
            continue
        p = state.candidate[at]
        route = node[p, ROUTE]
        if state.mark[route] != tally[TOKEN]:
            state.mark[route] = tally[TOKEN]
            _offer(flat, state, x, route)
        sort, q = state.offer[route], node[p, NEXT]
        if sort == NOWHERE or node[q, LOCKED]:
            continue
        here = p if p < stops else state.route[route, FIRST]
        there = q if q < stops else state.route[route, LAST]
        metres = flat.back[x, here] + flat.distance[x, there] - node[p, GAP]
        cost = state.extra[route] + flat.price[sort, METRE] * metres
        if cost >= best or metres >= HALF_FAR:
            continue
        if state.route[route, METRES] + metres > flat.sort[sort, METRES_MAX]:
            continue
        if flat.mixed and not _carries(flat, state, x, p, sort):
            continue
        if flat.timed and not _in_time(flat, state, x, p, q, here, there, sort):
            continue
        if flat.slow:
            cost = _driven(flat, state, x, p, metres, sort)
        elif flat.lasting:
            seconds = _seconds(flat, state, x, p, q, here, there, sort)
            if seconds > flat.sort[sort, SECONDS_MAX]:
                continue
            cost += flat.price[sort, SECOND] * seconds
        if cost < best:
            best, best_after = cost, p
    return best, best_after


@lean_kernel
def _offer(flat: Flat, state: State, x: int, route: int) -> None:
    """Notes which sort of vehicle would drive the route if it had x as well, and what that costs.

    Its own if x's load fits where it fits best, else the cheapest free one. Where seconds count,
    the cost is less those of the route as it is.
    """
    row, now = state.route[route], state.route[route, SORT]
    state.offer[route] = NOWHERE
    guilds = row[GUILDS_ALL] & flat.stop[x, GUILDS]
    if flat.stop[x, CLASHES] & row[ALL_GOODS] or not guilds:
        return
    side, best = flat.stop[x, PICKUP], np.inf
    less = flat.price[now, SECOND] * row[LASTS]
    for k in range(-1, 0 if row[HEAD] > 0 else len(flat.sort)):
        sort = now if k < 0 else k
        if k >= 0 and (state.free[k] <= 0 or flat.sort[k, LIKE] != flat.sort[now, LIKE]):
            continue
        fits = (guilds >> flat.sort[sort, GUILD]) & 1 == 1
        for d in range(flat.load.shape[1]):
            fits &= state.base[route, side, d] + flat.load[x, d] <= flat.capacity[sort, d]
        if not fits:
            continue
        extra = flat.price[sort, FIXED] - flat.price[now, FIXED] - less
        extra += (flat.price[sort, METRE] - flat.price[now, METRE]) * row[METRES]
        if extra < best:
            best = extra
            state.offer[route], state.extra[route] = sort, extra
        if k < 0:
            return


@lean_kernel
def _carries(flat: Flat, state: State, x: int, p: int, sort: int) -> bool:
    """Whether nowhere on the route too much is aboard with x behind p."""
    side = flat.stop[x, PICKUP]
    for d in range(flat.load.shape[1]):
        if state.peak[p, side, d] + flat.load[x, d] > flat.capacity[sort, d]:
            return False
    return True


@lean_kernel
def _in_time(
    flat: Flat, state: State, x: int, p: int, q: int, here: int, there: int, sort: int
) -> bool:
    pace = flat.sort[sort, PACE]
    start = begin(flat, x, arrive(flat, pace, here, x, state.node[p, READY]))
    if start > flat.stop[x, CLOSES]:
        return False
    done = start + flat.stop[x, SERVICE]
    return bool(arrive(flat, pace, x, there, done) <= state.node[q, DUE])


@lean_kernel
def _seconds(
    flat: Flat, state: State, x: int, p: int, q: int, here: int, there: int, sort: int
) -> int:
    """How long the route takes at least with x between p and q."""
    pace, stop, span = flat.sort[sort, PACE], flat.stop[x], state.span
    shift = span[p, LASTS_TO] + flat.seconds[pace, 0, here, x]
    lasts = max(shift, stop[OPENS] - span[p, LATE_TO]) + stop[SERVICE]
    late = min(stop[CLOSES] - shift, span[p, LATE_TO])
    lasts += flat.seconds[pace, 0, x, there]
    return int(max(lasts, span[q, EARLY_ON] - late) + span[q, LASTS_ON])


@lean_kernel
def _driven(flat: Flat, state: State, x: int, p: int, metres: int, sort: int) -> float:
    """The extra cost of x behind p, from driving along the whole route."""
    route, stops, count = state.node[p, ROUTE], len(flat.stop), 0
    y = stops + route
    while True:
        if y < stops:
            state.chain[count] = y
            count += 1
        if y == p:
            state.chain[count] = x
            count += 1
        y = state.node[y, NEXT]
        if y >= stops:
            break
    cost = flat.price[sort, FIXED]
    cost += flat.price[sort, METRE] * (state.route[route, METRES] + metres)
    cost += time_cost(flat, state.point, state.chain, count, sort)
    return float(cost - state.cost[route])


@lean_kernel
def lone_costs(flat: Flat, state: State) -> None:
    """Fills flat.alone: what a route with one stop alone costs, in a vehicle of each sort."""
    for x in range(len(flat.stop)):
        for sort in range(len(flat.sort)):
            flat.alone[x, sort] = _lone(flat, state, x, sort)


@lean_kernel
def _lone(flat: Flat, state: State, x: int, sort: int) -> float:
    row, stop = flat.sort[sort], flat.stop[x]
    metres = flat.distance[row[START], x] + flat.distance[x, row[END]]
    if not (stop[GUILDS] >> row[GUILD]) & 1 or metres > min(HALF_FAR, row[METRES_MAX]):
        return np.inf
    for d in range(flat.load.shape[1]):
        if flat.load[x, d] > flat.capacity[sort, d]:
            return np.inf
    state.chain[0] = x
    cost = flat.price[sort, FIXED] + flat.price[sort, METRE] * metres
    return float(cost + time_cost(flat, state.point, state.chain, 1, sort))
