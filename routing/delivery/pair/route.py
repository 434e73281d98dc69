"""Routes as linked stops, with times and loads kept for quick checks."""

from typing import NamedTuple

import numpy as np

from routing.delivery.pair.flat import (
    ABOARD_NOW,
    BEFORE,
    BROUGHT,
    CHANGE,
    CLOCK,
    COST,
    DUE,
    FIXED,
    GOODS,
    HELD,
    IN,
    LATEST,
    LEAVE_BY,
    LEAVES,
    METRES,
    METRES_MAX,
    MIXED,
    MOST_AFTER,
    MOST_BEFORE,
    NEXT,
    NONE,
    OPENS,
    OUT,
    PACE,
    PER_METRE,
    PER_SECOND,
    ROUTE,
    SECONDS,
    SECONDS_MAX,
    SERVICE,
    USED,
    VERSION,
    Floats,
    Ints,
    Routes,
    Shorts,
)
from routing.kernel import kernel

UNKNOWN = -1


class Past(NamedTuple):
    """Routes as they were before this step.

    stamp: (v,) the step that last wrote a route here. route: (v, 3) which, its version, and where
    its stops begin in stop: (n,). cost: (v,). filled: (2,) routes and stops written.
    """

    stamp: Ints
    route: Ints
    stop: Ints
    cost: Floats
    filled: Ints


def empty_past(routes: Routes) -> Past:
    """Nothing is written down."""
    vehicles = len(routes.row)
    return Past(
        stamp=np.full(vehicles, -1, np.int64),
        route=np.zeros((vehicles + 1, 3), np.int64),
        stop=np.zeros(len(routes.node) - vehicles, np.int64),
        cost=np.zeros(vehicles, np.float64),
        filled=np.zeros(2, np.int64),
    )


@kernel
def refresh(routes: Routes, k: int) -> bool:
    """Works out route k anew after its stops changed; whether it keeps all its limits."""
    node, tag, row, money, tally = (
        routes.node,
        routes.tag,
        routes.row,
        routes.money,
        routes.tally,
    )
    end = node.shape[0] - row.shape[0] + k
    tally[CLOCK] += 1
    row[k, VERSION] = tally[CLOCK]
    was_used = row[k, HELD] > 0
    metres, seconds = _drive(node, tag, row, routes.legs[row[k, PACE]], k, end)
    tally[USED] += int(row[k, HELD] > 0) - int(was_used)
    _look_back(node, tag, end)
    fits = _fill(node, routes.load, routes.room, k, end)
    if row[k, HELD] == 0:
        money[k, COST] = 0.0
        return True
    money[k, COST] = money[k, FIXED] + money[k, PER_METRE] * metres + money[k, PER_SECOND] * seconds
    return bool(fits and metres <= row[k, METRES_MAX] and 0 <= seconds <= row[k, SECONDS_MAX])


@kernel
def _drive(node: Ints, tag: Ints, row: Ints, legs: Shorts, k: int, end: int) -> tuple[int, int]:
    """The earliest times along route k; its metres and its least seconds, UNKNOWN when late.

    Source: M. W. P. Savelsbergh (1992), The Vehicle Routing Problem with Time Windows: Minimizing
    Route Duration, equation 5.
    """
    leaves, metres, count, goods = node[end, OPENS], 0, 0, 0
    wait, slack = 0, row[k, LEAVE_BY] - node[end, OPENS]
    node[end, LEAVES] = leaves
    i, origin = end, row[k, OUT]
    while True:
        j = node[i, NEXT]
        to = row[k, IN] if j == end else j
        node[i, METRES] = legs[origin, to, 0]
        node[i, SECONDS] = legs[origin, to, 1]
        metres += node[i, METRES]
        leaves += node[i, SECONDS]
        if j == end:
            break
        wait += max(0, node[j, OPENS] - leaves)
        leaves = max(leaves, node[j, OPENS])
        slack = min(slack, wait + tag[j, DUE] - leaves) if leaves <= tag[j, DUE] else UNKNOWN
        leaves += node[j, SERVICE]
        node[j, LEAVES] = leaves
        tag[j, ROUTE] = k
        goods |= tag[j, GOODS]
        count += 1
        i = origin = j
    row[k, HELD] = count
    row[k, MIXED] = goods
    if slack < 0 or leaves > tag[end, DUE]:
        return metres, UNKNOWN
    slack = min(slack, wait + tag[end, DUE] - leaves)
    return metres, leaves - node[end, LEAVES] - min(wait, slack)


