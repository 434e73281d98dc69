"""The drawing of a wave's floor."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from api.console.wave import draw_wave, floor_plan
from wms.overview.floor import Floor, LeftOut, Visit, Walk, WaveOnFloor, WaveRow

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


ROW = WaveRow(
    7, "released", "timer:waves", "annealing", 3, 1, 0, 4, 0, 70_000, 100_000, 1, None,
    datetime(2010, 12, 1, tzinfo=UTC), None,
)  # fmt: skip


def _page(row: WaveRow) -> str:
    left_out = (LeftOut(5, "A-5", 5, "this wave is <full>"),)
    return draw_wave(WaveOnFloor(row, FLOOR, (walk(1),), left_out), None)


def test_a_wave_says_how_good_its_plan_is_and_how_its_orders_were_chosen() -> None:
    choice = {"waiting": 40, "units": 120, "aisles": 6, "units_per_aisle": 20.0, "bound": 22.04}
    page = _page(
        replace(
            ROW, bound_mm=68_000, walk_s=4_200.0, solve_s=0.4, solve_s_max=30.0, choice=choice,
            reason="fulfilment order <3> cannot wait",
        )
    )  # fmt: skip
    assert "30 %" in page
    assert "at most 2.9% too long" in page
    assert "Of 40 waiting orders" in page
    assert "no choice gives more than 22.0." in page
    assert "All walks together take 1 h 10 min." in page
    assert "ended after 0.4 s of 30 s: nothing better came" in page
    assert "&lt;3&gt; cannot wait" in page
    assert "this wave is &lt;full&gt;" in page


def test_a_wave_of_which_nothing_is_known_says_nothing() -> None:
    page = _page(ROW)
    assert "too long" not in page
    assert "ended after" not in page
    assert "as short as can be" in _page(replace(ROW, bound_mm=70_000))
    late = replace(ROW, solve_s=30.0, solve_s_max=30.0, choice=None)
    assert "its time was over" in _page(late)


def test_a_floor_shows_where_walks_end_if_it_is_another_place() -> None:
    assert floor_plan(FLOOR, (), None).count("DEPOT") == 1
    assert "DROP" not in floor_plan(replace(FLOOR, drop_aisle=1), (), None)
    for at_back in (False, True):
        other = replace(FLOOR, drop_aisle=3, drop_at_back=at_back)
        assert floor_plan(other, (), None).count("DROP") == 1
