"""Routes as they are handed over."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from routing.van.problem import DeliveryProblem, DeliveryStop, Matrix, Van


@dataclass(frozen=True, slots=True)
class Route:
    """One van's stops in order; duration_s has driving and service, back at the depot."""

    van_id: str
    stop_ids: tuple[str, ...]
    distance_m: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """Every stop on one route, or unserved with its reason.

    baseline_m: the nearest neighbour rule's distance; it may leave more stops unserved.
    engine: who made the plan.
    """

    routes: tuple[Route, ...]
    unserved: tuple[tuple[str, str], ...]
    distance_m: int
    baseline_m: int
    engine: str

    @property
    def rank(self) -> tuple[int, int]:
        """Less is better: first the stops unserved, then the distance."""
        return len(self.unserved), self.distance_m


def plan_of(
    problem: DeliveryProblem, matrix: Matrix, sequences: Iterable[list[int]], engine: str
) -> DeliveryPlan:
    """The plan in which van k visits sequences[k], given as indices into the stops.

    The baseline is the plan's own distance until the caller knows better.
    """
    routes = []
    for van, sequence in zip(problem.vans, sequences, strict=True):
        if sequence:
            routes.append(_route(problem, matrix, van, sequence))
    served = {stop_id for route in routes for stop_id in route.stop_ids}
    unserved = tuple(
        (stop.id, why_unserved(problem, matrix, node, routes))
        for node, stop in enumerate(problem.stops, 1)
        if stop.id not in served
    )
    distance_m = sum(route.distance_m for route in routes)
    return DeliveryPlan(tuple(routes), unserved, distance_m, distance_m, engine)


def _route(problem: DeliveryProblem, matrix: Matrix, van: Van, sequence: list[int]) -> Route:
    nodes = [0, *(k + 1 for k in sequence), 0]
    legs = list(pairwise(nodes))
    stops = [problem.stops[k] for k in sequence]
    return Route(
        van.id,
        tuple(stop.id for stop in stops),
        sum(matrix.distance_m[a][b] for a, b in legs),
        sum(matrix.drive_s[a][b] for a, b in legs) + sum(stop.service_s for stop in stops),
    )


def why_unserved(
    problem: DeliveryProblem, matrix: Matrix, node: int, routes: Iterable[Route]
) -> str:
    """Why no van takes the stop of this node, in a plain sentence."""
    stop = problem.stops[node - 1]
    if reason := why_impossible(problem, matrix, node):
        return reason
    stops = {each.id: each for each in problem.stops}
    carried = {route.van_id: [stops[s] for s in route.stop_ids] for route in routes}
    if not any(_has_room(van, [*carried.get(van.id, []), stop]) for van in problem.vans):
        return "no van has room left for its mass and volume"
    return "no van with room has enough of its shift left"


def _has_room(van: Van, stops: list[DeliveryStop]) -> bool:
    mass_g = sum(stop.mass_g for stop in stops)
    volume_ml = sum(stop.volume_ml for stop in stops)
    return mass_g <= van.mass_g_max and volume_ml <= van.volume_ml_max


def why_impossible(problem: DeliveryProblem, matrix: Matrix, node: int) -> str:
    """Why not even an empty van can serve the stop of this node; empty if one can."""
    stop = problem.stops[node - 1]
    away_s = matrix.drive_s[0][node] + stop.service_s + matrix.drive_s[node][0]
    if not any(stop.mass_g <= van.mass_g_max for van in problem.vans):
        return f"{stop.mass_g} g is more than any van takes"
    if not any(stop.volume_ml <= van.volume_ml_max for van in problem.vans):
        return f"{stop.volume_ml} ml is more than any van takes"
    if not any(away_s <= van.shift_s for van in problem.vans):
        return f"the way there and back takes {away_s} s, longer than any shift"
    if not any(_has_room(van, [stop]) and away_s <= van.shift_s for van in problem.vans):
        return "no one van has both the room and the shift for it"
    return ""