@kernel
def _look_back(node: Ints, tag: Ints, end: int) -> None:
    """The latest times along a route that keep its rest in time."""
    latest = tag[end, DUE]
    node[end, LATEST] = latest
    i = node[end, BEFORE]
    while i != end:
        latest = min(latest - node[i, SECONDS] - node[i, SERVICE], tag[i, DUE])
        node[i, LATEST] = latest
        i = node[i, BEFORE]


@kernel
def _fill(node: Ints, load: Ints, room: Ints, k: int, end: int) -> bool:
    """What is aboard along route k, and the most of it before and after each leg."""
    fits = True
    for d in range(room.shape[1]):
        now = 0
        i = node[end, NEXT]
        while i != end:
            now += load[i, BROUGHT, d]
            i = node[i, NEXT]
        most = now
        while True:
            load[i, ABOARD_NOW, d] = now
            most = max(most, now)
            load[i, MOST_BEFORE, d] = most
            i = node[i, NEXT]
            if i == end:
                break
            now += load[i, CHANGE, d]
        fits = fits and most <= room[k, d]
        most = now
        while True:
            i = node[i, BEFORE]
            most = max(most, load[i, ABOARD_NOW, d])
            load[i, MOST_AFTER, d] = most
            if i == end:
                break
    return fits


@kernel
def link(node: Ints, i: int, behind: int) -> None:
    """Puts absent node i behind another."""
    j = node[behind, NEXT]
    node[behind, NEXT] = i
    node[i, BEFORE] = behind
    node[i, NEXT] = j
    node[j, BEFORE] = i


@kernel
def unlink(node: Ints, tag: Ints, i: int) -> None:
    """Takes node i off its route."""
    node[node[i, BEFORE], NEXT] = node[i, NEXT]
    node[node[i, NEXT], BEFORE] = node[i, BEFORE]
    tag[i, ROUTE] = NONE


@kernel
def stops_of(node: Ints, end: int, into: Ints) -> int:
    """Writes a route's stops; how many they are."""
    count = 0
    i = node[end, NEXT]
    while i != end:
        into[count] = i
        count += 1
        i = node[i, NEXT]
    return count


@kernel
def note(routes: Routes, past: Past, k: int, step: int) -> None:
    """Writes down route k, once a step."""
    if past.stamp[k] == step:
        return
    past.stamp[k] = step
    at, start = past.filled
    past.route[at, 0] = k
    past.route[at, 1] = routes.row[k, VERSION]
    past.route[at, 2] = start
    past.cost[at] = routes.money[k, COST]
    end = routes.node.shape[0] - routes.row.shape[0] + k
    past.filled[0] = at + 1
    past.filled[1] = start + stops_of(routes.node, end, past.stop[start:])


@kernel
def go_back(routes: Routes, past: Past) -> None:
    """Puts every route back that was written down."""
    node = routes.node
    n = node.shape[0] - routes.row.shape[0]
    count = past.filled[0]
    past.route[count, 2] = past.filled[1]
    for at in range(count):
        end = n + past.route[at, 0]
        i = end
        for read in range(past.route[at, 2], past.route[at + 1, 2]):
            j = past.stop[read]
            node[i, NEXT] = j
            node[j, BEFORE] = i
            i = j
        node[i, NEXT] = end
        node[end, BEFORE] = i
    for at in range(count):
        k = past.route[at, 0]
        refresh(routes, k)
        routes.row[k, VERSION] = past.route[at, 1]
