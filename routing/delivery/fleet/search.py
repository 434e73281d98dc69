"""Ruin and recreate, step by step, under a falling temperature.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54(2), sections 4 to 6.
"""

from typing import NamedTuple

import numpy as np

from routing.chance import draw, share
from routing.delivery.fleet.exchange import move_home, refit
from routing.delivery.fleet.flat import LEVEL, OPTIONAL, Flat, Floats, Ints
from routing.delivery.fleet.recreate import put_in_order, recreate
from routing.delivery.fleet.ruin import ruin
from routing.delivery.fleet.state import (
    BEFORE,
    COUNTED,
    LOGGED,
    MOVE_HOME,
    NEXT,
    NOWHERE,
    ROUTE,
    SORT,
    WHOLE,
    State,
)
from routing.delivery.fleet.upkeep import engage, reprice, take_back
from routing.kernel import lean_kernel

# The share of steps that look at more neighbours.
WIDE_STEPS = 0.15
NEAR, WIDE = 30, 120
# So many absent stops are tried again in a step at most.
RETRIES = 20
CRUMB = 1e-6
# Places in Search.value: of the current routes, and of the best.
COST, BEST_COST = range(2)


class Search(NamedTuple):
    """Where the search stands; arrays changed in place.

    absent: stops on no route; absents: how many. missed: mandatory ones among them by level, of
    the current routes, the best ones and those tried. absence: steps that each stop was out.
    best_next, best_sort: the best routes, as links of nodes and sorts of routes.
    """

    value: Floats
    absent: Ints
    absents: Ints
    missed: Ints
    absence: Ints
    best_next: Ints
    best_sort: Ints
    weight: Floats
    out: Ints
    key: Floats


def empty_search(flat: Flat, routes: int, weight: Floats) -> Search:
    """Nothing is known yet; count_absent and keep_best fill it in."""
    stops = len(flat.stop)
    return Search(
        value=np.zeros(2),
        absent=np.zeros(stops, np.int64),
        absents=np.zeros(1, np.int64),
        missed=np.zeros((3, flat.levels), np.int64),
        absence=np.zeros(stops, np.int64),
        best_next=np.arange(stops + routes),
        best_sort=np.full(routes, NOWHERE),
        weight=weight,
        out=np.zeros(stops, np.int64),
        key=np.zeros(stops),
    )


class Stretch(NamedTuple):
    """A piece of a search: so many steps from one on, at a temperature.

    opening: how likely a stop opens a route. hunting: whether changes that leave out what was
    out less are taken, though more is left out or it costs more.
    """

    first: int
    steps: int
    heat: float
    opening: float
    hunting: bool


# Rows of Search.missed.
NOW, BEST, TRIED = range(3)


@lean_kernel
def run_stretch(flat: Flat, state: State, search: Search, stretch: Stretch) -> None:
    """Ruins and recreates, step after step."""
    for step in range(stretch.first, stretch.first + stretch.steps):
        state.tally[LOGGED] = 0
        state.log_start[0] = 0
        seed = draw(state.chance, len(flat.stop))
        served = len(flat.stop) - search.absents[0]
        whole = share(state.chance) < state.habit[WHOLE]
        count = ruin(flat, state, served, search.out, seed, whole, step)
        kept = _add_absent(state, search, count)
        total = count + search.absents[0] - kept
        put_in_order(flat, search.out, total, search.key, search.weight, state.chance)
        reach = WIDE if share(state.chance) < WIDE_STEPS else NEAR
        wanted = _free_sort(flat, state) if whole else NOWHERE
        left = recreate(
            flat, state, search.out, total, reach, stretch.opening, stretch.heat, wanted, step
        )
        refit(flat, state, step)
        if share(state.chance) < state.habit[MOVE_HOME]:
            for at in range(state.tally[LOGGED]):
                move_home(flat, state, state.log_route[at])
        _judge(flat, state, search, stretch, kept, left)


@lean_kernel
def _free_sort(flat: Flat, state: State) -> int:
    """One of the sorts of which vehicles are free, by chance."""
    chosen, seen = NOWHERE, 0
    for sort in range(len(flat.sort)):
        if state.free[sort] > 0:
            seen += 1
            if draw(state.chance, seen) == 0:
                chosen = sort
    return chosen


@lean_kernel
def _add_absent(state: State, search: Search, count: int) -> int:
    """Adds absent stops to those taken out, or some of them by chance; how many are not tried.

    Those come first in `absent`.
    """
    absent, absents = search.absent, search.absents[0]
    kept = max(0, absents - RETRIES)
    for k in range(kept, absents):
        j = draw(state.chance, k + 1)
        absent[j], absent[k] = absent[k], absent[j]
    for k in range(kept, absents):
        search.out[count + k - kept] = absent[k]
    return int(kept)


