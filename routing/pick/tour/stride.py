"""A walk made by rule, stretch by stretch, through a layout."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from routing.error import NoPlan
from routing.pick.floor.lattice import Place, crossings_of, lattice_of, place_of_stop
from routing.pick.floor.layout import Layout, Side, Stop, Way
from routing.pick.floor.walk import nearest_of, steps_of

# How far into an aisle, and in which lane; None is both.
Row = tuple[int, Side | None]

LANES = (Side.LEFT, Side.RIGHT)


class Stride:
    """A walk in the making: where it is, and which stops are still to be taken in each aisle.

    Stretches in an aisle take every stop in their lanes and cross over as seldom as they can.

    Raises: NoPlan naming the rule where an aisle is one-way against it.
    """

    def __init__(self, layout: Layout, stops: Sequence[Stop], start: Place, rule: str) -> None:
        self.layout = layout
        self.rule = rule
        self.places = [start]
        self.waiting: dict[int, set[Row]] = defaultdict(set)
        for stop in stops:
            aisle, mm, side = place_of_stop(layout, stop)
            self.waiting[aisle].add((mm, side))

    @property
    def at(self) -> Place:
        """The last place."""
        return self.places[-1]

    def rows(self, aisle: int, one_mm: int, other_mm: int) -> list[Row]:
        """What is still to be taken in a stretch of an aisle, rising."""
        low, high = min(one_mm, other_mm), max(one_mm, other_mm)
        inside = [row for row in self.waiting[aisle] if low <= row[0] <= high]
        return sorted(inside, key=lambda row: (row[0], row[1] or ""))

    def go(self, aisle: int, mm: int) -> None:
        """Walks to where an aisle meets a cross aisle, by the shortest way."""
        self.places += self._way(self.at, (aisle, mm, None))[1:]

    def way_mm(self, a: Place, b: Place) -> int:
        """How long the shortest way between two crossings is."""
        return sum(
            abs(p[0] - q[0]) * self.layout.aisle_pitch_mm + abs(p[1] - q[1])
            for p, q in pairwise(self._way(a, b))
        )

    def line(self, a: Place, b: Place) -> list[Place] | None:
        """The way along one cross aisle, None where none leads from the one to the other."""
        step = 1 if b[0] >= a[0] else -1
        lengths = [self.layout.length_of(k) for k in range(a[0], b[0] + step, step)]
        aisles = range(a[0], b[0] + step, step)
        if (a[1], b[1]) == (lengths[0], lengths[-1]) and a[1] != 0:
            return [(k, mm, None) for k, mm in zip(aisles, lengths, strict=True)]
        if a[1] == b[1] and (a[1] == 0 or a[1] < min(lengths)):
            return [(k, a[1], None) for k in aisles]
        return None

    def through(self, mm: int) -> None:
        """Walks on in the aisle to another crossing."""
        aisle, from_mm, _ = self.at
        self._refuse_against(aisle, Way.UP if mm < from_mm else Way.DOWN)
        self.places += self._through(aisle, from_mm, mm)
        self._take(aisle, from_mm, mm)

    def dip(self, turn_mm: int) -> None:
        """Walks into the aisle as far as the turn, and back."""
        aisle, from_mm, _ = self.at
        if turn_mm != from_mm:
            self._refuse_against(aisle, Way.UP)
            self._refuse_against(aisle, Way.DOWN)
        self.places += self._dip(aisle, from_mm, turn_mm)
        self._take(aisle, from_mm, turn_mm)

    def through_mm(self, aisle: int, from_mm: int, to_mm: int) -> int:
        """How long `through` would be."""
        return self._length_mm((aisle, from_mm, None), self._through(aisle, from_mm, to_mm))

    def dip_mm(self, aisle: int, from_mm: int, turn_mm: int) -> int:
        """How long `dip` would be."""
        return self._length_mm((aisle, from_mm, None), self._dip(aisle, from_mm, turn_mm))

    def _length_mm(self, start: Place, places: list[Place]) -> int:
        across = sum(
            self.layout.aisle_width_mm
            for a, b in pairwise(places)
            if a[2] is not None and b[2] is not None and a[2] is not b[2]
        )
        return across + sum(abs(a[1] - b[1]) for a, b in pairwise([start, *places]))

    def _refuse_against(self, aisle: int, way: Way) -> None:
        if self.layout.ways and self.layout.ways[aisle] is way:
            raise NoPlan(f"the rule {self.rule} walks aisle {aisle} against its one way")

    def _take(self, aisle: int, one_mm: int, other_mm: int) -> None:
        self.waiting[aisle].difference_update(self.rows(aisle, one_mm, other_mm))

    def _through(self, aisle: int, from_mm: int, to_mm: int) -> list[Place]:
        if not self.layout.aisle_width_mm:
            return [(aisle, to_mm, None)]
        low, high = min(from_mm, to_mm), max(from_mm, to_mm)
        cuts = [mm for mm in crossings_of(self.layout, aisle) if low <= mm <= high]
        places: list[Place] = []
        for a, b in pairwise(cuts[::-1] if to_mm < from_mm else cuts):
            inside = [row for row in self.rows(aisle, a, b) if row[1] is not None]
            places += [(aisle, mm, side) for mm, side in zigzag(inside, down=b < a)]
            places.append((aisle, b, None))
        return places

    def _dip(self, aisle: int, from_mm: int, turn_mm: int) -> list[Place]:
        """In one lane to the turn, and back in the other from the last crossing before it on."""
        home: Place = (aisle, from_mm, None)
        low, high = min(from_mm, turn_mm), max(from_mm, turn_mm)
        cuts = [mm for mm in crossings_of(self.layout, aisle) if low <= mm <= high]
        last_mm = cuts[-1] if turn_mm > from_mm else cuts[0]
        deep = {side for _, side in self.rows(aisle, last_mm, turn_mm) if side is not None}
        if len(deep) == 2 and last_mm != turn_mm:
            return [(aisle, turn_mm, Side.LEFT), (aisle, turn_mm, Side.RIGHT), home]
        out, back = LANES if Side.RIGHT not in deep else LANES[::-1]
        return [
            *self._one_in_lane(aisle, from_mm, last_mm, out),
            (aisle, turn_mm, out if deep and last_mm != turn_mm else None),
            (aisle, last_mm, None),
            *self._one_in_lane(aisle, from_mm, last_mm, back),
            home,
        ]

    def _one_in_lane(self, aisle: int, one_mm: int, other_mm: int, side: Side) -> list[Place]:
        """A place that keeps a stretch in this lane, where something is to be taken there."""
        rows = [mm for mm, lane in self.rows(aisle, one_mm, other_mm) if lane is side]
        return [(aisle, rows[0], side)] if rows else []

    def _way(self, a: Place, b: Place) -> list[Place]:
        if (line := self.line(a, b)) is not None:
            return line
        lattice = lattice_of(self.layout, ())
        nodes = {place: node for node, place in enumerate(lattice.places)}
        found = nearest_of(steps_of(lattice.walkways), [nodes[a]], {nodes[b]})
        if found is None:
            raise NoPlan(f"the rule {self.rule} finds no way from {a[:2]} to {b[:2]}")
        return [lattice.places[node] for node in found[1]]


def zigzag(rows: Iterable[Row], *, down: bool) -> list[Row]:
    """The rows of a stretch between crossings in walking order, crossing over least."""
    sides: dict[int, set[Side | None]] = defaultdict(set)
    for mm, side in rows:
        sides[mm].add(side)
    # For each lane the best way that ends in it.
    ways: dict[Side, list[Row]] = {lane: [] for lane in LANES}
    for mm in sorted(sides, reverse=down):
        ways = {lane: _led_to(lane, mm, sides[mm], ways) for lane in LANES}
    return min(ways.values(), key=_crossings)


def _led_to(lane: Side, mm: int, sides: set[Side | None], ways: dict[Side, list[Row]]) -> list[Row]:
    other = Side.RIGHT if lane is Side.LEFT else Side.LEFT
    end: list[Row] = [(mm, lane)] if sides == {lane} else [(mm, other), (mm, lane)]
    return min((ways[lane] + end, ways[other] + end), key=_crossings)


def _crossings(rows: Sequence[Row]) -> int:
    return sum(a[1] is not b[1] for a, b in pairwise(rows))
