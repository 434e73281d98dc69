import subprocess
import sys
from random import Random

import pytest

from routing.error import NoPlan
from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop, Way
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.nearest import nearest
from routing.pick.tour.rule import (
    RULES,
    aisle_by_aisle,
    combined,
    largest_gap,
    midpoint,
    return_rule,
    s_shape,
)
from routing.pick.tour.search import search_tour
from tests.routing.pick.floor_plan import a_floor, any_way_mm

# Every rule but the nearest stop knows aisles only.
OF_AISLES = {name: rule for name, rule in RULES.items() if name != "nearest"}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_walks_a_true_path_on_any_layout_and_none_is_shorter_than_the_best(
    name: str,
) -> None:
    rng = Random(4)
    for _ in range(120):
        layout, stops = a_floor(rng)
        tour = RULES[name](layout, stops)
        assert audit_tour(layout, stops, tour) == []
        assert tour.distance_mm >= any_way_mm(layout, stops)
        assert (tour.method, tour.optimal) == (name, False)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_keeps_to_one_way_aisles_or_says_which_it_would_walk_against(name: str) -> None:
    rng = Random(5)
    kept = refused = 0
    for _ in range(200):
        layout, stops = a_floor(rng, one_way=True)
        try:
            tour = RULES[name](layout, stops)
        except NoPlan as refusal:
            assert name in str(refusal)
            refused += 1
            continue
        assert audit_tour(layout, stops, tour) == []
        kept += 1
    assert kept > 20
    assert refused > 20


@pytest.mark.parametrize("name", RULES)
def test_without_stops_a_rule_leads_from_door_to_drop(name: str) -> None:
    layout = Layout(4, 100, 10, doors=(Door(3),), drops=(Door(0), Door(2, at_back=True)))
    tour = RULES[name](layout, ())
    assert (tour.distance_mm, tour.visits, tour.path) == (30, (), ((30, 0), (0, 0)))


# Two blocks of 50, six aisles: x is the aisle, picks as (aisle, mm), the door at the left front.
TWO_BLOCKS = Layout(6, 100, 10, cross_aisles_mm=(50,))


def _mm(rule: str, layout: Layout, *places: tuple[int, int]) -> int:
    stops = [Stop(aisle, mm) for aisle, mm in places]
    tour = RULES[rule](layout, stops)
    assert audit_tour(layout, stops, tour) == []
    return tour.distance_mm


def test_s_shape_in_two_blocks_by_hand() -> None:
    # Up aisle 0 past its pick to the far block, through 1 and back through 3 there, on to the
    # nearer end of the near block, which is aisle 4, and through it home.
    picks = ((0, 20), (1, 60), (3, 90), (4, 10))
    assert _mm("s_shape", TWO_BLOCKS, *picks) == 50 + 10 + 50 + 20 + 50 + 10 + 50 + 40


def test_s_shape_turns_round_in_the_odd_last_aisle_of_a_far_block() -> None:
    picks = ((0, 20), (1, 60), (2, 60), (3, 70))
    far = 50 + 10 + 50 + 10 + 50 + 10 + 2 * 20
    assert _mm("s_shape", TWO_BLOCKS, *picks) == far + 30 + 50


def test_s_shape_walks_through_a_block_without_picks_on_its_way() -> None:
    three = Layout(3, 90, 10, cross_aisles_mm=(30, 60))
    assert _mm("s_shape", three, (0, 70), (1, 80)) == 60 + 30 + 10 + 30 + 60 + 10


def test_largest_gap_and_midpoint_in_one_block_by_hand() -> None:
    layout = Layout(3, 100, 10)
    picks = ((0, 50), (1, 10), (1, 30), (1, 45), (2, 50))
    assert _mm("largest_gap", layout, *picks) == 100 + 20 + 100 + 20 + 2 * 45
    assert _mm("midpoint", layout, *picks) == 100 + 20 + 100 + 20 + 2 * 45
    # The gap lies below the middle: all is taken from the back.
    low = ((0, 50), (1, 45), (1, 60), (2, 50))
    assert _mm("largest_gap", layout, *low) == 240 + 2 * 55
    assert _mm("midpoint", layout, *low) == 240 + 2 * 45 + 2 * 40


def test_largest_gap_goes_round_each_block() -> None:
    # Far block: up 0, into 1 from the back, down 3. Near block: into 2 from its far side, through
    # 1, as the farther of the two.
    picks = ((0, 60), (1, 90), (3, 60), (2, 45), (1, 10))
    far = 50 + 50 + 10 + 2 * 10 + 20 + 50
    assert _mm("largest_gap", TWO_BLOCKS, *picks) == far + 10 + 2 * 5 + 10 + 50 + 10


def test_return_enters_on_the_side_of_the_walks_end() -> None:
    layout = Layout(3, 100, 10)
    assert _mm("return", layout, (0, 30), (2, 60)) == 2 * 30 + 2 * 60 + 40
    back = Layout(3, 100, 10, doors=(Door(0, at_back=True),))
    assert _mm("return", back, (0, 30), (2, 60)) == 2 * 70 + 2 * 40 + 40


def test_combined_returns_where_that_is_shorter_than_walking_through() -> None:
    layout = Layout(4, 100, 10)
    picks = ((0, 95), (1, 95), (2, 5), (3, 5))
    assert _mm("combined", layout, *picks) == 100 + 100 + 2 * 5 + 2 * 5 + 60
    assert _mm("s_shape", layout, *picks) == 4 * 100 + 60
    assert _mm("return", layout, *picks) == 2 * (95 + 95 + 5 + 5) + 60


