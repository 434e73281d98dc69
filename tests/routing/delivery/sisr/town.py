"""Small towns to be served, and plans for them checked by code that knows no search."""

from itertools import pairwise, permutations
from math import ceil
from random import Random

import numpy as np

from routing.delivery.draft import Draft
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.stop import Stop, Window
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Depot, Vehicle

DAY_S = 1_000


def a_town(
    stops: int,
    seed: int,
    *,
    timed: bool = False,
    capacity: int = 12,
    vehicles: int = 20,
    objective: Objective = Objective.COST,
    one_way: bool = False,
    fixed_cost: float = 0.0,
) -> DeliveryProblem:
    """Stops by chance around a depot; windows that each can be met on its own, if timed."""
    rng = Random(seed)
    points = np.array([[rng.randrange(100), rng.randrange(100)] for _ in range(stops + 1)])
    metres = np.rint(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
    metres = metres.astype(np.int64)
    if one_way:
        metres += np.array([[rng.randrange(20) for _ in range(stops + 1)] for _ in metres])
        np.fill_diagonal(metres, 0)
    served = []
    for place in range(1, stops + 1):
        windows: tuple[Window, ...] = ()
        if timed:
            opens_s = rng.randrange(int(metres[0, place]), 600)
            windows = (Window(opens_s, opens_s + rng.randrange(20, 200)),)
        load = (rng.randrange(1, 6),)
        stop = Stop(id=f"s{place}", place=place, load=load, windows=windows, service_s=5)
        served.append(stop)
    return DeliveryProblem(
        depots=(Depot("d", 0, 0, DAY_S) if timed else Depot("d", 0),),
        vehicles=(
            Vehicle(
                id="van",
                start="d",
                end="d",
                capacity=(capacity,),
                count=vehicles,
                fixed_cost=fixed_cost,
            ),
        ),
        stops=tuple(served),
        travel=Travel(metres, metres[None]),
        objective=objective,
    )


def routes_of(draft: Draft) -> list[tuple[int, ...]]:
    return [trip for run in draft.runs for trip in run.trips]


def left_out(problem: DeliveryProblem, draft: Draft) -> set[int]:
    served = [stop for route in routes_of(draft) for stop in route]
    return set(range(len(problem.stops))).difference(served)


def metres_of(problem: DeliveryProblem, route: tuple[int, ...]) -> int:
    places = [0, *(problem.stops[stop].place for stop in route), 0]
    return sum(int(problem.travel.distance_m[a, b]) for a, b in pairwise(places))


def cost_of(problem: DeliveryProblem, draft: Draft) -> float:
    routes = routes_of(draft)
    vehicle = problem.vehicles[0]
    metres = sum(metres_of(problem, route) for route in routes)
    return vehicle.distance_cost * metres + vehicle.fixed_cost * len(routes)


def faults(problem: DeliveryProblem, draft: Draft) -> list[str]:
    """What is wrong with a draft; nothing of a good one."""
    routes = routes_of(draft)
    found = []
    if len(routes) > problem.vehicles[0].count:
        found.append("too many vehicles")
    stops = [stop for route in routes for stop in route]
    if len(stops) != len(set(stops)):
        found.append("a stop is served twice")
    found += [fault for route in routes if (fault := fault_of(problem, route))]
    return found


def fault_of(problem: DeliveryProblem, route: tuple[int, ...]) -> str:
    """Why a vehicle cannot drive the route; empty if it can."""
    vehicle, depot = problem.vehicles[0], problem.depots[0]
    if not route:
        return "an empty route"
    if sum(sum(problem.stops[stop].load) for stop in route) > sum(vehicle.capacity):
        return "too heavy"
    now, place = max(vehicle.opens_s, depot.opens_s), depot.place
    for index in route:
        stop = problem.stops[index]
        leg = int(problem.travel.duration_s[0, place, stop.place])
        if leg >= FAR or not stop.skills <= vehicle.skills:
            return f"cannot serve {stop.id}"
        now += ceil(leg / vehicle.speed_factor)
        if stop.windows:
            now = max(now, stop.windows[0].opens_s)
            if now > stop.windows[0].closes_s:
                return f"late at {stop.id}"
        now += stop.service_s
        place = stop.place
    leg = int(problem.travel.duration_s[0, place, depot.place])
    if leg >= FAR:
        return "no way home"
    now += ceil(leg / vehicle.speed_factor)
    return "late at the depot" if now > min(vehicle.closes_s, depot.closes_s) else ""


def least_cost(problem: DeliveryProblem) -> tuple[int, int, float]:
    """Of all plans: the fewest stops left out, then the fewest vehicles if they count, then cost.

    By every order of every set of stops, and by all ways to split the stops into such sets.
    """
    count = len(problem.stops)
    vehicle = problem.vehicles[0]
    best: dict[int, float] = {}
    for mask in range(1, 1 << count):
        members = [stop for stop in range(count) if mask >> stop & 1]
        metres = [
            metres_of(problem, order)
            for order in permutations(members)
            if not fault_of(problem, order)
        ]
        if metres:
            best[mask] = vehicle.fixed_cost + vehicle.distance_cost * min(metres)
    by_vehicles = problem.objective is Objective.VEHICLES
    plans = {(0, 0): 0.0}
    frontier = {(0, 0): 0.0}
    for _ in range(min(vehicle.count, count)):
        grown: dict[tuple[int, int], float] = {}
        for (mask, used), cost in frontier.items():
            for more, extra in best.items():
                if more & mask == 0:
                    key = (mask | more, used + 1)
                    if cost + extra < min(grown.get(key, 1e18), plans.get(key, 1e18)):
                        grown[key] = cost + extra
        plans.update(grown)
        frontier = grown
    return min(
        (count - mask.bit_count(), used if by_vehicles else 0, cost)
        for (mask, used), cost in plans.items()
    )
