"""From a delivery problem to arrays."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from routing.delivery.fleet.flat import HALF_FAR, OPTIONAL, Flat, Floats, Ints
from routing.delivery.fleet.nearness import around_of, near_of
from routing.delivery.fleet.sort import Sort
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Kind
from routing.delivery.travel import FAR, LEG_MAX

# Bits of a mask.
BITS = 62
# An absence of the next higher priority counts so many times as much.
LEVEL_WEIGHT = 4.0


def flatten(problem: DeliveryProblem, sorts: Sequence[Sort]) -> Flat:
    """The arrays; begun vehicles count as any others."""
    depot_node = {d.id: len(problem.stops) + k for k, d in enumerate(problem.depots)}
    nowhere = len(problem.stops) + len(problem.depots)
    distance, seconds, factor, pace_of = _travel(problem, sorts)
    windows = [
        [(w.opens_s, w.closes_s) for w in stop.windows] or [(0, LEG_MAX)] for stop in problem.stops
    ]
    sort = _sort_rows(problem, sorts, depot_node, nowhere, pace_of)
    stop = _stop_rows(problem, sorts, windows, sort[:, -1])
    prize = np.array([np.inf if s.prize is None else s.prize for s in problem.stops])
    load = np.array([s.load for s in problem.stops], np.int64).reshape(len(stop), -1)
    capacity = np.array([s.vehicle.capacity for s in sorts], np.int64).reshape(len(sorts), -1)
    price = np.array(
        [[s.vehicle.fixed_cost, s.vehicle.distance_cost, s.vehicle.duration_cost] for s in sorts]
    )
    kinds = {s.kind for s in problem.stops if any(s.load)}
    soft = any(s.soft is not None for s in problem.stops)
    lasting = any(
        s.vehicle.duration_s_max is not None or s.vehicle.duration_cost > 0 for s in sorts
    )
    several = any(len(row) > 1 for row in windows)
    least = (seconds // factor[:, None, None, None]).min(axis=(0, 1))
    depots = np.arange(len(problem.stops), nowhere)
    return Flat(
        distance=distance,
        back=np.ascontiguousarray(distance.T),
        seconds=seconds,
        since=np.array(problem.travel.since_s, np.int64),
        factor=factor,
        stop=stop,
        window=np.array(list(chain.from_iterable(windows)), np.int64).reshape(-1, 2),
        soft=_soft_rows(problem),
        load=load,
        prize=prize,
        weight=LEVEL_WEIGHT ** np.maximum(stop[:, 8], 0),
        sort=sort,
        price=price,
        capacity=capacity,
        alone=np.full((len(stop), len(sorts)), np.inf),
        near=near_of(distance, least, stop, depots),
        around=around_of(distance, len(stop)),
        key=_keys(problem, distance, load, capacity, stop, depots),
        mixed=len(kinds) > 1,
        timed=_is_timed(problem, seconds, several),
        lasting=lasting,
        slow=soft or (lasting and (several or problem.travel.varies)),
        varies=problem.travel.varies,
        levels=int(stop[:, 8].max(initial=-1)) + 1,
    )


def _travel(
    problem: DeliveryProblem, sorts: Sequence[Sort]
) -> tuple[Ints, Ints, Floats, dict[float, int]]:
    """Distances, seconds, what is left to divide them by, and which pace a speed factor is."""
    places = [s.place for s in problem.stops] + [d.place for d in problem.depots]
    at = np.ix_(places, places)
    factors = list(dict.fromkeys(s.vehicle.speed_factor for s in sorts))
    travel = problem.travel
    distance = np.zeros((len(places) + 1, len(places) + 1), np.int64)
    seconds = np.zeros((len(factors), len(travel.since_s), *distance.shape), np.int64)
    distance[:-1, :-1] = travel.distance_m[at]
    closed = distance >= FAR
    for slice_ in travel.duration_s:
        closed[:-1, :-1] |= slice_[at] >= FAR
    for pace, factor in enumerate(factors):
        for k, slice_ in enumerate(travel.duration_s):
            whole = slice_[at]
            if factor != 1.0 and not travel.varies:
                whole = np.ceil(whole / factor - 1e-9).astype(np.int64)
            seconds[pace, k, :-1, :-1] = whole
        seconds[pace][:, closed] = FAR
    distance[closed] = FAR
    divisor = np.array(factors if travel.varies else [1.0] * len(factors))
    return distance, seconds, divisor, {factor: pace for pace, factor in enumerate(factors)}


def _sort_rows(
    problem: DeliveryProblem,
    sorts: Sequence[Sort],
    node: dict[str, int],
    nowhere: int,
    pace_of: dict[float, int],
) -> Ints:
    depots = {depot.id: depot for depot in problem.depots}
    guilds = {stops: k for k, stops in enumerate(dict.fromkeys(s.stops for s in sorts))}
    likes: dict[tuple[int, ...], int] = {}
    rows = []
    for each in sorts:
        vehicle = each.vehicle
        home = depots[vehicle.start]
        end = depots[vehicle.end] if vehicle.end is not None else None
        shape = (
            node[vehicle.start],
            node[end.id] if end else nowhere,
            pace_of[vehicle.speed_factor],
            max(vehicle.opens_s, home.opens_s),
            home.closes_s,
            end.opens_s if end else 0,
            min(vehicle.closes_s, end.closes_s) if end else vehicle.closes_s,
        )
        limits = (
            FAR if limit is None else limit
            for limit in (vehicle.duration_s_max, vehicle.distance_m_max)
        )
        like = likes.setdefault(shape, len(likes))
        rows.append([*shape, len(each.members), *limits, like, guilds[each.stops]])
    return np.array(rows, np.int64).reshape(len(sorts), 12)


def _stop_rows(
    problem: DeliveryProblem,
    sorts: Sequence[Sort],
    windows: Sequence[Sequence[tuple[int, int]]],
    guild: Ints,
) -> Ints:
    classes = {c: k for k, c in enumerate(sorted(set(chain.from_iterable(problem.incompatible))))}
    priorities = sorted({s.priority for s in problem.stops if s.prize is None})
    rows, first = [], 0
    for index, stop in enumerate(problem.stops):
        goods = clashes = 0
        for one, other in problem.incompatible:
            for mine, its in ((one, other), (other, one)):
                if mine in stop.goods:
                    goods |= 1 << classes[mine]
                    clashes |= 1 << classes[its]
        guilds = 0
        for each, number in zip(sorts, guild.tolist(), strict=True):
            guilds |= (index in each.stops) << number
        if goods & clashes:
            guilds = 0
        spans = windows[index]
        rows.append(
            [
                spans[0][0],
                spans[-1][1],
                stop.service_s,
                first,
                first + len(spans),
                stop.kind is Kind.PICKUP,
                goods,
                clashes,
                priorities.index(stop.priority) if stop.prize is None else OPTIONAL,
                guilds,
            ]
        )
        first += len(spans)
    return np.array(rows, np.int64).reshape(len(problem.stops), 10)


def _soft_rows(problem: DeliveryProblem) -> Floats:
    rows = [
        (s.soft.opens_s, s.soft.closes_s, s.soft.early_price, s.soft.late_price)
        if s.soft
        else (0, LEG_MAX, 0.0, 0.0)
        for s in problem.stops
    ]
    return np.array(rows, np.float64).reshape(len(rows), 4)


def _is_timed(problem: DeliveryProblem, seconds: Ints, several: bool) -> bool:
    """Whether any window or shift can bind."""
    real = np.where(seconds >= HALF_FAR, 0, seconds)
    # No route lasts longer than all longest legs and all services after each other.
    longest = int(real.max(axis=(0, 1, 2), initial=0).sum()) + int(real.max(initial=0))
    longest += sum(stop.service_s for stop in problem.stops)
    opens = [v.opens_s for v in problem.vehicles] + [d.opens_s for d in problem.depots]
    latest = max(opens + [w.opens_s for s in problem.stops for w in s.windows]) + longest
    closes = [v.closes_s for v in problem.vehicles] + [d.closes_s for d in problem.depots]
    closes += [w.closes_s for s in problem.stops for w in s.windows]
    return several or problem.travel.varies or min(closes) < latest


def _keys(
    problem: DeliveryProblem,
    distance: Ints,
    load: Ints,
    capacity: Ints,
    stop: Ints,
    depots: Ints,
) -> Floats:
    """By what stops are ordered, least first: largest, farthest, nearest, narrowest, earliest,
    latest, dearest.
    """
    most = np.maximum(capacity.max(axis=0, initial=0), 1)
    size = (load / most).max(axis=1, initial=0.0)
    out = distance[np.ix_(depots, np.arange(len(stop)))].min(axis=0).astype(np.float64)
    prizes = np.array([0.0 if s.prize is None else s.prize for s in problem.stops])
    dear = np.where(stop[:, 8] >= 0, prizes.max(initial=0.0) + 1.0 + stop[:, 8], prizes)
    width = stop[:, 1] - stop[:, 0]
    return np.stack([-size, -out, out, width, stop[:, 0], -stop[:, 1], -dear], axis=1).astype(
        np.float64
    )
