"""The problem as PyVRP sees it: locations, clients, shipments and vehicle types."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray

from routing.delivery.engine.price import Prices
from routing.delivery.engine.roster import may_serve, paced, servable, slowest
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Kind, Stop
from routing.delivery.travel import FAR, LEG_MAX, Table
from routing.delivery.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class Case:
    """The library's data.

    stops: those in it. clients: which stop each client is; shipments: which two stops.
    reloads: the depot where a type of vehicle is loaded anew. longest_m: of all real legs.
    """

    prices: Prices
    stops: tuple[int, ...]
    clients: tuple[int, ...]
    shipments: tuple[tuple[int, int], ...]
    reloads: dict[int, int]
    longest_m: int
    data: pyvrp.ProblemData


def case_of(problem: DeliveryProblem) -> Case:
    """One location a stop, then one a depot, then one that is near to all: the open end."""
    stops = servable(problem)
    prices = Prices(problem)
    at = {stop: k for k, stop in enumerate(stops)}
    depots = {depot.id: len(stops) + k for k, depot in enumerate(problem.depots)}
    places = [problem.stops[stop].place for stop in stops]
    places += [depot.place for depot in problem.depots]
    clients, groups, owners = _clients(problem, prices, at)
    shipments, pairs = _shipments(problem, at)
    sites = [
        pyvrp.Depot(depots[d.id], tw_early=d.opens_s, tw_late=d.closes_s) for d in problem.depots
    ]
    open_end = len(sites)
    sites.append(pyvrp.Depot(len(places)))
    reloads: dict[int, int] = {}
    for k, vehicle in enumerate(problem.vehicles):
        if vehicle.trips_max > 1:
            base = next(d for d in problem.depots if d.id == vehicle.start)
            reloads[k] = len(sites)
            sites.append(
                pyvrp.Depot(depots[base.id], base.opens_s, base.closes_s, vehicle.reload_s)
            )
    profiles = _Profiles(problem, np.array(places, np.int64), stops)
    vans = [
        _vehicle_type(problem, prices, vehicle, profiles, open_end, reloads.get(k))
        for k, vehicle in enumerate(problem.vehicles)
    ]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(len(places) + 1)],
        clients,
        sites,
        vans,
        profiles.distances,
        profiles.durations,
        groups,
        shipments,
    )
    return Case(
        prices, tuple(stops), tuple(owners), tuple(pairs), reloads, profiles.longest_m, data
    )


def _clients(
    problem: DeliveryProblem, prices: Prices, at: dict[int, int]
) -> tuple[list[pyvrp.Client], list[pyvrp.ClientGroup], list[int]]:
    """A client for each window of a stop, of which one is chosen; and which stop each is."""
    paired = {stop for pair in problem.pairs for stop in (pair.pickup, pair.delivery)}
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    owners: list[int] = []
    for index, location in at.items():
        stop = problem.stops[index]
        if stop.id in paired:
            continue
        windows = [(w.opens_s, w.closes_s) for w in stop.windows] or [(0, LEG_MAX)]
        group = None
        if len(windows) > 1:
            group = len(groups)
            members = list(range(len(clients), len(clients) + len(windows)))
            groups.append(pyvrp.ClientGroup(members, stop.prize is None))
        load = list(stop.load)
        for opens_s, closes_s in windows:
            clients.append(
                pyvrp.Client(
                    location,
                    delivery=load if stop.kind is Kind.DELIVERY else [],
                    pickup=load if stop.kind is Kind.PICKUP else [],
                    service_duration=stop.service_s,
                    tw_early=opens_s,
                    tw_late=closes_s,
                    prize=0 if stop.prize is None else prices.whole(stop.prize),
                    required=stop.prize is None and group is None,
                    group=group,
                )
            )
            owners.append(index)
    return clients, groups, owners


def _shipments(
    problem: DeliveryProblem, at: dict[int, int]
) -> tuple[list[pyvrp.Shipment], list[tuple[int, int]]]:
    index = {stop.id: i for i, stop in enumerate(problem.stops)}
    both = [(index[pair.pickup], index[pair.delivery]) for pair in problem.pairs]
    both = [(p, d) for p, d in both if p in at and d in at and _may_follow(problem, p, d)]
    shipments = []
    for p, d in both:
        pickup, delivery = problem.stops[p], problem.stops[d]
        early, late = _window(pickup), _window(delivery)
        shipments.append(
            pyvrp.Shipment(
                at[p],
                at[d],
                pickup_tw_early=early[0],
                pickup_tw_late=early[1],
                pickup_service_duration=pickup.service_s,
                delivery_tw_early=late[0],
                delivery_tw_late=late[1],
                delivery_service_duration=delivery.service_s,
                amount=list(pickup.load),
            )
        )
    return shipments, both


def _may_follow(problem: DeliveryProblem, pickup: int, delivery: int) -> bool:
    """Whether the delivery is still open when the pickup opens: else the library takes neither."""
    return _window(problem.stops[delivery])[1] >= _window(problem.stops[pickup])[0]


def _window(stop: Stop) -> tuple[int, int]:
    return (stop.windows[0].opens_s, stop.windows[0].closes_s) if stop.windows else (0, LEG_MAX)


class _Profiles:
    """Tables for each pace and each set of stops that a vehicle may serve."""

    def __init__(
        self, problem: DeliveryProblem, places: NDArray[np.int64], stops: list[int]
    ) -> None:
        self.problem, self.places, self.stops = problem, places, stops
        # Any, because the library declares the shape of its tables as a number.
        self.distances: list[Any] = []
        self.durations: list[Any] = []
        self._known: dict[tuple[float, tuple[bool, ...]], int] = {}
        distance_m = problem.travel.distance_m
        self.longest_m = int(distance_m[distance_m < FAR].max(initial=0))
        # No route is longer than all its legs were the longest there are.
        self.far = self.longest_m * (len(stops) + 2) + 1
        self.seconds = slowest(problem.travel, 0, LEG_MAX)

    def of(self, vehicle: Vehicle) -> int:
        """The number of the vehicle's profile."""
        serves = tuple(
            may_serve(self.problem, vehicle, self.problem.stops[stop]) for stop in self.stops
        )
        key = (vehicle.speed_factor, serves)
        if key not in self._known:
            self._known[key] = len(self.distances)
            closed = np.flatnonzero(~np.array(serves, bool))
            distance_m = self._table(self.problem.travel.distance_m, closed, self.far)
            seconds = paced(self.seconds, vehicle.speed_factor)
            late = int(seconds[seconds < FAR].max(initial=0)) * (len(self.stops) + 2) + 1
            self.distances.append(distance_m)
            self.durations.append(self._table(seconds, closed, late))
        return self._known[key]

    def _table(self, values: Table, closed: NDArray[np.int64], far: int) -> Table:
        count = len(self.places)
        table = np.zeros((count + 1, count + 1), np.int64)
        table[:count, :count] = values[np.ix_(self.places, self.places)]
        table[table >= FAR] = far
        table[:, closed] = far
        np.fill_diagonal(table, 0)
        return table


