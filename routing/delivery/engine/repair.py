"""Routes of a library held to our own timetable before anyone gets them."""

from collections.abc import Iterable
from dataclasses import replace

from routing.delivery.draft import Run
from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.trial import Trial


def keep_what_drives(problem: DeliveryProblem, runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs without the stops that keep them from being driven; a pair leaves together.

    A library may see time, distance or loads a little otherwise; mostly nothing is left out.
    """
    trial = Trial(problem)
    kept = (_kept(trial, run) for run in runs)
    return tuple(run for run in kept if run.trips)


def drives(trial: Trial, run: Run) -> bool:
    """Whether some vehicle of its type can keep to the run."""
    return isinstance(trial.attempt(run, number_of(trial, run)), Route)


def _kept(trial: Trial, run: Run) -> Run:
    while run.trips and not drives(trial, run):
        stops = [stop for trip in reversed(run.trips) for stop in reversed(trip)]
        free = [stop for stop in stops if stop not in trial.begun_by]
        if not free:
            # What is under way cannot be mended; the audit names what is wrong.
            return run
        fewer = [_without(run, {stop, trial.partner.get(stop, stop)}) for stop in free]
        run = next((each for each in fewer if not each.trips or drives(trial, each)), fewer[0])
    return run


def _without(run: Run, stops: set[int]) -> Run:
    trips = (tuple(stop for stop in trip if stop not in stops) for trip in run.trips)
    return replace(run, trips=tuple(trip for trip in trips if trip))


def number_of(trial: Trial, run: Run) -> int:
    """Its own number, or the first of its type that is not under way."""
    if run.number is not None:
        return run.number
    vehicle = trial.problem.vehicles[run.vehicle]
    if run.trips[0][0] in trial.begun_by:
        return trial.begun_by[run.trips[0][0]][1]
    return next((k for k in range(vehicle.count) if (vehicle.id, k) not in trial.begun), 0)
