"""Vehicle types that differ in nothing but their name, taken together."""

from dataclasses import dataclass, replace

from routing.delivery.problem import DeliveryProblem
from routing.delivery.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class Sort:
    """Vehicles of one kind. members: each one's type by index, and its number.

    stops: by index, those that its skills and the stops' own choice allow.
    """

    vehicle: Vehicle
    members: tuple[tuple[int, int], ...]
    stops: frozenset[int]


def sorts_of(problem: DeliveryProblem) -> list[Sort]:
    """All vehicles by sort, in order of their first type; a type of no vehicles is in none."""
    found: dict[tuple[Vehicle, frozenset[int]], list[tuple[int, int]]] = {}
    for index, vehicle in enumerate(problem.vehicles):
        stops = frozenset(
            number
            for number, stop in enumerate(problem.stops)
            if stop.skills <= vehicle.skills
            and (stop.vehicles is None or vehicle.id in stop.vehicles)
        )
        kind = replace(vehicle, id="any", count=0, skills=frozenset())
        members = found.setdefault((kind, stops), [])
        members.extend((index, number) for number in range(vehicle.count))
    return [
        Sort(kind, tuple(members), stops) for (kind, stops), members in found.items() if members
    ]
