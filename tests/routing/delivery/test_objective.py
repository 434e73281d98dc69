"""Which of two plans is better."""

from routing.delivery.objective import rank
from routing.delivery.problem import Objective
from tests.routing.delivery.builders import a_problem, a_stop

STOPS = [
    a_stop(1, priority=9),
    a_stop(2, priority=1),
    a_stop(3, priority=1),
    a_stop(4, prize=10.0, priority=9),
]
ALL = range(4)


def test_one_urgent_stop_counts_more_than_all_others() -> None:
    problem = a_problem(STOPS)
    assert rank(problem, {0}, 5, 900.0) < rank(problem, {1, 2, 3}, 1, 10.0)


def test_serving_more_counts_more_than_cost() -> None:
    problem = a_problem(STOPS)
    assert rank(problem, {0, 1, 2}, 5, 900.0) < rank(problem, {0, 1}, 1, 10.0)


def test_an_optional_stop_counts_by_its_prize_alone() -> None:
    problem = a_problem(STOPS)
    assert rank(problem, {0, 1, 2}, 1, 10.0) < rank(problem, ALL, 1, 11.0)


def test_vehicles_count_before_cost_only_where_that_is_the_objective() -> None:
    by_cost = a_problem(STOPS)
    by_vehicles = a_problem(STOPS, objective=Objective.VEHICLES)
    assert rank(by_cost, ALL, 3, 10.0) < rank(by_cost, ALL, 2, 11.0)
    assert rank(by_vehicles, ALL, 2, 11.0) < rank(by_vehicles, ALL, 3, 10.0)
