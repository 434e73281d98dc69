"""Where units go and how the lanes are, in memory so that no decision waits for the database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from devices.sorter.message import Status
from wms.sorting.lane import Lane, Way
from wms.sorting.plan import SorterPlan

_ROUNDS_KEPT_MAX = 10_000


class LaneTable:
    """The ways of all units that are under way, as the database said last, and the lanes.

    What falls into a lane counts at once, and until the database counts it.
    """

    def __init__(self, plan: SorterPlan | None = None) -> None:
        self.plan = plan or SorterPlan()
        self._ways: dict[str, Way] = {}
        self._by_code: dict[str, str] = {}
        self._closed: dict[int, str] = {}
        self._standing: Counter[int] = Counter()
        self._rounds: Counter[str] = Counter()
        self._full: frozenset[int] = frozenset()
        self._fault: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._ways)

    def replace(self, ways: Iterable[tuple[Way, str]]) -> None:
        """Take the database's word for all units; beside each its second code, or none."""
        self._ways, self._by_code = {}, {}
        for way, code in ways:
            self._ways[way.unit] = way
            if code:
                self._by_code[code] = way.unit

    def replace_lanes(self, closed: Mapping[int, str], standing: Mapping[int, int]) -> None:
        """Take the database's word for the lanes: why which are closed, and what stands in them."""
        self._closed = dict(closed)
        self._standing = Counter(standing)

    def see(self, status: Status) -> None:
        """Take the PLC's word for full and faulty lanes."""
        self._full, self._fault = status.lanes_full, status.lanes_fault

    def find(self, code: str) -> Way | None:
        """Give a unit's way by any of its codes; None where it is not expected on the sorter."""
        way = self._ways.get(self._by_code.get(code, code))
        if way is None or self._rounds[way.unit] <= way.rounds:
            return way
        return replace(way, rounds=self._rounds[way.unit])

    def turned_back(self, unit: str) -> None:
        """Count a round; the database may be read before it has it."""
        if len(self._rounds) >= _ROUNDS_KEPT_MAX:
            self._rounds.clear()
        way = self._ways.get(unit)
        self._rounds[unit] = max(self._rounds[unit], way.rounds if way is not None else 0) + 1

    def left(self, unit: str, *, aside: bool) -> None:
        """Take that a unit left the belt; put aside, its rounds begin anew when it comes again."""
        self._rounds.pop(unit, None)
        way = self._ways.get(unit)
        if aside and way is not None:
            self._ways[unit] = replace(way, rounds=0)

    def rounds_of(self, unit: str) -> int:
        """Give how often a unit went round that nobody expects."""
        return self._rounds[unit]

    def fell(self, lane: int) -> None:
        """Count a unit that fell into a lane."""
        self._standing[lane] += 1

    def lane(self, number: int, riding: int) -> Lane:
        """Give a lane as it is, with so many units riding towards it."""
        return Lane(
            number,
            full=number in self._full,
            fault=number in self._fault,
            closed=self._closed.get(number, ""),
            standing=self._standing[number],
            riding=riding,
            capacity=self.plan.lane(number).capacity,
        )

    def hinders(self, number: int) -> bool:
        """Whether what has this lane should have another, if there is one."""
        return number in self._full or number in self._fault or number in self._closed
