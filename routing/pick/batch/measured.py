"""Exact walks of sets of loads in layouts of several blocks, by the thousand."""

from collections.abc import Iterable, Sequence

import numpy as np

from routing.pick.batch.demand import fits_together
from routing.pick.batch.exact import LOADS_MAX
from routing.pick.batch.flat import Ints
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.walk import FAR
from routing.pick.floor.layout import Layout, Side, Stop
from routing.pick.tour.bulk import measure_many
from routing.pick.tour.frontier import is_exact


def is_measurable(problem: BatchProblem) -> bool:
    """Whether walks on the problem's floor can be found exactly, and nothing restricts them."""
    return isinstance(problem.floor, Layout) and is_exact(problem.floor) and not problem.precedence


def walks_mm(layout: Layout, carts: Iterable[Sequence[Load]]) -> Ints:
    """The shortest walk of each cart, in mm."""
    rows = [
        [stop for load in cart for stop in load.stops if isinstance(stop, Stop)] for cart in carts
    ]
    stops = [stop for row in rows for stop in row]
    return measure_many(
        layout,
        [stop.aisle for stop in stops],
        [stop.position_mm for stop in stops],
        np.cumsum([0, *map(len, rows)]),
        [int(stop.side is Side.RIGHT) for stop in stops],
    )


def set_walks(problem: BatchProblem, loads: Sequence[Load]) -> Ints:
    """The walk of each set of loads, in mm by its number; FAR for those that no cart holds."""
    assert isinstance(problem.floor, Layout) and len(loads) <= LOADS_MAX
    sets = [
        [load for k, load in enumerate(loads) if number >> k & 1]
        for number in range(1 << len(loads))
    ]
    fitting = [k for k, cart in enumerate(sets) if cart and fits_together(problem, cart)]
    lengths = np.full(len(sets), FAR, np.int64)
    lengths[fitting] = walks_mm(problem.floor, [sets[k] for k in fitting])
    return lengths
