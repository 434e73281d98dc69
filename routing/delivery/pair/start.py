"""Where a search begins: with what is begun, a draft that is there, or jobs placed one by one."""

import numpy as np

from routing.chance import share
from routing.delivery.draft import Draft, Run
from routing.delivery.pair.flat import (
    ABOARD,
    ANCHOR,
    BEFORE,
    BOUND,
    CLASH,
    FIRST,
    GOODS,
    HELD,
    JOB,
    KEPT,
    NEXT,
    NONE,
    ROUTE,
    SECOND,
    SORT,
    Fleet,
    Floats,
    Ints,
    Jobs,
    Routes,
)
from routing.delivery.pair.recreate import Terms, arrange, recreate
from routing.delivery.pair.route import refresh
from routing.delivery.pair.ruin import Manner, empty_route
from routing.delivery.pair.search import Search
from routing.delivery.problem import DeliveryProblem
from routing.kernel import kernel


def begun_rows(problem: DeliveryProblem, fleet: Fleet) -> list[list[int]]:
    """Of each vehicle, the stops it has begun with."""
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    types = {vehicle.id: kind for kind, vehicle in enumerate(problem.vehicles)}
    rows: list[list[int]] = [[] for _ in fleet]
    for begun in problem.begun:
        rows[fleet.index((types[begun.vehicle], begun.number))] = [index[s] for s in begun.stops]
    return rows


def draft_rows(
    problem: DeliveryProblem, routes: Routes, jobs: Jobs, fleet: Fleet, draft: Draft
) -> list[list[int]]:
    """Of each vehicle, its stops in the draft; without those that may not be there."""
    rows = begun_rows(problem, fleet)
    begun = [list(row) for row in rows]
    seen = {node for row in rows for node in row}
    for run in sorted(draft.runs, key=lambda run: run.number is None):
        stops = [node for trip in run.trips for node in trip]
        k = _vehicle(fleet, rows, begun, run, stops)
        if k is None:
            continue
        rest = stops[len(begun[k]) :] if stops[: len(begun[k])] == begun[k] else stops
        rest = [node for node in rest if node not in seen]
        row = _sound(routes, jobs, run.vehicle, k, begun[k], rest)
        seen.update(row)
        rows[k] = begun[k] + row
    return rows


def _vehicle(
    fleet: Fleet, rows: list[list[int]], begun: list[list[int]], run: Run, stops: list[int]
) -> int | None:
    """The vehicle that has begun so, else one that is free."""
    for k, row in enumerate(begun):
        if row and fleet[k][0] == run.vehicle and stops[: len(row)] == row and rows[k] == row:
            return k
    free = (k for k, (kind, _) in enumerate(fleet) if kind == run.vehicle and not rows[k])
    return next(free, None)


def _sound(
    routes: Routes, jobs: Jobs, kind: int, k: int, begun: list[int], stops: list[int]
) -> list[int]:
    """Without stops of jobs that the vehicle may not take, or that are not whole and in order."""
    at = {node: place for place, node in enumerate(begun + stops)}
    tag = routes.tag.tolist()
    goods, kept = 0, []
    for node in begun:
        goods |= tag[node][GOODS]
    for node in stops:
        job = jobs.job[tag[node][JOB]].tolist()
        whole = job[SECOND] == NONE or -1 < at.get(job[FIRST], -1) < at.get(job[SECOND], -1)
        mine = job[BOUND] == k or (job[BOUND] == NONE and jobs.allowed[tag[node][JOB], kind])
        if whole and mine and not goods & job[CLASH]:
            goods |= tag[node][GOODS]
            kept.append(node)
    return kept


def set_rows(search: Search, rows: list[list[int]], begun: list[list[int]]) -> None:
    """Drives these rows; one that breaks a limit is cut back to what is begun."""
    routes = search.bench.routes
    n = len(search.bench.jobs.near)
    following = np.arange(len(routes.node), dtype=np.int64)
    for k, row in enumerate(rows):
        write_row(following, n + k, row)
    recall(search, following)
    for k, row in enumerate(rows):
        if not refresh(routes, k):
            following[row] = row
            write_row(following, n + k, begun[k])
    recall(search, following)


def write_row(following: Ints, end: int, row: list[int]) -> None:
    """Chains a vehicle's stops, from its own node and back to it."""
    for node, after in zip([end, *row], [*row, end], strict=True):
        following[node] = after


@kernel
def recall(search: Search, following: Ints) -> None:
    """Sets all routes by each node's next; a stop that no vehicle comes to is absent."""
    routes, job, waiting = search.bench.routes, search.bench.jobs.job, search.waiting
    node, tag = routes.node, routes.tag
    n = node.shape[0] - routes.row.shape[0]
    tag[:n, ROUTE] = NONE
    for k in range(routes.row.shape[0]):
        i = n + k
        while True:
            j = following[i]
            node[i, NEXT] = j
            node[j, BEFORE] = i
            i = j
            if j == n + k:
                break
        refresh(routes, k)
    waiting.filled[1] = 0
    for number in range(job.shape[0]):
        i = job[number, SECOND] if job[number, SORT] == ABOARD else job[number, FIRST]
        if job[number, SORT] != KEPT and tag[i, ROUTE] == NONE:
            waiting.absent[waiting.filled[1]] = number
            waiting.filled[1] += 1


@kernel
def place_absent(search: Search, manner: Manner, terms: Terms, order: int) -> None:
    """Places the absent jobs one by one in one of the orders; goods aboard come first."""
    bench, past, waiting = search.bench, search.past, search.waiting
    search.step[0] += 1
    past.filled[:] = 0
    for turn in range(2):
        waiting.filled[0] = 0
        kept = 0
        for m in range(waiting.filled[1]):
            number = waiting.absent[m]
            if (bench.jobs.job[number, SORT] == ABOARD) == (turn == 0):
                waiting.pool[waiting.filled[0]] = number
                waiting.filled[0] += 1
            else:
                waiting.absent[kept] = number
                kept += 1
        arrange(bench, waiting, terms.toll, order)
        recreate(bench, past, waiting, manner, terms, search.step[0])
        for m in range(waiting.filled[0]):
            waiting.absent[kept] = waiting.pool[m]
            kept += 1
        waiting.filled[1] = kept


@kernel
def drop_vehicle(search: Search, toll: Floats) -> bool:
    """Empties the route whose jobs have the least toll; False if all have begun."""
    bench, waiting = search.bench, search.waiting
    node, tag, row = bench.routes.node, bench.routes.tag, bench.routes.row
    n = node.shape[0] - row.shape[0]
    chosen, least = NONE, np.inf
    for k in range(row.shape[0]):
        if row[k, HELD] == 0 or row[k, ANCHOR] != n + k:
            continue
        total = share(bench.state)
        i = node[n + k, NEXT]
        while i < n:
            total += toll[tag[i, JOB]]
            i = node[i, NEXT]
        if total < least:
            chosen, least = k, total
    if chosen == NONE:
        return False
    waiting.filled[0] = 0
    empty_route(bench.routes, bench.jobs, waiting, chosen)
    refresh(bench.routes, chosen)
    for m in range(waiting.filled[0]):
        waiting.absent[waiting.filled[1]] = waiting.pool[m]
        waiting.filled[1] += 1
    return True