def test_combined_is_never_longer_than_s_shape_or_return_in_one_block() -> None:
    rng = Random(8)
    for _ in range(80):
        layout = Layout(6, 100, rng.randint(1, 20), rng.randrange(6))
        stops = [Stop(rng.randrange(6), rng.randint(0, 100)) for _ in range(rng.randint(1, 15))]
        best_mm = combined(layout, stops).distance_mm
        assert best_mm <= min(
            s_shape(layout, stops).distance_mm, return_rule(layout, stops).distance_mm
        )
        assert aisle_by_aisle(layout, stops).distance_mm <= best_mm


def test_aisle_by_aisle_changes_aisles_at_the_cross_aisle_in_between() -> None:
    # Up to 60 in aisle 0 and back to 50, along the middle, from 50 up to 60 and home by aisle 1.
    assert _mm("aisle_by_aisle", TWO_BLOCKS, (0, 60), (1, 60)) == 60 + 10 + 10 + 10 + 60 + 10


def test_any_door_and_any_drop_are_tried() -> None:
    layout = Layout(
        5, 100, 10, doors=(Door(0), Door(4, at_back=True)), drops=(Door(0, at_back=True), Door(4))
    )
    for rule in RULES:
        assert _mm(rule, layout, (4, 30)) == 100


def test_walks_in_from_one_side_and_out_on_the_other_end_at_the_drop() -> None:
    layout = Layout(4, 100, 10, doors=(Door(0, at_back=True),), drops=(Door(0),))
    # In from the back: through 1, on to 3 along the front, and back there to the front again.
    assert _mm("s_shape", layout, (1, 50), (3, 50)) == 10 + 100 + 20 + 2 * 50 + 30
    assert _mm("largest_gap", layout, (1, 80), (3, 50)) == 10 + 2 * 20 + 20 + 100 + 30


def test_steps_from_rack_to_rack_are_counted_though_the_rule_does_not_look_at_them() -> None:
    layout = Layout(2, 100, 10, aisle_width_mm=3)
    zigzag = [Stop(0, 10, Side.LEFT), Stop(0, 20, Side.RIGHT), Stop(0, 30, Side.LEFT)]
    home = Stop(1, 50, Side.LEFT)
    assert s_shape(layout, [*zigzag, home]).distance_mm == 220 + 2 * 3
    # Out along the one rack and home along the other: one step between them, at the turn.
    assert return_rule(layout, zigzag[:2]).distance_mm == 43
    assert return_rule(layout, [*zigzag[:1], Stop(0, 10, Side.RIGHT)]).distance_mm == 23


def test_a_rule_against_a_one_way_aisle_is_refused_by_the_aisles_name() -> None:
    layout = Layout(3, 100, 10, ways=(Way.UP, Way.UP, Way.DOWN))
    stops = (Stop(0, 10), Stop(1, 10))
    with pytest.raises(NoPlan, match="s_shape walks aisle 1 against its one way"):
        s_shape(layout, stops)
    assert s_shape(layout, (Stop(0, 10), Stop(2, 10))).distance_mm == 240
    with pytest.raises(NoPlan, match="return walks aisle 0"):
        return_rule(layout, stops)


@pytest.mark.parametrize("name", OF_AISLES)
def test_a_rule_of_aisles_has_nothing_to_say_about_walkways(name: str) -> None:
    walkways = Walkways(2, (Arc(0, 1, 5),), (0,))
    with pytest.raises(NoPlan, match=f"{name} needs aisles"):
        RULES[name](walkways, [NodeStop(1)])


def test_the_nearest_stop_comes_next_on_walkways_too() -> None:
    arcs = (Arc(0, 1, 4), Arc(0, 2, 3), Arc(1, 3, 1), Arc(2, 4, 9, one_way=True))
    walkways = Walkways(5, arcs, (0,))
    stops = (NodeStop(3), NodeStop(2))
    tour = nearest(walkways, stops)
    assert (tour.visits, tour.distance_mm) == ((1, 0), 3 + 3 + 5 + 5)
    assert audit_tour(walkways, stops, tour) == []
    assert tour.distance_mm >= search_tour(walkways, stops).distance_mm
    with pytest.raises(NoPlan, match="nearest"):
        nearest(walkways, [NodeStop(4)])


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("stop", [Stop(3, 0), Stop(0, 101), NodeStop(0)])
def test_a_stop_outside_is_refused(name: str, stop: Stop | NodeStop) -> None:
    with pytest.raises(ValueError, match="stop"):
        RULES[name](Layout(3, 100, 10), [stop])


def test_rules_are_known_by_the_names_of_their_tours() -> None:
    assert RULES["return"] is return_rule
    assert {RULES["largest_gap"], RULES["midpoint"]} == {largest_gap, midpoint}


@pytest.mark.parametrize("module", ["tour.rule", "tour.audit", "tour.clock", "floor.lattice"])
def test_rules_audit_and_clock_load_no_solver(module: str) -> None:
    loaded = "{'numba', 'ortools', 'numpy'} & set(sys.modules)"
    code = f"import sys, routing.pick.{module}; print({loaded})"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
