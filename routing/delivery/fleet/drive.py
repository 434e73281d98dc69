"""What the times of a route cost at least, worked out link by link.

The least cost up to a link is a piecewise linear function of the moment at which the link begins.
It is carried along the route: moved by service and leg, cut to the windows, with the link's own
price added, and never rising, because waiting is free. Its corners are kept as points.

Source: T. Ibaraki et al. (2005), Transportation Science 39(2), section 3.
"""

import numpy as np

from routing.delivery.fleet.flat import (
    BACK_BY,
    BACK_FROM,
    EARLY_PRICE,
    END,
    LATE_PRICE,
    LEAVES,
    LEAVES_BY,
    PACE,
    SECOND,
    SECONDS_MAX,
    SERVICE,
    SOFT_CLOSES,
    SOFT_OPENS,
    START,
    WINDOW,
    WINDOW_END,
    Flat,
    Floats,
    Ints,
)
from routing.delivery.fleet.travel import arrive, leave_by
from routing.delivery.travel import FAR
from routing.kernel import lean_kernel

NO_STOP = -1
# Rows of the points: moment and cost of the function so far, and of the one that is being made.
MOMENT, COST, NEW_MOMENT, NEW_COST = range(4)


@lean_kernel
def time_cost(flat: Flat, point: Floats, chain: Ints, count: int, sort: int) -> float:
    """Soft windows and seconds of a vehicle of the sort past chain[:count]; infinite if it cannot.

    point: room to work in, (4, P).
    """
    if flat.sort[sort, SECONDS_MAX] < FAR and (
        _least(flat, point, chain, count, sort, 1.0, False) > flat.sort[sort, SECONDS_MAX] + 1e-6
    ):
        return np.inf
    return _least(flat, point, chain, count, sort, flat.price[sort, SECOND], True)


@lean_kernel
def _least(
    flat: Flat, point: Floats, chain: Ints, count: int, sort: int, second: float, soft: bool
) -> float:
    """Seconds of the route at that price, with the soft windows or without."""
    row = flat.sort[sort]
    if row[LEAVES] > row[LEAVES_BY]:
        return np.inf
    point[MOMENT, 0], point[COST, 0] = row[LEAVES], 0.0
    points = _cut(flat, point, 1, 0, row[LEAVES], row[LEAVES_BY], NO_STOP, -second)
    points = _turn(point, points)
    here, service = row[START], 0
    for at in range(count):
        stop = chain[at]
        points = _carry(flat, point, points, row[PACE], here, stop, service)
        made = 0
        for window in range(flat.stop[stop, WINDOW], flat.stop[stop, WINDOW_END]):
            opens, closes = flat.window[window, 0], flat.window[window, 1]
            priced = stop if soft else NO_STOP
            made = _cut(flat, point, points, made, opens, closes, priced, 0.0)
        if made == 0:
            return np.inf
        points = _turn(point, made)
        here, service = stop, flat.stop[stop, SERVICE]
    points = _carry(flat, point, points, row[PACE], here, row[END], service)
    made = _cut(flat, point, points, 0, row[BACK_FROM], row[BACK_BY], NO_STOP, second)
    return np.inf if made == 0 else float(point[NEW_COST, made - 1])


@lean_kernel
def _turn(point: Floats, points: int) -> int:
    """The new function becomes the one so far."""
    for at in range(points):
        point[MOMENT, at], point[COST, at] = point[NEW_MOMENT, at], point[NEW_COST, at]
    return points


@lean_kernel
def _carry(
    flat: Flat, point: Floats, points: int, pace: int, here: int, there: int, service: int
) -> int:
    """The function of the arrival at the next node."""
    if not flat.varies:
        shift = service + flat.seconds[pace, 0, here, there]
        for at in range(points):
            point[MOMENT, at] += shift
        return points
    for at in range(points):
        point[MOMENT, at] += service
    for since in flat.since:
        points = _bend(point, points, since)
        points = _bend(point, points, leave_by(flat, pace, here, there, since))
    for at in range(points):
        point[MOMENT, at] = arrive(flat, pace, here, there, int(np.ceil(point[MOMENT, at])))
    return points


