"""Stops that no vehicle could ever serve, named before anybody searches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import FAR

Flags = NDArray[np.bool_]


def hopeless(problem: DeliveryProblem) -> list[str]:
    """A plain sentence for each stop that must be served and is above every vehicle's capacity, or
    to which no vehicle finds a way and back, past other stops or none; nothing where all is well.
    """
    grounds = _grounds(problem)
    said = []
    for stop in problem.stops:
        if stop.prize is not None:
            continue
        if why := _too_large(problem, stop) or _out_of_reach(grounds, stop):
            said.append(why)
    return said


def _too_large(problem: DeliveryProblem, stop: Stop) -> str:
    vehicles = [vehicle for vehicle in problem.vehicles if vehicle.count]
    for at, amount in enumerate(stop.load):
        most = max((vehicle.capacity[at] for vehicle in vehicles), default=0)
        if amount > most:
            where = "" if len(stop.load) == 1 else f" in dimension {at + 1}"
            return f"stop {stop.id} asks for {amount}{where}, and no vehicle takes more than {most}"
    return ""


@dataclass(frozen=True, slots=True)
class _Ground:
    """Places that a vehicle can come to from its start, and those from which it can end."""

    reached: Flags
    left: Flags


def _grounds(problem: DeliveryProblem) -> list[_Ground]:
    """What lies open to vehicles, for each pair of their depots."""
    depots = {depot.id: depot.place for depot in problem.depots}
    travel = problem.travel
    is_open = (travel.distance_m < FAR) & (travel.duration_s[0] < FAR)
    ends = {(vehicle.start, vehicle.end) for vehicle in problem.vehicles if vehicle.count}
    anywhere = np.ones(travel.places, np.bool_)
    return [
        _Ground(
            _linked(is_open, depots[start]),
            anywhere if end is None else _linked(is_open.T, depots[end]),
        )
        for start, end in ends
    ]


def _linked(is_open: Flags, start: int) -> Flags:
    """Where one comes from there, leg after leg."""
    found: Flags = is_open[start].copy()
    found[start] = True
    new = found
    while new.any():
        new = is_open[new].any(axis=0) & ~found
        found |= new
    return found


def _out_of_reach(grounds: list[_Ground], stop: Stop) -> str:
    if any(each.reached[stop.place] and each.left[stop.place] for each in grounds):
        return ""
    return f"stop {stop.id} is out of reach: no vehicle finds a way there and back"
