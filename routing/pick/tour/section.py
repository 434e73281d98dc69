"""A layout's blocks as a picker who walks by rule sees them: from the far end home."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from routing.pick.floor.lattice import Place, crossings_of
from routing.pick.floor.layout import Layout
from routing.pick.tour.stride import Row, Stride


class Sections:
    """The blocks with something to take, the one farthest from the walk's end first.

    Of each aisle in a block, the near end is the one towards the walk's end, the far end the
    other. A row at a cross aisle belongs to the block in front of it.
    """

    def __init__(self, stride: Stride, end: Place) -> None:
        self.stride = stride
        self.layout: Layout = stride.layout
        self.end = end
        self.home_at_back = end[1] != 0
        self._blocks: dict[int, list[int]] = defaultdict(list)
        for aisle in sorted(stride.waiting):
            cuts = crossings_of(self.layout, aisle)
            for block, (low, high) in enumerate(pairwise(cuts)):
                if any(low < mm <= high or mm == low == 0 for mm, _ in stride.waiting[aisle]):
                    self._blocks[block].append(aisle)

    @property
    def blocks(self) -> list[int]:
        """The blocks in the order in which they are walked."""
        return sorted(self._blocks, reverse=not self.home_at_back)

    def aisles(self, block: int) -> list[int]:
        """The aisles of a block with something still to take, from the left."""
        return [aisle for aisle in self._blocks[block] if self.rows(block, aisle)]

    def near(self, block: int, aisle: int) -> int:
        """The near end of an aisle in a block, in mm."""
        return crossings_of(self.layout, aisle)[block + self.home_at_back]

    def far(self, block: int, aisle: int) -> int:
        """The far end of an aisle in a block, in mm."""
        return crossings_of(self.layout, aisle)[block + 1 - self.home_at_back]

    def home(self, aisle: int) -> int:
        """The end of the whole aisle on the side where the walk ends, in mm."""
        return self.layout.length_of(aisle) if self.home_at_back else 0

    def rows(self, block: int, aisle: int) -> list[Row]:
        """What is still to be taken of an aisle in a block, rising."""
        low, high = sorted((self.near(block, aisle), self.far(block, aisle)))
        rows = self.stride.rows(aisle, low, high)
        return [row for row in rows if row[0] > low or low == 0]

    def farthest(self, rows: Sequence[Row]) -> int:
        """How far one must go in from the near side to take these rows."""
        return rows[0][0] if self.home_at_back else rows[-1][0]

    def starts_at_home(self) -> bool:
        """Whether the walk begins on the side where it ends."""
        aisle, mm, _ = self.stride.places[0]
        return mm == self.home(aisle)

    def enter(self, block: int, *, first: bool) -> tuple[list[int], bool]:
        """Comes to a block: its aisles in walking order, and whether one is at their near ends.

        On the side of its end, a walk goes to the farthest block through the leftmost aisle with
        anything to take, and on from there to the right. A block is else entered from its far
        side, at the nearer of its outermost aisles.
        """
        if first and self.starts_at_home():
            left = min(aisle for aisles in self._blocks.values() for aisle in aisles)
            if block + 1 < len(crossings_of(self.layout, left)):
                near_mm = self.near(block, left)
                if near_mm != self.home(left):
                    self.stride.go(left, self.home(left))
                    self.stride.through(near_mm)
            return self.aisles(block), True
        aisles = self.aisles(block)
        if aisles:
            ends_mm = [
                self.stride.way_mm(self.stride.at, (k, self.far(block, k), None))
                for k in (aisles[0], aisles[-1])
            ]
            if ends_mm[1] < ends_mm[0]:
                aisles.reverse()
        return aisles, False
