"""One delivery problem: what every engine is given, and what every plan is held to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from routing.delivery.stop import Kind, Stop
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle


class Objective(StrEnum):
    """What counts among plans that serve the same stops."""

    COST = "cost"
    VEHICLES = "vehicles"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is picked up at one stop and delivered at the other, in the same trip."""

    pickup: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A vehicle that is on its way: its route begins with these stops, in this order.

    number: which of its type, from 0.
    """

    vehicle: str
    number: int
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeliveryProblem:
    """Stops to be served by vehicles.

    Goods of a delivery are on board from the beginning of the trip, goods of a pickup until its
    end; those of a pair only between its two stops. `incompatible`: two classes of goods that are
    never on the same route. balance_price: what a second of the longest route costs.

    Raises: ValueError when something is listed twice, is unknown, or does not fit.
    """

    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    travel: Travel
    pairs: tuple[Pair, ...] = ()
    incompatible: frozenset[tuple[str, str]] = frozenset()
    begun: tuple[Begun, ...] = ()
    objective: Objective = Objective.COST
    balance_price: float = 0.0

    def __post_init__(self) -> None:
        if not self.vehicles:
            raise ValueError("a plan needs at least one vehicle")
        _refuse_repeats("depot", (depot.id for depot in self.depots))
        _refuse_repeats("vehicle", (vehicle.id for vehicle in self.vehicles))
        _refuse_repeats("stop", (stop.id for stop in self.stops))
        if not (isfinite(self.balance_price) and self.balance_price >= 0):
            raise ValueError(f"balance_price must be at least 0, not {self.balance_price}")
        self._refuse_unknown_places()
        self._refuse_unlike_loads()
        self._refuse_broken_pairs()
        self._refuse_broken_begun()

    @property
    def dimensions(self) -> int:
        """In how many ways a load is measured."""
        return len(self.vehicles[0].capacity)

    @property
    def vehicle_count(self) -> int:
        """All vehicles of all types."""
        return sum(vehicle.count for vehicle in self.vehicles)

    def _refuse_unknown_places(self) -> None:
        known = {depot.id for depot in self.depots}
        for vehicle in self.vehicles:
            for depot_id in (vehicle.start, vehicle.end):
                if depot_id is not None and depot_id not in known:
                    raise ValueError(f"vehicle {vehicle.id} names the unknown depot {depot_id}")
        for owner, place in (
            *((f"depot {depot.id}", depot.place) for depot in self.depots),
            *((f"stop {stop.id}", stop.place) for stop in self.stops),
        ):
            if place >= self.travel.places:
                raise ValueError(
                    f"{owner} is at place {place}, and the tables hold {self.travel.places}"
                )
        types = {vehicle.id for vehicle in self.vehicles}
        for stop in self.stops:
            if unknown := (stop.vehicles or frozenset()) - types:
                raise ValueError(f"stop {stop.id} names the unknown vehicle {min(unknown)}")

    def _refuse_unlike_loads(self) -> None:
        for owner, load in (
            *((f"vehicle {vehicle.id}", vehicle.capacity) for vehicle in self.vehicles),
            *((f"stop {stop.id}", stop.load) for stop in self.stops),
        ):
            if len(load) != self.dimensions:
                raise ValueError(
                    f"{owner} is measured in {len(load)} ways, the others in {self.dimensions}"
                )

    def _refuse_broken_pairs(self) -> None:
        stops = {stop.id: stop for stop in self.stops}
        _refuse_repeats(
            "of the pairs, stop", (s for p in self.pairs for s in (p.pickup, p.delivery))
        )
        for pair in self.pairs:
            for stop_id, kind in ((pair.pickup, Kind.PICKUP), (pair.delivery, Kind.DELIVERY)):
                if stop_id not in stops:
                    raise ValueError(f"a pair names the unknown stop {stop_id}")
                if stops[stop_id].kind is not kind:
                    raise ValueError(f"stop {stop_id} of a pair must be a {kind.value}")
            if stops[pair.pickup].load != stops[pair.delivery].load:
                raise ValueError(
                    f"stops {pair.pickup} and {pair.delivery} are a pair and carry unlike loads"
                )

    def _refuse_broken_begun(self) -> None:
        counts = {vehicle.id: vehicle.count for vehicle in self.vehicles}
        stops = {stop.id for stop in self.stops}
        _refuse_repeats("begun vehicle", (f"{b.vehicle} {b.number}" for b in self.begun))
        _refuse_repeats("begun stop", (stop_id for b in self.begun for stop_id in b.stops))
        for begun in self.begun:
            if not 0 <= begun.number < counts.get(begun.vehicle, 0):
                raise ValueError(f"there is no vehicle {begun.vehicle} with number {begun.number}")
            if unknown := set(begun.stops) - stops:
                raise ValueError(f"a begun route names the unknown stop {min(unknown)}")


def _refuse_repeats(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(f"{kind} {each} is listed twice")
        seen.add(each)