def _vehicle_type(
    problem: DeliveryProblem,
    prices: Prices,
    vehicle: Vehicle,
    profiles: _Profiles,
    open_end: int,
    reload: int | None,
) -> pyvrp.VehicleType:
    depots = {depot.id: k for k, depot in enumerate(problem.depots)}
    limit_m = profiles.far - 1
    if vehicle.distance_m_max is not None:
        limit_m = min(limit_m, vehicle.distance_m_max)
    duration_s = LEG_MAX if vehicle.duration_s_max is None else vehicle.duration_s_max
    return pyvrp.VehicleType(
        num_available=max(1, min(vehicle.count, len(problem.stops))),
        capacity=list(vehicle.capacity),
        start_depot=depots[vehicle.start],
        end_depot=open_end if vehicle.end is None else depots[vehicle.end],
        fixed_cost=prices.whole(vehicle.fixed_cost),
        tw_early=vehicle.opens_s,
        tw_late=vehicle.closes_s,
        shift_duration=duration_s,
        max_distance=limit_m,
        unit_distance_cost=prices.whole(vehicle.distance_cost),
        unit_duration_cost=prices.whole(vehicle.duration_cost),
        profile=profiles.of(vehicle),
        reload_depots=[] if reload is None else [reload],
        max_reloads=vehicle.trips_max - 1,
    )
