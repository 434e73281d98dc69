"""What a plan is measured by, the same for every engine."""

from collections.abc import Collection, Iterable, Sequence

from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.stop import PRIORITY_MAX
from routing.delivery.vehicle import Vehicle


def rank(
    problem: DeliveryProblem, served: Collection[int], vehicles: int, cost: float
) -> tuple[float, ...]:
    """Less is better: unserved stops by priority, then vehicles if they count, then cost.

    served: indexes of the stops on routes. An optional stop left out is in the cost, not here.
    The tuples of one problem all have the same length.
    """
    missed = [0.0] * (PRIORITY_MAX + 1)
    for index in set(range(len(problem.stops))).difference(served):
        stop = problem.stops[index]
        if stop.prize is None:
            missed[PRIORITY_MAX - stop.priority] += 1
    fleet = float(vehicles) if problem.objective is Objective.VEHICLES else 0.0
    return (*missed, fleet, cost)


def route_cost(
    problem: DeliveryProblem,
    vehicle: Vehicle,
    distance_m: int,
    duration_s: int,
    starts: Iterable[tuple[int, int]],
) -> float:
    """What one route costs. starts: of each stop's service, as (index, moment)."""
    soft = 0.0
    for index, start_s in starts:
        if (window := problem.stops[index].soft) is not None:
            soft += window.price(start_s)
    return (
        vehicle.fixed_cost
        + vehicle.distance_cost * distance_m
        + vehicle.duration_cost * duration_s
        + soft
    )


def plan_cost(problem: DeliveryProblem, routes: Sequence[Route], left_out: Iterable[int]) -> float:
    """What all routes cost, with the balance between drivers and the prizes of stops left out."""
    longest_s = max((route.duration_s for route in routes), default=0)
    prizes = (problem.stops[index].prize or 0.0 for index in left_out)
    return sum(route.cost for route in routes) + problem.balance_price * longest_s + sum(prizes)
