"""An absent job put on a route in place of one or two that are easier to place elsewhere.

Source: Y. Nagata and S. Kobayashi (2010), Guided Ejection Search for the Pickup and Delivery
Problem with Time Windows.
"""

import numpy as np

from routing.chance import draw
from routing.delivery.pair.flat import (
    ABOARD,
    BEFORE,
    CLASH,
    FIRST,
    HELD,
    JOB,
    KEPT,
    MIXED,
    NEXT,
    NONE,
    SECOND,
    SORT,
    VERSION,
    Floats,
    Ints,
)
from routing.delivery.pair.insertion import NEVER, Bench, seek
from routing.delivery.pair.route import link, refresh, stops_of, unlink
from routing.delivery.pair.ruin import Waiting
from routing.kernel import kernel


@kernel
def eject(bench: Bench, waiting: Waiting, toll: Floats) -> bool:
    """Serves one of the absent jobs if jobs of less toll together can make room for it."""
    row, start = bench.routes.row, bench.jobs.type_start
    which = draw(bench.state, waiting.filled[1])
    number = waiting.absent[which]
    if bench.jobs.job[number, SORT] == ABOARD:
        return False
    # Vehicle, what goes, and what else goes; then behind which nodes the job is put.
    found = np.full(5, NONE, np.int64)
    least = np.full(1, toll[number])
    shift = draw(bench.state, row.shape[0])
    for kind in range(start.shape[0] - 1):
        if not bench.jobs.allowed[number, kind]:
            continue
        first, count = start[kind], start[kind + 1] - start[kind]
        for step in range(count):
            k = first + (step + shift) % count
            if row[k, HELD] > 0 and not row[k, MIXED] & bench.jobs.job[number, CLASH]:
                version = row[k, VERSION]
                _search_route(bench, waiting, toll, number, k, found, least)
                refresh(bench.routes, k)
                row[k, VERSION] = version
    return found[0] != NONE and _exchange(bench, waiting, which, found)


@kernel
def _search_route(
    bench: Bench,
    waiting: Waiting,
    toll: Floats,
    number: int,
    k: int,
    found: Ints,
    least: Floats,
) -> None:
    """Tries the job on route k without each of its jobs, and without each two of them."""
    routes, job = bench.routes, bench.jobs.job
    node, tag, row = routes.node, routes.tag, waiting.row
    held = stops_of(node, node.shape[0] - routes.row.shape[0] + k, row)
    count = 0
    for m in range(held):
        other = tag[row[m], JOB]
        free = job[other, SORT] != KEPT and job[other, SORT] != ABOARD
        if free and row[m] == job[other, FIRST] and toll[other] < least[0]:
            row[count] = other
            count += 1
    for a in range(count):
        one = row[a]
        if toll[one] >= least[0]:
            continue
        take_off(node, tag, job[one])
        if _fits(bench, number, k, found[3:]):
            found[0], found[1], found[2] = k, one, NONE
            least[0] = toll[one]
        for b in range(a + 1, count):
            other = row[b]
            if toll[one] + toll[other] < least[0]:
                take_off(node, tag, job[other])
                if _fits(bench, number, k, found[3:]):
                    found[0], found[1], found[2] = k, one, other
                    least[0] = toll[one] + toll[other]
                put_back(node, job[other])
        put_back(node, job[one])


@kernel
def _fits(bench: Bench, number: int, k: int, place: Ints) -> bool:
    """Whether the job has a place on route k as it is; writes it only then."""
    refresh(bench.routes, k)
    spot = np.empty(2, np.int64)
    seek(bench.routes, bench.jobs.job[number], k, NEVER, NONE, spot)
    if spot[0] == NONE:
        return False
    place[:] = spot
    return True


@kernel
def take_off(node: Ints, tag: Ints, job: Ints) -> None:
    """Takes both ends of a job off their route; they still know their neighbours."""
    unlink(node, tag, job[FIRST])
    if job[SECOND] != NONE:
        unlink(node, tag, job[SECOND])


@kernel
def put_back(node: Ints, job: Ints) -> None:
    """Undoes the last take_off that is not undone."""
    if job[SECOND] != NONE:
        _relink(node, job[SECOND])
    _relink(node, job[FIRST])


@kernel
def _relink(node: Ints, i: int) -> None:
    node[node[i, BEFORE], NEXT] = i
    node[node[i, NEXT], BEFORE] = i


@kernel
def _exchange(bench: Bench, waiting: Waiting, which: int, found: Ints) -> bool:
    """Does what was found, unless the route then breaks a limit of its length."""
    routes, job = bench.routes, bench.jobs.job
    node, tag = routes.node, routes.tag
    k, one, other = found[0], found[1], found[2]
    number = waiting.absent[which]
    version = routes.row[k, VERSION]
    take_off(node, tag, job[one])
    if other != NONE:
        take_off(node, tag, job[other])
    link(node, job[number, FIRST], found[3])
    if job[number, SECOND] != NONE:
        link(node, job[number, SECOND], found[4])
    if not refresh(routes, k):
        take_off(node, tag, job[number])
        if other != NONE:
            put_back(node, job[other])
        put_back(node, job[one])
        refresh(routes, k)
        routes.row[k, VERSION] = version
        return False
    waiting.absent[which] = one
    if other != NONE:
        waiting.absent[waiting.filled[1]] = other
        waiting.filled[1] += 1
    return True
