"""Routes by PyVRP's iterated local search."""

from collections.abc import Callable

import pyvrp

from routing.delivery.draft import Draft, Progress, Run, Watch, unwatched
from routing.delivery.engine.case import Case, case_of
from routing.delivery.engine.filling import fill
from routing.delivery.engine.repair import keep_what_drives
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.travel import FAR, LEG_MAX
from routing.effort import Effort

ENGINE = "pyvrp"
# Whoever looks on is told once in so many iterations.
ITERATIONS_BETWEEN_NEWS = 200
# The library's own highest price of a unit of load too much.
PENALTY_USUAL = 100_000.0


def lacks(problem: DeliveryProblem) -> str:
    """What of the problem PyVRP has no notion of; empty if nothing."""
    paired = {stop for pair in problem.pairs for stop in (pair.pickup, pair.delivery)}
    priorities = {stop.priority for stop in problem.stops if stop.prize is None}
    reasons = {
        "PyVRP knows no soft windows": any(stop.soft for stop in problem.stops),
        "PyVRP knows no breaks": any(v.breaks or v.driving for v in problem.vehicles),
        "PyVRP knows no goods that must not meet": bool(problem.incompatible),
        "PyVRP knows no balance between drivers": problem.balance_price > 0,
        "PyVRP knows no routes that have begun": any(each.stops for each in problem.begun),
        "PyVRP knows no travel times by time of day": problem.travel.varies,
        "PyVRP does not search for the fewest vehicles": problem.objective is Objective.VEHICLES,
        "PyVRP knows no priorities": len(priorities) > 1,
        "PyVRP carries no pairs over several trips": bool(problem.pairs)
        and any(vehicle.trips_max > 1 for vehicle in problem.vehicles),
        "PyVRP knows one window of a pair's stop": any(
            len(stop.windows) > 1 and stop.id in paired for stop in problem.stops
        ),
        "PyVRP knows one prize of a pair": any(
            stop.prize is not None and stop.id in paired for stop in problem.stops
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def solve(
    problem: DeliveryProblem, effort: Effort, warm: Draft | None = None, watch: Watch = unwatched
) -> Draft:
    """The best routes met, from the warm ones on; each of them can be driven.

    A stop that the library could not fit in is unserved.
    """
    left = effort.left()
    case = case_of(problem)
    if not case.stops:
        return Draft((), ENGINE)
    end = _End(effort, left, watch, case.prices.scale)
    initial = None if warm is None else _solution(case, warm)
    # A price of being too full that is below a leg's cost would never make a route lighter.
    ceiling = pyvrp.PenaltyParams(max_penalty=max(PENALTY_USUAL, _dearest_leg(case)))
    result = pyvrp.solve(
        case.data,
        end,
        seed=effort.seed,
        collect_stats=False,
        params=pyvrp.SolveParams(penalty=ceiling),
        initial_solution=initial,
    )
    kept = fill(problem, keep_what_drives(problem, _runs(case, result.best)))
    return Draft(kept, ENGINE, end.iterations)


def _dearest_leg(case: Case) -> float:
    """What the longest leg costs the dearest vehicle."""
    return float(
        case.longest_m * max(kind.unit_distance_cost for kind in case.data.vehicle_types())
    )


class _End:
    """Ends the search with the effort, and tells of it meanwhile."""

    def __init__(self, effort: Effort, left: Callable[[], float], watch: Watch, scale: int) -> None:
        self.effort, self.left, self.watch, self.scale = effort, left, watch, scale
        self.iterations = -1

    def __call__(self, best_cost: int) -> bool:
        self.iterations += 1
        most = self.effort.iterations
        if self.iterations % ITERATIONS_BETWEEN_NEWS == 0 and best_cost < FAR * LEG_MAX:
            share = 0.0 if not most else self.iterations / most
            if self.effort.seconds:
                share = max(share, 1 - self.left() / self.effort.seconds)
            cost = best_cost / self.scale
            self.watch(Progress(min(1.0, share), cost, 0, self.iterations))
        return (most is not None and self.iterations >= most) or self.left() <= 0


def _runs(case: Case, best: pyvrp.Solution) -> list[Run]:
    runs = []
    for route in best.routes():
        trips: list[list[int]] = [[]]
        for each in route:
            if each.is_depot():
                trips.append([])
            elif each.is_client():
                trips[-1].append(case.clients[each.idx])
            else:
                trips[-1].append(case.shipments[each.idx][0 if each.is_pickup() else 1])
        if any(trips):
            runs.append(Run(route.vehicle_type(), tuple(tuple(t) for t in trips if t)))
    return runs


def _solution(case: Case, warm: Draft) -> pyvrp.Solution | None:
    """The warm routes as the library's; None where a stop has several windows to choose from."""
    if case.data.num_groups:
        return None
    kind = pyvrp.ActivityType
    activity = {
        stop: pyvrp.Activity(kind.CLIENT, client) for client, stop in enumerate(case.clients)
    }
    for number, (pickup, delivery) in enumerate(case.shipments):
        activity[pickup] = pyvrp.Activity(kind.PICKUP, number)
        activity[delivery] = pyvrp.Activity(kind.DELIVERY, number)
    routes = []
    for run in warm.runs:
        visits: list[pyvrp.Activity] = []
        for k, trip in enumerate(run.trips):
            if k:
                visits.append(pyvrp.Activity(kind.DEPOT, case.reloads[run.vehicle]))
            visits += [activity[stop] for stop in trip if stop in activity]
        routes.append(pyvrp.Route(case.data, visits, run.vehicle))
    return pyvrp.Solution(case.data, routes)
