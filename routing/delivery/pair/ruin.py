"""Which jobs leave their routes: strings of neighbours, jobs alike, or a whole route.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, section 5.2; for jobs alike, P. Shaw (1998), section 3.
"""

from typing import NamedTuple

from routing.chance import draw, share
from routing.delivery.pair.flat import (
    ABOARD,
    FIRST,
    JOB,
    KEPT,
    NONE,
    ROUTE,
    SECOND,
    SORT,
    USED,
    Floats,
    Ints,
    Jobs,
    Routes,
)
from routing.delivery.pair.insertion import Bench
from routing.delivery.pair.route import Past, note, refresh, stops_of, unlink
from routing.kernel import kernel

# A ruin for an absent job begins at one of so many stops next to it.
FOCUS_NEAR = 30
HALF = 0.5


class Manner(NamedTuple):
    """How to ruin. removed_mean stops leave a step, in strings of at most string_max.

    split: the share of strings that leave some of their middle; grow: the chance that this is one
    stop longer. alike, whole: shares of steps that take jobs alike, and one whole route.
    overlook: the chance that a job's best place on a route is not seen.
    hardest: the share of steps that put back first what was most often left out;
    focus: the share that ruin near what is absent.
    """

    removed_mean: float
    string_max: float
    split: float
    grow: float
    alike: float
    whole: float
    overlook: float
    hardest: float
    focus: float


class Waiting(NamedTuple):
    """Jobs on no route: pool[: filled[0]] now; absent[: filled[1]] when the step began.

    row: (n,) room for one route's stops; key: (jobs,) what the pool is sorted by.
    """

    pool: Ints
    absent: Ints
    filled: Ints
    row: Ints
    key: Floats


@kernel
def ruin(bench: Bench, past: Past, waiting: Waiting, manner: Manner, step: int) -> None:
    """Takes some jobs off their routes and adds them to the pool."""
    routes, tag = bench.routes, bench.routes.tag
    stops = bench.jobs.near.shape[0]
    if routes.tally[USED] == 0:
        return
    seed = draw(bench.state, stops)
    if waiting.filled[1] > 0 and share(bench.state) < manner.focus:
        number = waiting.absent[draw(bench.state, waiting.filled[1])]
        seed = bench.jobs.job[number, FIRST]
        if bench.jobs.job[number, SECOND] != NONE and share(bench.state) < HALF:
            seed = bench.jobs.job[number, SECOND]
        seed = bench.jobs.near[seed, draw(bench.state, min(FOCUS_NEAR, stops - 1))]
    while tag[seed, ROUTE] == NONE:
        seed = (seed + 1) % stops
    how = share(bench.state)
    if how < manner.alike:
        _take_alike(bench, past, waiting, manner, seed, step)
    elif how < manner.alike + manner.whole:
        k = tag[seed, ROUTE]
        note(routes, past, k, step)
        empty_route(routes, bench.jobs, waiting, k)
    else:
        _take_strings(bench, past, waiting, manner, seed, step)
    for at in range(past.filled[0]):
        refresh(routes, past.route[at, 0])


@kernel
def _take(node: Ints, tag: Ints, job: Ints, waiting: Waiting, number: int) -> None:
    """Takes a job off its noted route, which is to be refreshed after."""
    if job[number, SORT] != ABOARD:
        unlink(node, tag, job[number, FIRST])
    if job[number, SECOND] != NONE:
        unlink(node, tag, job[number, SECOND])
    waiting.pool[waiting.filled[0]] = number
    waiting.filled[0] += 1


@kernel
def _is_free(tag: Ints, job: Ints, i: int) -> bool:
    """Whether the stop is on a route and may leave it with its job."""
    number = tag[i, JOB]
    if tag[i, ROUTE] == NONE or job[number, SORT] == KEPT:
        return False
    return bool(job[number, SORT] != ABOARD or i == job[number, SECOND])


@kernel
def _take_strings(
    bench: Bench, past: Past, waiting: Waiting, manner: Manner, seed: int, step: int
) -> None:
    routes, near, tag = bench.routes, bench.jobs.near, bench.routes.tag
    longest = max(1.0, min(manner.string_max, near.shape[0] / routes.tally[USED]))
    strings = int(share(bench.state) * (4 * manner.removed_mean / (1 + longest) - 1) + 1)
    for at in range(near.shape[1] + 1):
        i = seed
        if at > 0:
            i = near[seed, at - 1]
        k = tag[i, ROUTE]
        if k == NONE or past.stamp[k] == step:
            continue
        note(routes, past, k, step)
        end = routes.node.shape[0] - routes.row.shape[0] + k
        held = stops_of(routes.node, end, waiting.row)
        _take_string(bench, waiting, manner, i, held, longest)
        strings -= 1
        if strings <= 0:
            break


@kernel
def _take_string(
    bench: Bench, waiting: Waiting, manner: Manner, i: int, held: int, longest: float
) -> None:
    """Takes a string of the row's stops around stop i, with the other ends of their pairs."""
    node, tag, job, state = bench.routes.node, bench.routes.tag, bench.jobs.job, bench.state
    row = waiting.row
    at = 0
    while row[at] != i:
        at += 1
    length = min(held, 1 + int(share(state) * min(longest, held)))
    left_in = 0
    if 1 < length < held and share(state) < manner.split:
        left_in = 1
        while length + left_in < held and share(state) > manner.grow:
            left_in += 1
    width = length + left_in
    low, high = max(0, at - width + 1), min(at, held - width)
    start = low + draw(state, high - low + 1)
    skip = start + width
    if left_in > 0:
        skip = start + 1 + draw(state, length - 1)
    for m in range(start, start + width):
        if (m < skip or m >= skip + left_in) and _is_free(tag, job, row[m]):
            _take(node, tag, job, waiting, tag[row[m], JOB])


@kernel
def _take_alike(
    bench: Bench, past: Past, waiting: Waiting, manner: Manner, seed: int, step: int
) -> None:
    """Takes the seed's job and others like it, the more alike the likelier."""
    node, tag, job, state = bench.routes.node, bench.routes.tag, bench.jobs.job, bench.state
    related = bench.jobs.related
    wanted = 1 + draw(state, int(manner.removed_mean) + 1)
    own = tag[seed, JOB]
    keep = 0.25 + 0.5 * share(state)
    for at in range(related.shape[1] + 1):
        if wanted <= 0:
            break
        number = own
        if at > 0:
            if share(state) > keep:
                continue
            number = related[own, at - 1]
        i = job[number, SECOND] if job[number, SORT] == ABOARD else job[number, FIRST]
        if _is_free(tag, job, i):
            note(bench.routes, past, tag[i, ROUTE], step)
            _take(node, tag, job, waiting, number)
            wanted -= 1


@kernel
def empty_route(routes: Routes, jobs: Jobs, waiting: Waiting, k: int) -> None:
    """Takes every job off route k that may leave it."""
    node, tag, job = routes.node, routes.tag, jobs.job
    held = stops_of(node, node.shape[0] - routes.row.shape[0] + k, waiting.row)
    for m in range(held):
        if _is_free(tag, job, waiting.row[m]):
            _take(node, tag, job, waiting, tag[waiting.row[m], JOB])
