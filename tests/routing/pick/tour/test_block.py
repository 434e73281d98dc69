import subprocess
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.pick.floor.layout import Layout, Stop
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.rule import largest_gap, return_rule, s_shape
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.floor_plan import a_block, shortest_mm

RULES = (s_shape, return_rule, largest_gap)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Layout, tuple[Stop, ...]]:
    aisles = draw(st.integers(1, 12))
    length_mm = draw(st.integers(1, 500))
    layout = Layout(aisles, length_mm, draw(st.integers(1, 100)), draw(st.integers(0, aisles - 1)))
    stop = st.builds(Stop, st.integers(0, aisles - 1), st.integers(0, length_mm))
    return layout, tuple(draw(st.lists(stop, max_size=60)))


@pytest.mark.parametrize("seed", range(8))
def test_an_exact_tour_is_as_short_as_the_best_of_all_orders(seed: int) -> None:
    rng = Random(seed)
    for _ in range(60):
        layout, stops = a_block(rng)
        tour = solve_tour(layout, stops)
        assert tour.distance_mm == shortest_mm(layout, stops), (layout, stops)
        assert tour.optimal


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(blocks())
def test_a_tour_visits_each_stop_once_on_a_path_as_long_as_it_says(
    block: tuple[Layout, tuple[Stop, ...]],
) -> None:
    layout, stops = block
    tour = solve_tour(layout, stops)
    assert audit_tour(layout, stops, tour) == []
    assert sorted(tour.visits) == list(range(len(stops)))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(blocks())
def test_rules_walk_true_paths_and_none_is_shorter_than_the_exact_tour(
    block: tuple[Layout, tuple[Stop, ...]],
) -> None:
    layout, stops = block
    shortest = solve_tour(layout, stops).distance_mm
    for rule in RULES:
        tour = rule(layout, stops)
        assert audit_tour(layout, stops, tour) == []
        assert tour.distance_mm >= shortest
        assert not tour.optimal


def test_no_stops_is_no_walk() -> None:
    layout = Layout(5, 1000, 100, depot_aisle=3)
    for tour in (solve_tour(layout, ()), s_shape(layout, ())):
        assert (tour.distance_mm, tour.visits, tour.path) == (0, (), ((300, 0),))


def test_a_walk_by_hand() -> None:
    layout = Layout(3, 100, 10, depot_aisle=1)
    stops = (Stop(2, 90), Stop(0, 80), Stop(1, 0))
    tour = solve_tour(layout, stops)
    # Out by one outer aisle, along the back, home by the other.
    assert tour.distance_mm == 100 + 100 + 4 * 10
    assert tour.visits[0] == 2


def test_s_shape_turns_round_in_a_last_aisle_entered_from_the_front() -> None:
    layout = Layout(4, 100, 10)
    stops = (Stop(1, 20), Stop(2, 50), Stop(3, 70))
    assert s_shape(layout, stops).distance_mm == 100 + 100 + 2 * 70 + 2 * 30


@pytest.mark.parametrize("stop", [Stop(3, 0), Stop(0, 101)])
def test_a_stop_outside_the_block_is_refused(stop: Stop) -> None:
    layout = Layout(3, 100, 10)
    for solve in (solve_tour, *RULES):
        with pytest.raises(ValueError, match="stop"):
            solve(layout, [stop])


@pytest.mark.parametrize(
    ("sizes", "fault"),
    [
        ((0, 1, 1, 0), "aisles"),
        ((1, 0, 1, 0), "aisle_length_mm"),
        ((1, 1, 0, 0), "aisle_pitch_mm"),
        ((2, 1, 1, 2), "depot_aisle"),
        ((2, 1, 1, -1), "depot_aisle"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(sizes: tuple[int, int, int, int], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Layout(*sizes)


@pytest.mark.parametrize(
    "module",
    ["routing", "routing.pick.batch.problem", "routing.pick.batch.audit", "routing.pick.tour.rule"],
)
def test_problems_and_audits_load_no_solver(module: str) -> None:
    code = f"import sys, {module}; print({{'numba', 'ortools', 'numpy'}} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
