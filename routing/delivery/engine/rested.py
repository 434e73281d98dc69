"""Our own searches where drivers rest: routes without the rests, which are put in afterwards."""

from dataclasses import replace
from importlib import import_module

from routing.delivery.draft import Draft, Watch, unwatched
from routing.delivery.engine.filling import fill
from routing.delivery.engine.repair import keep_what_drives
from routing.delivery.problem import DeliveryProblem
from routing.delivery.vehicle import Vehicle
from routing.effort import Effort

ENGINE = "rested"
SEARCHES = (
    "routing.delivery.sisr.solver",
    "routing.delivery.fleet.solver",
    "routing.delivery.pair.solver",
)
# The rest of the time is for putting the rests in.
SEARCH_SHARE = 0.9


def lacks(problem: DeliveryProblem) -> str:
    """Why no search of ours carries the problem even without its rests; empty if one does."""
    if not any(vehicle.breaks or vehicle.driving for vehicle in problem.vehicles):
        return "there are no rests to put in"
    eased = _eased(problem)
    lacking: list[str] = [import_module(name).lacks(eased) for name in SEARCHES]
    return min(lacking, key=len)


def solve(
    problem: DeliveryProblem, effort: Effort, warm: Draft | None = None, watch: Watch = unwatched
) -> Draft:
    """The best routes met without rests, less what the rests leave no time for.

    The shift is searched as if it were shorter by its rests, so that little has to be left out.
    """
    eased = _eased(problem)
    search = next(each for name in SEARCHES if not (each := import_module(name)).lacks(eased))
    if effort.seconds is not None:
        effort = replace(effort, seconds=effort.seconds * SEARCH_SHARE)
    found: Draft = search.solve(eased, effort, warm, watch)
    runs = fill(problem, keep_what_drives(problem, found.runs))
    return Draft(runs, ENGINE, found.iterations)


def _eased(problem: DeliveryProblem) -> DeliveryProblem:
    begun = {each.vehicle for each in problem.begun}
    vehicles = (_without_rests(vehicle, vehicle.id in begun) for vehicle in problem.vehicles)
    return replace(problem, vehicles=tuple(vehicles))


def _without_rests(vehicle: Vehicle, is_begun: bool) -> Vehicle:
    # A route that has begun may need all of its shift.
    rest_s = 0 if is_begun else _rest_s(vehicle)
    away_s = vehicle.duration_s_max
    return replace(
        vehicle,
        breaks=(),
        driving=None,
        closes_s=max(vehicle.opens_s, vehicle.closes_s - rest_s),
        duration_s_max=None if away_s is None else max(0, away_s - rest_s),
    )


def _rest_s(vehicle: Vehicle) -> int:
    """How long a driver rests who is out for the whole shift."""
    due = (each for each in vehicle.breaks if each.closes_s <= vehicle.closes_s)
    rest_s = sum(each.length_s for each in due)
    if vehicle.driving is not None:
        rests = (vehicle.closes_s - vehicle.opens_s) // max(1, vehicle.driving.drive_s_max)
        rest_s = max(rest_s, rests * vehicle.driving.rest_s)
    # A shift without an end loses nothing that anybody would miss.
    return min(rest_s, (vehicle.closes_s - vehicle.opens_s) // 2)
