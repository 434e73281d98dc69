"""How far the walks are, exactly, for any arrangement of the goods."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from routing.pick.floor.layout import Side
from routing.pick.tour.bulk import measure_many
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
        self._today = self._lengths(range(len(problem.walks)), self._home)

    @property
    def today_mm(self) -> int:
        """All walks with the goods where they are."""
        return sum(self._today)

    def saving_mm(self, moved: Mapping[int, int]) -> int:
        """How much shorter all walks are with these holdings in these slots; may be negative."""
        slot_of = self._home | dict(moved)
        touched = sorted({number for id in moved for number in self._visitors[id]})
        then = self._lengths(touched, slot_of)
        return sum(self._today[number] for number in touched) - sum(then)

    def _lengths(self, numbers: Sequence[int], slot_of: dict[int, int]) -> list[int]:
        walks = [
            stops_of(self._problem, self._problem.walks[number], slot_of) for number in numbers
        ]
        stops = [stop for walk in walks for stop in walk]
        lengths_mm = measure_many(
            self._problem.layout,
            [stop.aisle for stop in stops],
            [stop.position_mm for stop in stops],
            [0, *accumulate(map(len, walks))],
            [stop.side is Side.RIGHT for stop in stops],
        )
        return [int(mm) for mm in lengths_mm]
