"""A problem with pairs as flat arrays for the search.

A job is what is planned as one: a pair, or a stop that belongs to none. Stops are the nodes 0 to
n - 1, and node n + k is where vehicle k both starts and ends.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.delivery.pair.near import nearest_stops, related_jobs
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Kind, Stop
from routing.delivery.travel import FAR, LEG_MAX
from routing.delivery.vehicle import Vehicle

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Fleet = list[tuple[int, int | None]]
Parts = list[tuple[int, ...]]

NONE = -1
# Jobs: a pair, a single stop whose goods come from the depot, one whose goods go to it, what is
# aboard already, and what stays where it is.
PAIR, DROP, FETCH, ABOARD, KEPT = range(5)
GOODS_MAX = 62


# Columns of a node: its neighbours, the earliest it is left and the latest its service may begin,
# metres and seconds to the next, its opening and service. They fill one line of the processor's
# cache; what is seldom asked for is in a tag: closing, route, job and bits of goods.
NEXT, BEFORE, LEAVES, LATEST, METRES, SECONDS, OPENS, SERVICE = range(8)
DUE, ROUTE, JOB, GOODS = range(4)
# Rows of a node's load: aboard when leaving it, the most of that so far, and from here on; what
# the stop adds or takes, and what of it is aboard from the start.
ABOARD_NOW, MOST_BEFORE, MOST_AFTER, CHANGE, BROUGHT = range(5)
# Columns of a route: stops, bits of goods, a number for its sequence of stops, its table of legs,
# the last node of what is begun, its rows as origin and destination, its limits, and when it must
# have left the depot.
HELD, MIXED, VERSION, PACE, ANCHOR, OUT, IN, METRES_MAX, SECONDS_MAX, LEAVE_BY = range(10)
# Columns of a route's money.
COST, FIXED, PER_METRE, PER_SECOND = range(4)
# Columns of a job: its nodes, its sort, the vehicle it is bound to, bits of its goods' foes.
FIRST, SECOND, SORT, BOUND, CLASH = range(5)
# Columns of a job's worth: how bad it is to leave it out, by priority, and what that costs.
WEIGHT, PRIZE = range(2)
# What is counted: versions given so far, and vehicles with stops.
CLOCK, USED = range(2)


class Routes(NamedTuple):
    """The routes of all vehicles. Node n + k is both ends of route k.

    A stop on none has no ROUTE.
    node: (n + v, 8). tag: (n + v, 4). load: (n + v, 5, dimensions). room: (v, dimensions).
    row: (v, 10). money: (v, 4). tally: (2,).
    legs: (S, P, P, 2) metres and seconds, LEG_MAX where there is no way; legs_in the same with
    origin and destination changed over, so that both are read in rows.
    Few and wide, for a call into compiled code hands over every array word by word.
    """

    node: Ints
    tag: Ints
    load: Ints
    room: Ints
    row: Ints
    money: Floats
    tally: Ints
    legs: Shorts
    legs_in: Shorts


class Jobs(NamedTuple):
    """What is to be planned. job: (jobs, 5). worth: (jobs, 2). allowed: (jobs, types).

    type_start: (types + 1,) vehicles of one type are a row.
    near: (n, some) stops by distance. related: (jobs, some) jobs by place and time.
    """

    job: Ints
    worth: Floats
    allowed: Flags
    type_start: Ints
    near: Shorts
    related: Shorts


def flatten(problem: DeliveryProblem) -> tuple[Routes, Jobs, Fleet]:
    """Empty routes, the jobs, and for each vehicle its type and its number, where that matters."""
    fleet = _fleet(problem)
    vehicles = [problem.vehicles[kind] for kind, _ in fleet]
    parts = _parts(problem)
    legs = _legs(problem, vehicles)
    tag, opens = _tags(problem, vehicles, parts)
    job, anchor = _jobs(problem, fleet, parts)
    counts = [sum(kind == t for kind, _ in fleet) for t in range(len(problem.vehicles))]
    routes = Routes(
        node=_nodes(problem, opens, len(fleet)),
        tag=tag,
        load=_loads(problem, parts, len(fleet)),
        room=np.array([v.capacity for v in vehicles], np.int64).reshape(
            len(fleet), problem.dimensions
        ),
        row=_rows(problem, vehicles, anchor),
        money=np.array(
            [(0.0, v.fixed_cost, v.distance_cost, v.duration_cost) for v in vehicles]
        ).reshape(len(fleet), 4),
        tally=np.zeros(2, np.int64),
        legs=legs,
        legs_in=np.ascontiguousarray(legs.transpose(0, 2, 1, 3)),
    )
    metres = legs[0, :, :, 0]
    jobs = Jobs(
        job=job,
        worth=_worth(problem, parts),
        allowed=_allowed(problem, parts),
        type_start=np.cumsum([0, *counts], dtype=np.int64),
        near=nearest_stops(metres, len(problem.stops)),
        related=related_jobs(metres, opens, tag[:, DUE], job[:, FIRST], job[:, SECOND]),
    )
    return routes, jobs, fleet


def _fleet(problem: DeliveryProblem) -> Fleet:
    """The begun vehicles, and of each type no more than there are jobs to share out."""
    begun: dict[str, list[int]] = {vehicle.id: [] for vehicle in problem.vehicles}
    for each in problem.begun:
        begun[each.vehicle].append(each.number)
    jobs = len(problem.stops) - len(problem.pairs)
    fleet: Fleet = []
    for kind, vehicle in enumerate(problem.vehicles):
        numbers = sorted(begun[vehicle.id])
        fleet += [(kind, number) for number in numbers]
        fleet += [(kind, None)] * min(vehicle.count - len(numbers), jobs)
    return fleet


def _parts(problem: DeliveryProblem) -> Parts:
    """The stops of each job."""
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    partner = {index[pair.pickup]: index[pair.delivery] for pair in problem.pairs}
    second = set(partner.values())
    return [
        (number, partner[number]) if number in partner else (number,)
        for number in range(len(problem.stops))
        if number not in second
    ]


def _legs(problem: DeliveryProblem, vehicles: list[Vehicle]) -> Shorts:
    """Tables over stops, depots and, last, nowhere, where an open route ends."""
    travel = problem.travel
    places = [stop.place for stop in problem.stops] + [depot.place for depot in problem.depots]
    at = np.ix_(places, places)
    metres, duration = travel.distance_m[at], travel.duration_s[0][at]
    shut = (metres >= FAR) | (duration >= FAR)
    paces = _paces(vehicles)
    legs = np.zeros((len(paces), len(places) + 1, len(places) + 1, 2), np.int32)
    for table, pace in zip(legs, paces, strict=True):
        slow = duration if pace == 1.0 else np.ceil(duration / pace - 1e-9)
        table[:-1, :-1, 0] = np.where(shut, LEG_MAX, metres)
        table[:-1, :-1, 1] = np.where(shut, LEG_MAX, np.minimum(slow, LEG_MAX))
    return legs


def _paces(vehicles: list[Vehicle]) -> list[float]:
    return sorted({vehicle.speed_factor for vehicle in vehicles}) or [1.0]


def _tags(problem: DeliveryProblem, vehicles: list[Vehicle], parts: Parts) -> tuple[Ints, Ints]:
    """The tags, and when service may begin at each stop and each vehicle may leave."""
    depots = {depot.id: depot for depot in problem.depots}
    opens = [stop.windows[0].opens_s if stop.windows else 0 for stop in problem.stops]
    due = [stop.windows[0].closes_s if stop.windows else LEG_MAX for stop in problem.stops]
    for vehicle in vehicles:
        opens.append(max(vehicle.opens_s, depots[vehicle.start].opens_s))
        closes = LEG_MAX if vehicle.end is None else depots[vehicle.end].closes_s
        due.append(min(vehicle.closes_s, closes))
    tag = np.zeros((len(due), 4), np.int64)
    # A leg where there is no way lasts LEG_MAX, and so is always too long.
    tag[:, DUE] = np.minimum(np.array(due, np.int64), LEG_MAX - 1)
    tag[:, ROUTE] = NONE
    tag[len(problem.stops) :, ROUTE] = np.arange(len(vehicles))
    bits = _goods_bits(problem)
    for number, part in enumerate(parts):
        tag[list(part), JOB] = number
        for node in part:
            tag[node, GOODS] = sum(bits[name] for name in problem.stops[node].goods & set(bits))
    return tag, np.array(opens, np.int64)


def _nodes(problem: DeliveryProblem, opens: Ints, vehicles: int) -> Ints:
    n = len(problem.stops)
    node = np.zeros((n + vehicles, 8), np.int64)
    node[:, OPENS] = opens
    node[:n, SERVICE] = [stop.service_s for stop in problem.stops]
    node[n:, NEXT] = node[n:, BEFORE] = np.arange(n, n + vehicles)
    return node


def _loads(problem: DeliveryProblem, parts: Parts, vehicles: int) -> Ints:
    load = np.zeros((len(problem.stops) + vehicles, 5, problem.dimensions), np.int64)
    for part in parts:
        for node in part:
            brings = problem.stops[node].kind is Kind.PICKUP
            load[node, CHANGE] = problem.stops[node].load
            load[node, CHANGE] *= 1 if brings else -1
            if len(part) == 1 and not brings:
                load[node, BROUGHT] = problem.stops[node].load
    return load


def _rows(problem: DeliveryProblem, vehicles: list[Vehicle], anchor: Ints) -> Ints:
    n = len(problem.stops)
    depots = {depot.id: n + k for k, depot in enumerate(problem.depots)}
    closes = {depot.id: depot.closes_s for depot in problem.depots}
    nowhere = n + len(depots)
    paces = _paces(vehicles)
    row = np.zeros((len(vehicles), 10), np.int64)
    for k, vehicle in enumerate(vehicles):
        row[k, PACE] = paces.index(vehicle.speed_factor)
        row[k, OUT] = depots[vehicle.start]
        row[k, IN] = nowhere if vehicle.end is None else depots[vehicle.end]
        row[k, METRES_MAX] = FAR if vehicle.distance_m_max is None else vehicle.distance_m_max
        row[k, SECONDS_MAX] = FAR if vehicle.duration_s_max is None else vehicle.duration_s_max
        row[k, LEAVE_BY] = closes[vehicle.start]
    row[:, ANCHOR] = anchor
    return row


def _jobs(problem: DeliveryProblem, fleet: Fleet, parts: Parts) -> tuple[Ints, Ints]:
    """The columns of the jobs, and of each vehicle the last node of what is begun."""
    n = len(problem.stops)
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    types = {vehicle.id: kind for kind, vehicle in enumerate(problem.vehicles)}
    anchor = np.arange(n, n + len(fleet), dtype=np.int64)
    taken: dict[int, int] = {}
    for begun in problem.begun:
        k = fleet.index((types[begun.vehicle], begun.number))
        for stop in begun.stops:
            anchor[k] = index[stop]
            taken[index[stop]] = k
    bits, foes = _goods_bits(problem), _goods_foes(problem)
    job = np.full((len(parts), 5), NONE, np.int64)
    for number, part in enumerate(parts):
        job[number, : len(part)] = part
        job[number, SORT] = _sort(problem, part, set(taken))
        job[number, BOUND] = taken.get(part[0], NONE)
        names = {name for node in part for name in problem.stops[node].goods} & set(bits)
        job[number, CLASH] = 0
        for name in names:
            job[number, CLASH] |= foes[name]
    return job, anchor


def _sort(problem: DeliveryProblem, part: tuple[int, ...], taken: set[int]) -> int:
    if taken.issuperset(part):
        return KEPT
    if len(part) > 1:
        return ABOARD if part[0] in taken else PAIR
    return FETCH if problem.stops[part[0]].kind is Kind.PICKUP else DROP


def _allowed(problem: DeliveryProblem, parts: Parts) -> Flags:
    def takes(vehicle: Vehicle, stop: Stop) -> bool:
        known = stop.vehicles is None or vehicle.id in stop.vehicles
        return known and stop.skills <= vehicle.skills

    def fit(part: tuple[int, ...]) -> bool:
        goods = {name for node in part for name in problem.stops[node].goods}
        return not any(one in goods and other in goods for one, other in problem.incompatible)

    rows = [
        [
            fit(part) and all(takes(vehicle, problem.stops[node]) for node in part)
            for vehicle in problem.vehicles
        ]
        for part in parts
    ]
    return np.array(rows, np.bool_).reshape(len(parts), len(problem.vehicles))


def _worth(problem: DeliveryProblem, parts: Parts) -> Floats:
    """One stop of a higher priority weighs more than all of the lower ones together."""
    required = [stop for stop in problem.stops if stop.prize is None]
    levels = sorted({stop.priority for stop in required})
    base = float(len(required) + 1)
    worth = np.zeros((len(parts), 2))
    for number, part in enumerate(parts):
        for stop in (problem.stops[node] for node in part):
            if stop.prize is None:
                worth[number, WEIGHT] += base ** levels.index(stop.priority)
            else:
                worth[number, PRIZE] += stop.prize
    return worth


def goods_classes(problem: DeliveryProblem) -> list[str]:
    """Those that must not meet some other."""
    return sorted({name for pair in problem.incompatible for name in pair})


def _goods_bits(problem: DeliveryProblem) -> dict[str, int]:
    return {name: 1 << k for k, name in enumerate(goods_classes(problem))}


def _goods_foes(problem: DeliveryProblem) -> dict[str, int]:
    bits = _goods_bits(problem)
    foes = dict.fromkeys(bits, 0)
    for one, other in problem.incompatible:
        foes[one] |= bits[other]
        foes[other] |= bits[one]
    return foes
