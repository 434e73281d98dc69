"""The shortest order of places, whatever lies between them: exact, searched, and bounded."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from routing.effort import Effort
from routing.pick.floor.distance import FAR
from routing.pick.tour.bound import order_bound
from routing.pick.tour.held_karp import LAYER_PLACES_MAX, shortest_order
from routing.pick.tour.local_search import (
    descend_from_all,
    insert_all,
    neighbours_of,
    shake_and_descend,
)

Ints = npt.NDArray[np.int64]

# So many perturbations between two looks at the clock, and fewer for many places.
ROUNDS_AT_ONCE: Final = 200
PLACES_AT_ONCE: Final = 50_000
# The search ends when so many perturbations in a row found nothing shorter.
PATIENCE: Final = 20_000
# Worse orders are accepted up to so many mean steps.
SLACK: Final = 4
# The cheapest assignment costs the cube of the places.
ASSIGN_PLACES_MAX: Final = 400
# Rounds of prices for the bound: so many for each perturbation, and no more than these. A round
# costs the square of the places, and about so many seconds for each pair of them.
ROUNDS_FOR_EACH: Final = 0.2
ROUNDS_MAX: Final = 3_000
ROUNDS_WORK: Final = 30_000_000
PAIR_S: Final = 8e-9
BOUND_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Order:
    """Places in walking order, the way's length, and what no order falls below, all in mm."""

    places: tuple[int, ...]
    length_mm: int
    bound_mm: int
    method: str


@dataclass(frozen=True, slots=True)
class Web:
    """Distances between places 1, 2, … and, as 0, where the walk starts and ends.

    mm: from each (rows) to each (columns), FAR where no step is allowed. first: where each layer
    begins, and the end of the last; all places of a layer come before those of the next.
    """

    mm: Ints
    first: Ints

    @property
    def layer(self) -> Ints:
        """The layer of each place; -1 of 0."""
        counts = np.diff(self.first)
        return np.concatenate([[-1], np.repeat(np.arange(len(counts)), counts)])

    @property
    def is_symmetric(self) -> bool:
        """Whether each layer's distances are the same both ways."""
        layer = self.layer
        same = layer[:, None] == layer[None, :]
        return bool(np.all(np.where(same, self.mm - self.mm.T, 0) == 0))


def web_of(inner_mm: Ints, out_mm: Ints, home_mm: Ints, layer: Ints) -> Web:
    """The web of places sorted by layer, with the ways to them and home from them.

    Steps that break the order of layers are FAR.
    """
    n = len(layer) + 1
    mm = np.full((n, n), FAR, np.int64)
    if n > 1:
        step = layer[None, :] - layer[:, None]
        mm[1:, 1:] = np.where((step == 0) | (step == 1), inner_mm, FAR)
        mm[0, 1:] = np.where(layer == layer[0], out_mm, FAR)
        mm[1:, 0] = np.where(layer == layer[-1], home_mm, FAR)
        np.fill_diagonal(mm, 0)
    starts = np.flatnonzero(np.diff(layer, prepend=-1)) + 1
    return Web(np.minimum(mm, FAR), np.append(starts, n).astype(np.int64))


def best_order(web: Web, effort: Effort, seconds_left: Callable[[], float]) -> Order:
    """The shortest order of all places that is found within the effort, and its bound."""
    n = len(web.mm)
    if n == 1:
        return Order((), 0, 0, "held_karp")
    if np.diff(web.first).max() <= LAYER_PLACES_MAX:
        order = np.empty(n - 1, np.int64)
        length_mm = int(shortest_order(web.mm, web.first, order))
        return Order(tuple(order.tolist()), length_mm, length_mm, "held_karp")
    return _searched(web, effort, seconds_left)


def _searched(web: Web, effort: Effort, seconds_left: Callable[[], float]) -> Order:
    n = len(web.mm)
    nets = (web.layer, web.is_symmetric, neighbours_of(web.mm, True), neighbours_of(web.mm, False))
    order = np.empty(n, np.int64)
    insert_all(web.mm, web.first, order)
    length_mm = int(descend_from_all(web.mm, *nets, order))
    bound_mm = _bound(web, length_mm, _rounds(n, effort, seconds_left()))
    best = order.copy()
    state = np.array([effort.seed * 2 + 1], np.uint64)
    slack_mm = SLACK * length_mm // n
    at_once = max(1, min(ROUNDS_AT_ONCE, PLACES_AT_ONCE // n))
    done = since = 0
    while bound_mm < length_mm and since < PATIENCE and seconds_left() > 0:
        count = at_once if effort.iterations is None else min(at_once, effort.iterations - done)
        if count <= 0:
            break
        found_mm = int(shake_and_descend(web.mm, *nets, order, best, state, count, slack_mm))
        done += count
        since = 0 if found_mm < length_mm else since + count
        length_mm = found_mm
    return Order(tuple(best[1:].tolist()), length_mm, bound_mm, "local_search")


def _rounds(n: int, effort: Effort, seconds: float) -> int:
    rounds = ROUNDS_MAX
    if effort.iterations is not None:
        rounds = min(rounds, int(ROUNDS_FOR_EACH * effort.iterations))
    if effort.seconds is not None:
        rounds = min(rounds, int(BOUND_SHARE * max(0.0, seconds) / (PAIR_S * n**2)))
    return max(20, min(rounds, ROUNDS_WORK // n**2))


def _bound(web: Web, length_mm: int, rounds: int) -> int:
    """The bound, rounded up to a length that closed walks can have at all."""
    n = len(web.mm)
    assign = not web.is_symmetric and n <= ASSIGN_PLACES_MAX
    bound_mm = int(order_bound(web.mm, web.first, web.is_symmetric, assign, length_mm, rounds))
    unit_mm = _unit_mm(web)
    return min(length_mm, -(-bound_mm // unit_mm) * unit_mm) if unit_mm else length_mm


def _unit_mm(web: Web) -> int:
    """What the length of every closed walk is a multiple of; 0 when all are of no length."""
    reached = np.zeros(len(web.mm), np.int64)
    before = 0
    for low, high in pairwise(web.first.tolist()):
        reached[low:high] = reached[before] + web.mm[before, low:high]
        before = low
    left_over = reached[:, None] + web.mm - reached[None, :]
    return int(np.gcd.reduce(left_over[web.mm < FAR], axis=None))
