"""What is to be planned of a departure now: which stops, which vans from where, and what stays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from routing.delivery.draft import Draft, Run
from routing.delivery.problem import Begun, DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.road.point import Point
from wms.shipping.drop import Drop
from wms.shipping.route import VISITED, Call, Kind, Outcome, Reading
from wms.shipping.route_day import RouteDay
from wms.shipping.van import CARRIER_VAN, Van, carrier_vehicle, own_vehicle
from wms.shipping.wish import Wish

SERVICE_S = 180
LEAVES_WITHIN_S = 1_800
HOME = "home"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A drop that no problem can hold: why, and what would change that."""

    drop: Drop
    constraint: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """The stops and vans of one plan. points: places in degrees, the depot first.

    visited: what each van that is out has behind it, in the order in which it came there.
    """

    reading: Reading
    day: RouteDay
    points: tuple[Point, ...]
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    begun: tuple[Begun, ...]
    left_out: tuple[LeftOut, ...]
    visited: dict[str, tuple[Call, ...]]

    def problem(self, travel: Travel) -> DeliveryProblem:
        """The problem, with what lies between its points.

        Raises: ValueError where the tables do not fit the points.
        """
        if travel.places != len(self.points):
            raise ValueError(
                f"the tables hold {travel.places} places, and there are {len(self.points)}"
            )
        return DeliveryProblem(
            depots=self.depots,
            vehicles=self.vehicles,
            stops=self.stops,
            travel=travel,
            begun=self.begun,
        )

    def warm(self) -> Draft | None:
        """The standing plan as far as it still holds: each stop on the van that it was on."""
        if self.reading.plan is None:
            return None
        known = {stop.id: at for at, stop in enumerate(self.stops)}
        types = {vehicle.id: at for at, vehicle in enumerate(self.vehicles)}
        begun = {each.vehicle: each.stops for each in self.begun}
        used: set[int] = set()
        runs: list[Run] = []
        for route in self.reading.plan["routes"]:
            name, number = split_name(str(route["van"]), self.reading.kind)
            vehicle = types.get(name)
            if vehicle is None or number >= self.vehicles[vehicle].count:
                continue
            ids = [*begun.get(name, ()), *(str(stop["order_id"]) for stop in route["stops"])]
            indexes = [known[each] for each in dict.fromkeys(ids) if each in known]
            kept = tuple(at for at in indexes if at not in used and self._may(at, name))
            used.update(kept)
            if kept:
                runs.append(Run(vehicle, (kept,), number))
        return Draft(tuple(runs), "the plan before") if runs else None

    def _may(self, stop: int, vehicle: str) -> bool:
        allowed = self.stops[stop].vehicles
        return allowed is None or vehicle in allowed


def split_name(van: str, kind: Kind) -> tuple[str, int]:
    """The vehicle type that a van's name stands for, and which of them it is, from 0."""
    if kind is Kind.CARRIER:
        _, _, number = van.rpartition("-")
        return CARRIER_VAN, int(number) - 1 if number.isdigit() else 0
    return van, 0


def van_name(vehicle: str, number: int, kind: Kind) -> str:
    """How one of a vehicle type is called; own vans have names of their own."""
    return f"{vehicle}-{number + 1}" if kind is Kind.CARRIER else vehicle


@dataclass(slots=True)
class _Places:
    """Points, each once."""

    points: list[Point]
    known: dict[Point, int] = field(default_factory=dict)

    def of(self, point: Point) -> int:
        if point not in self.known:
            self.known[point] = len(self.points)
            self.points.append(point)
        return self.known[point]


def agenda_of(reading: Reading, now: datetime) -> Agenda:
    """What is to be planned at this moment."""
    places = _Places([])
    home = Depot(HOME, places.of(reading.depot))
    if reading.kind is Kind.CARRIER:
        return _carriers_agenda(reading, places, home, now)
    visited = _visited(reading)
    done = {call.order_id for calls in visited.values() for call in calls}
    waiting = [drop for drop in reading.going if drop.order_id not in done]
    vans = [van for van in reading.vans if van.in_service or _aboard(reading, waiting, van.code)]
    stops, left_out = _stops(reading, waiting, vans, places, frozenset(visited))
    day = _day(reading, vans, now)
    depots, vehicles = [home], []
    for van in vans:
        if not any(stop.vehicles is None or van.code in stop.vehicles for stop in stops):
            continue
        behind = visited.get(van.code, ())
        here = _point(reading, behind[-1].order_id) if behind else None
        ready_s = day.second(_ready(reading, behind, van.code, now))
        laden = _aboard(reading, waiting, van.code)
        vehicle = own_vehicle(van, f"from {van.code}", HOME, day, ready_s, laden=laden)
        # Without this, a van would wait for hours where its way gets a minute shorter by that.
        latest_s = vehicle.opens_s + (0 if behind else LEAVES_WITHIN_S)
        depots.append(
            Depot(vehicle.start, places.of(here or reading.depot), vehicle.opens_s, latest_s)
        )
        vehicles.append(vehicle)
    return Agenda(
        reading,
        day,
        tuple(places.points),
        tuple(depots),
        tuple(vehicles),
        stops,
        _begun(reading, stops, vehicles),
        left_out,
        visited,
    )


