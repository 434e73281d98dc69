"""Other solvers of routing problems, each asked for its best within the same processor time.

They come with the extra `peers`; one that is not installed is left out, and the table says so.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import numpy as np

from routing.delivery.draft import Draft, Run
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Kind, Stop
from routing.delivery.travel import LEG_MAX
from routing.delivery.vehicle import Vehicle

VROOM_LEVEL = 5
# VROOM counts costs in hundredths of a second's worth; these leave them as they are.
PER_HOUR = 3_600
UINT_MAX = 2**32 - 1


def solve_hgs(problem: DeliveryProblem, seconds: float, seed: int) -> Draft | None:
    """Hybrid genetic search, for capacity alone; None where it can't carry the problem.

    Source: T. Vidal (2022), Computers & Operations Research 140.
    """
    if len(problem.vehicles) > 1 or any(stop.windows for stop in problem.stops) or problem.pairs:
        return None
    from hygese import AlgorithmParameters, Solver

    places = [0, *(stop.place for stop in problem.stops)]
    loads = [0, *(stop.load[0] for stop in problem.stops)]
    data = {
        "distance_matrix": problem.travel.distance_m[np.ix_(places, places)].astype(np.float64),
        "demands": np.array(loads, np.float64),
        "vehicle_capacity": problem.vehicles[0].capacity[0],
        "service_times": np.zeros(len(places)),
    }
    # Its limit of iterations without progress would end it long before its time.
    parameters = AlgorithmParameters(timeLimit=seconds, seed=seed, nbIter=1_000_000_000)
    found = Solver(parameters=parameters, verbose=False).solve_cvrp(data)
    runs = tuple(Run(0, (tuple(at - 1 for at in route),)) for route in found.routes if route)
    return Draft(runs, "hgs")


def solve_vroom(problem: DeliveryProblem, seconds: float, _seed: int) -> Draft | None:
    """VROOM with one thread; it has no seed. None where it can't carry the problem."""
    if any(vehicle.duration_s_max is not None for vehicle in problem.vehicles):
        return None
    import vroom

    task = vroom.Input()
    task.set_durations_matrix("car", problem.travel.duration_s[0].astype(np.uint32))
    task.set_costs_matrix("car", problem.travel.distance_m.astype(np.uint32))
    rates = {vehicle.distance_cost for vehicle in problem.vehicles}
    if len(rates) > 1:
        # A matrix of costs goes by profile, so every rate is one.
        for vehicle in problem.vehicles:
            rated = np.rint(problem.travel.distance_m * vehicle.distance_cost / max(rates))
            task.set_durations_matrix(vehicle.id, problem.travel.duration_s[0].astype(np.uint32))
            task.set_costs_matrix(vehicle.id, rated.astype(np.uint32))
    owners: list[int] = []
    for at, vehicle in enumerate(problem.vehicles):
        for _ in range(min(vehicle.count, len(problem.stops))):
            task.add_vehicle(_vehicle(problem, vehicle, len(owners), rates))
            owners.append(at)
    _add_stops(task, problem)
    found = task.solve(VROOM_LEVEL, nb_threads=1, timeout=timedelta(seconds=seconds))
    trips: dict[int, list[int]] = {}
    steps = found.routes
    for owner, kind, stop in zip(steps["vehicle_id"], steps["type"], steps["id"], strict=True):
        if kind in ("job", "pickup", "delivery"):
            trips.setdefault(int(owner), []).append(int(stop))
    return Draft(tuple(Run(owners[k], (tuple(trip),)) for k, trip in trips.items()), "vroom")


def _vehicle(problem: DeliveryProblem, vehicle: Vehicle, number: int, rates: set[float]) -> object:
    import vroom

    places = {depot.id: depot for depot in problem.depots}
    start = places[vehicle.start]
    opens, closes = max(vehicle.opens_s, start.opens_s), min(vehicle.closes_s, start.closes_s)
    several = len(rates) > 1
    return vroom.Vehicle(
        number,
        start=start.place,
        end=None if vehicle.end is None else places[vehicle.end].place,
        profile=vehicle.id if several else "car",
        capacity=list(vehicle.capacity),
        time_window=vroom.TimeWindow(opens, min(closes, UINT_MAX // 2)),
        costs=vroom.VehicleCosts(fixed=round(vehicle.fixed_cost / max(rates)), per_hour=PER_HOUR),
    )


def _add_stops(task: Any, problem: DeliveryProblem) -> None:
    import vroom

    at = {stop.id: index for index, stop in enumerate(problem.stops)}
    paired: set[str] = set()
    for pair in problem.pairs:
        paired |= {pair.pickup, pair.delivery}
        steps = [
            vroom.ShipmentStep(
                at[stop_id],
                problem.stops[at[stop_id]].place,
                default_service=problem.stops[at[stop_id]].service_s,
                time_windows=_windows(problem.stops[at[stop_id]]),
            )
            for stop_id in (pair.pickup, pair.delivery)
        ]
        load = list(problem.stops[at[pair.pickup]].load)
        task.add_shipment(*steps, amount=vroom.Amount(load))
    for index, stop in enumerate(problem.stops):
        if stop.id in paired:
            continue
        way = "delivery" if stop.kind is Kind.DELIVERY else "pickup"
        task.add_job(
            vroom.Job(
                index,
                stop.place,
                default_service=stop.service_s,
                time_windows=_windows(stop),
                **{way: vroom.Amount(list(stop.load))},
            )
        )


def _windows(stop: Stop) -> list[object]:
    import vroom

    return [vroom.TimeWindow(w.opens_s, min(w.closes_s, LEG_MAX)) for w in stop.windows]


PEERS: dict[str, tuple[str, Callable[[DeliveryProblem, float, int], Draft | None]]] = {
    "hgs": ("hygese", solve_hgs),
    "vroom": ("vroom", solve_vroom),
}


def installed(peer: str) -> bool:
    """Whether this peer can be asked."""
    return find_spec(PEERS[peer][0]) is not None
