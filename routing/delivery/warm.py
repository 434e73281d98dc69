"""Yesterday's plan, or the one that stands, made ready to go on from."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from routing.delivery.draft import Draft, Run
from routing.delivery.engine.filling import fill
from routing.delivery.engine.repair import keep_what_drives
from routing.delivery.problem import DeliveryProblem
from routing.delivery.trial import Trial


def refitted(problem: DeliveryProblem, warm: Draft) -> Draft:
    """The warm draft as far as it holds today, with what is new put in where it costs least.

    Vehicles, numbers and stops that the problem does not know are left out, and so are routes for
    which no vehicle is left. A stop counts where it is named first; a begun one is its vehicle's.
    """
    runs = _manned(problem, _known(Trial(problem), warm))
    return replace(warm, runs=fill(problem, keep_what_drives(problem, runs)))


def _known(trial: Trial, warm: Draft) -> Iterator[Run]:
    """The routes with stops of today, each once. Those of begun vehicles have their number."""
    seen: set[int] = set()
    for run in warm.runs:
        if not 0 <= run.vehicle < len(trial.problem.vehicles):
            continue
        number = _begun_number(trial, run)
        own = (trial.problem.vehicles[run.vehicle].id, number)
        trips = []
        for trip in run.trips:
            here = (k for k in dict.fromkeys(trip) if 0 <= k < len(trial.problem.stops))
            stops = tuple(k for k in here if k not in seen and trial.begun_by.get(k, own) == own)
            seen.update(stops)
            if stops:
                trips.append(stops)
        if trips:
            yield Run(run.vehicle, tuple(trips), run.number if number is None else number)


def _begun_number(trial: Trial, run: Run) -> int | None:
    """Which begun vehicle of its type goes on by this route; None for none."""
    if not run.trips or not run.trips[0]:
        return None
    vehicle, number = trial.begun_by.get(run.trips[0][0], ("", 0))
    if vehicle != trial.problem.vehicles[run.vehicle].id:
        return None
    begun = tuple(trial.index[stop] for stop in trial.begun[vehicle, number].stops)
    return number if run.trips[0][: len(begun)] == begun else None


def _manned(problem: DeliveryProblem, runs: Iterable[Run]) -> Iterator[Run]:
    """The routes as far as there are vehicles; a number that is taken or unknown is not told."""
    index = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
    begun = {(index[each.vehicle], each.number): each.stops for each in problem.begun if each.stops}
    taken: set[tuple[int, int]] = set()
    told: list[Run] = []
    for run in runs:
        own = (run.vehicle, run.number or 0)
        is_free = run.number is not None and own not in taken
        if is_free and own in begun:
            first = tuple(problem.stops[k].id for k in run.trips[0][: len(begun[own])])
            is_free = first == begun[own]
        if is_free and 0 <= own[1] < problem.vehicles[run.vehicle].count:
            taken.add(own)
            told.append(run)
        else:
            told.append(replace(run, number=None))
    room = Counter({k: vehicle.count for k, vehicle in enumerate(problem.vehicles)})
    room.subtract(kind for kind, _ in taken | begun.keys())
    for run in told:
        if run.number is None:
            room[run.vehicle] -= 1
        if run.number is not None or room[run.vehicle] >= 0:
            yield run