def _carriers_agenda(reading: Reading, places: _Places, home: Depot, now: datetime) -> Agenda:
    starts_at = _leaves(reading, now)
    day = RouteDay.of(starts_at, reading.zone)
    located = [drop for drop in reading.going if drop.point is not None]
    stops = tuple(_stop(drop, places, Wish(), None) for drop in located)
    vehicle = carrier_vehicle(located, HOME, day.second(starts_at))
    return Agenda(
        reading,
        day,
        tuple(places.points),
        (home,),
        (vehicle,),
        stops,
        (),
        tuple(_unlocated(drop) for drop in reading.going if drop.point is None),
        {},
    )


def _leaves(reading: Reading, now: datetime) -> datetime:
    """When vans leave that nothing holds up: after the cut-off, or when the departure closed."""
    if reading.closed_at is not None:
        return reading.closed_at
    return now if reading.cut_off_at is None else max(now, reading.cut_off_at)


def _day(reading: Reading, vans: Iterable[Van], now: datetime) -> RouteDay:
    """The day on which the vans leave: the next where all shifts are over by then."""
    leaves_at = _leaves(reading, now)
    day = RouteDay.of(leaves_at, reading.zone)
    shifts = [day.moment(day.second_of(van.shift_to)) for van in vans]
    over = reading.state == "open" and shifts and max(shifts) <= leaves_at
    return day.next() if over else day


def _visited(reading: Reading) -> dict[str, tuple[Call, ...]]:
    behind: dict[str, list[Call]] = {}
    for call in reading.calls.values():
        if call.outcome in VISITED:
            behind.setdefault(call.van, []).append(call)
    return {
        van: tuple(
            sorted(calls, key=lambda each: (each.happened_at or each.leaves_at, each.position))
        )
        for van, calls in sorted(behind.items())
    }


def _aboard(reading: Reading, drops: Iterable[Drop], van: str) -> bool:
    return any(reading.aboard(drop.order_id) == van for drop in drops)


def _ready(reading: Reading, behind: tuple[Call, ...], van: str, now: datetime) -> datetime:
    """When a van can go on, from the depot or from the last door that it was at."""
    ready_at = _leaves(reading, now)
    if behind:
        ready_at = behind[-1].happened_at or behind[-1].leaves_at
    return max(ready_at, reading.ready_at.get(van, ready_at))


def _point(reading: Reading, order_id: int) -> Point | None:
    return next((drop.point for drop in reading.drops if drop.order_id == order_id), None)


def _stops(
    reading: Reading,
    waiting: Iterable[Drop],
    vans: Iterable[Van],
    places: _Places,
    out: frozenset[str],
) -> tuple[tuple[Stop, ...], tuple[LeftOut, ...]]:
    """The stops with the vans that may serve them. A van that is out takes nothing new."""
    everyone = frozenset(van.code for van in vans)
    free = frozenset(van.code for van in vans if van.in_service) - out
    stops, left_out = [], []
    for drop in waiting:
        wish = reading.wishes.get(drop.order_id, Wish())
        carrier = reading.aboard(drop.order_id)
        allowed = frozenset({carrier}) if carrier else wish.vans_of(free)
        if drop.point is None:
            left_out.append(_unlocated(drop))
        elif not allowed & everyone:
            left_out.append(_without_van(drop, wish))
        else:
            stops.append(_stop(drop, places, wish, None if allowed >= everyone else allowed))
    return tuple(stops), tuple(left_out)


def _stop(drop: Drop, places: _Places, wish: Wish, vehicles: frozenset[str] | None) -> Stop:
    assert drop.point is not None
    return Stop(
        id=drop.id,
        place=places.of(drop.point),
        load=(drop.mass_g, drop.volume_ml),
        service_s=SERVICE_S,
        priority=wish.priority,
        skills=frozenset(wish.skills),
        vehicles=vehicles,
    )


def _unlocated(drop: Drop) -> LeftOut:
    return LeftOut(
        drop,
        "address",
        "the address has no coordinates",
        "an address with latitude and longitude",
    )


def _without_van(drop: Drop, wish: Wish) -> LeftOut:
    if wish.van is not None and wish.van not in wish.forbidden:
        reason = f"it is locked to {wish.van}, which takes no more stops"
    elif wish.van is not None:
        reason = f"it is locked to {wish.van}, and that van is forbidden for it"
    else:
        reason = "no van that takes stops is allowed for it"
    return LeftOut(drop, "vans", reason, "another wish for it, or one van more")


def _begun(
    reading: Reading, stops: Iterable[Stop], vehicles: Iterable[Vehicle]
) -> tuple[Begun, ...]:
    """The doors that vans are on the way to."""
    here = {stop.id for stop in stops}
    types = {vehicle.id for vehicle in vehicles}
    return tuple(
        Begun(call.van, 0, (str(call.order_id),))
        for call in reading.calls.values()
        if call.outcome is Outcome.BEGUN and str(call.order_id) in here and call.van in types
    )