@lean_kernel
def _judge(
    flat: Flat, state: State, search: Search, stretch: Stretch, kept: int, left: int
) -> None:
    """Takes the changed routes, or puts the old ones back."""
    cost = _change(flat, state, search, kept, left)
    better = _compare(search, TRIED, NOW)
    slack = -stretch.heat * np.log(1.0 - share(state.chance))
    taken = better < 0 or (better == 0 and cost < slack)
    if not taken and stretch.hunting and _misses(search):
        taken = _weigh_absence(flat, search, kept, left) < 0.0
    for k in range(left):
        search.absence[search.out[k]] += 1
    if not taken:
        for k in range(kept, search.absents[0]):
            state.node[search.absent[k], ROUTE] = NOWHERE
        take_back(flat, state)
        return
    for k in range(left):
        search.absent[kept + k] = search.out[k]
    search.absents[0] = kept + left
    search.value[COST] += cost
    _copy(search.missed[TRIED], search.missed[NOW])
    ahead = _compare(search, NOW, BEST)
    if ahead < 0 or (ahead == 0 and search.value[COST] < search.value[BEST_COST] - CRUMB):
        keep_best(state, search)


@lean_kernel
def _change(flat: Flat, state: State, search: Search, kept: int, left: int) -> float:
    """How much more the changed routes and prizes cost, and what is missed now."""
    cost = 0.0
    for at in range(state.tally[LOGGED]):
        cost += state.cost[state.log_route[at]] - state.log_cost[at]
    _copy(search.missed[NOW], search.missed[TRIED])
    for k in range(kept, search.absents[0]):
        cost -= _miss(flat, search, search.absent[k], -1)
    for k in range(left):
        cost += _miss(flat, search, search.out[k], 1)
    return cost


@lean_kernel
def _miss(flat: Flat, search: Search, stop: int, count: int) -> float:
    """Counts a missed mandatory stop; the prize of an optional one."""
    level = flat.stop[stop, LEVEL]
    if level == OPTIONAL:
        return float(flat.prize[stop])
    search.missed[TRIED, level] += count
    return 0.0


@lean_kernel
def _misses(search: Search) -> bool:
    """Whether a mandatory stop is on no route."""
    missed = 0
    for level in range(search.missed.shape[1]):
        missed += search.missed[NOW, level]
    return missed > 0


@lean_kernel
def _copy(source: Ints, target: Ints) -> None:
    for k in range(len(source)):
        target[k] = source[k]


@lean_kernel
def _compare(search: Search, one: int, other: int) -> int:
    """Below 0 if one misses less than the other, from the highest priority down."""
    for level in range(search.missed.shape[1] - 1, -1, -1):
        if search.missed[one, level] != search.missed[other, level]:
            return -1 if search.missed[one, level] < search.missed[other, level] else 1
    return 0


@lean_kernel
def _weigh_absence(flat: Flat, search: Search, kept: int, left: int) -> float:
    """How much longer those now out have been out than those that were out before."""
    total = 0.0
    for k in range(left):
        if flat.stop[search.out[k], LEVEL] != OPTIONAL:
            total += flat.weight[search.out[k]] * search.absence[search.out[k]]
    for k in range(kept, search.absents[0]):
        stop = search.absent[k]
        if flat.stop[stop, LEVEL] != OPTIONAL:
            total -= flat.weight[stop] * search.absence[stop]
    return total


@lean_kernel
def keep_best(state: State, search: Search) -> None:
    """The current routes are the best ones."""
    for x in range(len(search.best_next)):
        search.best_next[x] = state.node[x, NEXT]
    for route in range(len(search.best_sort)):
        search.best_sort[route] = state.route[route, SORT]
    search.value[BEST_COST] = search.value[COST]
    _copy(search.missed[NOW], search.missed[BEST])


@lean_kernel
def restore(flat: Flat, state: State, search: Search, next_: Ints, sort: Ints) -> None:
    """The routes become those with these links and sorts; what follows from them is worked out."""
    node, stops = state.node, len(flat.stop)
    for route in range(len(sort)):
        engage(state, route, NOWHERE)
        state.cost[route], state.route[route, COUNTED] = 0.0, 0
    for x in range(stops):
        node[x, ROUTE] = NOWHERE
    search.value[COST] = 0.0
    for route in range(len(sort)):
        sentinel = stops + route
        p = sentinel
        while True:
            x = next_[p]
            node[p, NEXT], node[x, BEFORE] = x, p
            p = x
            if x == sentinel:
                break
        if sort[route] != NOWHERE:
            engage(state, route, sort[route])
            reprice(flat, state, route)
            search.value[COST] += state.cost[route]
    count_absent(flat, state, search)


@lean_kernel
def count_absent(flat: Flat, state: State, search: Search) -> None:
    """Notes who is on no route now, and adds their prizes to the cost."""
    for level in range(flat.levels):
        search.missed[TRIED, level] = 0
    search.absents[0] = 0
    for stop in range(len(flat.stop)):
        if state.node[stop, ROUTE] == NOWHERE:
            search.absent[search.absents[0]] = stop
            search.absents[0] += 1
            search.value[COST] += _miss(flat, search, stop, 1)
    _copy(search.missed[TRIED], search.missed[NOW])
