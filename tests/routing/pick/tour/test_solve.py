from dataclasses import replace
from random import Random

import pytest

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.floor.layout import Door, Layout, NodeStop, Stop, Way
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.clock import tour_seconds
from routing.pick.tour.rule import RULES
from routing.pick.tour.solve import plan_tour, solve_tour
from tests.routing.pick.floor_plan import a_floor, any_way_mm

BRIEF = Effort(iterations=500)

# From node 0 one comes to 1 and 2 and back, to 3 only, from 4 only, and never to 5.
STREETS = Walkways(
    6,
    (Arc(0, 1, 10), Arc(1, 2, 5), Arc(2, 3, 7, one_way=True), Arc(4, 0, 9, one_way=True)),
    (0,),
)


@pytest.mark.parametrize("seed", range(4))
def test_a_tour_past_one_way_aisles_is_bounded_and_found_where_there_is_one(seed: int) -> None:
    rng = Random(seed)
    for _ in range(25):
        layout, stops = a_floor(rng, one_way=True)
        shortest_mm = any_way_mm(layout, stops)
        if shortest_mm < 0:
            with pytest.raises(NoPlan):
                solve_tour(layout, stops, effort=BRIEF)
            continue
        tour = solve_tour(layout, stops, effort=BRIEF)
        assert tour.bound_mm <= shortest_mm <= tour.distance_mm, (layout, stops)
        assert tour.distance_mm == shortest_mm or not tour.optimal
        assert audit_tour(layout, stops, tour) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_walks_past_all_that_can_be_reached_and_names_the_rest(seed: int) -> None:
    rng = Random(seed)
    for _ in range(25):
        layout, stops = a_floor(rng, one_way=True)
        strays = (*stops, Stop(layout.aisles, 0), Stop(0, layout.aisle_length_mm + 1))
        try:
            plan = plan_tour(layout, strays, effort=BRIEF)
        except NoPlan:
            assert any_way_mm(layout, ()) < 0
            continue
        out = {index for index, _ in plan.left_out}
        assert {len(stops), len(stops) + 1} <= out
        assert sorted({*plan.tour.visits} | out) == list(range(len(strays)))
        assert len(plan.tour.visits) + len(out) == len(strays)
        assert all(reason for _, reason in plan.left_out)
        rest = tuple(stop for index, stop in enumerate(strays) if index not in out)
        assert plan.tour.distance_mm >= any_way_mm(layout, rest) >= 0
        if any_way_mm(layout, stops) >= 0:
            assert len(out) == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_is_never_longer_than_its_baseline(seed: int) -> None:
    rng = Random(seed)
    for _ in range(25):
        layout, stops = a_floor(rng)
        plan = plan_tour(layout, stops)
        assert not plan.left_out
        assert not plan.baseline_mm or plan.tour.distance_mm <= plan.baseline_mm
        assert plan.tour.distance_mm == plan.tour.bound_mm == any_way_mm(layout, stops)
        assert plan.seconds == tour_seconds(layout, stops, plan.tour, Pace())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_walked_when_asked_for_and_says_how_far_from_the_best_it_may_be(
    rule: str,
) -> None:
    layout = Layout(5, 1_000, 100)
    stops = (Stop(1, 100), Stop(3, 900), Stop(4, 10), Stop(2, 450))
    plan = plan_tour(layout, stops, rule=rule)
    assert plan.tour.method == RULES[rule](layout, stops).method
    assert plan.tour.distance_mm == RULES[rule](layout, stops).distance_mm
    assert plan.tour.bound_mm == solve_tour(layout, stops).distance_mm
    assert audit_tour(layout, stops, plan.tour) == []


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"zigzag.*s_shape"):
        plan_tour(Layout(2, 100, 10), (Stop(0, 1),), rule="zigzag")


def test_a_rule_for_aisles_is_refused_on_walkways_and_with_ranks() -> None:
    with pytest.raises(NoPlan, match="walkways"):
        plan_tour(STREETS, (NodeStop(1),), rule="s_shape")
    with pytest.raises(NoPlan, match="ranks"):
        plan_tour(
            Layout(2, 100, 10), (Stop(0, 1), Stop(1, 1, rank=1)), rule="s_shape", precedence=True
        )


def test_what_walkways_do_not_lead_to_and_back_from_is_named() -> None:
    plan = plan_tour(STREETS, [NodeStop(node) for node in (5, 2, 3, 1, 4, 6, 2)])
    assert plan.tour.visits in ((3, 1, 6), (1, 6, 3))
    assert plan.tour.distance_mm == plan.tour.bound_mm == 30
    assert [index for index, _ in plan.left_out] == [0, 2, 4, 5]
    assert "node 6" in dict(plan.left_out)[5]


def test_stops_of_another_kind_of_floor_are_left_out() -> None:
    assert [index for index, _ in plan_tour(STREETS, (Stop(0, 1), NodeStop(1))).left_out] == [0]
    layout = Layout(2, 100, 10)
    assert [index for index, _ in plan_tour(layout, (Stop(0, 1), NodeStop(1))).left_out] == [1]
    with pytest.raises(ValueError, match="node"):
        solve_tour(layout, (NodeStop(1),))


def test_heavy_goods_are_picked_before_fragile_ones_only_where_that_is_asked() -> None:
    layout = Layout(3, 100, 10)
    stops = (Stop(0, 10, rank=9), Stop(2, 10, rank=0), Stop(1, 10, rank=9))
    free, ranked = solve_tour(layout, stops), solve_tour(layout, stops, precedence=True)
    assert ranked.visits[0] == 1
    assert ranked.distance_mm == ranked.bound_mm
    assert free.distance_mm <= ranked.distance_mm
    same = tuple(replace(stop, rank=5) for stop in stops)
    assert solve_tour(layout, same, precedence=True).distance_mm == free.distance_mm


def test_more_cross_aisles_than_can_be_swept_are_searched_with_a_bound() -> None:
    rng = Random(1)
    cuts = tuple(range(100, 1_000, 100))
    layout = Layout(4, 1_000, 150, cross_aisles_mm=cuts)
    stops = tuple(Stop(rng.randrange(4), rng.randrange(1_001)) for _ in range(6))
    tour = solve_tour(layout, stops, effort=BRIEF)
    assert tour.distance_mm == any_way_mm(layout, stops)
    assert audit_tour(layout, stops, tour) == []


def test_no_stops_is_the_shortest_way_from_a_door_to_a_drop() -> None:
    assert solve_tour(Layout(4, 100, 10), ()).distance_mm == 0
    assert (
        solve_tour(Layout(4, 100, 10, drops=(Door(2, at_back=True), Door(3))), ()).distance_mm == 30
    )
    one_way = Layout(3, 100, 10, ways=(Way.UP, Way.DOWN, Way.UP), drops=(Door(0, at_back=True),))
    assert solve_tour(one_way, (), effort=BRIEF).distance_mm == 100
