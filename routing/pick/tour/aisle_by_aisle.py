"""The rule that finishes each aisle before the next, by a dynamic programme."""

from dataclasses import dataclass
from itertools import pairwise

from routing.pick.floor.lattice import Place, crossings_of
from routing.pick.tour.section import Sections
from routing.pick.tour.stride import Stride


@dataclass(frozen=True, slots=True)
class _Reached:
    """How short a walk so far is, and where it entered and left each aisle, in mm."""

    length_mm: int
    ends: tuple[tuple[int, int], ...]


def walk_aisle_by_aisle(sections: Sections) -> None:
    """From the left or from the right, whichever is shorter."""
    stride = sections.stride
    aisles = sorted(stride.waiting)
    if not aisles:
        return
    ways = []
    for line in (aisles, aisles[::-1]):
        reached = _first(stride, line[0])
        for before, aisle in pairwise(line):
            reached = _next(stride, before, aisle, reached)
        home: Place = (sections.end[0], sections.end[1], None)
        for mm, so_far in reached.items():
            length_mm = so_far.length_mm + stride.way_mm((line[-1], mm, None), home)
            ways.append((length_mm, line, so_far.ends))
    _, line, ends = min(ways, key=lambda way: way[0])
    for aisle, (enter_mm, leave_mm) in zip(line, ends, strict=True):
        stride.go(aisle, enter_mm)
        for turn_mm in _turns(stride, aisle, enter_mm, leave_mm):
            stride.dip(turn_mm)
        if leave_mm != enter_mm:
            stride.through(leave_mm)
        for turn_mm in _turns(stride, aisle, leave_mm, leave_mm):
            stride.dip(turn_mm)


def _first(stride: Stride, aisle: int) -> dict[int, _Reached]:
    entered = {
        mm: _Reached(stride.way_mm(stride.at, (aisle, mm, None)), ())
        for mm in crossings_of(stride.layout, aisle)
    }
    return _finish(stride, aisle, entered)


def _next(
    stride: Stride, before: int, aisle: int, reached: dict[int, _Reached]
) -> dict[int, _Reached]:
    entered: dict[int, _Reached] = {}
    for mm, so_far in reached.items():
        for there_mm in crossings_of(stride.layout, aisle):
            line = stride.line((before, mm, None), (aisle, there_mm, None))
            if line is None:
                continue
            step_mm = stride.way_mm((before, mm, None), (aisle, there_mm, None))
            length_mm = so_far.length_mm + step_mm
            if there_mm not in entered or length_mm < entered[there_mm].length_mm:
                entered[there_mm] = _Reached(length_mm, so_far.ends)
    return _finish(stride, aisle, entered)


def _finish(stride: Stride, aisle: int, entered: dict[int, _Reached]) -> dict[int, _Reached]:
    """Everything in the aisle is taken between entering and leaving it."""
    left: dict[int, _Reached] = {}
    for enter_mm, so_far in entered.items():
        for leave_mm in crossings_of(stride.layout, aisle):
            own_mm = _own_mm(stride, aisle, enter_mm, leave_mm)
            length_mm = so_far.length_mm + own_mm
            if leave_mm not in left or length_mm < left[leave_mm].length_mm:
                left[leave_mm] = _Reached(length_mm, (*so_far.ends, (enter_mm, leave_mm)))
    return left


def _own_mm(stride: Stride, aisle: int, enter_mm: int, leave_mm: int) -> int:
    """How long the walk within the aisle is."""
    low, high = min(enter_mm, leave_mm), max(enter_mm, leave_mm)
    rows = stride.rows(aisle, 0, stride.layout.length_of(aisle))
    total_mm = stride.through_mm(aisle, enter_mm, leave_mm) if low < high else 0
    if rows[0][0] < low:
        total_mm += stride.dip_mm(aisle, low, rows[0][0])
    if rows[-1][0] > high:
        total_mm += stride.dip_mm(aisle, high, rows[-1][0])
    return total_mm


def _turns(stride: Stride, aisle: int, at_mm: int, leave_mm: int) -> list[int]:
    """Where to turn on the sides of a crossing away from where the aisle is left."""
    rows = stride.rows(aisle, 0, stride.layout.length_of(aisle))
    if not rows:
        return []
    turns = []
    if rows[0][0] < at_mm and leave_mm >= at_mm:
        turns.append(rows[0][0])
    if rows[-1][0] > at_mm and leave_mm <= at_mm:
        turns.append(rows[-1][0])
    return turns
