"""Small problems, and what the best plan of one costs by trying everything."""

from collections.abc import Iterable
from functools import cache
from itertools import permutations, product

import numpy as np

from routing.delivery.draft import Draft, Run
from routing.delivery.fleet.solver import solve
from routing.delivery.objective import rank
from routing.delivery.plan import DeliveryPlan, Route
from routing.delivery.problem import Begun, DeliveryProblem, Objective
from routing.delivery.stop import Stop
from routing.delivery.timetable import plan_of
from routing.delivery.travel import Travel
from routing.delivery.trial import Trial
from routing.delivery.vehicle import Depot, Vehicle
from routing.effort import Effort

# Places on a line, a hundred metres apart at one metre a second.
PLACES = 8
LINE = np.abs(np.subtract.outer(np.arange(PLACES), np.arange(PLACES))).astype(np.int64) * 100


def van(id_: str = "van", **changes: object) -> Vehicle:
    """One vehicle that starts and ends at place 0, and carries ten."""
    told: dict[str, object] = {"start": "home", "end": "home", "capacity": (10,)}
    return Vehicle(id=id_, **(told | changes))  # type: ignore[arg-type]  # As the caller says.


def door(place: int, **changes: object) -> Stop:
    """A delivery of one at a place, named by it."""
    told: dict[str, object] = {"id": f"at {place}", "place": place, "load": (1,)}
    return Stop(**(told | changes))  # type: ignore[arg-type]  # As the caller says.


def problem_of(
    stops: Iterable[Stop],
    vehicles: Iterable[Vehicle],
    *,
    travel: Travel | None = None,
    depots: Iterable[Depot] = (Depot("home", 0), Depot("far", 7)),
    incompatible: frozenset[tuple[str, str]] = frozenset(),
    begun: tuple[Begun, ...] = (),
    objective: Objective = Objective.COST,
) -> DeliveryProblem:
    """A problem on the line."""
    return DeliveryProblem(
        depots=tuple(depots),
        vehicles=tuple(vehicles),
        stops=tuple(stops),
        travel=travel or Travel(LINE, LINE[None]),
        incompatible=incompatible,
        begun=begun,
        objective=objective,
    )


def solved(problem: DeliveryProblem, iterations: int = 200, seed: int = 1) -> DeliveryPlan:
    """The engine's plan, timed and checked by code that knows nothing of the engine."""
    draft = solve(problem, Effort(seed=seed, iterations=iterations))
    return plan_of(problem, draft, why="", seconds=0.0)


def rank_of(problem: DeliveryProblem, plan: DeliveryPlan) -> tuple[float, ...]:
    """What plans are compared by."""
    index = {stop.id: k for k, stop in enumerate(problem.stops)}
    served = [index[stop_id] for route in plan.routes for stop_id in route.stops]
    return rank(problem, served, plan.vehicles, plan.cost)


def best_rank(problem: DeliveryProblem) -> tuple[float, ...]:
    """The least rank of all plans, each stop in any vehicle or none, each route in any order."""
    trial = Trial(problem)
    seats = [(k, n) for k, v in enumerate(problem.vehicles) for n in range(v.count)]

    @cache
    def cost_of(seat: tuple[int, int], stops: frozenset[int]) -> float:
        routes = (
            trial.attempt(Run(seat[0], (order,), seat[1]), seat[1])
            for order in permutations(sorted(stops))
        )
        return min((r.cost for r in routes if isinstance(r, Route)), default=float("inf"))

    best: tuple[float, ...] | None = None
    for choice in product(range(-1, len(seats)), repeat=len(problem.stops)):
        cost, vehicles = 0.0, 0
        for number, seat in enumerate(seats):
            stops = frozenset(k for k, chosen in enumerate(choice) if chosen == number)
            begun = trial.begun.get((problem.vehicles[seat[0]].id, seat[1]))
            if begun and not stops.issuperset(trial.index[s] for s in begun.stops):
                cost = float("inf")
            if stops:
                cost, vehicles = cost + cost_of(seat, stops), vehicles + 1
        if cost == float("inf"):
            continue
        left_out = [k for k, chosen in enumerate(choice) if chosen < 0]
        cost += sum(problem.stops[k].prize or 0.0 for k in left_out)
        served = set(range(len(problem.stops))).difference(left_out)
        found = rank(problem, served, vehicles, cost)
        best = found if best is None or found < best else best
    assert best is not None
    return best


def orders(plan: DeliveryPlan) -> dict[str, list[tuple[str, ...]]]:
    """The routes of each vehicle type."""
    told: dict[str, list[tuple[str, ...]]] = {}
    for route in plan.routes:
        told.setdefault(route.vehicle, []).append(route.stops)
    return told


def draft(*runs: Run) -> Draft:
    """A draft by hand."""
    return Draft(runs, "hand")
