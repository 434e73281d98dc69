"""The routes while they are searched, and what follows from them.

Each route is a ring of linked nodes: a sentinel, the number of stops plus the route's own, which
stands for its start and its end, and its stops.
"""

from typing import NamedTuple

import numpy as np

from routing.delivery.fleet.flat import COUNT, Flat, Floats, Ints

NOWHERE = -1
# Columns of State.node. GAP: metres to the next node. READY: the earliest moment of leaving; of a
# sentinel, of leaving the depot. DUE: the latest arrival that keeps the rest possible.
NEXT, BEFORE, ROUTE, POSITION, GAP, READY, DUE, LOCKED = range(8)
# Columns of State.route. HEAD: how many stops it has begun with. GUILDS_ALL: bits of the guilds
# that may serve all its stops. LASTS: seconds from start to end.
SORT, COUNTED, METRES, FIRST, LAST, HEAD, ALL_GOODS, GUILDS_ALL, LASTS, PLACE = range(10)
# Columns of State.span. How long the route takes at least up to and with the node, and the latest
# start for that; how long from the node on, and the earliest beginning for that.
LASTS_TO, LATE_TO, LASTS_ON, EARLY_ON = range(4)
# Places in State.tally.
USED, LIMIT, LOGGED, TOKEN, BLINK = range(5)
ALL_GUILDS = (1 << 62) - 1


# Places in State.habit: the chances that a step empties whole routes, lets routes that lost stops
# have cheaper vehicles at once, and tries other depots for changed routes; how many stops are
# taken out on average, and the longest string of them.
WHOLE, TRADE_DOWN, MOVE_HOME, MEAN_OUT, STRING_MAX = range(5)
HABITS = (0.02, 0.0, 0.05, 10.0, 10.0)


class State(NamedTuple):
    """Routes, and room to work in; arrays changed in place.

    cost: by route. base: what is aboard at the start and at the end, (routes, 2, dimensions).
    peak: the most that is aboard up to leaving a node, and from leaving it on, likewise by node.
    free: vehicles by sort. active: all routes, those in use first. mark, offer, extra: by route,
    the sort that would carry a stop, and what that change of sort costs.
    stamp, log_*: which routes were changed, and what they were before.
    habit: how steps are drawn.
    """

    node: Ints
    route: Ints
    cost: Floats
    base: Ints
    peak: Ints
    span: Ints
    free: Ints
    active: Ints
    tally: Ints
    mark: Ints
    offer: Ints
    extra: Floats
    candidate: Ints
    stamp: Ints
    log_route: Ints
    log_start: Ints
    log_stop: Ints
    log_sort: Ints
    log_cost: Floats
    chain: Ints
    point: Floats
    chance: Ints
    habit: Floats


def empty_state(flat: Flat, routes: int, chance: Ints) -> State:
    """No stop is served."""
    stops, dimensions = flat.load.shape
    nodes = stops + routes
    node = np.zeros((nodes, 8), np.int64)
    node[stops:, NEXT] = node[stops:, BEFORE] = np.arange(stops, nodes)
    node[:stops, ROUTE] = NOWHERE
    node[stops:, ROUTE] = np.arange(routes)
    route = np.zeros((routes, 10), np.int64)
    route[:, SORT] = NOWHERE
    route[:, PLACE] = np.arange(routes)
    tally = np.zeros(5, np.int64)
    tally[LIMIT] = routes
    points = 64 + 8 * (stops + len(flat.window) + 4 * len(flat.since)) if flat.slow else 1
    return State(
        node=node,
        route=route,
        cost=np.zeros(routes),
        base=np.zeros((routes, 2, dimensions), np.int64),
        peak=np.zeros((nodes, 2, dimensions), np.int64),
        span=np.zeros((nodes, 4), np.int64),
        free=flat.sort[:, COUNT].copy(),
        active=np.arange(routes),
        tally=tally,
        mark=np.full(routes, -1, np.int64),
        offer=np.zeros(routes, np.int64),
        extra=np.zeros(routes),
        candidate=np.zeros(4 * nodes + 512, np.int64),
        stamp=np.full(routes, -1, np.int64),
        log_route=np.zeros(routes + 1, np.int64),
        log_start=np.zeros(routes + 2, np.int64),
        log_stop=np.zeros(stops + 1, np.int64),
        log_sort=np.zeros(routes + 1, np.int64),
        log_cost=np.zeros(routes + 1),
        chain=np.zeros(stops + 2, np.int64),
        point=np.zeros((4, points)),
        chance=chance,
        habit=np.array(HABITS),
    )
