"""The drawing of a wave's floor."""

import re

from api.console.wave import floor_plan
from wms.overview.floor import Floor, Visit, Walk

FLOOR = Floor("MAIN", "Main", 4, 20_000, 3_000, 1, ((0, 1_000), (3_000, 1_000), (6_400, 5_000)))


def walk(number: int, code: str = "A-01-01-1") -> Walk:
    """A cart that picks once in aisle 1 and goes home."""
    path = ((3_000, 0), (0, 0), (0, 1_000), (0, 0), (3_000, 0))
    return Walk(
        number, "picking", "Ada", None, 1, 8_000, 1, 0, path, (Visit(code, 0, 1_000, 1, 0, 0),)
    )


def test_the_floor_is_as_long_and_wide_as_the_warehouse() -> None:
    drawn = floor_plan(FLOOR, (walk(1),), None)
    points = re.search(r'points="([^"]+)"', drawn)
    assert points is not None
    corners = [tuple(map(float, pair.split(","))) for pair in points[1].split()]
    assert corners[0][0] - corners[1][0] == 3_000
    assert corners[1][1] - corners[2][1] == 1_000


def test_a_bin_without_a_side_stands_on_both() -> None:
    drawn = floor_plan(FLOOR, (), None)
    assert drawn.count("h720v900") == 5


def test_walks_in_one_aisle_lie_beside_each_other() -> None:
    drawn = floor_plan(FLOOR, (walk(1), walk(2)), None)
    first, second = re.findall(r'points="([^"]+)"', drawn)
    assert first != second


def test_the_chosen_cart_alone_is_not_faded() -> None:
    drawn = floor_plan(FLOOR, (walk(1), walk(2), walk(3)), 2)
    assert re.findall(r'data-key="(\d)" data-faded="no"', drawn) == ["2"]


def test_what_came_from_outside_is_escaped() -> None:
    assert "<script>" not in floor_plan(FLOOR, (walk(1, "<script>"),), None)
