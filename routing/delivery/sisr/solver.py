"""Slack induction by string removals: the engine for one depot and one type of vehicle."""

from collections.abc import Sequence

from routing.delivery.draft import Draft, Run, Watch, unwatched
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.sisr.flat import Frame, flatten
from routing.delivery.sisr.fleet import reduce_fleet
from routing.delivery.sisr.hunt import hunt, prepared
from routing.delivery.sisr.lack import lacks
from routing.delivery.sisr.limit import Limit
from routing.delivery.sisr.neighbour import find_near
from routing.delivery.sisr.pool import Pool
from routing.delivery.sisr.start import Routes, best_start, by_savings, routes_of
from routing.effort import Effort

__all__ = ["lacks", "solve", "solve_with_pool"]

ENGINE = "sisr"
# The share of an effort that goes into fewer vehicles where they count first.
FLEET_SHARE = 0.5


def solve(
    problem: DeliveryProblem,
    effort: Effort,
    warm: Draft | None = None,
    watch: Watch = unwatched,
) -> Draft:
    """The best routes met; stops that found no place, or that no vehicle can serve, are left out.

    warm: routes to begin with; the answer is no worse than what of them can be driven. By
    iterations alone, equal arguments give equal drafts.

    Raises: ValueError for a problem that the engine lacks something for.
    """
    return _solve(problem, effort, warm, watch, None)[0]


def solve_with_pool(
    problem: DeliveryProblem,
    effort: Effort,
    warm: Draft | None = None,
    watch: Watch = unwatched,
) -> tuple[Draft, list[tuple[int, ...]]]:
    """The same draft, and good routes met on the way, as indexes of the problem's stops.

    Every one of them can be driven; those of the draft are among them.
    """
    return _solve(problem, effort, warm, watch, Pool())


def _solve(
    problem: DeliveryProblem, effort: Effort, warm: Draft | None, watch: Watch, pool: Pool | None
) -> tuple[Draft, list[tuple[int, ...]]]:
    if why := lacks(problem):
        raise ValueError(why)
    left = effort.left()
    frame = flatten(problem)
    refused = len(problem.stops) - len(frame.stops)
    limit = Limit(effort, left, watch, problem.vehicles[0].distance_cost, refused)
    if not len(frame.stops) or not frame.routes_max:
        return Draft((), ENGINE), []
    near = find_near(frame.flat)
    given = None if warm is None else _known(frame, warm)
    starts = by_savings(frame.flat, near)
    routes_max = min(frame.routes_max, 2 * len(starts) + 10 + len(given or ()))
    search = prepared(frame.flat, near, routes_max, effort.seed)
    best_start(search, starts if given is None else given, given is not None)
    if problem.objective is Objective.VEHICLES:
        reduce_fleet(search, limit, FLEET_SHARE)
    hunt(search, limit, pool, warm=given is not None)
    best = routes_of(search.best, len(frame.flat.demand))
    trips = _trips(frame, best)
    draft = Draft(tuple(Run(0, (trip,)) for trip in trips), ENGINE, limit.done)
    if pool is None:
        return draft, []
    pool.keep(search, best)
    return draft, _trips(frame, pool.routes())


def _known(frame: Frame, draft: Draft) -> Routes:
    """The trips of a draft as nodes, without stops that no vehicle can serve."""
    node_of = {int(stop): node for node, stop in enumerate(frame.stops, 1)}
    trips = (trip for run in draft.runs for trip in run.trips)
    return [[node_of[stop] for stop in trip if stop in node_of] for trip in trips]


def _trips(frame: Frame, routes: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    return [tuple(int(frame.stops[node - 1]) for node in route) for route in routes]
