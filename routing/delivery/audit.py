"""A check of delivery plans that knows no engine and no timetable: every route is driven again."""

from collections import Counter
from collections.abc import Mapping

from routing.delivery.day_audit import audit_day
from routing.delivery.load_audit import audit_loads
from routing.delivery.plan import DeliveryPlan, Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.vehicle import Vehicle

# Costs are sums of floats; they may differ by this share.
TOLERANCE = 1e-6


def audit_deliveries(problem: DeliveryProblem, plan: DeliveryPlan) -> list[str]:
    """What is wrong with a plan, in plain sentences; nothing when it holds.

    Whether an unserved stop could have been served is not checked, only that a reason is given.
    """
    stops = {stop.id: stop for stop in problem.stops}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    faults = _told_faults(stops, plan) + _fleet_faults(vehicles, plan)
    if faults:
        return faults
    for route in plan.routes:
        vehicle = vehicles[route.vehicle]
        served = {stop_id: stops[stop_id] for stop_id in route.stops}
        found = _shape_faults(problem, vehicle, served, route)
        if not found:
            found = audit_loads(problem, vehicle, served, route)
            found += audit_day(problem, vehicle, served, route)
            found += _cost_faults(served, vehicle, route)
        faults += [f"vehicle {route.vehicle} {route.number}: {fault}" for fault in found]
    return faults + _begun_faults(problem, plan) + _total_faults(problem, stops, plan)


def _told_faults(stops: Mapping[str, Stop], plan: DeliveryPlan) -> list[str]:
    told = Counter(stop_id for route in plan.routes for stop_id in route.stops)
    told.update(each.stop for each in plan.unserved)
    faults = [f"stop {stop_id} is told {n} times" for stop_id, n in told.items() if n > 1]
    faults += [f"stop {stop_id} is not in the problem" for stop_id in told if stop_id not in stops]
    faults += [
        f"stop {stop_id} is neither served nor unserved" for stop_id in stops if stop_id not in told
    ]
    faults += [
        f"stop {each.stop} is unserved without a reason"
        for each in plan.unserved
        if not any(refusal.reason for refusal in each.refusals)
    ]
    return faults


def _fleet_faults(vehicles: Mapping[str, Vehicle], plan: DeliveryPlan) -> list[str]:
    faults = []
    used = Counter((route.vehicle, route.number) for route in plan.routes)
    for (vehicle_id, number), times in used.items():
        if vehicle_id not in vehicles:
            faults.append(f"vehicle {vehicle_id} is not in the problem")
        elif not 0 <= number < vehicles[vehicle_id].count:
            count = vehicles[vehicle_id].count
            faults.append(f"vehicle {vehicle_id} has no number {number}: there are {count}")
        if times > 1:
            faults.append(f"vehicle {vehicle_id} {number} is on {times} routes")
    return faults


def _shape_faults(
    problem: DeliveryProblem, vehicle: Vehicle, stops: Mapping[str, Stop], route: Route
) -> list[str]:
    if not route.trips or not all(trip.visits for trip in route.trips):
        return ["a trip has no stops"]
    faults = []
    if len(route.trips) > vehicle.trips_max:
        faults.append(f"{len(route.trips)} trips are more than {vehicle.trips_max}")
    for stop in stops.values():
        if lacking := stop.skills - vehicle.skills:
            faults.append(f"stop {stop.id} needs the skill {min(lacking)}")
        if stop.vehicles is not None and vehicle.id not in stop.vehicles:
            faults.append(f"stop {stop.id} may not be served by this vehicle")
    goods = {each for stop in stops.values() for each in stop.goods}
    faults += [
        f"{one} and {other} are on one route"
        for one, other in sorted(problem.incompatible)
        if one in goods and other in goods
    ]
    return faults


def _begun_faults(problem: DeliveryProblem, plan: DeliveryPlan) -> list[str]:
    first = {
        (route.vehicle, route.number): tuple(visit.stop for visit in route.trips[0].visits)
        for route in plan.routes
        if route.trips
    }
    return [
        f"vehicle {begun.vehicle} {begun.number} does not go on as it has begun"
        for begun in problem.begun
        if first.get((begun.vehicle, begun.number), ())[: len(begun.stops)] != begun.stops
    ]


def _cost_faults(stops: Mapping[str, Stop], vehicle: Vehicle, route: Route) -> list[str]:
    cost = vehicle.fixed_cost + vehicle.distance_cost * route.distance_m
    cost += vehicle.duration_cost * (route.ends_s - route.starts_s)
    for trip in route.trips:
        for visit in trip.visits:
            soft = stops[visit.stop].soft
            if soft is not None and visit.starts_s < soft.opens_s:
                cost += soft.early_price * (soft.opens_s - visit.starts_s)
            if soft is not None and visit.starts_s > soft.closes_s:
                cost += soft.late_price * (visit.starts_s - soft.closes_s)
    return [] if _same(cost, route.cost) else [f"it costs {cost}, its route says {route.cost}"]


def _total_faults(
    problem: DeliveryProblem, stops: Mapping[str, Stop], plan: DeliveryPlan
) -> list[str]:
    cost = sum(route.cost for route in plan.routes)
    lengths = [route.ends_s - route.starts_s for route in plan.routes if route.trips]
    cost += problem.balance_price * max(lengths, default=0)
    for each in plan.unserved:
        cost += stops[each.stop].prize or 0.0
    faults = []
    if not _same(cost, plan.cost):
        faults.append(f"the plan costs {cost}, it says {plan.cost}")
    if plan.travel != problem.travel.source:
        faults.append(f"distances are {problem.travel.source}, the plan says {plan.travel}")
    return faults


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
