"""Stops that a library left out, put into its routes where our own timetable lets them in."""

from collections.abc import Sequence

from routing.delivery.draft import Run
from routing.delivery.insertion import Tour, Unit, placed, refilled, units_of
from routing.delivery.problem import DeliveryProblem
from routing.delivery.snag import Snag
from routing.delivery.timetable import numbered
from routing.delivery.trial import Trial

# No more stops than these are tried, in so many places each.
UNITS_MAX, PLACES_MAX = 50, 40


def fill(problem: DeliveryProblem, runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs, which can all be driven, with more of the mandatory stops; none is moved.

    A run keeps the number that it is told with.
    """
    trial = Trial(problem)
    served = {stop for run in runs for trip in run.trips for stop in trip}
    left = [k for k, stop in enumerate(problem.stops) if k not in served and stop.prize is None]
    left.sort(key=lambda k: -problem.stops[k].priority)
    if not left or (tours := _tours(trial, runs)) is None:
        return tuple(runs)
    for unit in units_of(trial, left)[:UNITS_MAX]:
        _put_in(trial, tours, unit)
    told = {(run.vehicle, run.number) for run in runs}
    result = []
    for tour in tours:
        under_way = (problem.vehicles[tour.vehicle].id, tour.number) in trial.begun
        is_told = under_way or (tour.vehicle, tour.number) in told
        result.append(Run(tour.vehicle, tour.trips, tour.number if is_told else None))
    return tuple(result)


def _tours(trial: Trial, runs: Sequence[Run]) -> list[Tour] | None:
    """The runs as tours; None where they do not go together."""
    try:
        told = numbered(trial, runs)
    except ValueError:
        return None
    tours = []
    for run, number in told:
        begun = trial.begun.get((trial.problem.vehicles[run.vehicle].id, number))
        held = len(begun.stops) if begun else 0
        tour = refilled(trial, Tour(run.vehicle, number, held=held), run.trips)
        if isinstance(tour, Snag):
            return None
        tours.append(tour)
    return tours


def _put_in(trial: Trial, tours: list[Tour], unit: Unit) -> None:
    used = {(tour.vehicle, tour.number) for tour in tours}
    fresh = [
        Tour(k, number)
        for k, vehicle in enumerate(trial.problem.vehicles)
        for number in [
            n
            for n in range(vehicle.count)
            if (k, n) not in used and (vehicle.id, n) not in trial.begun
        ][:1]
    ]
    found = placed(trial, [*tours, *fresh], unit, PLACES_MAX)
    if not isinstance(found, Tour):
        return
    for k, tour in enumerate(tours):
        if (tour.vehicle, tour.number) == (found.vehicle, found.number):
            tours[k] = found
            return
    tours.append(found)