@lean_kernel
def _bend(point: Floats, points: int, moment: float) -> int:
    """A corner more at that moment, where it lies inside."""
    if points == point.shape[1] or not point[MOMENT, 0] < moment < point[MOMENT, points - 1]:
        return points
    at = 0
    while point[MOMENT, at] <= moment:
        at += 1
    cost = _between(point, at, moment)
    for k in range(points, at, -1):
        point[MOMENT, k], point[COST, k] = point[MOMENT, k - 1], point[COST, k - 1]
    point[MOMENT, at], point[COST, at] = moment, cost
    return points + 1


@lean_kernel
def _between(point: Floats, at: int, moment: float) -> float:
    """The cost at a moment between the corners at - 1 and at."""
    t0, t1 = point[MOMENT, at - 1], point[MOMENT, at]
    c0, c1 = point[COST, at - 1], point[COST, at]
    return float(c0 + (c1 - c0) * (moment - t0) / (t1 - t0)) if t1 > t0 else float(c1)


@lean_kernel
def _cut(
    flat: Flat,
    point: Floats,
    points: int,
    made: int,
    opens: float,
    closes: float,
    stop: int,
    slope: float,
) -> int:
    """Adds the part within a window to the new function, with the price of beginning there."""
    low = max(float(opens), point[MOMENT, 0])
    if low > closes:
        return made
    at = 0
    while at < points and point[MOMENT, at] <= low:
        at += 1
    cost = point[COST, at - 1] if at == points else _between(point, at, low)
    moment = low
    cost += _price(flat, stop, slope, moment)
    made = _begin_part(point, made, moment, cost)
    least = float(point[NEW_COST, made - 1])
    while moment < closes:
        then = float(closes)
        if stop != NO_STOP:
            for k in range(SOFT_OPENS, SOFT_CLOSES + 1):
                if moment < flat.soft[stop, k] < then:
                    then = flat.soft[stop, k]
        if at < points and point[MOMENT, at] <= then:
            then = point[MOMENT, at]
            value = point[COST, at]
            at += 1
        else:
            value = point[COST, at - 1] if at == points else _between(point, at, then)
        value += _price(flat, stop, slope, then)
        made = _fall(point, made, least, moment, cost, then, value)
        least = min(least, value)
        moment, cost = then, value
    return made


@lean_kernel
def _begin_part(point: Floats, made: int, moment: float, cost: float) -> int:
    if made == 0:
        point[NEW_MOMENT, 0], point[NEW_COST, 0] = moment, cost
        return 1
    if cost < point[NEW_COST, made - 1] and made + 2 <= point.shape[1]:
        point[NEW_MOMENT, made], point[NEW_COST, made] = moment, point[NEW_COST, made - 1]
        point[NEW_MOMENT, made + 1], point[NEW_COST, made + 1] = moment, cost
        return made + 2
    return made


@lean_kernel
def _fall(
    point: Floats, made: int, least: float, t0: float, c0: float, t1: float, c1: float
) -> int:
    """Adds what of the line from (t0, c0) to (t1, c1) lies below the least so far."""
    if c1 >= least or made + 2 > point.shape[1]:
        return made
    if c0 > least:
        point[NEW_MOMENT, made] = t0 + (c0 - least) / (c0 - c1) * (t1 - t0)
        point[NEW_COST, made] = least
        made += 1
    elif point[NEW_MOMENT, made - 1] < t0:
        point[NEW_MOMENT, made], point[NEW_COST, made] = t0, least
        made += 1
    point[NEW_MOMENT, made], point[NEW_COST, made] = t1, c1
    return made + 1


@lean_kernel
def _price(flat: Flat, stop: int, slope: float, moment: float) -> float:
    price = slope * moment
    if stop != NO_STOP:
        early = max(0.0, flat.soft[stop, SOFT_OPENS] - moment)
        late = max(0.0, moment - flat.soft[stop, SOFT_CLOSES])
        price += flat.soft[stop, EARLY_PRICE] * early + flat.soft[stop, LATE_PRICE] * late
    return float(price)
