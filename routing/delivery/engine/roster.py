"""Each single vehicle, and what it may serve."""

from dataclasses import dataclass

import numpy as np

from routing.delivery.draft import Run
from routing.delivery.insertion import Unit, units_of
from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import FAR, Table, Travel
from routing.delivery.trial import Trial
from routing.delivery.vehicle import Depot, Vehicle


@dataclass(frozen=True, slots=True)
class Van:
    """One vehicle: its type's index, which of the type it is, and what it has begun."""

    vehicle: int
    number: int
    begun: tuple[int, ...] = ()


def roster(problem: DeliveryProblem) -> tuple[Van, ...]:
    """Every vehicle, but of each type no more than there are stops, beside those begun."""
    index = {stop.id: i for i, stop in enumerate(problem.stops)}
    begun = {
        (each.vehicle, each.number): tuple(index[stop] for stop in each.stops)
        for each in problem.begun
    }
    vans: list[Van] = []
    for k, vehicle in enumerate(problem.vehicles):
        spare = len(problem.stops)
        for number in range(vehicle.count):
            prefix = begun.get((vehicle.id, number))
            if prefix is None:
                spare -= 1
            if prefix is not None or spare >= 0:
                vans.append(Van(k, number, prefix or ()))
    return tuple(vans)


def may_serve(problem: DeliveryProblem, vehicle: Vehicle, stop: Stop) -> bool:
    """Whether skills, the stop's own list and the load allow it at all."""
    return (
        vehicle.count > 0
        and stop.skills <= vehicle.skills
        and (stop.vehicles is None or vehicle.id in stop.vehicles)
        and all(q <= room for q, room in zip(stop.load, vehicle.capacity, strict=True))
        and not any(a != b and {a, b} <= stop.goods for a, b in problem.incompatible)
    )


def servable(problem: DeliveryProblem) -> list[int]:
    """The stops that some vehicle could serve, were they all, with their pairs; begun ones too."""
    begun = {stop for each in problem.begun for stop in each.stops}
    fit = {
        stop.id
        for stop in problem.stops
        if any(may_serve(problem, vehicle, stop) for vehicle in problem.vehicles)
    } | begun
    for pair in problem.pairs:
        if not {pair.pickup, pair.delivery} <= fit:
            fit -= {pair.pickup, pair.delivery} - begun
    trial = Trial(problem)
    kept = (i for i, stop in enumerate(problem.stops) if stop.id in fit)
    units = units_of(trial, kept)
    return sorted(i for unit in units if _stands_alone(trial, unit, begun) for i in unit)


def _stands_alone(trial: Trial, unit: Unit, begun: set[str]) -> bool:
    """Whether some vehicle could drive there and nowhere else; not asked of what has begun."""
    problem = trial.problem
    if any(problem.stops[index].id in begun for index in unit):
        return True
    for k, vehicle in enumerate(problem.vehicles):
        free = (n for n in range(vehicle.count) if (vehicle.id, n) not in trial.begun)
        number = next(free, None)
        if number is None or isinstance(trial.attempt(Run(k, (unit,), number), number), Route):
            return True
    return False


def depots_of(problem: DeliveryProblem, vehicle: Vehicle) -> tuple[Depot, Depot | None]:
    """Where a vehicle starts, and where it ends; None where it ends at its last stop."""
    by_id = {depot.id: depot for depot in problem.depots}
    return by_id[vehicle.start], None if vehicle.end is None else by_id[vehicle.end]


def slowest(travel: Travel, opens_s: int, closes_s: int) -> Table:
    """Each leg's seconds in the slowest slice between these moments; FAR where there is no way.

    Who takes no longer than this on any leg is never later than a timetable made of it.
    """
    ends = (*travel.since_s[1:], None)
    spans = enumerate(zip(travel.since_s, ends, strict=True))
    met = [
        k
        for k, (since, until) in spans
        if (k == 0 or since <= closes_s) and (until is None or until > opens_s)
    ]
    table: Table = travel.duration_s[met].max(axis=0)
    return np.where(travel.distance_m >= FAR, FAR, table)


def paced(seconds: Table, speed_factor: float) -> Table:
    """Seconds at a vehicle's pace, rounded up."""
    pace = np.ceil(seconds / speed_factor - 1e-9).astype(np.int64)
    return np.where(seconds >= FAR, FAR, pace)
