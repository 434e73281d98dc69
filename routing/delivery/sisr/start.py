"""Where the search begins: routes by savings, by plain insertion, or those that are given.

Source: G. Clarke and J. W. Wright (1964), Scheduling of Vehicles from a Central Depot to a Number
of Delivery Points, Operations Research 12 (4).
"""

from collections.abc import Sequence

import numpy as np

from routing.delivery.sisr.flat import Flat, Ints, Words
from routing.delivery.sisr.neighbour import PLACES, WAIT_PRICE, Near
from routing.delivery.sisr.recreate import ORDERS, Recipe, put_back, sort_by
from routing.delivery.sisr.search import (
    ABSENT,
    COST,
    Search,
    is_better,
    keep_best,
    mark_changed,
)
from routing.delivery.sisr.state import (
    LIMIT,
    NONE,
    PREVIOUS,
    ROUTE,
    State,
    begin_step,
    clear,
    fits,
    insert,
    note,
    total_length,
)
from routing.kernel import kernel, lean_kernel

Routes = list[list[int]]
# Stops of every stop that may follow it in a route by savings.
FOLLOWERS = 100
# The order of ORDERS in which stops go that no start route holds.
FARTHEST = 2
# Above so many nodes the start is by savings alone.
INSERTED_NODES_MAX = 2_500


def by_savings(flat: Flat, near: Near) -> Routes:
    """Routes joined end to end, the largest saving first; any number of them."""
    nodes = len(flat.demand)
    count = min(FOLLOWERS, near.stops.shape[1])
    first = np.repeat(np.arange(1, nodes), count)
    then = near.stops[1:, :count].ravel().astype(np.int64)
    gain = flat.length[first, 0].astype(np.float64) + flat.length[0, then]
    gain -= flat.length[first, then]
    if flat.timed:
        ready = flat.closes.astype(np.int64)[first] + flat.service[first]
        wait = flat.opens[then] - ready - flat.duration[first, then]
        gain -= WAIT_PRICE * np.maximum(0, wait)
    order = np.argsort(-gain, kind="stable")
    follower = np.zeros(nodes, np.int64)
    _join(flat, first[order], then[order], follower)
    followed = np.zeros(nodes, bool)
    followed[follower[follower > 0]] = True
    return [_chain(follower, stop) for stop in range(1, nodes) if not followed[stop]]


def _chain(follower: Ints, stop: int) -> list[int]:
    chain = [stop]
    while follower[chain[-1]] > 0:
        chain.append(int(follower[chain[-1]]))
    return chain


@kernel
def _join(flat: Flat, first: Ints, then: Ints, follower: Ints) -> None:
    """Links pairs in this order, where load and time allow; 0 ends a route."""
    nodes = len(flat.demand)
    leader, head = np.zeros(nodes, np.int64), np.arange(nodes)
    load = flat.demand.astype(np.int64)
    leaves, latest = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    if flat.timed:
        for x in range(1, nodes):
            starts = max(flat.opens[0] + np.int64(flat.duration[0, x]), np.int64(flat.opens[x]))
            leaves[x] = starts + flat.service[x]
            home = np.int64(flat.closes[0]) - flat.duration[x, 0] - flat.service[x]
            latest[x] = min(home, np.int64(flat.closes[x]))
    for k in range(len(first)):
        i, j = first[k], then[k]
        if follower[i] > 0 or leader[j] > 0 or head[i] == j:
            continue
        if load[head[i]] + load[j] > flat.capacity:
            continue
        if flat.timed and leaves[i] + flat.duration[i, j] > latest[j]:
            continue
        follower[i], leader[j] = j, i
        load[head[i]] += load[j]
        x, y = i, j
        while y > 0:
            head[y] = head[i]
            if flat.timed:
                starts = max(leaves[x] + flat.duration[x, y], np.int64(flat.opens[y]))
                leaves[y] = starts + flat.service[y]
            x, y = y, follower[y]
        x, y = i, j
        while flat.timed and x > 0:
            still = latest[y] - flat.duration[x, y] - flat.service[x]
            latest[x] = min(still, np.int64(flat.closes[x]))
            x, y = leader[x], x


