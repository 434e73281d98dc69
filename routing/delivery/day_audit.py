"""A check of a route's day: every leg is driven again, with its pauses; knows no timetable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from routing.delivery.plan import Pause, Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Break, Depot, Vehicle

# What is left of a leg below this is done: shares of legs are floats.
MOMENT_S = 1e-6


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two services: a leg, and perhaps a wait. until_s: when the next service begins."""

    start: int
    end: int | None
    leaves_s: int
    arrives_s: int
    until_s: int
    name: str


def audit_day(
    problem: DeliveryProblem, vehicle: Vehicle, stops: Mapping[str, Stop], route: Route
) -> list[str]:
    """What is wrong with a route's times, pauses, metres and limits."""
    depots = {depot.id: depot for depot in problem.depots}
    home = depots[vehicle.start]
    end = None if vehicle.end is None else depots[vehicle.end]
    gaps = list(_gaps(stops, home, end, route))
    faults = _service_faults(stops, route) + _hour_faults(vehicle, home, end, route)
    faults += _pause_faults(vehicle, route, gaps) + _break_faults(vehicle, route)
    found, metres, least_s, most_s = _drive_again(problem.travel, vehicle, route, gaps)
    faults += found
    if metres != route.distance_m:
        faults.append(f"it drives {metres} m, its route says {route.distance_m} m")
    if not least_s <= route.drive_s <= most_s:
        faults.append(f"it drives {least_s} s, its route says {route.drive_s} s")
    limits = (
        ("m", metres, vehicle.distance_m_max),
        ("s", route.duration_s, vehicle.duration_s_max),
    )
    faults += [
        f"{value} {unit} is more than its {limit} {unit}"
        for unit, value, limit in limits
        if limit is not None and value > limit
    ]
    return faults


def _gaps(stops: Mapping[str, Stop], home: Depot, end: Depot | None, route: Route) -> Iterator[Gap]:
    for number, trip in enumerate(route.trips):
        place, leaves_s = home.place, trip.leaves_s
        for visit in trip.visits:
            to = stops[visit.stop].place
            name = f"stop {visit.stop}"
            yield Gap(place, to, leaves_s, visit.arrives_s, visit.starts_s, name)
            place, leaves_s = to, visit.leaves_s
        is_last = number + 1 == len(route.trips)
        back = end if is_last else home
        to_place = None if back is None else back.place
        yield Gap(place, to_place, leaves_s, trip.ends_s, trip.ends_s, "its end")


def _service_faults(stops: Mapping[str, Stop], route: Route) -> list[str]:
    faults = []
    for trip in route.trips:
        for visit in trip.visits:
            stop = stops[visit.stop]
            if visit.starts_s < visit.arrives_s:
                faults.append(f"service of stop {stop.id} begins before the vehicle is there")
            if visit.leaves_s != visit.starts_s + stop.service_s:
                faults.append(f"service of stop {stop.id} does not last {stop.service_s} s")
            if fault := stop.why_not_at(visit.starts_s):
                faults.append(fault)
    return faults


def _hour_faults(vehicle: Vehicle, home: Depot, end: Depot | None, route: Route) -> list[str]:
    faults = []
    if not vehicle.opens_s <= route.starts_s <= route.ends_s <= vehicle.closes_s:
        faults.append(
            f"from {route.starts_s} s to {route.ends_s} s is outside its shift, "
            f"{vehicle.opens_s} s to {vehicle.closes_s} s"
        )
    at_depots = [(home, route.trips[0].leaves_s)]
    for before, after in pairwise(route.trips):
        at_depots += [(home, before.ends_s), (home, after.leaves_s)]
        if after.leaves_s - before.ends_s < vehicle.reload_s:
            faults.append(f"loading again takes {vehicle.reload_s} s")
    last = route.trips[-1]
    if end is not None:
        at_depots.append((end, last.ends_s))
    elif last.ends_s != last.visits[-1].leaves_s:
        faults.append("it ends open, and not when its last service is done")
    for depot, moment_s in at_depots:
        if not depot.opens_s <= moment_s <= depot.closes_s:
            faults.append(f"depot {depot.id} is closed at {moment_s} s")
    return faults


def _pause_faults(vehicle: Vehicle, route: Route, gaps: Sequence[Gap]) -> list[str]:
    """A pause lies between two services, or at the depot after loading again."""
    free = [(gap.leaves_s, gap.until_s) for gap in gaps]
    free += [
        (before.ends_s + vehicle.reload_s, after.leaves_s)
        for before, after in pairwise(route.trips)
    ]
    faults = []
    for pause in route.pauses:
        ends_s = pause.starts_s + pause.length_s
        if pause.length_s < 0 or not any(
            low <= pause.starts_s and ends_s <= high for low, high in free
        ):
            faults.append(f"the pause at {pause.starts_s} s is in a service or outside the route")
    in_order = sorted(route.pauses, key=lambda pause: pause.starts_s)
    for one, other in pairwise(in_order):
        if other.starts_s < one.starts_s + one.length_s:
            faults.append(f"the pauses at {one.starts_s} s and {other.starts_s} s overlap")
    return faults


