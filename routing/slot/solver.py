"""The best arrangement by pick frequency and way, for a price on every move."""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

from routing.slot.problem import SlotProblem, fits, way_mm

# A price is found to this share of itself: a finer one hardly tells other arrangements apart.
FINENESS = 32


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where each holding lies, and the sum of its price and of the ways to it."""

    slot_of: dict[int, int]
    ways_mm: int
    priced_mm: int


class Assignment:
    """Holdings to slots, each slot to one at most; a slot that is shared keeps whom it has.

    The prices of the ways are built once; each solve only puts another price on moving.
    """

    def __init__(self, problem: SlotProblem) -> None:
        self._problem = problem
        slots = {slot.id: slot for slot in problem.slots}
        picks, crowd = problem.picks(), problem.crowd()
        # A seat is a holding's own place, or a bin that is free: others come only to a whole bin.
        self._seats = [holding.slot_id for holding in problem.holdings]
        whole = [crowd[slot_id] == 1 for slot_id in self._seats]
        empty = [slot.id for slot in problem.slots if crowd[slot.id] == 0]
        self._seats += empty
        whole += [True] * len(empty)
        left: list[int] = []
        right: list[int] = []
        cost: list[int] = []
        stays: list[bool] = []
        for row, holding in enumerate(problem.holdings):
            for seat, slot_id in enumerate(self._seats):
                if seat != row:
                    if not (holding.movable and whole[seat] and fits(holding, slots[slot_id])):
                        continue
                    if seat < len(problem.holdings) and not problem.holdings[seat].movable:
                        continue
                left.append(row)
                right.append(seat)
                cost.append(picks[holding.id] * way_mm(problem.layout, slots[slot_id].stop))
                stays.append(seat == row)
        # What no holding wants is taken by nobody, at no price.
        for nobody in range(len(problem.holdings), len(self._seats)):
            left += [nobody] * len(self._seats)
            right += range(len(self._seats))
            cost += [0] * len(self._seats)
            stays += [True] * len(self._seats)
        self._left = np.array(left, np.int32)
        self._right = np.array(right, np.int32)
        self._cost = np.array(cost, np.int64)
        self._moves = ~np.array(stays, bool)

    def solve(self, price_mm: int) -> Arrangement:
        """The arrangement of the least ways, each move priced."""
        problem = self._problem
        solver = SimpleLinearSumAssignment()
        solver.add_arcs_with_cost(self._left, self._right, self._cost + price_mm * self._moves)
        status = solver.solve()
        assert status == solver.OPTIMAL, "everything may stay where it is"
        slot_of = {
            holding.id: self._seats[solver.right_mate(row)]
            for row, holding in enumerate(problem.holdings)
        }
        moves = sum(slot_of[holding.id] != holding.slot_id for holding in problem.holdings)
        priced = int(solver.optimal_cost())
        return Arrangement(slot_of, priced - price_mm * moves, priced)


def arrangements(problem: SlotProblem) -> tuple[list[Arrangement], int]:
    """Arrangements with more and fewer moves, and what no arrangement of moves_max goes below.

    Each is the best for its number of moves. The price is searched by halves until it is found
    at which no more are wanted than may be made.

    Source: Lagrangian relaxation of the number of moves (Fisher 1981).
    """
    assignment = Assignment(problem)
    found: list[Arrangement] = []
    bound_mm = 0
    home = {holding.id: holding.slot_id for holding in problem.holdings}
    low, high = 0, None
    price = 0
    while True:
        one = assignment.solve(price)
        found.append(one)
        bound_mm = max(bound_mm, one.priced_mm - price * problem.moves_max)
        moves = sum(slot != home[id] for id, slot in one.slot_of.items())
        if moves <= problem.moves_max:
            high = price
        else:
            low = price
        if high is not None and high - low <= max(1, high // FINENESS):
            return found, bound_mm
        price = max(1, 8 * price) if high is None else (low + high) // 2
