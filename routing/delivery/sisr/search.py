"""Steps of ruin and recreate under a temperature, and the best routes met.

Stops that are on no route are tried again in every step. Whether a step may leave out others than
before is decided by how often each has been left out already.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54 (2), sections 4 and 5.
"""

from typing import NamedTuple

import numpy as np

from routing.chance import draw, share
from routing.delivery.sisr.flat import Flat, Floats, Ints, Words
from routing.delivery.sisr.neighbour import PLACES, PLACES_WIDE, Near
from routing.delivery.sisr.recreate import Recipe, put_back, shuffle, spread
from routing.delivery.sisr.ruin import Strings, ruin
from routing.delivery.sisr.state import (
    KEPT,
    LIMIT,
    NEXT,
    NONE,
    ROUTE,
    USED,
    State,
    begin_step,
    part,
    take_back,
)
from routing.kernel import lean_kernel

# Places in Search.figures.
COST, BEST_COST, ABSENT, CHANGED = range(4)
# Absent stops that one step tries to serve.
TRIED_MAX = 10
# How much more a stop weighs than one of the next lower priority.
LEVEL_WEIGHT = 64.0
# The share of steps that part a route in two, where time binds.
PART_SHARE = 0.03
# The share of steps that look at PLACES_WIDE places for an insertion.
WIDE_SHARE = 0.15


class Search(NamedTuple):
    """The routes, the best so far, and room to work in; arrays changed in place.

    absent: stops on no route, the first ones of so many. misses: how often a stop was left out.
    best: the next node of every node. changed: nodes whose routes have changed since, flagged in
    `is_changed`. missing, best_missing: absent stops by level. figures: see the places above.
    """

    flat: Flat
    near: Near
    state: State
    strings: Strings
    recipe: Recipe
    chance: Ints
    out: Ints
    keys: Floats
    absent: Ints
    failed: Ints
    misses: Ints
    best: Words
    changed: Words
    is_changed: Words
    missing: Ints
    best_missing: Ints
    figures: Ints


@lean_kernel
def run(search: Search, steps: int, heat: float, until_full: bool) -> int:
    """Makes so many steps, or stops before once every stop is served: how many it made."""
    for done in range(steps):
        if until_full and search.figures[ABSENT] == 0:
            return done
        _step(search, heat)
    return steps


@lean_kernel
def _step(search: Search, heat: float) -> None:
    flat, near, state, figures = search.flat, search.near, search.state, search.figures
    begin_step(state)
    used = state.tally[USED]
    allowance = -heat * np.log(1.0 - share(search.chance))
    in_time, extra = _part(search)
    if not in_time:
        take_back(state, used)
        return
    before = state.tally[USED]
    gone, change = ruin(flat, near, state, search.strings, search.chance, search.out)
    if gone < 0:
        take_back(state, used)
        return
    change += extra + (state.tally[USED] - before) * flat.fixed
    tried = min(figures[ABSENT], TRIED_MAX)
    spread(search.chance, search.absent, figures[ABSENT], tried)
    for k in range(tried):
        search.out[gone + k] = search.absent[k]
    shuffle(flat, search.chance, search.out, gone + tried, search.keys)
    failed, change = _recreate(search, gone + tried, change, allowance)
    if failed < 0 or not _is_accepted(search, tried, failed, change, allowance):
        take_back(state, used)
        return
    _accept(search, tried, failed, change)


@lean_kernel
def _part(search: Search) -> tuple[bool, int]:
    """Now and then parts a route in two, which single stops hardly ever come to."""
    flat, tally = search.flat, search.state.tally
    if not flat.timed or tally[USED] >= tally[LIMIT] or share(search.chance) >= PART_SHARE:
        return True, 0
    stop = 1 + draw(search.chance, len(flat.demand) - 1)
    if search.state.rows[stop, ROUTE] == NONE:
        return True, 0
    return part(flat, search.state, stop)


@lean_kernel
def _recreate(search: Search, count: int, change: int, allowance: float) -> tuple[int, int]:
    """Puts the stops of `out` back: how many did not fit, and what the whole step costs.

    A negative number where the step cannot be accepted any more.
    """
    flat, figures = search.flat, search.figures
    wide = share(search.chance) < WIDE_SHARE
    places = min(PLACES_WIDE if wide else PLACES, search.near.places.shape[1])
    recipe = Recipe(places, search.recipe.opening, search.recipe.blink)
    failed = 0
    for k in range(count):
        stop = search.out[k]
        served, cost = put_back(flat, search.near, search.state, recipe, search.chance, stop)
        change += cost
        if not served:
            search.failed[failed] = stop
            failed += 1
        if figures[ABSENT] == 0 and (failed > 0 or change >= allowance):
            return -1, 0
    return failed, change


@lean_kernel
def _is_accepted(search: Search, tried: int, failed: int, change: int, allowance: float) -> bool:
    """Whether what is left out weighs less than before, or as much and the routes cost no more."""
    before, after = 0.0, 0.0
    for k in range(tried):
        before += weight(search, search.absent[k])
    for k in range(failed):
        after += weight(search, search.failed[k])
    for k in range(failed):
        search.misses[search.failed[k]] += 1
    return after < before or (after == before and change < allowance)


@lean_kernel
def weight(search: Search, stop: int) -> float:
    """How much it matters that the stop is left out."""
    return float((1.0 + search.misses[stop]) * LEVEL_WEIGHT ** search.flat.level[stop])


@lean_kernel
def _accept(search: Search, tried: int, failed: int, change: int) -> None:
    state, figures = search.state, search.figures
    figures[COST] += change
    for k in range(state.tally[KEPT]):
        mark_changed(search, state.noted[k])
    if tried or failed:
        _list_absent(search, tried, failed)
    if is_better(search):
        keep_best(search)


@lean_kernel
def mark_changed(search: Search, node: int) -> None:
    """The best routes may differ from now on at this node."""
    if search.is_changed[node] == 0:
        search.is_changed[node] = 1
        search.changed[search.figures[CHANGED]] = node
        search.figures[CHANGED] += 1


@lean_kernel
def _list_absent(search: Search, tried: int, failed: int) -> None:
    """The stops that failed take the place of those that were tried."""
    absent, figures = search.absent, search.figures
    for k in range(tried):
        search.missing[search.flat.level[absent[k]]] -= 1
    rest = figures[ABSENT] - tried
    if failed > tried:
        for k in range(rest - 1, -1, -1):
            absent[failed + k] = absent[tried + k]
    elif failed < tried:
        for k in range(rest):
            absent[failed + k] = absent[tried + k]
    for k in range(failed):
        absent[k] = search.failed[k]
        search.missing[search.flat.level[absent[k]]] += 1
    figures[ABSENT] = rest + failed


@lean_kernel
def is_better(search: Search) -> bool:
    """Whether the routes leave out less than the best, or as much and cost less."""
    for level in range(len(search.missing) - 1, -1, -1):
        if search.missing[level] != search.best_missing[level]:
            return bool(search.missing[level] < search.best_missing[level])
    return bool(search.figures[COST] < search.figures[BEST_COST])


@lean_kernel
def keep_best(search: Search) -> None:
    """The routes are the best from now on."""
    figures = search.figures
    for k in range(figures[CHANGED]):
        node = search.changed[k]
        search.best[node] = search.state.rows[node, NEXT]
        search.is_changed[node] = 0
    figures[CHANGED] = 0
    figures[BEST_COST] = figures[COST]
    for level in range(len(search.missing)):
        search.best_missing[level] = search.missing[level]
