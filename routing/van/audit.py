"""Checks of a delivery plan that know no solver: each route is driven again."""

from collections import Counter
from math import hypot

from routing.van.plan import DeliveryPlan, Route
from routing.van.problem import DeliveryProblem, DeliveryStop, Van


def audit_deliveries(problem: DeliveryProblem, plan: DeliveryPlan) -> list[str]:
    """What is wrong with a plan, in plain sentences; nothing when it holds."""
    stops = {stop.id: stop for stop in problem.stops}
    vans = {van.id: van for van in problem.vans}
    faults = _audit_told(stops, plan)
    used = Counter(route.van_id for route in plan.routes)
    faults += [f"van {van_id} is on {n} routes" for van_id, n in used.items() if n > 1]
    faults += [f"van {van_id} is not in the problem" for van_id in used if van_id not in vans]
    if faults:
        return faults
    for route in plan.routes:
        faults += _audit_route(problem, vans[route.van_id], route, stops)
    total_m = sum(route.distance_m for route in plan.routes)
    if total_m != plan.distance_m:
        faults.append(f"the routes are {total_m} m long, the plan says {plan.distance_m} m")
    return faults


def _audit_told(stops: dict[str, DeliveryStop], plan: DeliveryPlan) -> list[str]:
    told = Counter(stop_id for route in plan.routes for stop_id in route.stop_ids)
    told.update(stop_id for stop_id, _ in plan.unserved)
    faults = [f"stop {stop_id} is told {n} times" for stop_id, n in told.items() if n > 1]
    faults += [f"stop {stop_id} is not in the problem" for stop_id in told if stop_id not in stops]
    faults += [
        f"stop {stop_id} is neither served nor unserved" for stop_id in stops if stop_id not in told
    ]
    faults += [
        f"stop {stop_id} is unserved without a reason" for stop_id, r in plan.unserved if not r
    ]
    return faults


def _audit_route(
    problem: DeliveryProblem, van: Van, route: Route, stops: dict[str, DeliveryStop]
) -> list[str]:
    if not route.stop_ids:
        return [f"van {van.id} has a route without stops"]
    served = [stops[stop_id] for stop_id in route.stop_ids]
    distance_m, duration_s = _drive(problem, served)
    measures = (
        ("mass_g", sum(stop.mass_g for stop in served), van.mass_g_max),
        ("volume_ml", sum(stop.volume_ml for stop in served), van.volume_ml_max),
        ("shift_s", duration_s, van.shift_s),
    )
    faults = [
        f"van {van.id}: {name} {value} is more than {limit}"
        for name, value, limit in measures
        if value > limit
    ]
    if distance_m != route.distance_m:
        faults.append(f"van {van.id} drives {distance_m} m, its route says {route.distance_m} m")
    if duration_s != route.duration_s:
        faults.append(f"van {van.id} is away {duration_s} s, its route says {route.duration_s} s")
    return faults


def _drive(problem: DeliveryProblem, served: list[DeliveryStop]) -> tuple[int, int]:
    x, y = problem.depot_x_m, problem.depot_y_m
    distance_m = duration_s = 0
    ways = [(stop.x_m, stop.y_m, stop.service_s) for stop in served]
    for to_x, to_y, service_s in [*ways, (x, y, 0)]:
        leg_m = round(hypot(to_x - x, to_y - y))
        distance_m += leg_m
        duration_s += round(leg_m / problem.speed_m_s) + service_s
        x, y = to_x, to_y
    return distance_m, duration_s
