"""What follows from a route's sequence of stops: times, loads, cost; and taking changes back."""

import numpy as np

from routing.delivery.fleet.drive import time_cost
from routing.delivery.fleet.flat import (
    BACK_BY,
    BACK_FROM,
    CLASHES,
    CLOSES,
    END,
    FIXED,
    GOODS,
    GUILD,
    GUILDS,
    HALF_FAR,
    LEAVES,
    LEAVES_BY,
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
    ALL_GUILDS,
    BEFORE,
    COUNTED,
    DUE,
    EARLY_ON,
    FIRST,
    GAP,
    GUILDS_ALL,
    LAST,
    LASTS,
    LASTS_ON,
    LASTS_TO,
    LATE_TO,
    LOGGED,
    METRES,
    NEXT,
    NOWHERE,
    PLACE,
    POSITION,
    READY,
    ROUTE,
    SORT,
    USED,
    State,
)
from routing.delivery.fleet.travel import arrive, begin, begin_by, leave_by
from routing.kernel import lean_kernel


@lean_kernel
def refresh(flat: Flat, state: State, route: int) -> None:
    """Works out everything about the route anew from the order of its stops, but its cost."""
    sort = flat.sort[state.route[route, SORT]]
    state.route[route, FIRST], state.route[route, LAST] = sort[START], sort[END]
    _forward(flat, state, route)
    _backward(flat, state, route)
    if flat.mixed:
        _peaks(flat, state, route)
    if flat.lasting and not flat.slow:
        _spans(flat, state, route)


@lean_kernel
def _forward(flat: Flat, state: State, route: int) -> None:
    node, row = state.node, state.route[route]
    sort, stops = flat.sort[row[SORT]], len(flat.stop)
    sentinel = stops + route
    node[sentinel, READY], node[sentinel, DUE] = sort[LEAVES], sort[BACK_BY]
    for d in range(flat.load.shape[1]):
        state.base[route, 0, d] = state.base[route, 1, d] = 0
    count, metres, goods, guilds = 0, 0, 0, ALL_GUILDS
    p, here, ready, x = sentinel, row[FIRST], sort[LEAVES], node[sentinel, NEXT]
    while x < stops:
        count += 1
        goods |= flat.stop[x, GOODS]
        guilds &= flat.stop[x, GUILDS]
        side = flat.stop[x, PICKUP]
        for d in range(flat.load.shape[1]):
            state.base[route, side, d] += flat.load[x, d]
        node[x, ROUTE], node[x, POSITION] = route, count
        node[p, GAP] = flat.distance[here, x]
        metres += node[p, GAP]
        if flat.timed:
            ready = begin(flat, x, arrive(flat, sort[PACE], here, x, ready))
            ready += flat.stop[x, SERVICE]
            node[x, READY] = ready
        p, here, x = x, x, node[x, NEXT]
    node[p, GAP] = flat.distance[here, row[LAST]]
    row[METRES] = metres + node[p, GAP]
    row[COUNTED], row[ALL_GOODS], row[GUILDS_ALL] = count, goods, guilds


@lean_kernel
def _backward(flat: Flat, state: State, route: int) -> None:
    if not flat.timed:
        return
    node, row = state.node, state.route[route]
    pace, stops = flat.sort[row[SORT], PACE], len(flat.stop)
    there, due, x = row[LAST], node[stops + route, DUE], node[stops + route, BEFORE]
    while x < stops:
        leave = leave_by(flat, pace, x, there, due)
        due = begin_by(flat, x, leave - flat.stop[x, SERVICE])
        node[x, DUE] = due
        there, x = x, node[x, BEFORE]


@lean_kernel
def _peaks(flat: Flat, state: State, route: int) -> None:
    node, peak, stops = state.node, state.peak, len(flat.stop)
    sentinel = stops + route
    for d in range(flat.load.shape[1]):
        aboard = state.base[route, 0, d]
        peak[sentinel, 0, d] = peak[sentinel, 1, d] = aboard
        x = node[sentinel, NEXT]
        while x < stops:
            aboard += flat.load[x, d] if flat.stop[x, PICKUP] else -flat.load[x, d]
            peak[x, 1, d] = aboard
            peak[x, 0, d] = max(aboard, peak[node[x, BEFORE], 0, d])
            x = node[x, NEXT]
        x, later = node[sentinel, BEFORE], 0
        while x < stops:
            later = max(later, peak[x, 1, d])
            peak[x, 1, d] = later
            x = node[x, BEFORE]
        peak[sentinel, 1, d] = max(later, peak[sentinel, 1, d])


@lean_kernel
def _spans(flat: Flat, state: State, route: int) -> None:
    """How long the route takes at least up to each node, and from it on.

    Source: T. Vidal et al. (2013), Computers & OR 40(1), equations 12 to 15, without lateness.
    """
    node, span, row = state.node, state.span, state.route[route]
    sort, stops = flat.sort[row[SORT]], len(flat.stop)
    sentinel = stops + route
    lasts, late = 0, sort[LEAVES_BY]
    span[sentinel, LASTS_TO], span[sentinel, LATE_TO] = lasts, late
    here, x = row[FIRST], node[sentinel, NEXT]
    while x < stops:
        shift = lasts + flat.seconds[sort[PACE], 0, here, x]
        lasts = max(shift, flat.stop[x, OPENS] - late) + flat.stop[x, SERVICE]
        late = min(flat.stop[x, CLOSES] - shift, late)
        span[x, LASTS_TO], span[x, LATE_TO] = lasts, late
        here, x = x, node[x, NEXT]
    shift = lasts + flat.seconds[sort[PACE], 0, here, row[LAST]]
    row[LASTS] = max(shift, sort[BACK_FROM] - late)
    lasts, early = 0, sort[BACK_FROM]
    span[sentinel, LASTS_ON], span[sentinel, EARLY_ON] = lasts, early
    there, x = row[LAST], node[sentinel, BEFORE]
    while x < stops:
        shift = flat.stop[x, SERVICE] + flat.seconds[sort[PACE], 0, x, there]
        wait = max(early - shift - flat.stop[x, CLOSES], 0)
        lasts += shift + wait
        early = max(early - shift, flat.stop[x, OPENS]) - wait
        span[x, LASTS_ON], span[x, EARLY_ON] = lasts, early
        there, x = x, node[x, BEFORE]


