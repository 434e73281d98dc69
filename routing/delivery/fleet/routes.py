"""Drafts into links of nodes, and back."""

from collections.abc import Sequence
from itertools import pairwise

from routing.delivery.draft import Draft, Run
from routing.delivery.fleet.flat import Flat, Ints
from routing.delivery.fleet.sort import Sort
from routing.delivery.fleet.state import (
    BEFORE,
    HEAD,
    LOCKED,
    NEXT,
    NOWHERE,
    ROUTE,
    State,
)
from routing.delivery.fleet.upkeep import engage, is_kept, reprice
from routing.delivery.problem import DeliveryProblem
from routing.error import NoPlan

Vehicle = tuple[int, int]


def begun_of(problem: DeliveryProblem) -> dict[Vehicle, list[int]]:
    """The stops that each vehicle on its way has begun with; vehicles by type and number."""
    index = {stop.id: k for k, stop in enumerate(problem.stops)}
    kind = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
    return {
        (kind[b.vehicle], b.number): [index[stop] for stop in b.stops]
        for b in problem.begun
        if b.stops
    }


def lay(
    flat: Flat,
    state: State,
    sorts: Sequence[Sort],
    begun: dict[Vehicle, list[int]],
    warm: Draft | None,
) -> None:
    """Puts the begun routes first, and then those of the warm draft that can be kept.

    Raises: NoPlan when a begun route cannot be.
    """
    sort_of = {member: k for k, sort in enumerate(sorts) for member in sort.members}
    rest = _rest(begun, warm)
    for route, (vehicle, stops) in enumerate(begun.items()):
        state.route[route, HEAD] = len(stops)
        state.node[stops, LOCKED] = 1
        more = rest.pop(vehicle, [])
        if not more or not _link(flat, state, route, sort_of[vehicle], stops + more):
            _begin(flat, state, route, sort_of[vehicle], stops)
    locked = {stop for stops in begun.values() for stop in stops}
    route = len(begun)
    for (kind, _), stops in rest.items():
        sort = sort_of.get((kind, 0), NOWHERE)
        stops = [stop for stop in stops if stop not in locked]
        if sort == NOWHERE or not stops or state.free[sort] <= 0:
            continue
        if _link(flat, state, route, sort, stops):
            route += 1


def _rest(begun: dict[Vehicle, list[int]], warm: Draft | None) -> dict[Vehicle, list[int]]:
    """The warm draft's routes without what is begun, those of begun vehicles by these.

    Each stop once. Other routes have negative numbers.
    """
    seen: set[int] = set()
    found: dict[Vehicle, list[int]] = {}
    for number, run in enumerate(warm.runs if warm else ()):
        stops = [stop for trip in run.trips for stop in trip if stop not in seen]
        seen.update(stops)
        owner = next((v for v, first in begun.items() if stops[: len(first)] == first), None)
        if owner is None or owner[0] != run.vehicle:
            found[run.vehicle, -1 - number] = stops
        else:
            found[owner] = stops[len(begun[owner]) :]
    return found


def _link(flat: Flat, state: State, route: int, sort: int, stops: Sequence[int]) -> bool:
    """Makes the route of these stops if it can be kept."""
    sentinel = len(flat.stop) + route
    engage(state, route, sort)
    ring = [sentinel, *stops, sentinel]
    for p, x in pairwise(ring):
        state.node[p, NEXT], state.node[x, BEFORE] = x, p
    reprice(flat, state, route)
    if is_kept(flat, state, route):
        return True
    engage(state, route, NOWHERE)
    state.node[sentinel, NEXT] = state.node[sentinel, BEFORE] = sentinel
    state.node[list(stops), ROUTE] = NOWHERE
    state.cost[route] = 0.0
    return False


def _begin(flat: Flat, state: State, route: int, sort: int, stops: Sequence[int]) -> None:
    if not _link(flat, state, route, sort, stops):
        raise NoPlan("a vehicle cannot keep the route that it has begun")


def draft_of(
    flat: Flat,
    sorts: Sequence[Sort],
    begun: dict[Vehicle, list[int]],
    next_: Ints,
    sort: Ints,
    iterations: int,
) -> Draft:
    """The routes as runs; vehicles of one sort are taken in the order of their types."""
    free = [[m for m in each.members if m not in begun] for each in sorts]
    owners = list(begun)
    runs = []
    for route in range(len(sort)):
        stops, x = [], int(next_[len(flat.stop) + route])
        while x < len(flat.stop):
            stops.append(x)
            x = int(next_[x])
        if not stops:
            continue
        number = None
        if route < len(owners):
            vehicle, number = owners[route]
        else:
            vehicle = free[sort[route]].pop(0)[0]
        runs.append(Run(vehicle, (tuple(stops),), number))
    return Draft(tuple(runs), "fleet", iterations)
