"""What is on board, and whether it may be."""

from collections.abc import Mapping, Sequence

from routing.delivery.problem import DeliveryProblem
from routing.delivery.snag import Snag
from routing.delivery.stop import Kind
from routing.delivery.vehicle import Vehicle


def overload(
    problem: DeliveryProblem, vehicle: Vehicle, partner: Mapping[int, int], trip: Sequence[int]
) -> Snag | None:
    """Where the trip's load is above capacity, or a pair is torn; None if it may be carried.

    partner: for each stop of a pair, its other one.
    """
    if torn := _torn_pair(problem, partner, trip):
        return torn
    for dimension, capacity in enumerate(vehicle.capacity):
        on_board = peak = sum(
            problem.stops[index].load[dimension]
            for index in trip
            if problem.stops[index].kind is Kind.DELIVERY and index not in partner
        )
        for index in trip:
            stop = problem.stops[index]
            on_board += stop.load[dimension] * (1 if stop.kind is Kind.PICKUP else -1)
            peak = max(peak, on_board)
        if peak > capacity:
            way = f" in dimension {dimension + 1}" if problem.dimensions > 1 else ""
            return Snag("load", f"a load of {peak} is above the capacity of {capacity}{way}")
    return None


def _torn_pair(
    problem: DeliveryProblem, partner: Mapping[int, int], trip: Sequence[int]
) -> Snag | None:
    if not partner:
        return None
    at = {index: position for position, index in enumerate(trip)}
    for index, position in at.items():
        other = partner.get(index)
        if other is None:
            continue
        name, other_name = problem.stops[index].id, problem.stops[other].id
        if other not in at:
            return Snag("pair", f"stop {name} is in a trip without {other_name}, its pair")
        if problem.stops[index].kind is Kind.PICKUP and at[other] < position:
            return Snag("pair", f"stop {other_name} comes before {name}, where it is picked up")
    return None


def unfit(problem: DeliveryProblem, vehicle: Vehicle, stops: Sequence[int]) -> Snag | None:
    """Which stop the vehicle may not serve at all, or not beside another; None if it may."""
    for index in stops:
        stop = problem.stops[index]
        if lacking := stop.skills - vehicle.skills:
            named = ", ".join(sorted(lacking))
            return Snag("skill", f"stop {stop.id} needs {named}, which the vehicle does not have")
        if stop.vehicles is not None and vehicle.id not in stop.vehicles:
            return Snag("vehicle", f"stop {stop.id} may only be served by other vehicles")
    if problem.incompatible:
        carried: dict[str, str] = {}
        for index in stops:
            for goods in problem.stops[index].goods:
                carried.setdefault(goods, problem.stops[index].id)
        for one, other in sorted(problem.incompatible):
            if one in carried and other in carried:
                return Snag(
                    "goods",
                    f"{one} of stop {carried[one]} must not go with {other} of stop "
                    f"{carried[other]}",
                )
    return None