@lean_kernel
def price_of(flat: Flat, state: State, route: int, sort: int) -> float:
    """What the route costs with a vehicle of the sort, which is like its own; 0 if it is empty.

    Limits of time and distance that are broken make it infinite. Loads are not looked at.
    """
    row = state.route[route]
    if row[COUNTED] == 0:
        return 0.0
    cost = flat.price[sort, FIXED] + flat.price[sort, METRE] * row[METRES]
    if row[METRES] > flat.sort[sort, METRES_MAX]:
        return np.inf
    if flat.slow:
        x, count, stops = state.node[len(flat.stop) + route, NEXT], 0, len(flat.stop)
        while x < stops:
            state.chain[count] = x
            count += 1
            x = state.node[x, NEXT]
        return float(cost + time_cost(flat, state.point, state.chain, count, sort))
    if flat.lasting:
        if row[LASTS] > flat.sort[sort, SECONDS_MAX]:
            return np.inf
        cost += flat.price[sort, SECOND] * row[LASTS]
    return float(cost)


@lean_kernel
def is_kept(flat: Flat, state: State, route: int) -> bool:
    """Whether the refreshed route breaks no window, shift, load or rule of who may serve whom."""
    row, node, stops = state.route[route], state.node, len(flat.stop)
    sort = row[SORT]
    if row[METRES] >= HALF_FAR or not (row[GUILDS_ALL] >> flat.sort[sort, GUILD]) & 1:
        return False
    if flat.timed:
        x = node[stops + route, NEXT]
        arrival = arrive(
            flat,
            flat.sort[sort, PACE],
            row[FIRST],
            x if x < stops else row[LAST],
            flat.sort[sort, LEAVES],
        )
        if arrival > node[x, DUE] or flat.sort[sort, LEAVES] > flat.sort[sort, LEAVES_BY]:
            return False
    x = node[stops + route, NEXT]
    while x < stops:
        if flat.stop[x, CLASHES] & row[ALL_GOODS]:
            return False
        x = node[x, NEXT]
    return fits(flat, state, route, sort) and price_of(flat, state, route, sort) < np.inf


@lean_kernel
def reprice(flat: Flat, state: State, route: int) -> None:
    """Works out everything about the route anew, with its cost."""
    refresh(flat, state, route)
    state.cost[route] = price_of(flat, state, route, state.route[route, SORT])


@lean_kernel
def fits(flat: Flat, state: State, route: int, sort: int) -> bool:
    """Whether a vehicle of the sort can carry the route's loads."""
    for d in range(flat.load.shape[1]):
        most = flat.capacity[sort, d]
        if flat.mixed:
            if state.peak[len(flat.stop) + route, 1, d] > most:
                return False
        elif max(state.base[route, 0, d], state.base[route, 1, d]) > most:
            return False
    return True


@lean_kernel
def log(flat: Flat, state: State, route: int, step: int) -> None:
    """Writes down the route as it is, once a step."""
    if state.stamp[route] == step:
        return
    state.stamp[route] = step
    at, stops = state.tally[LOGGED], len(flat.stop)
    to = state.log_start[at]
    state.log_route[at] = route
    state.log_sort[at] = state.route[route, SORT]
    state.log_cost[at] = state.cost[route]
    x = state.node[stops + route, NEXT]
    while x < stops:
        state.log_stop[to] = x
        to += 1
        x = state.node[x, NEXT]
    state.log_start[at + 1] = to
    state.tally[LOGGED] = at + 1


@lean_kernel
def take_back(flat: Flat, state: State) -> None:
    """Puts every logged route back as it was."""
    node, stops = state.node, len(flat.stop)
    for at in range(state.tally[LOGGED]):
        route = state.log_route[at]
        sentinel = stops + route
        p = sentinel
        for k in range(state.log_start[at], state.log_start[at + 1]):
            x = state.log_stop[k]
            node[p, NEXT], node[x, BEFORE] = x, p
            p = x
        node[p, NEXT], node[sentinel, BEFORE] = sentinel, p
        engage(state, route, state.log_sort[at])
        state.cost[route] = state.log_cost[at]
    for at in range(state.tally[LOGGED]):
        route = state.log_route[at]
        if state.route[route, SORT] == NOWHERE:
            state.route[route, COUNTED] = 0
        else:
            refresh(flat, state, route)


@lean_kernel
def engage(state: State, route: int, sort: int) -> None:
    """The route is driven by a vehicle of the sort from now on; NOWHERE gives its vehicle back."""
    old = state.route[route, SORT]
    if old == sort:
        return
    state.route[route, SORT] = sort
    if old != NOWHERE:
        state.free[old] += 1
    if sort != NOWHERE:
        state.free[sort] -= 1
    if old == NOWHERE or sort == NOWHERE:
        last = state.tally[USED] if old == NOWHERE else state.tally[USED] - 1
        state.tally[USED] += 1 if old == NOWHERE else -1
        place = state.route[route, PLACE]
        other = state.active[last]
        state.active[last], state.active[place] = route, other
        state.route[route, PLACE], state.route[other, PLACE] = last, place
