"""A simple rule that carries every constraint: cheapest insertion, or the nearest next stop.

It is what engines are measured against, and what is handed over when they fail.
"""

from collections.abc import Sequence

from routing.delivery.draft import Draft, Run
from routing.delivery.insertion import Tour, Unit, placed, refilled, units_of
from routing.delivery.nearest import filled_by_nearest
from routing.delivery.objective import plan_cost, rank
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.snag import Snag
from routing.delivery.stop import Kind
from routing.delivery.trial import Trial
from routing.error import NoPlan

# Above so many stops, routes are filled one by one; what is left is then inserted, up to as many.
INSERTED_MAX = 300
# So many places are tried for one stop before it gets a vehicle of its own, or is left out.
TRIES_NEAR = 40
TRIES_ALL = 200
# Of so many places that hold, the one that costs least is taken.
CHOICES = 3
ROUNDS = 2


def baseline(problem: DeliveryProblem) -> Draft:
    """Routes that hold, with every stop that the rule finds a place for. No chance is in it.

    Raises: NoPlan when a begun route cannot be kept.
    """
    trial = Trial(problem)
    begun = _begun_tours(trial)
    held = _served(begun)
    units = units_of(trial, (k for k in range(len(problem.stops)) if k not in held))
    tours = _filled(trial, begun, sorted(units, key=lambda unit: _urgency(trial, unit)))
    if len(problem.stops) <= INSERTED_MAX and any(
        not _is_optional(trial, unit) for unit in units if not _served(tours).issuperset(unit)
    ):
        # Where room is short, the heavy go first.
        heavy = sorted(units, key=lambda unit: _weight(trial, unit))
        tours = min(tours, _filled(trial, begun, heavy), key=lambda each: _rank(trial, each))
    runs = tuple(Run(tour.vehicle, tour.trips, tour.number) for tour in tours)
    return Draft(runs, "baseline")


def _filled(trial: Trial, begun: Sequence[Tour], units: Sequence[Unit]) -> list[Tour]:
    """The begun tours and new ones, with the units put in one after the other."""
    tours, left = list(begun), list(units)
    if len(trial.problem.stops) > INSERTED_MAX:
        must = [unit for unit in units if not _is_optional(trial, unit)]
        tours, missed = filled_by_nearest(trial, [*begun, *_free_tours(trial, begun)], must)
        left = [*missed[:INSERTED_MAX], *(unit for unit in units if _is_optional(trial, unit))]
    tours = [tour for tour in tours if tour.trips]
    left = left[:INSERTED_MAX]
    # What found no place at first may find one beside stops that came later.
    for _ in range(ROUNDS):
        left = [unit for unit in left if not _insert(trial, tours, unit)]
    return tours


def _served(tours: Sequence[Tour]) -> set[int]:
    return {index for tour in tours for trip in tour.trips for index in trip}


def _rank(trial: Trial, tours: Sequence[Tour]) -> tuple[float, ...]:
    served = _served(tours)
    left = set(range(len(trial.problem.stops))) - served
    routes = [tour.route for tour in tours if tour.route is not None]
    return rank(trial.problem, served, len(tours), plan_cost(trial.problem, routes, left))


def _begun_tours(trial: Trial) -> list[Tour]:
    """The begun routes; what they pick up of a pair is delivered after them."""
    kinds = {vehicle.id: k for k, vehicle in enumerate(trial.problem.vehicles)}
    tours = []
    for begun in trial.problem.begun:
        if not begun.stops:
            continue
        trip = [trial.index[stop_id] for stop_id in begun.stops]
        held = len(trip)
        for index in tuple(trip):
            is_pickup = trial.problem.stops[index].kind is Kind.PICKUP
            other = trial.partner.get(index)
            if is_pickup and other is not None and other not in trip:
                trip.append(other)
        tour = Tour(kinds[begun.vehicle], begun.number, held=held)
        tried = refilled(trial, tour, (tuple(trip),))
        if isinstance(tried, Snag):
            raise NoPlan(
                f"vehicle {begun.vehicle} {begun.number} cannot keep the route that it has begun: "
                f"{tried.reason}"
            )
        tours.append(tried)
    return tours


def _urgency(trial: Trial, unit: Unit) -> tuple[object, ...]:
    """Stops that must be served first, of high priority, of few vehicles, closing soon, far off."""
    stops = [trial.problem.stops[index] for index in unit]
    problem = trial.problem
    closes_s = min((stop.windows[-1].closes_s for stop in stops if stop.windows), default=2**40)
    home = trial.depots[problem.vehicles[0].start].place
    away_m = max(problem.travel.distance_m.item(home, stop.place) for stop in stops)
    restricted = any(stop.skills or stop.vehicles is not None for stop in stops)
    priority = max(stop.priority for stop in stops)
    return _is_optional(trial, unit), -priority, not restricted, closes_s, -away_m, unit


def _weight(trial: Trial, unit: Unit) -> tuple[object, ...]:
    """Stops that must be served first, of high priority, with the largest share of a load."""
    stops = [trial.problem.stops[index] for index in unit]
    most = [max(1, *parts) for parts in zip(*(s.load for s in trial.problem.stops), strict=True)]
    share = max(
        (part / way for s in stops for part, way in zip(s.load, most, strict=True)), default=0
    )
    return _is_optional(trial, unit), -max(stop.priority for stop in stops), -share, unit


def _is_optional(trial: Trial, unit: Unit) -> bool:
    return all(trial.problem.stops[index].prize is not None for index in unit)


def _free_tours(trial: Trial, tours: Sequence[Tour]) -> list[Tour]:
    """Every vehicle that has no tour yet, the largest first."""
    used = {(tour.vehicle, tour.number) for tour in tours}
    kinds = sorted(
        range(len(trial.problem.vehicles)),
        key=lambda k: (-sum(trial.problem.vehicles[k].capacity), k),
    )
    return [
        Tour(k, number)
        for k in kinds
        for number in range(trial.problem.vehicles[k].count)
        if (k, number) not in used
    ]


def _fresh_tours(trial: Trial, tours: Sequence[Tour]) -> list[Tour]:
    """One unused vehicle of each type that has one."""
    used = {(tour.vehicle, tour.number) for tour in tours}
    fresh = []
    for k, vehicle in enumerate(trial.problem.vehicles):
        number = next((n for n in range(vehicle.count) if (k, n) not in used), None)
        if number is not None:
            fresh.append(Tour(k, number))
    return fresh


def _insert(trial: Trial, tours: list[Tour], unit: Unit) -> bool:
    """Whether the unit went into the cheapest place found; an optional one only if that pays."""
    fresh = _fresh_tours(trial, tours)
    optional = _is_optional(trial, unit)
    together = [*tours, *fresh] if trial.problem.objective is Objective.COST else tours
    found = placed(trial, together, unit, TRIES_NEAR, CHOICES)
    if not isinstance(found, Tour) and not optional:
        found = placed(trial, fresh, unit, TRIES_ALL, CHOICES)
        if not isinstance(found, Tour):
            found = placed(trial, tours, unit, TRIES_ALL)
    if not isinstance(found, Tour):
        return False
    at = {(tour.vehicle, tour.number): k for k, tour in enumerate(tours)}
    k = at.get((found.vehicle, found.number))
    if optional:
        prize = sum(trial.problem.stops[index].prize or 0.0 for index in unit)
        if found.cost - (0.0 if k is None else tours[k].cost) > prize:
            return False
    if k is None:
        tours.append(found)
    else:
        tours[k] = found
    return True
