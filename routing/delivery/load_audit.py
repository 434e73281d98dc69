"""A check of what is on board at every moment; knows no engine."""

from collections.abc import Mapping, Sequence

from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Kind, Stop
from routing.delivery.vehicle import Vehicle


def audit_loads(
    problem: DeliveryProblem, vehicle: Vehicle, stops: Mapping[str, Stop], route: Route
) -> list[str]:
    """What is loaded above capacity, and which pairs are torn or turned round."""
    trip_of = {
        visit.stop: (number, position)
        for number, trip in enumerate(route.trips)
        for position, visit in enumerate(trip.visits)
    }
    faults = []
    paired: set[str] = set()
    for pair in problem.pairs:
        paired |= {pair.pickup, pair.delivery}
        fetched, brought = trip_of.get(pair.pickup), trip_of.get(pair.delivery)
        if fetched is None and brought is None:
            continue
        if fetched is None or brought is None or fetched[0] != brought[0]:
            faults.append(f"stops {pair.pickup} and {pair.delivery} are a pair, not in one trip")
        elif brought < fetched:
            faults.append(f"stop {pair.delivery} comes before its pickup {pair.pickup}")
    for number, trip in enumerate(route.trips):
        served = [stops[visit.stop] for visit in trip.visits]
        faults += [f"trip {number + 1}: {each}" for each in _overloads(vehicle, served, paired)]
    return faults


def _overloads(vehicle: Vehicle, served: Sequence[Stop], paired: set[str]) -> list[str]:
    aboard: dict[str, Stop] = {
        stop.id: stop for stop in served if stop.kind is Kind.DELIVERY and stop.id not in paired
    }
    # What was delivered is taken off by its own id, or, of a pair, by its load alone.
    faults = _above(vehicle, aboard, [0] * len(vehicle.capacity), "at the start")
    fetched = [0] * len(vehicle.capacity)
    for stop in served:
        if stop.kind is Kind.DELIVERY and stop.id in aboard:
            del aboard[stop.id]
        else:
            sign = 1 if stop.kind is Kind.PICKUP else -1
            fetched = [held + sign * part for held, part in zip(fetched, stop.load, strict=True)]
        faults += _above(vehicle, aboard, fetched, f"after stop {stop.id}")
    return faults[:1]


def _above(
    vehicle: Vehicle, aboard: Mapping[str, Stop], fetched: Sequence[int], when: str
) -> list[str]:
    faults = []
    for way, capacity in enumerate(vehicle.capacity):
        load = sum(stop.load[way] for stop in aboard.values()) + fetched[way]
        if load > capacity:
            faults.append(f"{load} on board {when} is more than {capacity} (way {way + 1})")
    return faults
