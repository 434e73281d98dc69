"""A first plan within a second."""

from collections.abc import Callable

from routing.delivery.draft import Draft
from routing.delivery.engine.ortools import (
    First,
    parameters_of,
    runs_of,
    whole_model,
)
from routing.delivery.engine.repair import keep_what_drives
from routing.delivery.problem import DeliveryProblem
from routing.effort import Effort

ENGINE = "insertion"
# Above so many stops the library's tables take more memory and time than its start is worth.
STOPS_MAX = 2_000


def solve_start(problem: DeliveryProblem, effort: Effort) -> Draft | None:
    """The library's first solution, driven; None where it finds none in time or is too large.

    By savings; by insertion where an order of stops is given, or savings leave stops unserved.
    """
    if len(problem.stops) > STOPS_MAX:
        return None
    left = effort.left()
    drafts = []
    if not (problem.pairs or problem.begun or any(v.trips_max > 1 for v in problem.vehicles)):
        drafts.append(_first(problem, effort.seed, left, First.PARALLEL_SAVINGS))
    if not any(draft and _served(draft) == len(problem.stops) for draft in drafts):
        local = (
            First.LOCAL_CHEAPEST_INSERTION if problem.pairs else First.PARALLEL_CHEAPEST_INSERTION
        )
        drafts.append(_first(problem, effort.seed, left, local))
    found = [draft for draft in drafts if draft is not None]
    return max(found, key=_served, default=None)


def _first(
    problem: DeliveryProblem, seed: int, left: Callable[[], float], strategy: int
) -> Draft | None:
    model = whole_model(problem, seed, once=True)
    if not model.stops:
        return Draft((), ENGINE)
    routing = model.routing
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: left() <= 0))
    answer = routing.SolveWithParameters(parameters_of(strategy, 1))
    if answer is None:
        return None
    return Draft(keep_what_drives(problem, runs_of(model, answer)), ENGINE)


def _served(draft: Draft) -> int:
    return sum(len(trip) for run in draft.runs for trip in run.trips)