def begin(search: Search, routes: Sequence[Sequence[int]]) -> None:
    """Lays these routes down, as many as may be, and inserts what is on none of them.

    Stops that do not fit where they are given are inserted elsewhere, or left out.
    """
    flat, state = search.flat, search.state
    clear(flat, state)
    longest = sorted(routes, key=len, reverse=True)[: int(state.tally[LIMIT])]
    for k, route in enumerate(longest):
        _lay(flat, state, np.array(route, np.int64), len(flat.demand) + k)
    absent = 1 + np.flatnonzero(state.rows[1 : len(flat.demand), ROUTE] == NONE)
    insert_all(search, absent, FARTHEST)


@lean_kernel
def _lay(flat: Flat, state: State, stops: Ints, route: int) -> None:
    """A route with these stops; without those that would make it late or too heavy."""
    whole = _in_time(flat, stops)
    for stop in stops:
        after = state.rows[route, PREVIOUS]
        if state.rows[stop, ROUTE] == NONE and (whole or fits(flat, state, stop, after)):
            insert(flat, state, stop, after)


@lean_kernel
def _in_time(flat: Flat, stops: Ints) -> bool:
    """Whether a route of these stops keeps to load and time as it stands."""
    leaves, load, at = np.int64(flat.opens[0]), 0, 0
    for stop in stops:
        load += flat.demand[stop]
        if flat.timed:
            starts = max(leaves + flat.duration[at, stop], np.int64(flat.opens[stop]))
            if starts > flat.closes[stop]:
                return False
            leaves, at = starts + flat.service[stop], stop
    home = flat.duration[at, 0] if flat.timed and at > 0 else 0
    return bool(load <= flat.capacity and leaves + home <= flat.closes[0])


@lean_kernel
def insert_all(search: Search, stops: Ints, kind: int) -> None:
    """Inserts stops in an order of ORDERS, and counts what is out and what the routes cost."""
    state = search.state
    # As if every route had been changed in this step: all of them are looked at if need be.
    begin_step(state)
    for route in range(len(search.flat.demand), len(state.rows)):
        note(state, route)
    sort_by(search.flat, search.chance, kind, stops, len(stops), search.keys)
    recipe = Recipe(min(PLACES, search.near.places.shape[1]), 0.0, search.recipe.blink)
    absent = 0
    for level in range(len(search.missing)):
        search.missing[level] = 0
    for stop in stops:
        served, _ = put_back(search.flat, search.near, state, recipe, search.chance, stop)
        if not served:
            search.absent[absent] = stop
            search.missing[search.flat.level[stop]] += 1
            absent += 1
    search.figures[ABSENT] = absent
    search.figures[COST] = total_length(search.flat, state)
    for node in range(len(state.rows)):
        mark_changed(search, node)


def best_start(search: Search, routes: Routes, is_given: bool) -> None:
    """Lays the routes down as the best so far; unless they are given, or plain insertion is better.

    The search goes on from the best.
    """
    begin(search, routes)
    keep_best(search)
    nodes = len(search.flat.demand)
    if is_given or nodes > INSERTED_NODES_MAX:
        return
    for kind in range(len(ORDERS)):
        clear(search.flat, search.state)
        insert_all(search, np.arange(1, nodes), kind)
        if is_better(search):
            keep_best(search)
    begin(search, routes_of(search.best, nodes))


def routes_of(following: Words, nodes: int) -> Routes:
    """The routes as lists of nodes, from the next node of every node."""
    routes = []
    for end in range(nodes, len(following)):
        stop, route = int(following[end]), []
        while stop < nodes:
            route.append(stop)
            stop = int(following[stop])
        if route:
            routes.append(route)
    return routes
