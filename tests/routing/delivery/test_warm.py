"""A plan of before is gone on from as far as today's problem knows it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.delivery.draft import Draft, Run
from routing.delivery.problem import Begun, DeliveryProblem
from routing.delivery.timetable import timed_routes
from routing.delivery.trial import Trial
from routing.delivery.warm import refitted
from tests.routing.delivery.builders import a_problem, a_stop, a_van, problems

DOORS = [a_stop(place) for place in (1, 2, 3, 4)]
ON_ITS_WAY = a_problem(DOORS, a_van(count=3), begun=(Begun("van", 1, ("s2",)),))


def runs(*told: Run) -> tuple[Run, ...]:
    return refitted(ON_ITS_WAY, Draft(told, "before")).runs


def test_it_keeps_its_maker_and_its_numbers() -> None:
    whole = (Run(0, ((1, 0),), 1), Run(0, ((2, 3),), 2))
    assert refitted(ON_ITS_WAY, Draft(whole, "before", 7)) == Draft(whole, "before", 7)


def test_what_is_new_goes_where_it_costs_least_and_nothing_else_moves() -> None:
    assert runs(Run(0, ((1, 3),), 1), Run(0, ((0,),), 2)) == (
        Run(0, ((1, 2, 3),), 1),
        Run(0, ((0,),), 2),
    )


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        # The number of a vehicle that is on its way elsewhere is not for this route.
        (Run(0, ((0,),), 1), Run(0, ((0,),))),
        # What another has begun is not for it either.
        (Run(0, ((0, 1),), 0), Run(0, ((0,),), 0)),
        (Run(0, ((0,),), 9), Run(0, ((0,),))),
        (Run(0, ((0, 0, 99),), -1), Run(0, ((0,),))),
    ],
)
def test_a_begun_stop_and_its_number_are_its_vehicle_s(told: Run, kept: Run) -> None:
    begun = Run(0, ((1, 2, 3),), 1)
    assert runs(begun, told) == (begun, kept)


def test_a_begun_route_without_a_number_has_its_own() -> None:
    assert runs(Run(0, ((1, 0, 2, 3),)))[0].number == 1


def test_routes_beyond_the_vehicles_are_shared_out() -> None:
    three = runs(Run(0, ((0,),)), Run(0, ((2,),)), Run(0, ((3,),)), Run(0, ((1,),)))
    assert len(three) == 3
    assert sorted(stop for run in three for trip in run.trips for stop in trip) == [0, 1, 2, 3]


RUNS = st.builds(
    Run,
    st.integers(-1, 2),
    st.lists(st.lists(st.integers(-1, 8), max_size=4).map(tuple), max_size=3).map(tuple),
    st.none() | st.integers(-1, 3),
)


@settings(max_examples=80)
@given(problems(), st.lists(RUNS, max_size=5))
def test_what_comes_of_any_draft_can_be_driven(problem: DeliveryProblem, drawn: list[Run]) -> None:
    draft = refitted(problem, Draft(tuple(drawn), "before"))
    timed_routes(Trial(problem), draft.runs)
