"""The first plan: quick, complete where it can be, and drivable."""

from routing.delivery.audit import audit_deliveries
from routing.delivery.engine.start import STOPS_MAX, solve_start
from routing.delivery.problem import Begun, DeliveryProblem, Pair
from routing.delivery.stop import Kind
from routing.delivery.timetable import plan_of
from routing.effort import Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van

EFFORT = Effort(iterations=1)


def served(problem: DeliveryProblem) -> int:
    draft = solve_start(problem, EFFORT)
    assert draft is not None
    plan = plan_of(problem, draft, why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
    return len(problem.stops) - len(plan.unserved)


def test_a_plain_problem_is_served_whole() -> None:
    stops = [a_stop(place) for place in range(1, 21)]
    assert served(a_problem(stops, a_van(capacity=(5,), count=4))) == 20


def test_pairs_and_begun_routes_are_served_too() -> None:
    stops = [a_stop(1), a_stop(2, kind=Kind.PICKUP), a_stop(3), a_stop(4)]
    begun = (Begun("van", 1, ("s3",)),)
    assert served(a_problem(stops, pairs=(Pair("s2", "s1"),), begun=begun)) == 4


def test_nothing_to_serve_is_an_empty_plan() -> None:
    draft = solve_start(a_problem([]), EFFORT)
    assert draft is not None
    assert draft.runs == ()


def test_too_many_stops_for_the_library_are_told_at_once() -> None:
    stops = [a_stop(1, id=f"s{k}") for k in range(STOPS_MAX + 1)]
    assert solve_start(a_problem(stops, travel=a_street(2)), EFFORT) is None
