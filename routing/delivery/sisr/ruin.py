"""Strings of stops taken out of routes that are near one another.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54 (2), section 4.1.
"""

from typing import NamedTuple

from routing.chance import draw, share
from routing.delivery.sisr.flat import Flat, Ints
from routing.delivery.sisr.neighbour import Near
from routing.delivery.sisr.state import (
    COUNT,
    NEXT,
    NONE,
    PREVIOUS,
    ROUTE,
    RUINED,
    STEP,
    USED,
    State,
    cut,
    note,
)
from routing.kernel import lean_kernel


class Strings(NamedTuple):
    """How much is taken out: stops a step on average, stops of a string at most, the share of
    strings that keep a piece inside, how likely such a piece does not grow by one more, and how
    likely the first route is taken out whole.
    """

    mean: float = 10.0
    longest: float = 10.0
    split: float = 0.5
    stay: float = 0.01
    whole: float = 0.0


@lean_kernel
def ruin(
    flat: Flat, near: Near, state: State, strings: Strings, chance: Ints, out: Ints
) -> tuple[int, int]:
    """Takes strings out near a stop by chance: how many stops are out, and what lengths change.

    out: the stops. A negative number means that a route became late, and the step is void.
    """
    rows, tally = state.rows, state.tally
    nodes = len(flat.demand)
    longest = min(strings.longest, (nodes - 1) / max(1, tally[USED]))
    most = 4.0 * strings.mean / (1.0 + longest) - 1.0
    wanted = int(share(chance) * most + 1.0)
    seed = 1 + draw(chance, nodes - 1)
    gone, change, ruined = 0, 0, 0
    for k in range(near.stops.shape[1] + 1):
        stop = seed if k == 0 else near.stops[seed, k - 1]
        route = rows[stop, ROUTE]
        if route == NONE or rows[route, RUINED] == tally[STEP]:
            continue
        note(state, route)
        rows[route, RUINED] = tally[STEP]
        size = int(share(chance) * min(longest, float(rows[route, COUNT])) + 1.0)
        size = min(size, rows[route, COUNT])
        if k == 0 and strings.whole > 0 and share(chance) < strings.whole:
            size = rows[route, COUNT]
        in_time, taken, metres = _take_string(flat, state, strings, chance, stop, size, out, gone)
        if not in_time:
            return NONE, 0
        gone += taken
        change += metres
        ruined += 1
        if ruined >= wanted:
            break
    return gone, change


@lean_kernel
def _take_string(
    flat: Flat,
    state: State,
    strings: Strings,
    chance: Ints,
    stop: int,
    size: int,
    out: Ints,
    gone: int,
) -> tuple[bool, int, int]:
    """Takes so many stops out around this one; with a piece kept inside, they span more."""
    rows = state.rows
    count = rows[rows[stop, ROUTE], COUNT]
    inside = 0
    if 1 < size < count and share(chance) < strings.split:
        inside = 1
        while size + inside < count and share(chance) > strings.stay:
            inside += 1
    first = _first(flat, state, stop, size + inside, chance)
    head = size if inside == 0 else 1 + draw(chance, size - 1)
    last = _list(state, first, head, out, gone)
    beyond = rows[last, NEXT]
    in_time, change = cut(flat, state, first, last, head)
    if inside == 0 or not in_time:
        return in_time, size, change
    first = beyond
    for _ in range(inside):
        first = rows[first, NEXT]
    last = _list(state, first, size - head, out, gone + head)
    in_time, metres = cut(flat, state, first, last, size - head)
    return in_time, size, change + metres


@lean_kernel
def _first(flat: Flat, state: State, stop: int, span: int, chance: Ints) -> int:
    """Where a stretch of so many stops begins that holds this one."""
    rows, nodes = state.rows, len(flat.demand)
    behind, node = 0, rows[stop, PREVIOUS]
    while node < nodes and behind < span - 1:
        behind += 1
        node = rows[node, PREVIOUS]
    ahead, node = 0, rows[stop, NEXT]
    while node < nodes and ahead < span - 1:
        ahead += 1
        node = rows[node, NEXT]
    least = span - 1 - ahead
    first = stop
    for _ in range(least + draw(chance, behind - least + 1)):
        first = rows[first, PREVIOUS]
    return int(first)


@lean_kernel
def _list(state: State, first: int, count: int, out: Ints, at: int) -> int:
    """Writes a stretch of stops into `out`; its last stop."""
    stop = first
    for k in range(count):
        out[at + k] = stop
        if k + 1 < count:
            stop = state.rows[stop, NEXT]
    return int(stop)
