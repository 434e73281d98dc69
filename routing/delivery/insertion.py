"""Where a stop, or both of a pair, could go into routes that are already there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.delivery.draft import Run
from routing.delivery.plan import Route
from routing.delivery.snag import Snag
from routing.delivery.stop import Kind
from routing.delivery.travel import FAR
from routing.delivery.trial import Trial

# One stop, or a pickup and its delivery.
Unit = tuple[int, ...]
Trips = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Tour:
    """A vehicle that goes out, or could: `route` is None while it has no stops.

    held: how many stops of its first trip are begun; nothing goes before or between them.
    """

    vehicle: int
    number: int
    trips: Trips = ()
    route: Route | None = None
    held: int = 0

    @property
    def cost(self) -> float:
        """Of its route as it is."""
        return 0.0 if self.route is None else self.route.cost


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a tour: its trip, where the first stop goes, and where the second, if any.

    metres: how much longer the way gets. cost: of those, and of a vehicle not used before.
    """

    cost: float
    metres: int
    tour: int
    trip: int
    first: int
    second: int

    def filled(self, tour: Tour, unit: Unit) -> Trips:
        """The tour's trips with the unit in its place."""
        trips = [*tour.trips, ()][: max(len(tour.trips), self.trip + 1)]
        old = trips[self.trip]
        middle = old[self.first : self.second]
        trips[self.trip] = (*old[: self.first], unit[0], *middle, *unit[1:], *old[self.second :])
        return tuple(trips)


def units_of(trial: Trial, stops: Iterable[int]) -> list[Unit]:
    """The stops one by one, and those of a pair together, in the order of their first stop."""
    units: list[Unit] = []
    seen: set[int] = set()
    for index in stops:
        if index in seen:
            continue
        other = trial.partner.get(index)
        if other is None:
            unit: Unit = (index,)
        elif trial.problem.stops[index].kind is Kind.PICKUP:
            unit = (index, other)
        else:
            unit = (other, index)
        seen.update(unit)
        units.append(unit)
    return units


def spots(trial: Trial, tours: Sequence[Tour], unit: Unit, *, any_load: bool = False) -> list[Spot]:
    """Every place that has a way there and back and room by a first look, cheapest first.

    any_load: whether the look at the load is spared.
    """
    found = [spot for k, tour in enumerate(tours) for spot in _spots_of(trial, tour, k, unit)]
    found.sort(key=lambda spot: (spot.cost, spot.metres, spot.tour, spot.trip, spot.first))
    return found


def placed(
    trial: Trial,
    tours: Sequence[Tour],
    unit: Unit,
    tries_max: int | None = None,
    choices: int = 1,
) -> Tour | Snag | None:
    """The tour with the unit in the best of the first `choices` places that hold.

    Best is what costs least more. None where there is no place at all; where all that were tried
    failed, the snag of the shortest detour.
    """
    snag: Snag | None = None
    held: list[tuple[float, Tour]] = []
    fit = [tour for tour in tours if _is_fit(trial, tour, unit)]
    for spot in spots(trial, fit, unit)[:tries_max]:
        tour = fit[spot.tour]
        tried = refilled(trial, tour, spot.filled(tour, unit))
        if isinstance(tried, Snag):
            snag = snag or tried
            continue
        held.append((tried.cost - tour.cost, tried))
        if len(held) == choices:
            break
    return min(held, key=lambda each: each[0])[1] if held else snag


def refilled(trial: Trial, tour: Tour, trips: Trips) -> Tour | Snag:
    """The tour with other trips, or why it can't be kept."""
    tried = trial.attempt(Run(tour.vehicle, trips, tour.number), tour.number)
    if isinstance(tried, Snag):
        return tried
    return Tour(tour.vehicle, tour.number, trips, tried, tour.held)


def _is_fit(trial: Trial, tour: Tour, unit: Unit) -> bool:
    vehicle = trial.problem.vehicles[tour.vehicle]
    return all(
        stop.skills <= vehicle.skills and (stop.vehicles is None or vehicle.id in stop.vehicles)
        for stop in (trial.problem.stops[index] for index in unit)
    )


def _spots_of(trial: Trial, tour: Tour, k: int, unit: Unit) -> Iterator[Spot]:
    vehicle = trial.problem.vehicles[tour.vehicle]
    fixed = 0.0 if tour.trips else vehicle.fixed_cost
    for number, trip in enumerate(tour.trips):
        if not _has_room(trial, tour, trip, unit):
            continue
        low = tour.held if number == 0 else 0
        for first, second, metres in _detours(trial, tour, number, trip, unit, low):
            yield Spot(vehicle.distance_cost * metres, metres, k, number, first, second)
    if len(tour.trips) < vehicle.trips_max and _has_room(trial, tour, (), unit):
        number = len(tour.trips)
        for first, second, metres in _detours(trial, tour, number, (), unit, 0):
            yield Spot(fixed + vehicle.distance_cost * metres, metres, k, number, first, second)


def has_room(trial: Trial, tour: Tour, unit: Unit) -> bool:
    """Whether some trip of the tour, or one more, has room for the unit by a first look."""
    trips = tour.trips
    if len(trips) < trial.problem.vehicles[tour.vehicle].trips_max:
        trips = (*trips, ())
    return any(_has_room(trial, tour, trip, unit) for trip in trips)


def _has_room(trial: Trial, tour: Tour, trip: Sequence[int], unit: Unit) -> bool:
    """Whether what is on board at the trip's start and at its end is within the capacity."""
    stops, partner = trial.problem.stops, trial.partner
    capacity = trial.problem.vehicles[tour.vehicle].capacity
    for kind in (Kind.DELIVERY, Kind.PICKUP):
        held = [stops[j].load for j in (*trip, *unit) if stops[j].kind is kind and j not in partner]
        for way, limit in enumerate(capacity):
            if sum(load[way] for load in held) > limit:
                return False
    return all(
        part <= limit
        for index in unit
        for part, limit in zip(stops[index].load, capacity, strict=True)
    )


def _detours(
    trial: Trial, tour: Tour, number: int, trip: Sequence[int], unit: Unit, low: int
) -> Iterator[tuple[int, int, int]]:
    """Places in the trip and how many metres each adds; those without a way are left out."""
    stops, vehicle = trial.problem.stops, trial.problem.vehicles[tour.vehicle]
    home = trial.depots[vehicle.start].place
    is_last = number + 1 >= len(tour.trips)
    last = trial.depots[vehicle.end].place if vehicle.end is not None else -1
    way = [home, *(stops[index].place for index in trip), last if is_last else home]
    here = [stops[index].place for index in unit]
    for first in range(low, len(trip) + 1):
        if len(here) == 1:
            metres = _longer(trial, way[first], here, way[first + 1])
            if metres < FAR // 2:
                yield first, first, metres
            continue
        together = _longer(trial, way[first], here, way[first + 1])
        if together < FAR // 2:
            yield first, first, together
        alone = _longer(trial, way[first], here[:1], way[first + 1])
        for second in range(first + 1, len(trip) + 1):
            metres = alone + _longer(trial, way[second], here[1:], way[second + 1])
            if metres < FAR // 2:
                yield first, second, metres


def _longer(trial: Trial, before: int, here: Sequence[int], after: int) -> int:
    """The metres from before past here to after, less those straight on; after may be -1."""
    table = trial.problem.travel.distance_m
    metres = sum(table.item(a, b) for a, b in zip((before, *here[:-1]), here, strict=True))
    if after >= 0:
        metres += table.item(here[-1], after)
        straight = table.item(before, after)
        metres -= straight if straight < FAR else 0
    return metres
