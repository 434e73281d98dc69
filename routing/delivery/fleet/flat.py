"""A delivery problem as arrays: nodes instead of places, sorts instead of vehicle types.

Nodes: stops from 0 by their index in the problem, then depots, then `nowhere`, which is at no
distance from anywhere: open routes end there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.delivery.travel import FAR

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Above this a sum of legs holds one that is no way.
HALF_FAR = FAR // 2
# Columns of Flat.stop.
OPENS, CLOSES, SERVICE, WINDOW, WINDOW_END, PICKUP, GOODS, CLASHES, LEVEL, GUILDS = range(10)
# Columns of Flat.sort.
START, END, PACE, LEAVES, LEAVES_BY, BACK_FROM, BACK_BY, COUNT, SECONDS_MAX, METRES_MAX = range(10)
LIKE, GUILD = 10, 11
# Columns of Flat.price.
FIXED, METRE, SECOND = range(3)
# Columns of Flat.soft.
SOFT_OPENS, SOFT_CLOSES, EARLY_PRICE, LATE_PRICE = range(4)
# A column of Flat.stop for a mandatory stop holds its level from 0, for an optional one this.
OPTIONAL = -1


class Flat(NamedTuple):
    """The problem in arrays; nothing in it changes.

    distance, back: (nodes, nodes), from row to column, and from column to row.
    seconds: (paces, slices, nodes, nodes), to be divided by `factor` of the pace where the pace
    varies, else divided already; since: when each slice begins.
    stop, sort: whole numbers by stop and by sort. LEVEL: rank of a stop's priority among those
    there are. GOODS, CLASHES: its classes of goods as bits, and those that must not be beside it.
    GUILDS: bits of the guilds of sorts that may serve it. LIKE: sorts alike in pace, depots and
    shift have the same number.
    price: costs by sort. window: rows WINDOW to WINDOW_END of a stop. soft: by stop.
    load, capacity: in each dimension, by stop and by sort.
    prize: infinite where a stop is mandatory. weight: how much an absence counts.
    alone: cost of a route with the one stop, by stop and sort; infinite where it cannot be.
    near: best first, 2 * node where a stop goes behind it, 2 * node + 1 before it; -1: no more.
    around: the nearest stops by stop. key: columns by which stops are put in order.
    """

    distance: Ints
    back: Ints
    seconds: Ints
    since: Ints
    factor: Floats
    stop: Ints
    window: Ints
    soft: Floats
    load: Ints
    prize: Floats
    weight: Floats
    sort: Ints
    price: Floats
    capacity: Ints
    alone: Floats
    near: Ints
    around: Ints
    key: Floats
    # Some loads are delivered, others are picked up.
    mixed: bool
    # The time of day can refuse a stop.
    timed: bool
    # How long a route takes has a limit or a price.
    lasting: bool
    # What a route costs or how long it takes has to be worked out link by link.
    slow: bool
    # The pace depends on the time of day.
    varies: bool
    levels: int
