"""Carts as columns of a linear programme: all that could be, or those met; prices and a bound.

Each load has a price; a cart whose loads' prices exceed its walk would shorten the programme's
value and joins it. When no cart that could be does, the prices' sum is what no plan walks less
than. Source: P. C. Gilmore and R. E. Gomory (1961); R. Gademann and S. van de Velde (2005), Order
batching to minimize total travel time in a parallel-aisle warehouse, IIE Transactions 37(1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.linear_solver import pywraplp

from routing.kernel import kernel
from routing.pick.batch.carts import MEASURES, Seen, is_timely
from routing.pick.batch.flat import Flat, Ints, width_of
from routing.pick.batch.walk import Work, walk_mm

Members = tuple[int, ...]
Shorts = npt.NDArray[np.int16]

WIDTH_MAX = 16
ADDED_AT_ONCE = 300
# A round that gains less than this share of the value is one of many that gain nothing.
STALE_SHARE = 1e-5


@dataclass(frozen=True, slots=True)
class Columns:
    """Carts, a row each, behind their counts filled with the number of loads; walks in mm.

    complete: no other cart could be.
    """

    members: Shorts
    length_mm: Ints
    loads: int
    complete: bool

    def cart(self, row: int) -> Members:
        """The loads of one cart, rising."""
        return tuple(sorted(k for k in self.members[row].tolist() if k < self.loads))


@dataclass(frozen=True, slots=True)
class Prices:
    """What the loads are worth in mm, and what no plan walks less than; 0 where not known."""

    price_mm: Ints
    bound_mm: int


def every_cart(flat: Flat, most: int, work: Work) -> Columns | None:
    """All carts that could be; None when they are more than `most`, or too wide."""
    n, width = len(flat.demand), width_of(flat)
    if width > WIDTH_MAX:
        return None
    found = _list_carts(flat, most, np.full((0, width), n, np.int16), np.zeros(0, np.int64), work)
    if found > most:
        return None
    members, length_mm = np.full((found, width), n, np.int16), np.zeros(found, np.int64)
    _list_carts(flat, most, members, length_mm, work)
    return Columns(members, length_mm, n, complete=True)


def carts_seen(flat: Flat, seen: Seen) -> Columns:
    """The carts that a search has met."""
    n, filled = len(flat.demand), int(seen.filled[0])
    members = seen.members[:filled].astype(np.int16)
    members[members < 0] = n
    return Columns(members, seen.length_mm[:filled].copy(), n, complete=False)


@kernel
def _list_carts(flat: Flat, most: int, members: Shorts, length_mm: Ints, work: Work) -> int:
    """How many carts could be, most + 1 for more; writes them where there are rows for them."""
    n, width = flat.demand.shape[0], members.shape[1]
    row = np.empty(width + 1, np.int64)
    used = np.zeros((width + 1, MEASURES), np.int64)
    found, depth, load = 0, 0, 0
    while True:
        if load == n:
            if depth == 0:
                return found
            depth -= 1
            load = row[depth] + 1
            continue
        fits = depth < width
        for m in range(MEASURES):
            fits = fits and used[depth, m] + flat.demand[load, m] <= flat.capacity[m]
        row[depth] = load
        if fits and (not flat.windowed or is_timely(flat, row, depth + 1)):
            if found < members.shape[0]:
                length_mm[found] = walk_mm(flat, row, depth + 1, work)
                members[found, : depth + 1] = row[: depth + 1]
            found += 1
            if found > most:
                return found
            for m in range(MEASURES):
                used[depth + 1, m] = used[depth, m] + flat.demand[load, m]
            depth += 1
        load += 1


@kernel
def reduced_mm(members: Shorts, length_mm: Ints, price_mm: Ints) -> Ints:
    """Each cart's walk less its loads' prices; price_mm has a 0 behind the last load's."""
    out = length_mm.copy()
    for row in range(members.shape[0]):
        for k in range(members.shape[1]):
            out[row] -= price_mm[members[row, k]]
    return out


def find_prices(
    columns: Columns, start: Sequence[Members], left: Callable[[], float], rounds: int
) -> Prices:
    """The prices at which no column is worth more than its walk, or those when time is out."""
    master = _Master(columns.loads)
    index = {columns.cart(row): row for row in _rows_of(columns, start)}
    known = np.zeros(len(columns.length_mm), np.bool_)
    for row in sorted(index.values()):
        known[row] = True
        master.add(columns.cart(row), int(columns.length_mm[row]))
    shortest_mm = max(1, int(columns.length_mm.min()))
    best_bound, price_mm = 0, np.zeros(columns.loads + 1, np.int64)
    for _ in range(rounds):
        price_mm[:-1] = master.prices()
        reduced = reduced_mm(columns.members, columns.length_mm, price_mm)
        worst = int(reduced.min())
        # No cart's prices exceed its walk by more than this factor, so all scaled down are sound.
        scaled = int(price_mm.sum() / (1 - min(0, worst) / shortest_mm))
        best_bound = max(best_bound, scaled - (worst < 0))
        if worst >= 0 or left() <= 0:
            break
        reduced[known] = 0
        fresh = np.argsort(reduced, kind="stable")[:ADDED_AT_ONCE]
        fresh = fresh[reduced[fresh] < 0]
        if not len(fresh):
            break
        known[fresh] = True
        for row in fresh.tolist():
            master.add(columns.cart(row), int(columns.length_mm[row]))
    return Prices(price_mm, best_bound if columns.complete else 0)


def _rows_of(columns: Columns, start: Sequence[Members]) -> list[int]:
    """The rows of single loads, and of the carts to start from as far as they are columns."""
    wanted = {tuple(sorted(cart)) for cart in start}
    counts = (columns.members < columns.loads).sum(axis=1)
    rows = np.flatnonzero(np.isin(counts, [1, *{len(cart) for cart in wanted}])).tolist()
    return [row for row in rows if counts[row] == 1 or columns.cart(row) in wanted]


class _Master:
    """The linear programme: every load in some of the carts given, with the least walk."""

    def __init__(self, loads: int) -> None:
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._solver.infinity()
        self._rows = [self._solver.Constraint(1.0, infinity) for _ in range(loads)]
        self._goal = self._solver.Objective()
        self._goal.SetMinimization()

    def add(self, cart: Members, length_mm: int) -> None:
        share = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._goal.SetCoefficient(share, length_mm)
        for load in cart:
            self._rows[load].SetCoefficient(share, 1.0)

    def prices(self) -> Ints:
        """Whole mm, rounded down, so that they are never worth more than the carts' walks."""
        status = self._solver.Solve()
        assert status == pywraplp.Solver.OPTIMAL, "single loads alone are an answer"
        duals = [max(0.0, row.dual_value()) for row in self._rows]
        return np.floor(np.array(duals, np.float64)).astype(np.int64)
