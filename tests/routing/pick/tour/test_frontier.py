from random import Random

import pytest

from routing.pick.floor.layout import Door, Layout, Side, Stop, Way
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.frontier import ground_of, is_exact
from routing.pick.tour.frontier_states import steps_of
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.floor_plan import a_floor, any_way_mm


@pytest.mark.parametrize("seed", range(10))
def test_a_tour_on_any_two_way_floor_is_as_short_as_the_best_of_all_orders(seed: int) -> None:
    rng = Random(seed)
    for _ in range(100):
        layout, stops = a_floor(rng)
        tour = solve_tour(layout, stops)
        assert tour.distance_mm == tour.bound_mm == any_way_mm(layout, stops), (layout, stops)
        assert tour.optimal
        assert audit_tour(layout, stops, tour) == [], (layout, stops, tour)
        assert sorted(tour.visits) == list(range(len(stops)))


def test_the_frontier_has_as_many_states_as_the_literature_counts() -> None:
    counts = [steps_of(corners, is_open=False).shape[1] for corners in range(2, 7)]
    assert counts == [7, 25, 113, 569, 3_033]


@pytest.mark.parametrize("width_mm", [0, 700])
@pytest.mark.parametrize("inner", [(), (4_000,), (3_000, 6_000), (2_000, 4_000, 6_000, 8_000)])
def test_a_longer_tour_is_what_its_path_says(width_mm: int, inner: tuple[int, ...]) -> None:
    rng = Random(len(inner))
    for drops in ((), (Door(1, at_back=True),)):
        layout = Layout(
            9, 10_000, 2_500, cross_aisles_mm=inner, aisle_width_mm=width_mm, drops=drops
        )
        stops = [
            Stop(rng.randrange(9), rng.randrange(10_001), rng.choice(list(Side))) for _ in range(40)
        ]
        tour = solve_tour(layout, stops)
        assert audit_tour(layout, stops, tour) == []


def test_a_cross_aisle_never_makes_a_tour_longer() -> None:
    rng = Random(5)
    stops = [Stop(rng.randrange(8), rng.randrange(12_001)) for _ in range(30)]
    cuts = ((), (6_000,), (3_000, 6_000), (3_000, 6_000, 9_000))
    lengths = [
        solve_tour(Layout(8, 12_000, 3_000, cross_aisles_mm=cut), stops).distance_mm for cut in cuts
    ]
    assert lengths == sorted(lengths, reverse=True)


def test_crossing_an_aisle_costs_its_width() -> None:
    stops = (Stop(0, 50, Side.LEFT), Stop(0, 50, Side.RIGHT))

    def length_mm(width_mm: int) -> int:
        return solve_tour(Layout(1, 100, 10, aisle_width_mm=width_mm), stops).distance_mm

    assert length_mm(0) == 100
    assert length_mm(7) == 100 + 7
    # To go on to the back and come home in the other lane costs as much as no crossing at all.
    assert length_mm(90) == 100 + 90
    assert length_mm(150) == 200


def test_a_walk_ends_at_the_best_drop() -> None:
    layout = Layout(3, 100, 10, drops=(Door(2), Door(2, at_back=True)))
    tour = solve_tour(layout, (Stop(2, 90),))
    assert tour.distance_mm == 20 + 100
    assert tour.path == ((0, 0), (20, 0), (20, 100))


def test_a_walk_begins_at_the_best_door_and_comes_back_to_it() -> None:
    layout = Layout(9, 100, 10, doors=(Door(0), Door(8), Door(4, at_back=True)))
    tour = solve_tour(layout, (Stop(7, 20),))
    assert tour.distance_mm == 2 * (10 + 20)
    assert tour.path[0] == tour.path[-1] == (80, 0)


def test_the_back_of_aisles_of_other_lengths_is_followed() -> None:
    layout = Layout(2, 100, 10, lengths_mm=(100, 60))
    tour = solve_tour(layout, (Stop(0, 100), Stop(1, 60)))
    assert tour.distance_mm == 100 + (10 + 40) + 60 + 10


def test_what_cannot_be_found_exactly_is_said() -> None:
    cuts = tuple(range(10, 70, 10))
    assert is_exact(Layout(2, 100, 10, cross_aisles_mm=cuts[:5]))
    assert not is_exact(Layout(2, 100, 10, cross_aisles_mm=cuts))
    assert is_exact(Layout(2, 100, 10, cross_aisles_mm=cuts[:4], drops=(Door(1),)))
    assert not is_exact(Layout(2, 100, 10, cross_aisles_mm=cuts[:5], drops=(Door(1),)))
    one_way = Layout(2, 100, 10, ways=(Way.UP, Way.DOWN))
    assert not is_exact(one_way)
    with pytest.raises(ValueError, match="two-way"):
        ground_of(one_way)
