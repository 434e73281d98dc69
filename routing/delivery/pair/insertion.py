"""Where a job costs least on a route, and on all of them."""

from typing import NamedTuple

import numpy as np

from routing.chance import share
from routing.delivery.pair.flat import (
    ABOARD,
    ABOARD_NOW,
    ANCHOR,
    BOUND,
    CHANGE,
    CLASH,
    DROP,
    DUE,
    FIRST,
    FIXED,
    HELD,
    IN,
    LATEST,
    LEAVES,
    METRES,
    MIXED,
    MOST_AFTER,
    MOST_BEFORE,
    NEXT,
    NONE,
    OPENS,
    OUT,
    PACE,
    PAIR,
    PER_METRE,
    PER_SECOND,
    SECOND,
    SECONDS,
    SERVICE,
    SORT,
    VERSION,
    Floats,
    Ints,
    Jobs,
    Routes,
    Shorts,
)
from routing.kernel import kernel

NEVER = 1e300


class Memo(NamedTuple):
    """What was found for a job on a route, which holds while the route's version is the same.

    known: (jobs, v, 3) the version, and behind which node the first stop goes, and the second.
    cost: (jobs, v) of that place, or where there is none, a cost below which there is none.
    """

    known: Ints
    cost: Floats


def empty_memo(routes: Routes, jobs: Jobs) -> Memo:
    """Nothing is known."""
    shape = (len(jobs.job), len(routes.row))
    return Memo(np.full((*shape, 3), NONE, np.int64), np.zeros(shape))


class Bench(NamedTuple):
    """What a search works on. state: of chance. spot: (3,) a vehicle, and behind which nodes."""

    routes: Routes
    jobs: Jobs
    memo: Memo
    state: Ints
    spot: Ints


@kernel
def best_of_all(
    bench: Bench, number: int, may_open: bool, reluctance: float, overlook: float
) -> float:
    """The least cost of the job on any route, else NEVER; writes where to the bench's spot.

    reluctance: what an empty vehicle counts beside its costs. overlook: with this chance the best
    place on a route is not seen, and the next best is taken, so that equal ruins are not always
    rebuilt alike.
    """
    routes, jobs, memo, state, spot = bench
    job = jobs.job[number]
    row, money, start, known, cost = (
        routes.row,
        routes.money,
        jobs.type_start,
        memo.known[number],
        memo.cost[number],
    )
    best, only, clash = NEVER, job[BOUND], job[CLASH]
    place = np.empty(2, np.int64)
    for kind in range(start.shape[0] - 1):
        if not jobs.allowed[number, kind] and only == NONE:
            continue
        seen = not may_open
        for k in range(start[kind], start[kind + 1]):
            extra = 0.0
            if row[k, HELD] == 0:
                if seen:
                    continue
                seen = True
                extra = money[k, FIXED] + reluctance
            if (only != NONE and k != only) or row[k, MIXED] & clash:
                continue
            bound = best - extra
            if known[k, 0] != row[k, VERSION] or (known[k, 1] == NONE and cost[k] < bound):
                cost[k] = seek(routes, job, k, bound, NONE, place)
                known[k, 0] = row[k, VERSION]
                known[k, 1:] = place
            if known[k, 1] == NONE or cost[k] >= bound:
                continue
            found = cost[k]
            place[:] = known[k, 1:]
            if overlook > 0 and share(state) < overlook:
                found = seek(routes, job, k, bound, place[0], place)
            if place[0] != NONE and found < bound:
                best = found + extra
                spot[0] = k
                spot[1:] = place
    return best


@kernel
def seek(routes: Routes, job: Ints, k: int, bound: float, shunned: int, place: Ints) -> float:
    """The least cost on route k below bound, not with the first stop behind the shunned node.

    Where there is none, it answers with the bound, and the place is NONE.
    """
    pace = routes.row[k, PACE]
    legs, legs_in = routes.legs[pace], routes.legs_in[pace]
    place[:] = NONE
    if job[SORT] == PAIR:
        return _seek_pair(
            routes.node,
            routes.tag,
            routes.load,
            routes.room[k],
            routes.row[k],
            routes.money[k],
            legs,
            legs_in,
            job,
            routes.tag.shape[0] - routes.row.shape[0] + k,
            bound,
            shunned,
            place,
        )
    return _seek_single(routes, legs, legs_in, job, k, bound, shunned, place)


