"""Fewer vehicles: one route after the other is given up, and its stops are to fit elsewhere.

Source: J. Christiaens and G. Vanden Berghe (2020), Slack Induction by String Removals for Vehicle
Routing Problems, Transportation Science 54 (2), section 5.
"""

from routing.delivery.sisr.flat import Flat
from routing.delivery.sisr.limit import Limit
from routing.delivery.sisr.search import (
    ABSENT,
    BEST_COST,
    COST,
    Search,
    keep_best,
    mark_changed,
    run,
    weight,
)
from routing.delivery.sisr.start import begin, routes_of
from routing.delivery.sisr.state import (
    COUNT,
    KEPT,
    LIMIT,
    NEXT,
    PREVIOUS,
    USED,
    begin_step,
    cut,
)
from routing.kernel import lean_kernel

# The temperature of this phase, in mean legs.
HEAT = 0.3


def reduce_fleet(search: Search, limit: Limit, until: float) -> None:
    """Gives routes up until this share of the effort, and goes back to the last complete plan.

    Where not every stop can be served, the routes that leave out least stay, with all vehicles.
    """
    flat, figures, tally = search.flat, search.figures, search.state.tally
    least = vehicles_min(flat)
    legs = len(flat.demand) - 1 + int(tally[USED])
    heat = HEAT * max(1.0, float(figures[COST]) / legs)
    while limit.share() < until:
        if figures[ABSENT] == 0:
            keep_best(search)
            if tally[USED] <= least:
                break
            give_up_route(search)
            tally[LIMIT] = tally[USED]
        limit.done += run(search, limit.steps(), heat, True)
        limit.tell(int(figures[BEST_COST]), int(search.best_missing.sum()))
    if figures[ABSENT] == 0:
        keep_best(search)
    routes = routes_of(search.best, len(flat.demand))
    tally[LIMIT] = len(search.state.rows) - len(flat.demand)
    begin(search, routes)
    if figures[ABSENT] == 0:
        tally[LIMIT] = tally[USED]


def vehicles_min(flat: Flat) -> int:
    """No plan that serves every stop has fewer vehicles."""
    load = int(flat.demand.astype("int64").sum())
    return max(1, -(-load // flat.capacity)) if load else 1


@lean_kernel
def give_up_route(search: Search) -> None:
    """Takes the route off whose stops have been left out least often so far."""
    flat, state, figures = search.flat, search.state, search.figures
    rows, nodes = state.rows, len(search.flat.demand)
    chosen, least = -1, 0.0
    for route in range(nodes, len(rows)):
        if rows[route, COUNT] == 0:
            continue
        total, stop = 0.0, rows[route, NEXT]
        while stop < nodes:
            total += weight(search, stop)
            stop = rows[stop, NEXT]
        if chosen < 0 or total < least:
            chosen, least = route, total
    stop = rows[chosen, NEXT]
    while stop < nodes:
        search.absent[figures[ABSENT]] = stop
        search.missing[flat.level[stop]] += 1
        figures[ABSENT] += 1
        stop = rows[stop, NEXT]
    begin_step(state)
    first, last = rows[chosen, NEXT], rows[chosen, PREVIOUS]
    _, change = cut(flat, state, first, last, rows[chosen, COUNT])
    figures[COST] += change - flat.fixed
    for k in range(state.tally[KEPT]):
        mark_changed(search, state.noted[k])
