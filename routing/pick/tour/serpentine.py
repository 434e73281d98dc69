"""Rules that go through a block aisle by aisle in one sweep: S-shape and combined."""

from dataclasses import dataclass

from routing.pick.floor.lattice import Place
from routing.pick.tour.section import Sections

# The ends of an aisle in a block.
NEAR, FAR = 0, 1
IMPOSSIBLE_MM = 1 << 60


def walk_through(sections: Sections) -> None:
    """S-shape: every aisle from end to end, the last one so that the walk comes out near."""
    stride = sections.stride
    for k, block in enumerate(sections.blocks):
        aisles, is_near = sections.enter(block, first=k == 0)
        for aisle in aisles:
            near_mm, far_mm = sections.near(block, aisle), sections.far(block, aisle)
            stride.go(aisle, near_mm if is_near else far_mm)
            if is_near and aisle == aisles[-1]:
                stride.dip(sections.farthest(sections.rows(block, aisle)))
            else:
                stride.through(far_mm if is_near else near_mm)
                is_near = not is_near


@dataclass(frozen=True, slots=True)
class _Reached:
    """How short a walk so far is, and for each aisle the ends where it was entered and left."""

    length_mm: int
    ends: tuple[tuple[int, int], ...]


def walk_combined(sections: Sections) -> None:
    """Combined: a dynamic programme over the aisles of each block, which comes out near."""
    stride = sections.stride
    for k, block in enumerate(sections.blocks):
        aisles, is_near = sections.enter(block, first=k == 0)
        if not aisles:
            continue
        reached = {NEAR if is_near else FAR: _Reached(0, ())}
        before = None
        for aisle in aisles:
            reached = _past(sections, block, before, aisle, reached)
            before = aisle
        for aisle, (entered, left) in zip(aisles, reached[NEAR].ends, strict=True):
            ends = (sections.near(block, aisle), sections.far(block, aisle))
            stride.go(aisle, ends[entered])
            if entered == left:
                stride.dip(_turn_mm(sections, block, aisle, entered))
            else:
                stride.through(ends[left])


def _past(
    sections: Sections, block: int, before: int | None, aisle: int, reached: dict[int, _Reached]
) -> dict[int, _Reached]:
    """The shortest walks past one more aisle that leave it at either end."""
    stride = sections.stride
    ends = (sections.near(block, aisle), sections.far(block, aisle))
    after: dict[int, _Reached] = {}
    for entered, so_far in reached.items():
        step_mm = 0
        if before is not None:
            old = (sections.near(block, before), sections.far(block, before))[entered]
            here: Place = (before, old, None)
            step_mm = stride.way_mm(here, (aisle, ends[entered], None))
        turn_mm = _turn_mm(sections, block, aisle, entered)
        for left in (NEAR, FAR):
            if entered == left:
                own_mm = stride.dip_mm(aisle, ends[entered], turn_mm)
            else:
                own_mm = stride.through_mm(aisle, ends[entered], ends[left])
            length_mm = so_far.length_mm + step_mm + own_mm
            if left not in after or length_mm < after[left].length_mm:
                after[left] = _Reached(length_mm, (*so_far.ends, (entered, left)))
    return after


def _turn_mm(sections: Sections, block: int, aisle: int, entered: int) -> int:
    rows = sections.rows(block, aisle)
    return rows[0][0] if (entered == FAR) != sections.home_at_back else rows[-1][0]
