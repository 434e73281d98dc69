"""Jobs in a chosen order, each put where it costs least.

Source: J. Christiaens and G. Vanden Berghe (2020), section 5.3.
"""

from typing import NamedTuple

import numpy as np

from routing.chance import draw, share
from routing.delivery.pair.flat import (
    ABOARD,
    CHANGE,
    DUE,
    FIRST,
    NONE,
    OPENS,
    OUT,
    PRIZE,
    SECOND,
    SORT,
    USED,
    VERSION,
    WEIGHT,
    Floats,
    Ints,
)
from routing.delivery.pair.insertion import NEVER, Bench, best_of_all
from routing.delivery.pair.route import Past, link, note, refresh, unlink
from routing.delivery.pair.ruin import Manner, Waiting
from routing.kernel import kernel

# In which orders jobs go back, and how often each, of all.
SHUFFLED, LARGE, FAR_OFF, CLOSE_BY, NARROW, EARLY, LATE, LONG, STUBBORN = range(9)
TURNS = (4, 4, 2, 1, 2, 2, 2, 2)


class Terms(NamedTuple):
    """What a step may come to.

    vehicles: at most. reluctance: what one vehicle more counts beside its costs, when a job looks
    for a place. toll: (jobs,) how bad it is to leave each out; hunts: whether every failure adds
    to it. missed_max: tolls left out at most. per_vehicle: what each counts in the sum.
    open: the chance that a job opens a route whatever it costs.
    """

    vehicles: int
    reluctance: float
    toll: Floats
    hunts: bool
    missed_max: float
    per_vehicle: float
    open: float


@kernel
def arrange(bench: Bench, waiting: Waiting, toll: Floats, order: int) -> None:
    """Sorts the pool by one of the orders."""
    pool, key, job = waiting.pool, waiting.key, bench.jobs.job
    node, tag, load, legs = (
        bench.routes.node,
        bench.routes.tag,
        bench.routes.load,
        bench.routes.legs[0],
    )
    count, depot = waiting.filled[0], bench.routes.row[0, OUT]
    for m in range(count):
        x, y = job[pool[m], FIRST], job[pool[m], SECOND]
        if y == NONE:
            y = x
        key[m] = share(bench.state)
        if order == LARGE:
            for d in range(load.shape[2]):
                key[m] -= abs(load[x, CHANGE, d])
        elif order == FAR_OFF:
            key[m] = -float(legs[depot, x, 0] + legs[y, depot, 0])
        elif order == CLOSE_BY:
            key[m] = float(legs[depot, x, 0] + legs[y, depot, 0])
        elif order == NARROW:
            key[m] = float(tag[x, DUE] - node[x, OPENS] + tag[y, DUE] - node[y, OPENS])
        elif order == EARLY:
            key[m] = float(node[x, OPENS])
        elif order == LATE:
            key[m] = -float(tag[y, DUE])
        elif order == LONG:
            key[m] = -float(legs[x, y, 0])
        elif order == STUBBORN:
            key[m] -= toll[pool[m]]
    for m in range(1, count):
        number, value = pool[m], key[m]
        at = m
        while at > 0 and key[at - 1] > value:
            key[at], pool[at] = key[at - 1], pool[at - 1]
            at -= 1
        key[at], pool[at] = value, number


@kernel
def drawn_order(state: Ints, turns: Ints) -> int:
    """One of the orders by its turns, which are summed up."""
    at = draw(state, turns[turns.shape[0] - 1])
    order = 0
    while turns[order] <= at:
        order += 1
    return order


@kernel
def recreate(
    bench: Bench, past: Past, waiting: Waiting, manner: Manner, terms: Terms, step: int
) -> bool:
    """Puts the pool's jobs back; the pool keeps those that find no place.

    Gives up and answers False as soon as more is missed than the terms allow.
    """
    pool = waiting.pool
    count, left, missed = waiting.filled[0], 0, 0.0
    for m in range(count):
        number = pool[m]
        if _insert(bench, past, number, manner, terms, step):
            continue
        missed += terms.toll[number]
        if terms.hunts:
            terms.toll[number] += bench.jobs.worth[number, WEIGHT]
        pool[left] = number
        left += 1
        if missed > terms.missed_max:
            for rest in range(m + 1, count):
                pool[left] = pool[rest]
                left += 1
            waiting.filled[0] = left
            return False
    waiting.filled[0] = left
    return True


@kernel
def _insert(bench: Bench, past: Past, number: int, manner: Manner, terms: Terms, step: int) -> bool:
    """Puts a job where it costs least; an optional one only for less than its prize."""
    worth = bench.jobs.worth
    may_open = bench.routes.tally[USED] < terms.vehicles
    optional = worth[number, WEIGHT] == 0
    reluctance, overlook = terms.reluctance, manner.overlook
    if terms.open > 0 and may_open and not optional and share(bench.state) < terms.open:
        reluctance = -NEVER / 2
    while True:
        cost = best_of_all(bench, number, may_open, reluctance, overlook)
        if cost >= NEVER or (optional and cost >= worth[number, PRIZE]):
            return False
        note(bench.routes, past, bench.spot[0], step)
        if _put(bench, number):
            return True
        overlook = 0.0


@kernel
def _put(bench: Bench, number: int) -> bool:
    """Puts a job in its place, unless the route then breaks a limit of its length."""
    routes, spot, memo = bench.routes, bench.spot, bench.memo
    node, tag, job = routes.node, routes.tag, bench.jobs.job[number]
    k = spot[0]
    version = routes.row[k, VERSION]
    first, second = job[FIRST], job[SECOND]
    if job[SORT] == ABOARD:
        link(node, second, spot[1])
    else:
        link(node, first, spot[1])
        if second != NONE:
            link(node, second, spot[2])
    if refresh(routes, k):
        return True
    if job[SORT] != ABOARD:
        unlink(node, tag, first)
    if second != NONE:
        unlink(node, tag, second)
    refresh(routes, k)
    routes.row[k, VERSION] = version
    memo.known[number, k, 0] = version
    memo.known[number, k, 1] = NONE
    memo.cost[number, k] = np.inf
    return False
