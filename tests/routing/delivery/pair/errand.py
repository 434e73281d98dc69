"""Small towns where goods go from door to door, and plans checked by code without a search."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product
from random import Random
from typing import Any

import numpy as np

from routing.delivery.draft import Draft
from routing.delivery.problem import DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, Stop, Window
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle

DAY_S = 2_000


def a_town(
    pairs: int,
    singles: int = 0,
    *,
    seed: int = 1,
    timed: bool = False,
    dimensions: int = 1,
    vehicles: Sequence[Vehicle] = (),
    prize: float | None = None,
    **kwargs: Any,
) -> DeliveryProblem:
    """Pairs, the pickup of each before its delivery, then single stops of both kinds, by chance."""
    rng = Random(seed)
    count = 2 * pairs + singles
    points = np.array([[rng.randrange(200), rng.randrange(200)] for _ in range(count + 1)])
    metres = np.ceil(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
    metres = metres.astype(np.int64)
    stops: list[Stop] = []
    for k in range(count):
        load = tuple(rng.randrange(1, 6) for _ in range(dimensions))
        kind = rng.choice((Kind.PICKUP, Kind.DELIVERY))
        if k < 2 * pairs:
            kind = Kind.DELIVERY if k % 2 else Kind.PICKUP
            load = stops[-1].load if k % 2 else load
        opens_s = rng.randrange(900)
        windows = (Window(opens_s, opens_s + rng.randrange(100, 900)),) if timed else ()
        stops.append(
            Stop(
                id=f"s{k}",
                place=k + 1,
                load=load,
                kind=kind,
                windows=windows,
                service_s=rng.randrange(10),
                prize=prize,
            )
        )
    return DeliveryProblem(
        depots=(Depot("d", 0, 0, DAY_S),),
        vehicles=tuple(vehicles) or (a_van(capacity=(10,) * dimensions),),
        stops=tuple(stops),
        travel=Travel(metres, metres[None]),
        pairs=tuple(Pair(f"s{k}", f"s{k + 1}") for k in range(0, 2 * pairs, 2)),
        **kwargs,
    )


def a_van(**kwargs: Any) -> Vehicle:
    return Vehicle(
        **{"id": "van", "start": "d", "end": "d", "capacity": (10,), "count": 3, **kwargs}
    )


def stops_of(draft: Draft) -> list[int]:
    return [stop for run in draft.runs for trip in run.trips for stop in trip]


def faults(problem: DeliveryProblem, draft: Draft) -> list[str]:
    """What is wrong with a draft; nothing of a good one."""
    found = []
    stops = stops_of(draft)
    if len(stops) != len(set(stops)):
        found.append("a stop is served twice")
    for kind, vehicle in enumerate(problem.vehicles):
        if sum(run.vehicle == kind for run in draft.runs) > vehicle.count:
            found.append(f"too many of vehicle {vehicle.id}")
    for run in draft.runs:
        if len(run.trips) != 1:
            found.append("not one trip")
        found.append(fault_of(problem, problem.vehicles[run.vehicle], run.trips[0]))
    return [fault for fault in found if fault]


def fault_of(problem: DeliveryProblem, vehicle: Vehicle, route: Sequence[int]) -> str:
    """Why a vehicle cannot drive the route, begun or not; empty if it can."""
    if not route:
        return "an empty route"
    names = [problem.stops[stop].id for stop in route]
    for pair in problem.pairs:
        if (pair.pickup in names) != (pair.delivery in names):
            return f"{pair.pickup} and {pair.delivery} are torn apart"
        if pair.pickup in names and names.index(pair.pickup) > names.index(pair.delivery):
            return f"{pair.delivery} is delivered before it is picked up"
    return _overload(problem, vehicle, route) or _lateness(problem, vehicle, route)


def _overload(problem: DeliveryProblem, vehicle: Vehicle, route: Sequence[int]) -> str:
    paired = {name for pair in problem.pairs for name in (pair.pickup, pair.delivery)}
    load = np.zeros(problem.dimensions, np.int64)
    loads = [np.array(problem.stops[stop].load, np.int64) for stop in route]
    for stop, amount in zip(route, loads, strict=True):
        if problem.stops[stop].kind is Kind.DELIVERY and problem.stops[stop].id not in paired:
            load += amount
    peaks = [load.copy()]
    for stop, amount in zip(route, loads, strict=True):
        load += amount if problem.stops[stop].kind is Kind.PICKUP else -amount
        peaks.append(load.copy())
    return "too heavy" if (np.array(peaks) > np.array(vehicle.capacity)).any() else ""


def _lateness(problem: DeliveryProblem, vehicle: Vehicle, route: Sequence[int]) -> str:
    depots = {depot.id: depot for depot in problem.depots}
    start = depots[vehicle.start]
    now, place = max(vehicle.opens_s, start.opens_s), start.place
    for index in route:
        stop = problem.stops[index]
        if not stop.skills <= vehicle.skills or vehicle.id not in (stop.vehicles or {vehicle.id}):
            return f"may not serve {stop.id}"
        now += _seconds(problem, vehicle, place, stop.place)
        for window in stop.windows:
            now = max(now, window.opens_s)
            if now > window.closes_s:
                return f"late at {stop.id}"
        now += stop.service_s
        place = stop.place
    closes_s = vehicle.closes_s
    if vehicle.end is not None:
        now += _seconds(problem, vehicle, place, depots[vehicle.end].place)
        closes_s = min(closes_s, depots[vehicle.end].closes_s)
    if metres_of(problem, vehicle, route) > (vehicle.distance_m_max or 10**9):
        return "too far"
    return "late at the end" if now > closes_s else ""


def _seconds(problem: DeliveryProblem, vehicle: Vehicle, start: int, end: int) -> int:
    return problem.travel.seconds(start, end, 0, vehicle.speed_factor)


def metres_of(problem: DeliveryProblem, vehicle: Vehicle, route: Sequence[int]) -> int:
    depots = {depot.id: depot.place for depot in problem.depots}
    places = [depots[vehicle.start], *(problem.stops[stop].place for stop in route)]
    if vehicle.end is not None:
        places.append(depots[vehicle.end])
    return sum(int(problem.travel.distance_m[a, b]) for a, b in pairwise(places))


def cost_of(problem: DeliveryProblem, draft: Draft) -> float:
    """By metres, fixed costs and prizes alone."""
    cost = 0.0
    for run in draft.runs:
        vehicle = problem.vehicles[run.vehicle]
        cost += vehicle.fixed_cost
        cost += vehicle.distance_cost * metres_of(problem, vehicle, run.trips[0])
    served = set(stops_of(draft))
    return cost + sum(stop.prize or 0 for k, stop in enumerate(problem.stops) if k not in served)


def unserved_of(problem: DeliveryProblem, draft: Draft) -> set[int]:
    return set(range(len(problem.stops))).difference(stops_of(draft))


def least(problem: DeliveryProblem) -> tuple[int, int, float]:
    """Of all plans: fewest required stops left out, fewest vehicles if they count, least cost.

    Every job goes to each vehicle or to none, and each vehicle drives its stops in every order.
    """
    index = {stop.id: k for k, stop in enumerate(problem.stops)}
    jobs: list[tuple[int, ...]] = [
        (index[pair.pickup], index[pair.delivery]) for pair in problem.pairs
    ]
    jobs += [(k,) for k in range(len(problem.stops)) if all(k not in job for job in jobs)]
    fleet = [vehicle for vehicle in problem.vehicles for _ in range(vehicle.count)]
    cheapest: dict[tuple[str, frozenset[int]], float | None] = {}
    best = (len(problem.stops) + 1, 0, 0.0)
    for choice in product(range(len(fleet) + 1), repeat=len(jobs)):
        total = _total(problem, fleet, _shares(jobs, choice, len(fleet)), cheapest)
        if total is not None:
            best = min(best, total)
    return best


def _shares(
    jobs: Sequence[tuple[int, ...]], choice: Sequence[int], vehicles: int
) -> list[frozenset[int]]:
    """The stops of each vehicle, and last those of none."""
    return [
        frozenset(stop for job, to in zip(jobs, choice, strict=True) if to == k for stop in job)
        for k in range(vehicles + 1)
    ]


def _total(
    problem: DeliveryProblem,
    fleet: Sequence[Vehicle],
    shares: Sequence[frozenset[int]],
    cheapest: dict[tuple[str, frozenset[int]], float | None],
) -> tuple[int, int, float] | None:
    out = [problem.stops[stop] for stop in shares[-1]]
    cost = sum(stop.prize or 0.0 for stop in out)
    used = 0
    for vehicle, share in zip(fleet, shares, strict=False):
        if share:
            key = (vehicle.id, share)
            if key not in cheapest:
                cheapest[key] = min(_costs(problem, vehicle, share), default=None)
            price = cheapest[key]
            if price is None:
                return None
            cost += price
            used += 1
    counted = used if problem.objective is Objective.VEHICLES else 0
    return sum(stop.prize is None for stop in out), counted, cost


def _costs(problem: DeliveryProblem, vehicle: Vehicle, share: frozenset[int]) -> Iterator[float]:
    for order in permutations(sorted(share)):
        if not fault_of(problem, vehicle, order):
            metres = metres_of(problem, vehicle, order)
            yield vehicle.fixed_cost + vehicle.distance_cost * metres
