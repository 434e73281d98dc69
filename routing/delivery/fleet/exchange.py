"""Routes given the vehicles that drive them for least."""

from routing.delivery.fleet.flat import GUILD, LIKE, METRE, SECOND, Flat
from routing.delivery.fleet.state import (
    COUNTED,
    GUILDS_ALL,
    HEAD,
    LASTS,
    LOGGED,
    METRES,
    SORT,
    USED,
    State,
)
from routing.delivery.fleet.upkeep import engage, fits, is_kept, log, price_of, reprice
from routing.kernel import lean_kernel

# What a change has to save at least, so that rounding is no gain.
CRUMB = 1e-7


@lean_kernel
def refit(flat: Flat, state: State, step: int) -> None:
    """Every changed route takes the cheapest free vehicle, or exchanges its own with a route's.

    Only between sorts that are alike in depots, shift and pace.
    """
    changed = state.tally[LOGGED]
    for at in range(changed):
        take_free(flat, state, state.log_route[at])
    for at in range(changed):
        route = state.log_route[at]
        if state.route[route, COUNTED] == 0 or state.route[route, HEAD] > 0:
            continue
        for k in range(state.tally[USED]):
            other = state.active[k]
            if _promises(flat, state, route, other) and _gains(flat, state, route, other):
                log(flat, state, other, step)
                _swap(flat, state, route, other)


@lean_kernel
def take_free(flat: Flat, state: State, route: int) -> None:
    """The cheapest free vehicle drives the route, if that is cheaper than its own."""
    if state.route[route, COUNTED] == 0 or state.route[route, HEAD] > 0:
        return
    now = state.route[route, SORT]
    best, best_sort = state.cost[route] - CRUMB, now
    for sort in range(len(flat.sort)):
        if state.free[sort] <= 0 or flat.sort[sort, LIKE] != flat.sort[now, LIKE] or sort == now:
            continue
        if _may_drive(flat, state, route, sort):
            cost = price_of(flat, state, route, sort)
            if cost < best:
                best, best_sort = cost, sort
    if best_sort != now:
        engage(state, route, best_sort)
        state.cost[route] = best


@lean_kernel
def _may_drive(flat: Flat, state: State, route: int, sort: int) -> bool:
    """Whether the sort serves and carries the route's stops."""
    if not (state.route[route, GUILDS_ALL] >> flat.sort[sort, GUILD]) & 1:
        return False
    return fits(flat, state, route, sort)


@lean_kernel
def _promises(flat: Flat, state: State, route: int, other: int) -> bool:
    """Whether each other's vehicles would save something, by metres and seconds alone.

    Where both sorts have vehicles free, each route has taken what is best for it.
    """
    one, two = state.route[route], state.route[other]
    mine, its = one[SORT], two[SORT]
    if mine == its or flat.sort[mine, LIKE] != flat.sort[its, LIKE] or two[HEAD] > 0:
        return False
    if state.free[mine] > 0 and state.free[its] > 0:
        return False
    change = (flat.price[its, METRE] - flat.price[mine, METRE]) * (one[METRES] - two[METRES])
    change += (flat.price[its, SECOND] - flat.price[mine, SECOND]) * (one[LASTS] - two[LASTS])
    if change > -CRUMB:
        return False
    for d in range(flat.load.shape[1]):
        for side in range(2):
            if (
                state.base[route, side, d] > flat.capacity[its, d]
                or state.base[other, side, d] > flat.capacity[mine, d]
            ):
                return False
    return True


@lean_kernel
def _gains(flat: Flat, state: State, route: int, other: int) -> bool:
    """Whether both routes together cost less with each other's vehicles."""
    mine, its = state.route[route, SORT], state.route[other, SORT]
    if not _may_drive(flat, state, route, its) or not _may_drive(flat, state, other, mine):
        return False
    cost = price_of(flat, state, route, its) + price_of(flat, state, other, mine)
    return bool(cost < state.cost[route] + state.cost[other] - CRUMB)


@lean_kernel
def _swap(flat: Flat, state: State, route: int, other: int) -> None:
    mine, its = state.route[route, SORT], state.route[other, SORT]
    state.route[route, SORT], state.route[other, SORT] = its, mine
    state.cost[route] = price_of(flat, state, route, its)
    state.cost[other] = price_of(flat, state, other, mine)


@lean_kernel
def move_home(flat: Flat, state: State, route: int) -> None:
    """A vehicle that is not like the route's own drives it, if one is free and costs less."""
    if state.route[route, COUNTED] == 0 or state.route[route, HEAD] > 0:
        return
    now, cost = state.route[route, SORT], state.cost[route]
    for sort in range(len(flat.sort)):
        if state.free[sort] <= 0 or flat.sort[sort, LIKE] == flat.sort[now, LIKE]:
            continue
        engage(state, route, sort)
        reprice(flat, state, route)
        if state.cost[route] < cost - CRUMB and is_kept(flat, state, route):
            now, cost = sort, state.cost[route]
    if state.route[route, SORT] != now:
        engage(state, route, now)
        reprice(flat, state, route)
