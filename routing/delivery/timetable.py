"""Drafts with their times, costs and reasons worked out: plans that can be handed over."""

from collections.abc import Sequence

from routing.delivery.draft import Draft, Run
from routing.delivery.explain import explain_all
from routing.delivery.objective import plan_cost
from routing.delivery.plan import DeliveryPlan, Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.snag import Snag
from routing.delivery.trial import Trial


def drive(problem: DeliveryProblem, run: Run, number: int) -> Route | str:
    """The run's route with its times, by vehicle `number` of its type, or why it can't be kept.

    Whoever drives many runs of one problem keeps a `Trial`, which looks ids up once.
    """
    tried = Trial(problem).attempt(run, number)
    return tried.reason if isinstance(tried, Snag) else tried


def plan_of(
    problem: DeliveryProblem,
    draft: Draft,
    *,
    why: str,
    seconds: float,
    baseline_cost: float | None = None,
) -> DeliveryPlan:
    """The draft as a plan: timed, numbered, priced, and every stop left out explained.

    Raises: ValueError when a run can't be kept, a stop is in two of them, or vehicles run out.
    """
    trial = Trial(problem)
    routes = timed_routes(trial, draft.runs)
    served = {trial.index[stop_id] for route in routes for stop_id in route.stops}
    left_out = [k for k in range(len(problem.stops)) if k not in served]
    return DeliveryPlan(
        routes=routes,
        unserved=explain_all(trial, routes, left_out),
        cost=plan_cost(problem, routes, left_out),
        engine=draft.engine,
        why=why,
        travel=problem.travel.source,
        iterations=draft.iterations,
        seconds=seconds,
        baseline_cost=baseline_cost,
    )


def timed_routes(trial: Trial, runs: Sequence[Run]) -> tuple[Route, ...]:
    """Every run's route, by vehicle type and number.

    Raises: ValueError when a run can't be kept, a stop is in two of them, or vehicles run out.
    """
    routes = []
    seen: set[str] = set()
    for run, number in numbered(trial, runs):
        vehicle = trial.problem.vehicles[run.vehicle]
        tried = trial.attempt(run, number)
        if isinstance(tried, Snag):
            raise ValueError(f"vehicle {vehicle.id} {number} cannot keep its route: {tried.reason}")
        if twice := seen.intersection(tried.stops):
            raise ValueError(f"stop {min(twice)} is on two routes")
        seen.update(tried.stops)
        routes.append((run.vehicle, number, tried))
    return tuple(route for _, _, route in sorted(routes, key=lambda each: each[:2]))


def numbered(trial: Trial, runs: Sequence[Run]) -> list[tuple[Run, int]]:
    """Each run with its vehicle's number: its own where it has one, else the begun one, else free.

    Raises: ValueError when two runs have one number, or a type has no number left.
    """
    problem = trial.problem
    told: list[int | None] = [_own_number(trial, run) for run in runs]
    taken = {(run.vehicle, number) for run, number in zip(runs, told, strict=True)}
    if len(taken - {(run.vehicle, None) for run in runs}) < sum(n is not None for n in told):
        raise ValueError("two routes are driven by one vehicle")
    kinds = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
    taken |= {(kinds[each.vehicle], each.number) for each in problem.begun if each.stops}
    result = []
    for run, number in zip(runs, told, strict=True):
        if number is None:
            count = problem.vehicles[run.vehicle].count
            free = (n for n in range(count) if (run.vehicle, n) not in taken)
            number = next(free, None)
            if number is None:
                name = problem.vehicles[run.vehicle].id
                raise ValueError(f"more routes than the {count} vehicles {name}")
            taken.add((run.vehicle, number))
        result.append((run, number))
    return result


def _own_number(trial: Trial, run: Run) -> int | None:
    if run.number is not None or not run.trips or not run.trips[0]:
        return run.number
    vehicle, number = trial.begun_by.get(run.trips[0][0], ("", 0))
    return number if vehicle == trial.problem.vehicles[run.vehicle].id else None