@kernel
def _seek_single(
    routes: Routes,
    legs: Shorts,
    legs_in: Shorts,
    job: Ints,
    k: int,
    bound: float,
    shunned: int,
    place: Ints,
) -> float:
    node, row, load, room = routes.node, routes.row[k], routes.load, routes.room[k]
    per_metre, per_second = routes.money[k, PER_METRE], routes.money[k, PER_SECOND]
    i = job[FIRST] if job[SORT] != ABOARD else job[SECOND]
    out, into = legs[i], legs_in[i]
    opens, due, service = node[i, OPENS], routes.tag[i, DUE], node[i, SERVICE]
    best, end = bound - per_second * service, node.shape[0] - routes.row.shape[0] + k
    p = row[ANCHOR]
    while True:
        q = node[p, NEXT]
        origin = row[OUT] if p == end else p
        to = row[IN] if q == end else q
        starts = max(node[p, LEAVES] + into[origin, 1], opens)
        if starts > due:
            break
        cost = per_metre * (into[origin, 0] + out[to, 0] - node[p, METRES])
        cost += per_second * (into[origin, 1] + out[to, 1] - node[p, SECONDS])
        if (
            cost < best
            and starts + service + out[to, 1] <= node[q, LATEST]
            and p != shunned
            and _holds(load[p], load[i, CHANGE], room, job[SORT])
        ):
            best = cost
            place[0] = p
        if q == end:
            break
        p = q
    return float(best + per_second * service)


@kernel
def _holds(load: Ints, change: Ints, room: Ints, sort: int) -> bool:
    """Whether a single stop behind the node of that load keeps to the room."""
    for d in range(room.shape[0]):
        if sort == DROP and load[MOST_BEFORE, d] - change[d] > room[d]:
            return False
        if sort != DROP and load[MOST_AFTER, d] + change[d] > room[d]:
            return False
    return True


@kernel
def _lifts(load: Ints, change: Ints, room: Ints, i: int) -> bool:
    """Whether the pickup's load goes aboard as well on the leg behind node i."""
    fits = True
    for d in range(room.shape[0]):
        fits = fits and load[i, ABOARD_NOW, d] + change[d] <= room[d]
    return fits


@kernel
def _seek_pair(
    node: Ints,
    tag: Ints,
    load: Ints,
    room: Ints,
    row: Ints,
    money: Floats,
    legs: Shorts,
    legs_in: Shorts,
    job: Ints,
    end: int,
    bound: float,
    shunned: int,
    place: Ints,
) -> float:
    """Tries each place of the pickup, and from there on each of the delivery while it is in time.

    A place is passed over as soon as the pickup's own way costs more than the best so far.
    """
    x, y = job[FIRST], job[SECOND]
    x_out, x_in, y_out, y_in = legs[x], legs_in[x], legs[y], legs_in[y]
    x_opens, x_due, x_service = node[x, OPENS], tag[x, DUE], node[x, SERVICE]
    y_opens, y_due, y_service = node[y, OPENS], tag[y, DUE], node[y, SERVICE]
    per_metre, per_second = money[PER_METRE], money[PER_SECOND]
    change = load[x, CHANGE]
    served = per_second * (x_service + y_service)
    best = bound - served
    p = row[ANCHOR]
    while True:
        q = node[p, NEXT]
        origin = row[OUT] if p == end else p
        to = row[IN] if q == end else q
        leaves = max(node[p, LEAVES] + x_in[origin, 1], x_opens)
        if leaves > x_due:
            break
        leaves += x_service
        reached = leaves + x_out[to, 1]
        before = per_metre * x_in[origin, 0] + per_second * x_in[origin, 1]
        before -= per_metre * node[p, METRES] + per_second * node[p, SECONDS]
        skipped = per_metre * x_out[to, 0] + per_second * x_out[to, 1]
        if (
            reached <= node[q, LATEST]
            and before + skipped < best
            and p != shunned
            and _lifts(load, change, room, p)
        ):
            # The delivery follows c, first the pickup itself, and is followed by n.
            before += skipped
            c, origin, n = x, x, q
            while True:
                starts = max(leaves + y_in[origin, 1], y_opens)
                if starts > y_due:
                    break
                cost = before - skipped + per_metre * (y_in[origin, 0] + y_out[to, 0])
                cost += per_second * (y_in[origin, 1] + y_out[to, 1])
                if cost < best and starts + y_service + y_out[to, 1] <= node[n, LATEST]:
                    best = cost
                    place[0], place[1] = p, c
                if n == end or reached > node[n, LATEST] or not _lifts(load, change, room, n):
                    break
                c = origin = n
                leaves = max(reached, node[c, OPENS]) + node[c, SERVICE]
                reached = leaves + node[c, SECONDS]
                skipped = per_metre * node[c, METRES] + per_second * node[c, SECONDS]
                n = node[c, NEXT]
                to = row[IN] if n == end else n
        if q == end:
            break
        p = q
    return float(best + served)
