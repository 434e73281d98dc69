"""Linked routes in one row a node, kept feasible, with a journal that takes steps back.

A route begins and ends in a node of its own (n + k) that stands for the depot.
"""

from typing import NamedTuple

import numpy as np

from routing.delivery.sisr.flat import Flat, Ints, Words
from routing.kernel import lean_kernel

NONE = -1
# Columns of a row, which is as wide as a cache line. A route's node holds its load and its number
# of stops; LEAVES is the earliest end of service, LATEST the latest start that keeps the rest of
# the route in time; NOTED and RUINED are steps.
NEXT, PREVIOUS, ROUTE, TO_NEXT, LEAVES, LATEST, LOAD, COUNT = range(8)
DEMAND, OPENS, CLOSES, SERVICE, NOTED, RUINED = range(8, 14)
WIDTH = 16
# Places in State.tally.
STEP, KEPT, USED, LIMIT = range(4)


class State(NamedTuple):
    """Routes as rows (n + routes, WIDTH); arrays changed in place.

    journal: rows as they were before this step, of the nodes in `noted`.
    tally: the step, how many rows the journal keeps, how many routes have stops, how many may.
    """

    rows: Words
    journal: Words
    noted: Words
    tally: Ints


def empty_state(flat: Flat, routes: int) -> State:
    """Room for so many routes; no stop is on one."""
    rows = np.zeros((len(flat.demand) + routes, WIDTH), np.int32)
    tally = np.array([0, 0, 0, routes], np.int64)
    state = State(rows, np.empty_like(rows), np.zeros(len(rows), np.int32), tally)
    clear(flat, state)
    return state


def clear(flat: Flat, state: State) -> None:
    """Takes every stop off its route."""
    rows, nodes = state.rows, len(flat.demand)
    rows[:, :NOTED] = 0
    for column, values in (
        (DEMAND, flat.demand),
        (OPENS, flat.opens),
        (CLOSES, flat.closes),
        (SERVICE, flat.service),
    ):
        rows[:nodes, column] = values
    rows[:nodes, ROUTE] = NONE
    ends = np.arange(nodes, len(rows))
    rows[ends, NEXT] = rows[ends, PREVIOUS] = rows[ends, ROUTE] = ends
    rows[ends, LEAVES], rows[ends, LATEST] = flat.opens[0], flat.closes[0]
    state.tally[STEP] += 1
    state.tally[KEPT] = state.tally[USED] = 0


@lean_kernel
def note(state: State, node: int) -> None:
    """Remembers the row as it is, before its first change in this step."""
    rows, tally = state.rows, state.tally
    if rows[node, NOTED] != tally[STEP]:
        kept = tally[KEPT]
        for column in range(WIDTH):
            state.journal[kept, column] = rows[node, column]
        state.noted[kept] = node
        tally[KEPT] = kept + 1
        rows[node, NOTED] = tally[STEP]


@lean_kernel
def begin_step(state: State) -> None:
    """Forgets what the journal holds."""
    state.tally[STEP] += 1
    state.tally[KEPT] = 0


@lean_kernel
def take_back(state: State, used: int) -> None:
    """Everything is as it was when the step began, and so many routes had stops."""
    rows, journal = state.rows, state.journal
    for kept in range(state.tally[KEPT]):
        node = state.noted[kept]
        for column in range(WIDTH):
            rows[node, column] = journal[kept, column]
    state.tally[USED] = used


@lean_kernel
def insert(flat: Flat, state: State, stop: int, after: int) -> None:
    """Puts a stop behind a node; the caller has checked that it fits."""
    rows, nodes = state.rows, len(flat.demand)
    before = rows[after, NEXT]
    route = rows[after, ROUTE]
    note(state, stop)
    note(state, after)
    note(state, before)
    note(state, route)
    at, to = (after if after < nodes else 0), (before if before < nodes else 0)
    rows[after, NEXT], rows[before, PREVIOUS] = stop, stop
    rows[stop, NEXT], rows[stop, PREVIOUS], rows[stop, ROUTE] = before, after, route
    rows[after, TO_NEXT], rows[stop, TO_NEXT] = flat.length[at, stop], flat.length[stop, to]
    rows[route, LOAD] += rows[stop, DEMAND]
    if rows[route, COUNT] == 0:
        state.tally[USED] += 1
    rows[route, COUNT] += 1
    if flat.timed:
        rows[stop, LEAVES], rows[stop, LATEST] = NONE, NONE
        push_leaves(flat, state, stop)
        push_latest(flat, state, stop)


