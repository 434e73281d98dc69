"""Steps of ruin and recreate, taken or taken back under a falling temperature."""

from typing import NamedTuple

import numpy as np

from routing.chance import seeded, share
from routing.delivery.pair.ejection import eject
from routing.delivery.pair.flat import (
    ABOARD,
    COST,
    FIRST,
    NEXT,
    NONE,
    PRIZE,
    ROUTE,
    SECOND,
    SORT,
    USED,
    WEIGHT,
    Floats,
    Ints,
    Jobs,
    Routes,
)
from routing.delivery.pair.insertion import Bench, empty_memo
from routing.delivery.pair.recreate import STUBBORN, Terms, arrange, drawn_order, recreate
from routing.delivery.pair.route import Past, empty_past, go_back, refresh
from routing.delivery.pair.ruin import Manner, Waiting, ruin
from routing.kernel import kernel

# A hunt ejects at one step in so many.
EJECT_EVERY = 40


class Best(NamedTuple):
    """The best routes met: each node's next, and in score what is missed and what it costs."""

    following: Ints
    score: Floats


class Search(NamedTuple):
    """Everything a search holds. turns: (orders,) summed up. step: (1,) how many were done."""

    bench: Bench
    past: Past
    waiting: Waiting
    best: Best
    turns: Ints
    step: Ints


def new_search(routes: Routes, jobs: Jobs, seed: int, turns: tuple[int, ...]) -> Search:
    """Nothing is on a route, not even what is begun."""
    n, count = len(jobs.near), len(jobs.job)
    for k in range(len(routes.row)):
        refresh(routes, k)
    return Search(
        Bench(routes, jobs, empty_memo(routes, jobs), seeded(seed), np.zeros(3, np.int64)),
        empty_past(routes),
        Waiting(
            np.zeros(count, np.int64),
            np.zeros(count, np.int64),
            np.zeros(2, np.int64),
            np.zeros(n, np.int64),
            np.zeros(count),
        ),
        Best(np.arange(len(routes.node), dtype=np.int64), np.full(2, np.inf)),
        np.cumsum(turns, dtype=np.int64),
        np.zeros(1, np.int64),
    )


@kernel
def keep_best(search: Search, per_vehicle: float) -> bool:
    """Writes the routes down if fewer jobs are missed, or they cost less than the best."""
    routes, worth, best = search.bench.routes, search.bench.jobs.worth, search.best
    missed, cost = 0.0, per_vehicle * routes.tally[USED]
    for m in range(search.waiting.filled[1]):
        missed += worth[search.waiting.absent[m], WEIGHT]
        cost += worth[search.waiting.absent[m], PRIZE]
    for k in range(routes.money.shape[0]):
        cost += routes.money[k, COST]
    if missed > best.score[0] or (missed == best.score[0] and cost >= best.score[1]):
        return False
    best.score[0], best.score[1] = missed, cost
    best.following[:] = routes.node[:, NEXT]
    return True


@kernel
def missed_weight(search: Search) -> float:
    """How bad it is that what is absent is left out."""
    missed = 0.0
    for m in range(search.waiting.filled[1]):
        missed += search.bench.jobs.worth[search.waiting.absent[m], WEIGHT]
    return missed


@kernel
def take_steps(search: Search, manner: Manner, terms: Terms, steps: int, heat: float) -> bool:
    """So many steps; a hunt ends with True as soon as no job that must be served is absent."""
    for _ in range(steps):
        search.step[0] += 1
        if _take_step(search, manner, terms, heat):
            keep_best(search, terms.per_vehicle)
            if terms.hunts and missed_weight(search) == 0:
                return True
        if terms.hunts and search.step[0] % EJECT_EVERY == 0 and search.waiting.filled[1] > 0:
            eject(search.bench, search.waiting, terms.toll)
    return False


@kernel
def _take_step(search: Search, manner: Manner, terms: Terms, heat: float) -> bool:
    """Ruins and recreates; whether the routes are changed after it."""
    bench, past, waiting, step = search.bench, search.past, search.waiting, search.step[0]
    past.filled[:] = 0
    waiting.filled[0] = 0
    used = bench.routes.tally[USED]
    ruin(bench, past, waiting, manner, step)
    allowed = 0.0
    for m in range(waiting.filled[1]):
        waiting.pool[waiting.filled[0]] = waiting.absent[m]
        waiting.filled[0] += 1
        allowed += terms.toll[waiting.absent[m]]
    order = drawn_order(bench.state, search.turns)
    if waiting.filled[1] > 0 and share(bench.state) < manner.hardest:
        order = STUBBORN
    arrange(bench, waiting, terms.toll, order)
    limited = Terms(
        terms.vehicles,
        terms.reluctance,
        terms.toll,
        terms.hunts,
        allowed,
        terms.per_vehicle,
        terms.open,
    )
    patience = -heat * np.log(1.0 - share(bench.state))
    if recreate(bench, past, waiting, manner, limited, step):
        missed, cost = _change(search, terms)
        cost += terms.per_vehicle * (bench.routes.tally[USED] - used)
        if missed < allowed or cost < patience:
            waiting.filled[1] = waiting.filled[0]
            waiting.absent[: waiting.filled[0]] = waiting.pool[: waiting.filled[0]]
            return True
    _take_back(search)
    return False


@kernel
def _change(search: Search, terms: Terms) -> tuple[float, float]:
    """The tolls now missed, as they were before this step, and what the step costs."""
    past, waiting, worth = search.past, search.waiting, search.bench.jobs.worth
    missed, cost = 0.0, 0.0
    for m in range(waiting.filled[0]):
        missed += terms.toll[waiting.pool[m]]
        if terms.hunts:
            missed -= worth[waiting.pool[m], WEIGHT]
        cost += worth[waiting.pool[m], PRIZE]
    for m in range(waiting.filled[1]):
        cost -= worth[waiting.absent[m], PRIZE]
    for at in range(past.filled[0]):
        cost += search.bench.routes.money[past.route[at, 0], COST] - past.cost[at]
    return missed, cost


@kernel
def _take_back(search: Search) -> None:
    waiting, job, tag = search.waiting, search.bench.jobs.job, search.bench.routes.tag
    for m in range(waiting.filled[1]):
        number = waiting.absent[m]
        if job[number, SORT] != ABOARD:
            tag[job[number, FIRST], ROUTE] = NONE
        if job[number, SECOND] != NONE:
            tag[job[number, SECOND], ROUTE] = NONE
    go_back(search.bench.routes, search.past)
