"""The problem as OR-Tools' routing library sees it: nodes, vehicles and what a leg costs."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from routing.delivery.engine.price import Prices
from routing.delivery.engine.roster import Van, depots_of, paced, roster, servable, slowest
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import FAR, Table
from routing.delivery.vehicle import Vehicle

# The place of the end of a route that ends at its last stop.
OPEN_END = -1
# The library's vehicle of a node that nobody visits.
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Model:
    """The library's model. Its nodes are the stops, then reloads, then starts and ends.

    stops: which stop each of the first nodes is. reloads: the place in `vans` that each of the
    next nodes belongs to. places: of every node; OPEN_END for none. once: whether only a first
    solution is asked for.
    """

    problem: DeliveryProblem
    prices: Prices
    vans: tuple[Van, ...]
    stops: tuple[int, ...]
    reloads: tuple[int, ...]
    places: NDArray[np.int64]
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel
    once: bool

    def indexes(self) -> dict[int, int]:
        """The library's index of each stop that is in the model."""
        return {stop: self.manager.NodeToIndex(node) for node, stop in enumerate(self.stops)}

    def reload_indexes(self) -> list[tuple[int, int]]:
        """The library's index of each reload, and the van it belongs to."""
        first = len(self.stops)
        return [(self.manager.NodeToIndex(first + k), v) for k, v in enumerate(self.reloads)]

    def vehicle(self, van: int) -> Vehicle:
        """The type of the van at this place of `vans`."""
        return self.problem.vehicles[self.vans[van].vehicle]

    def by_node(self, values: Table) -> Table:
        """A table of places as one of nodes. A vehicle that stays at home is nowhere far from its
        end, and an open end is near to all."""
        first = len(self.stops) + len(self.reloads)
        table: Table = values[np.ix_(self.places, self.places)]
        table[:, self.places == OPEN_END] = 0
        table[first:, first:] = 0
        return table


def model_of(problem: DeliveryProblem, seed: int, once: bool = False) -> Model:
    """A model without constraints. The seed numbers the stops, which is all the chance there is."""
    stops = servable(problem)
    Random(seed).shuffle(stops)
    vans = roster(problem)
    reloads = [
        v
        for v, van in enumerate(vans)
        for _ in range(min(problem.vehicles[van.vehicle].trips_max, len(stops)) - 1)
    ]
    homes = [depots_of(problem, problem.vehicles[van.vehicle]) for van in vans]
    starts = [home[0].place for home in homes]
    ends = [OPEN_END if home[1] is None else home[1].place for home in homes]
    terminal = {place: k for k, place in enumerate(sorted({*starts, *ends}))}
    first = len(stops) + len(reloads)
    places = [problem.stops[stop].place for stop in stops]
    places += [starts[v] for v in reloads]
    places += list(terminal)
    manager = pywrapcp.RoutingIndexManager(
        len(places),
        len(vans),
        [first + terminal[place] for place in starts],
        [first + terminal[place] for place in ends],
    )
    routing = pywrapcp.RoutingModel(manager)
    model = Model(
        problem,
        Prices(problem),
        vans,
        tuple(stops),
        tuple(reloads),
        np.array(places, np.int64),
        manager,
        routing,
        once,
    )
    _minimise_cost(model)
    return model


def seconds_of(model: Model, horizon_s: int) -> dict[float, Table]:
    """Seconds from node to node at each pace, in the slowest hour; beyond the horizon if no way."""
    opens_s = min(vehicle.opens_s for vehicle in model.problem.vehicles)
    table = slowest(model.problem.travel, opens_s, horizon_s)
    factors = {vehicle.speed_factor for vehicle in model.problem.vehicles}
    return {
        factor: np.minimum(model.by_node(paced(table, factor)), horizon_s + 1)
        for factor in sorted(factors)
    }


def _minimise_cost(model: Model) -> None:
    routing, prices = model.routing, model.prices
    distance_m = model.by_node(model.problem.travel.distance_m)
    arcs = {
        cost: routing.RegisterTransitMatrix(prices.arcs(distance_m, cost).tolist())
        for cost in sorted({vehicle.distance_cost for vehicle in model.problem.vehicles})
    }
    for v in range(len(model.vans)):
        vehicle = model.vehicle(v)
        routing.SetArcCostEvaluatorOfVehicle(arcs[vehicle.distance_cost], v)
        routing.SetFixedCostOfVehicle(prices.whole(vehicle.fixed_cost) + prices.van, v)


def cut_off(model: Model) -> bool:
    """Whether some place cannot be reached from another."""
    travel = model.problem.travel
    return bool((travel.distance_m >= FAR).any() or (travel.duration_s >= FAR).any())
