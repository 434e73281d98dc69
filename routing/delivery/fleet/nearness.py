"""Which nodes a stop is looked at beside."""

import numpy as np

from routing.delivery.fleet.flat import CLOSES, HALF_FAR, OPENS, SERVICE, Ints

# So many places are looked at when a stop is put in; some steps look at four times as many.
NEAR = 30
WIDE = 4
# So many stops around one are walked by the ruin.
AROUND = 200
# What a second of waiting that cannot be avoided counts, in metres.
WAIT_METRES = 0.2


def around_of(distance: Ints, stops: int) -> Ints:
    """The nearest other stops of each, best first; those that cannot be reached come last."""
    count = min(AROUND, max(stops - 1, 0))
    found = np.zeros((stops, count), np.int64)
    for stop in range(stops):
        way = np.minimum(distance[stop, :stops], distance[:stops, stop]).astype(np.float64)
        way[stop] = np.inf
        found[stop] = _least(way, count)
    return found


def near_of(distance: Ints, seconds: Ints, stop: Ints, depots: Ints) -> Ints:
    """Directed neighbours: what cannot follow one another in any schedule is left out.

    Source: the idea of T. Vidal et al. (2013), Computers & OR 40(1), section 4.3: proximity counts
    distance and unavoidable waiting.
    """
    stops, nodes = len(stop), len(stop) + len(depots)
    count = min(NEAR * WIDE, 2 * nodes)
    opens = np.zeros(nodes, np.int64)
    closes = np.full(nodes, HALF_FAR)
    leaves = np.zeros(nodes, np.int64)
    opens[:stops], closes[:stops] = stop[:, OPENS], stop[:, CLOSES]
    leaves[:stops] = stop[:, OPENS] + stop[:, SERVICE]
    service = leaves - opens
    found = np.full((stops, count), -1, np.int64)
    for x in range(stops):
        value = np.empty(2 * nodes)
        for side, (way, time) in enumerate(
            (
                (distance[:nodes, x], seconds[:nodes, x]),
                (distance[x, :nodes], seconds[x, :nodes]),
            )
        ):
            if side == 0:
                wait = np.maximum(0, opens[x] - closes - service - time)
                late = leaves + time > closes[x]
            else:
                wait = np.maximum(0, opens - closes[x] - service[x] - time)
                late = leaves[x] + time > closes
            wait[stops:] = 0
            value[side::2] = way + WAIT_METRES * wait
            value[side::2][late | (way >= HALF_FAR)] = np.inf
        value[2 * x : 2 * x + 2] = np.inf
        order = _least(value, count)
        order = order[value[order] < np.inf]
        found[x, : len(order)] = order
    return found


def _least(value: np.ndarray[tuple[int], np.dtype[np.float64]], count: int) -> Ints:
    order = np.argpartition(value, count - 1)[:count] if 0 < count < len(value) else None
    if order is None:
        order = np.arange(len(value))
    order = np.sort(order)
    return order[np.argsort(value[order], kind="stable")][:count]