@lean_kernel
def cut(flat: Flat, state: State, first: int, last: int, count: int) -> tuple[bool, int]:
    """Takes a piece out of its route: whether the rest is in time, and what lengths change.

    Leaving a stop out can make a route late only where a detour is quicker than the straight way.
    """
    rows, nodes = state.rows, len(flat.demand)
    left, right, route = rows[first, PREVIOUS], rows[last, NEXT], rows[first, ROUTE]
    note(state, left)
    note(state, right)
    note(state, route)
    change = -rows[left, TO_NEXT]
    stop = first
    for _ in range(count):
        note(state, stop)
        change -= rows[stop, TO_NEXT]
        rows[route, LOAD] -= rows[stop, DEMAND]
        rows[stop, ROUTE] = NONE
        stop = rows[stop, NEXT]
    rows[route, COUNT] -= count
    if rows[route, COUNT] == 0:
        state.tally[USED] -= 1
    at, to = (left if left < nodes else 0), (right if right < nodes else 0)
    leg = flat.length[at, to] if left != right else np.int32(0)
    rows[left, NEXT], rows[right, PREVIOUS], rows[left, TO_NEXT] = right, left, leg
    if flat.timed and left != right:
        if rows[left, LEAVES] + flat.duration[at, to] > rows[right, LATEST]:
            return False, 0
        if right < nodes:
            push_leaves(flat, state, right)
        if left < nodes:
            push_latest(flat, state, left)
    return True, change + leg


@lean_kernel
def part(flat: Flat, state: State, stop: int) -> tuple[bool, int]:
    """Sends a stop and all behind it on a route of their own: whether in time, and what it costs.

    The caller has checked that one more route may be used; nothing happens to a route's first stop.
    """
    rows, nodes = state.rows, len(flat.demand)
    left, old = rows[stop, PREVIOUS], rows[stop, ROUTE]
    if left >= nodes:
        return True, 0
    new = nodes
    while rows[new, COUNT] > 0:
        new += 1
    last = rows[old, PREVIOUS]
    note(state, old)
    note(state, new)
    note(state, left)
    change = np.int64(flat.length[left, 0]) + flat.length[0, stop] - rows[left, TO_NEXT]
    node, load, count = stop, 0, 0
    while node < nodes:
        note(state, node)
        rows[node, ROUTE] = new
        load += rows[node, DEMAND]
        count += 1
        node = rows[node, NEXT]
    rows[left, NEXT], rows[old, PREVIOUS], rows[left, TO_NEXT] = old, left, flat.length[left, 0]
    rows[new, NEXT], rows[stop, PREVIOUS], rows[new, TO_NEXT] = stop, new, flat.length[0, stop]
    rows[last, NEXT], rows[new, PREVIOUS] = new, last
    rows[new, LOAD], rows[new, COUNT] = load, count
    rows[old, LOAD] -= load
    rows[old, COUNT] -= count
    state.tally[USED] += 1
    if flat.timed:
        if rows[new, LEAVES] + flat.duration[0, stop] > rows[stop, LATEST]:
            return False, 0
        if rows[left, LEAVES] + flat.duration[left, 0] > rows[old, LATEST]:
            return False, 0
        push_leaves(flat, state, stop)
        push_latest(flat, state, left)
    return True, change + flat.fixed


@lean_kernel
def push_leaves(flat: Flat, state: State, node: int) -> None:
    """Works the earliest ends of service out from this stop on, as far as they change."""
    rows, nodes = state.rows, len(flat.demand)
    before = rows[node, PREVIOUS]
    at = before if before < nodes else 0
    while node < nodes:
        leaves = rows[before, LEAVES] + flat.duration[at, node]
        leaves = max(leaves, rows[node, OPENS]) + rows[node, SERVICE]
        if leaves == rows[node, LEAVES]:
            break
        note(state, node)
        rows[node, LEAVES] = leaves
        before = at = node
        node = rows[node, NEXT]


@lean_kernel
def push_latest(flat: Flat, state: State, node: int) -> None:
    """Works the latest starts out from this stop back, as far as they change."""
    rows, nodes = state.rows, len(flat.demand)
    after = rows[node, NEXT]
    to = after if after < nodes else 0
    while node < nodes:
        latest = rows[after, LATEST] - flat.duration[node, to] - rows[node, SERVICE]
        latest = min(latest, rows[node, CLOSES])
        if latest == rows[node, LATEST]:
            break
        note(state, node)
        rows[node, LATEST] = latest
        after = to = node
        node = rows[node, PREVIOUS]


@lean_kernel
def fits(flat: Flat, state: State, stop: int, after: int) -> bool:
    """Whether the stop may come behind that node."""
    rows, nodes = state.rows, len(flat.demand)
    route, before = rows[after, ROUTE], rows[after, NEXT]
    if rows[route, LOAD] + rows[stop, DEMAND] > flat.capacity:
        return False
    if not flat.timed:
        return True
    at, to = (after if after < nodes else 0), (before if before < nodes else 0)
    starts = max(rows[after, LEAVES] + flat.duration[at, stop], rows[stop, OPENS])
    if starts > rows[stop, CLOSES]:
        return False
    return bool(starts + rows[stop, SERVICE] + flat.duration[stop, to] <= rows[before, LATEST])


@lean_kernel
def total_length(flat: Flat, state: State) -> int:
    """Metres of all routes, and what using them costs in metres."""
    rows = state.rows
    total = int(state.tally[USED]) * flat.fixed
    for route in range(len(flat.demand), len(rows)):
        if rows[route, COUNT] > 0:
            total += rows[route, TO_NEXT]
            stop = rows[route, NEXT]
            while stop != route:
                total += rows[stop, TO_NEXT]
                stop = rows[stop, NEXT]
    return total
