"""PyVRP's routes hold, and it says what it cannot carry."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from routing.delivery.audit import audit_deliveries
from routing.delivery.draft import Draft, Progress, Run
from routing.delivery.engine.pyvrp import lacks, solve
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, SoftWindow, Window
from routing.delivery.timetable import plan_of
from routing.delivery.vehicle import Break, Depot, DrivingRule
from routing.effort import Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, problems

EFFORT = Effort(iterations=150)
DOORS = [a_stop(place) for place in (1, 2, 3, 4)]


def solved(problem: DeliveryProblem, warm: Draft | None = None) -> DeliveryPlan:
    """An audited plan of what the engine finds."""
    plan = plan_of(problem, solve(problem, EFFORT, warm), why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
    return plan


def unserved(plan: DeliveryPlan) -> list[str]:
    return sorted(each.stop for each in plan.unserved)


def test_it_carries_a_plain_problem() -> None:
    problem = a_problem(DOORS, a_van(capacity=(2,)))
    assert lacks(problem) == ""
    assert solved(problem).distance_m == 1_200


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        (a_problem([a_stop(1, soft=SoftWindow(0, 1, 1.0, 1.0))]), "soft windows"),
        (a_problem(DOORS, a_van(breaks=(Break(0, 9, 9),))), "breaks"),
        (a_problem(DOORS, a_van(driving=DrivingRule())), "breaks"),
        (a_problem(DOORS, incompatible=frozenset({("a", "b")})), "must not meet"),
        (a_problem(DOORS, balance_price=1.0), "balance"),
        (a_problem(DOORS, begun=(Begun("van", 0, ("s1",)),)), "begun"),
        (a_problem(DOORS, objective=Objective.VEHICLES), "fewest"),
        (a_problem([a_stop(1), a_stop(2, priority=3)]), "priorities"),
    ],
)
def test_it_says_what_it_lacks(problem: DeliveryProblem, what: str) -> None:
    assert what in lacks(problem)


def test_one_of_several_windows_is_kept() -> None:
    stops = [
        a_stop(1, windows=(Window(0, 50), Window(500, 600))),
        a_stop(2, windows=(Window(0, 250),)),
    ]
    plan = solved(a_problem(stops, a_van(count=1)))
    assert plan.routes[0].stops == ("s2", "s1")


def test_skills_are_kept_and_the_pace_of_each_type() -> None:
    vans = [
        a_van(id="plain", speed_factor=2.0),
        a_van(id="lift", skills=frozenset({"lift"}), fixed_cost=5_000.0),
    ]
    stops = [a_stop(1, skills=frozenset({"lift"})), a_stop(4, windows=(Window(0, 200),))]
    plan = solved(a_problem(stops, *vans))
    assert {route.vehicle: route.stops for route in plan.routes} == {
        "lift": ("s1",),
        "plain": ("s4",),
    }


def test_trips_open_ends_and_several_depots() -> None:
    twice = solved(a_problem(DOORS, a_van(capacity=(2,), count=1, trips_max=2, reload_s=9)))
    assert [len(trip.visits) for trip in twice.routes[0].trips] == [2, 2]
    assert solved(a_problem(DOORS, a_van(end=None, count=1))).distance_m == 400
    depots = [Depot("depot", 0), Depot("other", 5)]
    vans = [a_van(), a_van(id="there", start="other", end="other")]
    assert solved(a_problem(DOORS, *vans, depots=depots, travel=a_street(6))).distance_m == 800


def test_pairs_are_driven_in_order_by_one_vehicle() -> None:
    stops = [a_stop(1), a_stop(2, kind=Kind.PICKUP), a_stop(3, kind=Kind.PICKUP), a_stop(4)]
    pairs = (Pair("s2", "s1"), Pair("s3", "s4"))
    plan = solved(a_problem(stops, a_van(capacity=(1,), count=1), pairs=pairs))
    assert unserved(plan) == []


def test_a_pair_that_would_be_delivered_before_it_can_be_picked_up_leaves_the_others_served() -> (
    None
):
    late = a_stop(2, kind=Kind.PICKUP, windows=(Window(500, 600),))
    stops = [a_stop(1, windows=(Window(0, 499),)), late, a_stop(3)]
    plan = solved(a_problem(stops, pairs=(Pair("s2", "s1"),)))
    assert unserved(plan) == ["s1", "s2"]


def test_prizes_decide_what_is_left_out() -> None:
    stops = [a_stop(1, prize=250.0), a_stop(5, prize=600.5)]
    assert unserved(solved(a_problem(stops))) == ["s5"]


def test_a_stop_that_fits_nowhere_leaves_the_others_served() -> None:
    stops = [*DOORS, a_stop(5, load=(99,)), a_stop(6, windows=(Window(0, 10),))]
    assert unserved(solved(a_problem(stops))) == ["s5", "s6"]


def test_too_few_vehicles_still_carry_what_they_can() -> None:
    plan = solved(a_problem(DOORS, a_van(capacity=(3,), count=1)))
    assert len(plan.unserved) == 1


def test_a_warm_start_is_not_made_worse() -> None:
    problem = a_problem([a_stop(k) for k in range(1, 9)], a_van(capacity=(4,)))
    warm = Draft((Run(0, ((7, 6, 5, 4),)), Run(0, ((0, 1, 2, 3),))), "given")
    before = plan_of(problem, warm, why="", seconds=0.0).cost
    none = replace(EFFORT, iterations=0)
    assert plan_of(problem, solve(problem, none, warm), why="", seconds=0.0).cost <= before


def test_equal_seeds_give_equal_routes_and_the_search_is_told_of() -> None:
    problem = a_problem([a_stop(k) for k in range(1, 15)], a_van(capacity=(4,), count=4))
    news: list[Progress] = []
    effort = Effort(seed=3, iterations=500)
    assert solve(problem, effort) == solve(problem, effort, watch=news.append)
    assert [each.iterations for each in news] == [0, 200, 400]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_every_route_holds_even_where_something_is_lacking(problem: DeliveryProblem) -> None:
    draft = solve(problem, Effort(iterations=20))
    plan = plan_of(problem, draft, why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