def _break_faults(vehicle: Vehicle, route: Route) -> list[str]:
    due = [each for each in vehicle.breaks if route.starts_s <= each.closes_s <= route.ends_s]
    if _matched(due, list(route.pauses)):
        return []
    told = ", ".join(f"{each.opens_s} s to {each.closes_s} s" for each in due)
    return [f"it lacks a break that is due: {told}"]


def _matched(due: Sequence[Break], pauses: list[Pause]) -> bool:
    """Whether each break has a pause of its own."""
    if not due:
        return True
    return any(
        due[0].opens_s <= pause.starts_s <= due[0].closes_s
        and pause.length_s >= due[0].length_s
        and _matched(due[1:], pauses[:k] + pauses[k + 1 :])
        for k, pause in enumerate(pauses)
    )


def _drive_again(
    travel: Travel, vehicle: Vehicle, route: Route, gaps: Sequence[Gap]
) -> tuple[list[str], int, int, int]:
    """Faults, metres, and between which seconds of driving the route must lie."""
    faults: list[str] = []
    metres = least_s = most_s = 0
    driver = _Driver(travel, vehicle)
    left = sorted(route.pauses, key=lambda pause: pause.starts_s)
    for gap in gaps:
        # Pauses at the depot come before the trip that they wait for.
        while left and left[0].starts_s < gap.leaves_s:
            driver.rest(left.pop(0))
        within = []
        while left and left[0].starts_s + left[0].length_s <= gap.until_s:
            within.append(left.pop(0))
        if gap.end is None:
            for pause in within:
                driver.rest(pause)
            continue
        if travel.distance_m[gap.start, gap.end] >= FAR:
            faults.append(f"there is no way to {gap.name}")
            continue
        metres += int(travel.distance_m[gap.start, gap.end])
        there_s, drive_s = driver.go(gap, within)
        if gap.arrives_s < there_s:
            faults.append(f"it cannot be at {gap.name} at {gap.arrives_s} s, only at {there_s} s")
        paces = travel.duration_s[:, gap.start, gap.end] / vehicle.speed_factor
        loose = travel.varies and bool(within)
        least_s += floor(paces.min()) if loose else drive_s
        most_s += ceil(paces.max()) + 1 if loose else drive_s
    if driver.too_long:
        faults.append("it drives on without the rest that its driver must have")
    return faults, metres, least_s, most_s


class _Driver:
    """Drives on as long as the rule allows, and rests when the route says so."""

    def __init__(self, travel: Travel, vehicle: Vehicle) -> None:
        self._travel, self._vehicle = travel, vehicle
        self._since_rest_s = 0.0
        self.too_long = False

    def rest(self, pause: Pause) -> None:
        """Starts the driving anew if the pause is long enough."""
        rule = self._vehicle.driving
        if rule is not None and pause.length_s >= rule.rest_s:
            self._since_rest_s = 0.0

    def go(self, gap: Gap, pauses: Sequence[Pause]) -> tuple[int, int]:
        """When the vehicle can be there, and how long it drives; pauses delay it."""
        assert gap.end is not None
        rule = self._vehicle.driving
        now, todo, driven = float(gap.leaves_s), 1.0, 0.0
        for pause in pauses:
            room = pause.starts_s - now
            if rule is not None:
                room = min(room, rule.drive_s_max - self._since_rest_s)
            spent, todo = self._advance(gap, now, todo, room)
            driven += spent
            self._since_rest_s += spent
            now += spent
            if todo > 0:
                now = float(pause.starts_s + pause.length_s)
            self.rest(pause)
        spent, _ = self._advance(gap, now, todo, float("inf"))
        self._since_rest_s += spent
        if rule is not None and self._since_rest_s > rule.drive_s_max + MOMENT_S:
            self.too_long = True
        return ceil(now + spent - MOMENT_S), ceil(driven + spent - MOMENT_S)

    def _advance(self, gap: Gap, now: float, todo: float, room: float) -> tuple[float, float]:
        """Seconds driven from now within the room, and the share of the leg that is left."""
        since, spent = self._travel.since_s, 0.0
        paces = self._travel.duration_s[:, gap.start, gap.end] / self._vehicle.speed_factor
        while todo > 0:
            k = max((j for j, each in enumerate(since) if each <= now + spent), default=0)
            whole = float(ceil(paces[0] - 1e-9)) if len(since) == 1 else float(paces[k])
            if spent >= room and whole * todo > MOMENT_S:
                break
            until = since[k + 1] - now if k + 1 < len(since) else float("inf")
            step = min(whole * todo, room - spent, until - spent)
            todo = todo - step / whole if whole * todo - step > MOMENT_S else 0.0
            spent += step
        return spent, todo
