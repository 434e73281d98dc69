"""Rules that go round a block and look into its aisles from both sides: gap and midpoint."""

from collections.abc import Callable, Sequence

from routing.pick.tour.section import Sections
from routing.pick.tour.stride import Row

# Parts the rows of an aisle, rising, between its ends into those taken from the lower end and
# those taken from the upper one.
Split = Callable[[Sequence[Row], int, int], int]


def around_gap(rows: Sequence[Row], low_mm: int, high_mm: int) -> int:
    """How many of the rows lie below the largest gap between them and the ends."""
    edges = [low_mm, *(mm for mm, _ in rows), high_mm]
    return max(range(len(rows) + 1), key=lambda k: edges[k + 1] - edges[k])


def around_middle(rows: Sequence[Row], low_mm: int, high_mm: int) -> int:
    """How many of the rows lie below the middle, or in it."""
    return sum(2 * mm <= low_mm + high_mm for mm, _ in rows)


def walk_around(sections: Sections, split: Split) -> None:
    """Through the outer aisles of each block, and into the others from its far and near side."""
    for k, block in enumerate(sections.blocks):
        aisles, is_near = sections.enter(block, first=k == 0)
        if len(aisles) == 1:
            _walk_single(sections, block, aisles[0], is_near)
        elif is_near and aisles:
            _walk_round(sections, block, aisles, split)
        elif aisles:
            _walk_back(sections, block, aisles, split)


def _walk_single(sections: Sections, block: int, aisle: int, is_near: bool) -> None:
    stride = sections.stride
    if is_near:
        stride.go(aisle, sections.near(block, aisle))
        stride.dip(sections.farthest(sections.rows(block, aisle)))
    else:
        stride.go(aisle, sections.far(block, aisle))
        stride.through(sections.near(block, aisle))


def _walk_round(sections: Sections, block: int, aisles: list[int], split: Split) -> None:
    """Out through the first aisle and home through the last, all near sides on the way."""
    stride = sections.stride
    first, *inner, last = aisles
    halves = {aisle: _halves(sections, block, aisle, split) for aisle in inner}
    start = stride.at[0]
    for aisle in reversed([aisle for aisle in inner if aisle < start]):
        _look_in(sections, aisle, sections.near(block, aisle), halves[aisle][0])
    stride.go(first, sections.near(block, first))
    stride.through(sections.far(block, first))
    for aisle in inner:
        _look_in(sections, aisle, sections.far(block, aisle), halves[aisle][1])
    stride.go(last, sections.far(block, last))
    stride.through(sections.near(block, last))
    for aisle in reversed([aisle for aisle in inner if aisle >= start]):
        _look_in(sections, aisle, sections.near(block, aisle), halves[aisle][0])


def _walk_back(sections: Sections, block: int, aisles: list[int], split: Split) -> None:
    """Along the far sides to the last aisle, through it, and back along the near sides."""
    stride = sections.stride
    *others, last = aisles
    halves = {aisle: _halves(sections, block, aisle, split) for aisle in others}
    for aisle in others:
        _look_in(sections, aisle, sections.far(block, aisle), halves[aisle][1])
    stride.go(last, sections.far(block, last))
    stride.through(sections.near(block, last))
    for aisle in reversed(others):
        _look_in(sections, aisle, sections.near(block, aisle), halves[aisle][0])


def _halves(
    sections: Sections, block: int, aisle: int, split: Split
) -> tuple[list[Row], list[Row]]:
    """The rows to take from the near end, and from the far end."""
    rows = sections.rows(block, aisle)
    low_mm, high_mm = sorted((sections.near(block, aisle), sections.far(block, aisle)))
    count = split(rows, low_mm, high_mm)
    if sections.home_at_back:
        return rows[count:], rows[:count]
    return rows[:count], rows[count:]


def _look_in(sections: Sections, aisle: int, end_mm: int, rows: Sequence[Row]) -> None:
    """From one end as far as the rows lie, and back."""
    if rows:
        turn_mm = max((mm for mm, _ in rows), key=lambda mm: abs(mm - end_mm))
        sections.stride.go(aisle, end_mm)
        sections.stride.dip(turn_mm)
