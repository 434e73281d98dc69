"""Routes for mixed fleets by slack induction by string removals."""

from routing.chance import seeded
from routing.delivery.draft import Draft, Watch, unwatched
from routing.delivery.fleet.flatten import BITS, flatten
from routing.delivery.fleet.hunt import HUNT_SHARE, Hunt
from routing.delivery.fleet.place import lone_costs
from routing.delivery.fleet.routes import begun_of, draft_of, lay
from routing.delivery.fleet.sort import sorts_of
from routing.delivery.fleet.state import empty_state
from routing.delivery.problem import DeliveryProblem, Objective
from routing.effort import Effort


def lacks(problem: DeliveryProblem) -> str:
    """Why this engine cannot carry the problem; empty if it can."""
    vehicles = problem.vehicles
    classes = {each for both in problem.incompatible for each in both}
    reasons = (
        (bool(problem.pairs), "it knows no pairs of pickup and delivery"),
        (any(v.breaks for v in vehicles), "it knows no breaks"),
        (any(v.driving for v in vehicles), "it knows no driving rule"),
        (any(v.trips_max > 1 for v in vehicles), "it loads a vehicle only once"),
        (problem.balance_price > 0, "it does not balance drivers"),
        (len(classes) > BITS, f"it knows at most {BITS} classes of incompatible goods"),
        (
            len({sort.stops for sort in sorts_of(problem)}) > BITS,
            f"it tells at most {BITS} sorts of vehicles apart by what they may serve",
        ),
    )
    return next((reason for holds, reason in reasons if holds), "")


def solve(
    problem: DeliveryProblem,
    effort: Effort,
    warm: Draft | None = None,
    watch: Watch = unwatched,
) -> Draft:
    """The best routes found; never worse than the warm draft, where its routes can be kept.

    Raises: ValueError when the problem has what `lacks` names; NoPlan when a begun route cannot
    be kept.
    """
    if reason := lacks(problem):
        raise ValueError(f"the fleet engine cannot carry this problem: {reason}")
    sorts = sorts_of(problem)
    if not problem.stops or not sorts:
        return Draft((), "fleet")
    begun = begun_of(problem)
    flat = flatten(problem, sorts)
    routes = min(len(problem.stops), problem.vehicle_count)
    state = empty_state(flat, routes, seeded(effort.seed))
    lone_costs(flat, state)
    lay(flat, state, sorts, begun, warm)
    hunt = Hunt(flat, state, effort, watch)
    hunt.start()
    if problem.objective is Objective.VEHICLES:
        hunt.run(HUNT_SHARE, hunting=True, stop=hunt.is_complete)
        hunt.lose_vehicles()
    hunt.run(HUNT_SHARE, hunting=True)
    hunt.run(1.0, hunting=False)
    best = hunt.search
    return draft_of(flat, sorts, begun, best.best_next, best.best_sort, hunt.iterations)
