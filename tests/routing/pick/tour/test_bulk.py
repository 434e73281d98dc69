from random import Random

import numpy as np
import pytest

from routing.pick.floor.layout import Door, Layout, Side, Stop, Way
from routing.pick.tour.bulk import measure_many, solve_many
from routing.pick.tour.solve import solve_tour

LAYOUTS = (
    Layout(6, 100, 10, 2),
    Layout(6, 100, 10, lengths_mm=(100, 80, 80, 30, 100, 90), cross_aisles_mm=(40,)),
    Layout(6, 100, 10, aisle_width_mm=5, drops=(Door(5, at_back=True),)),
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_walks_at_once_are_those_found_one_by_one(layout: Layout) -> None:
    rng = Random(3)
    walks = []
    for _ in range(40):
        aisles = [rng.randrange(6) for _ in range(rng.randint(0, 12))]
        walks.append(
            [Stop(a, rng.randint(0, layout.length_of(a)), rng.choice(list(Side))) for a in aisles]
        )
    stops = [stop for walk in walks for stop in walk]
    flat = (
        np.array([stop.aisle for stop in stops]),
        np.array([stop.position_mm for stop in stops]),
        np.cumsum([0, *map(len, walks)]),
        np.array([stop.side is Side.RIGHT for stop in stops]),
    )
    lengths_mm, visits = solve_many(layout, *flat)
    tours = [solve_tour(layout, walk) for walk in walks]
    assert lengths_mm.tolist() == [tour.distance_mm for tour in tours]
    assert visits.tolist() == [visit for tour in tours for visit in tour.visits]
    assert measure_many(layout, *flat).tolist() == lengths_mm.tolist()


@pytest.mark.parametrize(
    ("aisle", "mm", "start", "side", "fault"),
    [
        ([0, 6], [1, 1], [0, 2], None, "outside"),
        ([0, -1], [1, 1], [0, 2], None, "outside"),
        ([0, 1], [1, 101], [0, 2], None, "beyond"),
        ([0, 1], [-1, 1], [0, 2], None, "beyond"),
        ([0, 1], [1], [0, 2], None, "as long"),
        ([0, 1], [1, 1], [0, 2], [0], "as long"),
        ([0, 1], [1, 1], [0, 2], [0, 2], "side"),
        ([0, 1], [1, 1], [0, 1], None, "start"),
        ([0, 1], [1, 1], [1, 2], None, "start"),
        ([0, 1], [1, 1], [0, 2, 1, 2], None, "start"),
        ([0, 1], [1, 1], [], None, "start"),
    ],
)
def test_arrays_that_make_no_sense_are_refused(
    aisle: list[int], mm: list[int], start: list[int], side: list[int] | None, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        solve_many(LAYOUTS[0], aisle, mm, start, side)


def test_one_way_aisles_are_refused() -> None:
    with pytest.raises(ValueError, match="two-way"):
        measure_many(Layout(1, 100, 10, ways=(Way.UP,)), [0], [1], [0, 1])
