"""How far the walks are, exactly, for any arrangement of the goods."""

from collections.abc import Mapping

import numpy as np

from routing.pick.tour.block import tour_length
from routing.slot.problem import SlotProblem, stops_of


class Measure:
    """The shortest ways of all walks, kept apart so that a change measures only what it touches."""

    def __init__(self, problem: SlotProblem) -> None:
        self._problem = problem
        self._home = {holding.id: holding.slot_id for holding in problem.holdings}
        self._visitors: dict[int, list[int]] = {id: [] for id in self._home}
        for number, walk in enumerate(problem.walks):
            for holding_id in set(walk.holding_ids):
                self._visitors[holding_id].append(number)
        self._today = [self._length(number, self._home) for number in range(len(problem.walks))]

    @property
    def today_mm(self) -> int:
        """All walks with the goods where they are."""
        return sum(self._today)

    def saving_mm(self, moved: Mapping[int, int]) -> int:
        """How much shorter all walks are with these holdings in these slots; may be negative."""
        slot_of = self._home | dict(moved)
        touched = {number for id in moved for number in self._visitors[id]}
        return sum(self._today[number] - self._length(number, slot_of) for number in touched)

    def _length(self, number: int, slot_of: dict[int, int]) -> int:
        layout = self._problem.layout
        stops = stops_of(self._problem, self._problem.walks[number], slot_of)
        spots = sorted(
            {(stop.aisle, stop.position_mm) for stop in stops} | {(layout.depot_aisle, 0)}
        )
        return int(
            tour_length(
                np.array([aisle for aisle, _ in spots], np.int64),
                np.array([mm for _, mm in spots], np.int64),
                layout.aisles,
                layout.aisle_length_mm,
                layout.aisle_pitch_mm,
            )
        )
