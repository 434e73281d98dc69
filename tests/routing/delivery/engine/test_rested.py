"""Our own searches where drivers rest: routes hold, and rests are in them."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from routing.delivery.audit import audit_deliveries
from routing.delivery.choice import choose_engine
from routing.delivery.engine.rested import lacks, solve
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem, Pair
from routing.delivery.sisr.solver import solve as search
from routing.delivery.stop import Kind, Window
from routing.delivery.timetable import plan_of
from routing.delivery.vehicle import Break, DrivingRule
from routing.effort import Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_van, problems

EFFORT = Effort(iterations=100)
DOORS = [a_stop(place) for place in (1, 2, 3, 4)]


def solved(problem: DeliveryProblem) -> DeliveryPlan:
    """An audited plan of what the engine finds."""
    plan = plan_of(problem, solve(problem, EFFORT), why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
    return plan


def test_a_break_lies_in_the_route_of_our_own_search() -> None:
    van = a_van(breaks=(Break(0, 30, 200),), closes_s=5_000)
    problem = a_problem(DOORS, van)
    assert choose_engine(problem, 1).engine == "rested"
    plan = solved(problem)
    assert not plan.unserved
    assert [pause.length_s for route in plan.routes for pause in route.pauses] == [200]


def test_whoever_cannot_rest_in_time_serves_less() -> None:
    stops = [a_stop(1, windows=(Window(0, 200),)), a_stop(2, windows=(Window(0, 400),))]
    free = a_problem(stops, a_van(closes_s=5_000))
    rested = a_problem(stops, a_van(closes_s=5_000, count=1, breaks=(Break(0, 120, 500),)))
    assert not plan_of(free, search(free, EFFORT), why="", seconds=0.0).unserved
    assert solved(rested).unserved


def test_pairs_of_drivers_who_rest_are_carried() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(2)]
    problem = a_problem(stops, a_van(breaks=(Break(0, 30, 60),)), pairs=(Pair("s1", "s2"),))
    assert lacks(problem) == ""
    assert solved(problem).routes[0].stops == ("s1", "s2")


def test_without_rests_it_leaves_the_problem_to_others() -> None:
    assert lacks(a_problem(DOORS)) == "there are no rests to put in"


def test_several_trips_are_nothing_that_easing_helps() -> None:
    assert "only once" in lacks(a_problem(DOORS, a_van(breaks=(Break(0, 9, 9),), trips_max=2)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_its_plans_hold_whatever_else_is_asked(problem: DeliveryProblem) -> None:
    vehicles = tuple(
        replace(each, breaks=(Break(5, 400, 60),), driving=DrivingRule(900, 100), trips_max=1)
        for each in problem.vehicles
    )
    problem = replace(problem, vehicles=vehicles, begun=(), balance_price=0.0)
    if not lacks(problem):
        solved(problem)
