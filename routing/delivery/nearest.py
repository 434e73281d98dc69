"""Routes one by one, each going on to the nearest stop that it can still take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.delivery.insertion import Tour, Unit, refilled
from routing.delivery.snag import Snag
from routing.delivery.travel import FAR
from routing.delivery.trial import Trial

# So many of the nearest are tried before a trip is full.
TRIES = 8


def filled_by_nearest(
    trial: Trial, tours: Sequence[Tour], units: Sequence[Unit]
) -> tuple[list[Tour], list[Unit]]:
    """Every tour filled in turn, and the units that found no place."""
    ground = _Ground(trial, units)
    full = [_filled(trial, tour, ground) if ground.is_open.any() else tour for tour in tours]
    return full, [unit for k, unit in enumerate(units) if ground.is_open[k]]


class _Ground:
    """The units as arrays. place, opens_s: of the first stop."""

    def __init__(self, trial: Trial, units: Sequence[Unit]) -> None:
        stops = [trial.problem.stops[unit[0]] for unit in units]
        self.units = units
        self.place = np.array([stop.place for stop in stops], np.int64)
        self.opens_s = np.array(
            [stop.windows[0].opens_s if stop.windows else 0 for stop in stops], np.int64
        )
        self.is_open = np.ones(len(units), np.bool_)

    def nearest(self, trial: Trial, place: int, now_s: int, speed: float) -> NDArray[np.int64]:
        """Open units by the seconds until their service could begin, then by metres."""
        travel = trial.problem.travel
        some = np.flatnonzero(self.is_open)
        way_s = travel.duration_s[0, place, self.place[some]] / speed
        metres = travel.distance_m[place, self.place[some]]
        ready_s = np.maximum(now_s + way_s, self.opens_s[some]) - now_s
        ready_s[metres >= FAR] = FAR
        best = np.arange(len(some))
        if len(some) > TRIES:
            best = np.argpartition(ready_s, TRIES)[:TRIES]
        return some[best[np.lexsort((metres[best], ready_s[best]))]]


def _filled(trial: Trial, tour: Tour, ground: _Ground) -> Tour:
    vehicle = trial.problem.vehicles[tour.vehicle]
    home = trial.depots[vehicle.start]
    while True:
        longer = None
        if tour.route is not None:
            last = tour.route.trips[-1].visits[-1]
            place = trial.problem.stops[tour.trips[-1][-1]].place
            longer = _longer(trial, tour, ground, place, last.leaves_s)
        if longer is None and len(tour.trips) < vehicle.trips_max:
            ready_s = max(vehicle.opens_s, home.opens_s)
            if tour.route is not None:
                ready_s = tour.route.ends_s + vehicle.reload_s
            again = Tour(tour.vehicle, tour.number, (*tour.trips, ()), tour.route, tour.held)
            longer = _longer(trial, again, ground, home.place, ready_s)
        if longer is None:
            return tour
        tour = longer


def _longer(trial: Trial, tour: Tour, ground: _Ground, place: int, now_s: int) -> Tour | None:
    """The tour with the nearest unit that it can take at its end; None if it takes none."""
    speed = trial.problem.vehicles[tour.vehicle].speed_factor
    for k in ground.nearest(trial, place, now_s, speed).tolist():
        trips = (*tour.trips[:-1], (*tour.trips[-1], *ground.units[k]))
        tried = refilled(trial, tour, trips)
        if not isinstance(tried, Snag):
            ground.is_open[k] = False
            return tried
    return None
