"""A delivery problem as arrays for compiled code: the depot is node 0, possible stops follow."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import FAR, LEG_MAX, Table

Words = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Rows copied at once, so that no table of 64 bits is held a second time.
BLOCK = 256
# Into how many stripes a region is cut each way.
SQUARES = 64


class Flat(NamedTuple):
    """n nodes; lengths and seconds as 32 bits.

    length, back: (n, n) metres, and their transpose (the same array where ways are symmetric).
    duration: (n, n) seconds; (1, 1) where time binds nobody. demand, opens, closes, service: (n,).
    level: (n,) how urgent a stop is, from 0 on, without gaps. fixed: what a route costs, in metres.
    """

    length: Words
    back: Words
    duration: Words
    demand: Words
    opens: Words
    closes: Words
    service: Words
    level: Ints
    capacity: int
    fixed: int
    timed: bool


class Frame(NamedTuple):
    """The arrays, and what leads back: stops[i] is the problem's index of node i + 1."""

    flat: Flat
    stops: Ints
    routes_max: int


def flatten(problem: DeliveryProblem) -> Frame:
    """The problem without the stops that no vehicle can serve even on its own."""
    vehicle, travel = problem.vehicles[0], problem.travel
    node = _nodes(problem)
    kept = np.flatnonzero(_possible(problem, node))
    kept = np.concatenate((kept[:1], kept[1:][_by_region(travel.distance_m, node.place[kept])]))
    place, demand, opens, closes, service, priority = (column[kept] for column in node)
    length = _cut(travel.distance_m, place, 1.0)
    duration = _cut(travel.duration_s[0], place, vehicle.speed_factor)
    # A way that is missing in either table is one that is never in time.
    np.copyto(duration, LEG_MAX, where=length == LEG_MAX)
    # Nobody can be later than this, however the routes run.
    bound = opens[0] + int(service.sum()) + (len(kept) + 1) * int(duration.max(initial=0))
    timed = bool((opens > opens[0]).any() or (closes < bound).any())
    level = np.zeros(len(kept), np.int64)
    level[1:] = np.unique(priority[1:], return_inverse=True)[1].reshape(-1)
    flat = Flat(
        length=length,
        back=_turned(length),
        duration=_shared(duration, length) if timed else np.zeros((1, 1), np.int32),
        demand=demand.astype(np.int32),
        opens=opens.astype(np.int32),
        closes=closes.astype(np.int32),
        service=service.astype(np.int32),
        level=level,
        capacity=sum(vehicle.capacity),
        fixed=round(vehicle.fixed_cost / vehicle.distance_cost),
        timed=timed,
    )
    return Frame(flat, kept[1:] - 1, vehicle.count)


class _Nodes(NamedTuple):
    """Depot and stops, before any is left out; the depot is open when shift and depot allow."""

    place: Ints
    demand: Ints
    opens: Ints
    closes: Ints
    service: Ints
    priority: Ints


def _nodes(problem: DeliveryProblem) -> _Nodes:
    vehicle, stops = problem.vehicles[0], problem.stops
    depot = next(depot for depot in problem.depots if depot.id == vehicle.start)
    starts_s = max(vehicle.opens_s, depot.opens_s)
    ends_s = min(vehicle.closes_s, depot.closes_s, LEG_MAX - 1)
    opens = [starts_s, *(s.windows[0].opens_s if s.windows else starts_s for s in stops)]
    closes = [ends_s, *(s.windows[0].closes_s if s.windows else ends_s for s in stops)]
    return _Nodes(
        place=np.array([depot.place, *(stop.place for stop in stops)], np.int64),
        demand=np.array([0, *(sum(stop.load) for stop in stops)], np.int64),
        opens=np.maximum(np.array(opens, np.int64), starts_s),
        closes=np.minimum(np.array(closes, np.int64), ends_s),
        service=np.array([0, *(stop.service_s for stop in stops)], np.int64),
        priority=np.array([0, *(stop.priority for stop in stops)], np.int64),
    )


def _possible(problem: DeliveryProblem, node: _Nodes) -> Flags:
    """Which stops a vehicle can serve that goes to nobody else; and the depot."""
    vehicle, depot = problem.vehicles[0], int(node.place[0])
    metres, seconds = problem.travel.distance_m, problem.travel.duration_s[0]
    out_s = _slowed(seconds[depot, node.place], vehicle.speed_factor)
    home_s = _slowed(seconds[node.place, depot], vehicle.speed_factor)
    starts = np.maximum(node.opens[0] + out_s, node.opens)
    possible: Flags = (starts <= node.closes) & (starts + node.service + home_s <= node.closes[0])
    possible &= node.demand <= sum(vehicle.capacity)
    possible &= (metres[depot, node.place] < FAR) & (metres[node.place, depot] < FAR)
    for index, stop in enumerate(problem.stops, 1):
        may = stop.vehicles is None or vehicle.id in stop.vehicles
        possible[index] &= may and stop.skills <= vehicle.skills
    possible[0] = True
    return possible


def _slowed(table: Table, speed_factor: float) -> Table:
    if speed_factor == 1.0:
        return table
    return np.where(table >= FAR, FAR, np.ceil(table / speed_factor - 1e-9)).astype(np.int64)


def _by_region(metres: Table, places: Ints) -> Ints:
    """An order of the places behind the first in which near ones mostly follow one another.

    So one line of the cache holds several of the lengths that an insertion asks for. Places are
    told apart by how far they are from two corners, and follow a curve through the squares.
    """
    known = np.where(metres[places[0], places] < FAR, metres[places[0], places], 0)
    corner = int(known.argmax())
    first = np.minimum(metres[places[corner], places], LEG_MAX)
    opposite = int(np.where(first < LEG_MAX, first, 0).argmax())
    second = np.minimum(metres[places[opposite], places], LEG_MAX)
    beside = int(np.minimum(first, second).argmax())
    third = np.minimum(metres[places[beside], places], LEG_MAX)
    curve = np.zeros(len(places), np.int64)
    for shift, far in enumerate((first, third)):
        square = far * SQUARES // (int(far.max(initial=0)) + 1)
        for bit in range(SQUARES.bit_length()):
            curve |= (square >> bit & 1) << (2 * bit + shift)
    return np.argsort(curve[1:], kind="stable")


def _cut(table: Table, places: Ints, speed_factor: float) -> Words:
    """The table between these places; where there is no way, longer than any day is."""
    cut = np.empty((len(places), len(places)), np.int32)
    for low in range(0, len(places), BLOCK):
        rows = _slowed(table[places[low : low + BLOCK]], speed_factor)
        cut[low : low + BLOCK] = np.minimum(rows[:, places], LEG_MAX)
    return cut


def _turned(table: Words) -> Words:
    symmetric = all(
        np.array_equal(table[low : low + BLOCK], table[:, low : low + BLOCK].T)
        for low in range(0, len(table), BLOCK)
    )
    return table if symmetric else np.ascontiguousarray(table.T)


def _shared(table: Words, other: Words) -> Words:
    return other if np.array_equal(table, other) else table
