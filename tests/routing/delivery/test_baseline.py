"""The simple rule serves what it can, and never breaks a promise."""

import pytest

from routing.delivery.audit import audit_deliveries
from routing.delivery.baseline import baseline
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, Window
from routing.delivery.timetable import plan_of
from routing.error import NoPlan
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van


def its_plan(problem: DeliveryProblem) -> DeliveryPlan:
    plan = plan_of(problem, baseline(problem), why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
    return plan


def test_stops_on_the_way_are_served_on_the_way() -> None:
    plan = its_plan(a_problem([a_stop(place) for place in (3, 1, 4, 2)]))
    assert plan.unserved == ()
    assert plan.distance_m == 800


def test_no_vehicle_goes_out_for_nothing() -> None:
    assert its_plan(a_problem([])).routes == ()


def test_the_urgent_stop_gets_the_place_there_is() -> None:
    stops = [a_stop(1, load=(10,)), a_stop(2, load=(10,), priority=5)]
    plan = its_plan(a_problem(stops, a_van(count=1)))
    assert [each.stop for each in plan.unserved] == ["s1"]


def test_a_begun_route_stays_and_others_join_it_behind() -> None:
    stops = [a_stop(5), a_stop(1), a_stop(3)]
    problem = a_problem(stops, a_van(count=1), begun=(Begun("van", 0, ("s5", "s1")),))
    assert its_plan(problem).routes[0].stops == ("s5", "s1", "s3")


def test_what_a_begun_route_has_fetched_is_brought_by_it() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(4), a_stop(2)]
    problem = a_problem(stops, pairs=(Pair("s1", "s4"),), begun=(Begun("van", 1, ("s1",)),))
    route = next(route for route in its_plan(problem).routes if route.number == 1)
    assert route.stops[0] == "s1"
    assert "s4" in route.stops


def test_a_begun_route_that_cannot_be_kept_is_named() -> None:
    stop = a_stop(5, windows=(Window(0, 10),))
    problem = a_problem([stop], begun=(Begun("van", 0, ("s5",)),))
    with pytest.raises(NoPlan, match="van 0 cannot keep the route that it has begun: stop s5"):
        baseline(problem)


def test_an_optional_stop_is_served_where_its_prize_pays_for_it() -> None:
    near, far = a_stop(1, prize=250.0), a_stop(9, prize=250.0)
    plan = its_plan(a_problem([near, far]))
    assert [each.stop for each in plan.unserved] == ["s9"]


def test_fewest_vehicles_go_out_where_vehicles_count() -> None:
    stops = [a_stop(place, load=(5,)) for place in (1, 2, 9, 10)]
    plan = its_plan(a_problem(stops, a_van(count=4), objective=Objective.VEHICLES))
    assert plan.vehicles == 2


def test_a_vehicle_goes_out_again_where_all_are_used() -> None:
    stops = [a_stop(place, load=(10,)) for place in (1, 2, 3)]
    plan = its_plan(a_problem(stops, a_van(count=1, trips_max=3, reload_s=600)))
    assert len(plan.routes[0].trips) == 3


def test_many_stops_are_planned_as_well() -> None:
    stops = [a_stop(place, windows=(Window(0, 50 * place),)) for place in range(1, 401)]
    van = a_van(count=60, capacity=(10,), trips_max=2)
    problem = a_problem(stops, van, travel=a_street(401, step_m=10))
    plan = its_plan(problem)
    assert plan.unserved == ()


def test_equal_problems_get_equal_plans() -> None:
    stops = [a_stop(place) for place in range(1, 30)]
    assert its_plan(a_problem(stops)) == its_plan(a_problem(stops))
