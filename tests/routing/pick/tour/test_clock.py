import pytest

from routing.pick.floor.layout import Layout, NodeStop, Side, Stop
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour.clock import tour_seconds, turns_of
from routing.pick.tour.plan import Tour
from routing.pick.tour.search import search_tour

STILL = Pace(speed_mm_s=1_000, setup_s=0, turn_s=0, stop_s=0, reach_s=0, pick_s=0)


def test_a_walk_by_hand() -> None:
    layout = Layout(3, 10_000, 2_000)
    stops = (Stop(1, 4_000, level=2, units=3), Stop(1, 4_000), Stop(1, 6_000))
    tour = search_tour(layout, stops)
    assert tour.path == ((0, 0), (2_000, 0), (2_000, 6_000), (2_000, 0), (0, 0))
    pace = Pace(speed_mm_s=800, setup_s=30, turn_s=1.5, stop_s=4, reach_s=2, pick_s=3)
    # Into the aisle, round at its farthest stop, and out of it; two places, five units.
    seconds = 30 + 16_000 / 800 + 3 * 1.5 + 2 * 4 + 2 * 2 + 5 * 3
    assert tour_seconds(layout, stops, tour, pace) == pytest.approx(seconds)


def test_no_walk_takes_its_setup() -> None:
    layout = Layout(1, 100, 10)
    assert tour_seconds(layout, (), search_tour(layout, ()), Pace(setup_s=42)) == 42


def test_a_step_to_a_lane_is_no_turn_and_racks_are_places_of_their_own() -> None:
    layout = Layout(2, 100, 20, aisle_width_mm=6)
    stops = (Stop(1, 40, Side.LEFT), Stop(1, 40, Side.RIGHT))
    tour = search_tour(layout, stops)
    assert turns_of(layout, tour) == 3
    pace = Pace(speed_mm_s=1_000_000, setup_s=0, turn_s=0, stop_s=5, pick_s=0)
    assert tour_seconds(layout, stops, tour, pace) == pytest.approx(10, abs=0.01)
    narrow = Layout(2, 100, 20)
    tour = search_tour(narrow, stops)
    assert tour_seconds(narrow, stops, tour, pace) == pytest.approx(5, abs=0.01)


def test_a_place_come_back_to_for_a_higher_rank_is_a_second_halt() -> None:
    layout = Layout(1, 1_000, 10)
    stops = (Stop(0, 500, rank=0), Stop(0, 800, rank=1), Stop(0, 500, rank=2))
    tour = search_tour(layout, stops, precedence=True)
    pace = Pace(speed_mm_s=1_000, setup_s=0, turn_s=0, stop_s=1, pick_s=0)
    assert tour_seconds(layout, stops, tour, pace) == pytest.approx(1.6 + 3)


def test_on_walkways_turns_are_those_of_the_points_or_only_turning_back() -> None:
    arcs = (Arc(0, 1, 10), Arc(1, 2, 10), Arc(2, 3, 14))
    points = ((0, 0), (10, 0), (20, 0), (30, 10))
    stops = (NodeStop(3),)
    drawn, bare = (Walkways(4, arcs, (0,), points=given) for given in (points, ()))
    assert turns_of(drawn, search_tour(drawn, stops)) == 3
    assert turns_of(bare, search_tour(bare, stops)) == 1


def test_walking_alone_is_distance_by_speed() -> None:
    layout = Layout(4, 9_000, 3_000)
    stops = (Stop(3, 700), Stop(2, 8_000))
    tour = search_tour(layout, stops)
    assert tour_seconds(layout, stops, tour, STILL) == tour.distance_mm / 1_000
    faster = Tour(0, tour.visits, tour.path, tour.method, tour.optimal)
    assert tour_seconds(layout, stops, faster, STILL) == 0
