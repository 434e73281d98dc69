"""Stops that no vehicle could ever serve, named before anybody searches."""

from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import FAR


def hopeless(problem: DeliveryProblem) -> list[str]:
    """A plain sentence for each stop that must be served and is above every vehicle's capacity, or
    to which no vehicle finds a way and back; nothing where there is none.
    """
    said = []
    for stop in problem.stops:
        if stop.prize is not None:
            continue
        if why := _too_large(problem, stop) or _out_of_reach(problem, stop):
            said.append(why)
    return said


def _too_large(problem: DeliveryProblem, stop: Stop) -> str:
    vehicles = [vehicle for vehicle in problem.vehicles if vehicle.count]
    for at, amount in enumerate(stop.load):
        most = max((vehicle.capacity[at] for vehicle in vehicles), default=0)
        if amount > most:
            where = "" if len(stop.load) == 1 else f" in dimension {at}"
            return f"stop {stop.id} asks for {amount}{where}, and no vehicle takes more than {most}"
    return ""


def _out_of_reach(problem: DeliveryProblem, stop: Stop) -> str:
    depots = {depot.id: depot.place for depot in problem.depots}
    way = problem.travel.distance_m
    for vehicle in problem.vehicles:
        there = way[depots[vehicle.start], stop.place] < FAR
        if there and (vehicle.end is None or way[stop.place, depots[vehicle.end]] < FAR):
            return ""
    return f"stop {stop.id} is out of reach: no vehicle finds a way there and back"
