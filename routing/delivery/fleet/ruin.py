"""Strings of neighbouring stops taken off routes that pass near each other.

Source: J. Christiaens and G. Vanden Berghe (2020), Transportation Science 54(2), section 5.
"""

from routing.chance import draw, share
from routing.delivery.fleet.exchange import take_free
from routing.delivery.fleet.flat import Flat, Ints
from routing.delivery.fleet.state import (
    BEFORE,
    COUNTED,
    HEAD,
    LOCKED,
    MEAN_OUT,
    NEXT,
    NOWHERE,
    POSITION,
    ROUTE,
    STRING_MAX,
    TRADE_DOWN,
    USED,
    State,
)
from routing.delivery.fleet.upkeep import engage, log, reprice
from routing.kernel import lean_kernel

# The share of strings that leave a piece inside alone, and how that piece grows.
SPLITS = 0.5
GROWTH = 0.01
# So many whole routes are emptied at once at most.
ROUTES_MAX = 4


@lean_kernel
def ruin(
    flat: Flat, state: State, served: int, out: Ints, seed: int, whole: bool, step: int
) -> int:
    """Takes strings near the seed off their routes into `out`; returns how many stops.

    whole: of a few routes everything is taken that is not begun.
    """
    node = state.node
    if served == 0:
        return 0
    down = share(state.chance) < state.habit[TRADE_DOWN]
    longest = min(state.habit[STRING_MAX], served / state.tally[USED])
    strings = int(share(state.chance) * (4 * state.habit[MEAN_OUT] / (1 + longest) - 1) + 1)
    if whole:
        longest, strings = float(len(flat.stop)), 1 + draw(state.chance, ROUTES_MAX)
    count, done = 0, 0
    for k in range(flat.around.shape[1] + 1):
        stop = seed if k == 0 else flat.around[seed, k - 1]
        route = node[stop, ROUTE]
        if route == NOWHERE or state.stamp[route] == step or node[stop, LOCKED]:
            continue
        log(flat, state, route, step)
        count = _take_string(flat, state, stop, route, longest, whole, out, count)
        if state.route[route, COUNTED] == 0:
            engage(state, route, NOWHERE)
            state.cost[route] = 0.0
        else:
            reprice(flat, state, route)
            if down:
                take_free(flat, state, route)
        done += 1
        if done >= strings:
            break
    return count


@lean_kernel
def _take_string(
    flat: Flat,
    state: State,
    stop: int,
    route: int,
    longest: float,
    whole: bool,
    out: Ints,
    count: int,
) -> int:
    """One string that holds the stop, perhaps with a piece of it left where it is."""
    node, chance, head = state.node, state.chance, state.route[route, HEAD]
    size = state.route[route, COUNTED] - head
    length = min(int(share(chance) * min(longest, float(size)) + 1), size)
    if whole:
        length = size
    kept = 0
    if 1 < length < size and share(chance) < SPLITS:
        kept = 1
        while length + kept < size and share(chance) > GROWTH:
            kept += 1
    width, at = length + kept, node[stop, POSITION] - head
    first = max(1, at - width + 1)
    first += draw(chance, min(at, size - width + 1) - first + 1)
    x = stop
    for _ in range(at - first):
        x = node[x, BEFORE]
    keep_from = 1 + draw(chance, length - 1) if kept else width
    p = node[x, BEFORE]
    for k in range(width):
        y = node[x, NEXT]
        if k < keep_from or k >= keep_from + kept:
            out[count] = x
            count += 1
            node[x, ROUTE] = NOWHERE
        else:
            node[p, NEXT], node[x, BEFORE] = x, p
            p = x
        x = y
    node[p, NEXT], node[x, BEFORE] = x, p
    state.route[route, COUNTED] -= length
    return count
