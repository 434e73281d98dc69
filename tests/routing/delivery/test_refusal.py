"""What no vehicle could ever serve is named before anybody searches, and nothing else is."""

import numpy as np
import pytest

from routing.delivery.problem import DeliveryProblem
from routing.delivery.refusal import hopeless
from routing.delivery.travel import FAR, Travel
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van

TWO = [a_stop(1), a_stop(2)]
OUT = ["stop s2 is out of reach: no vehicle finds a way there and back"]


def shut(
    *legs: tuple[int, int], seconds_only: bool = False, end: str | None = "depot"
) -> list[str]:
    """What is said of two doors in a street with these legs closed."""
    street = a_street(3)
    metres, seconds = street.distance_m.copy(), street.duration_s.copy()
    for start, to in legs:
        seconds[0, start, to] = FAR
        metres[start, to] = metres[start, to] if seconds_only else FAR
    problem = a_problem(TWO, a_van(end=end), travel=Travel(metres, seconds))
    return hopeless(problem)


def test_nothing_is_said_of_stops_that_can_be_served() -> None:
    assert hopeless(a_problem(TWO)) == []


def test_a_load_above_every_vehicle_is_named_with_its_way_of_measuring() -> None:
    stops = [a_stop(1, load=(5,)), a_stop(2, load=(11,)), a_stop(3, load=(11,), prize=4.0)]
    vans = (a_van(), a_van(id="none", capacity=(99,), count=0))
    assert hopeless(a_problem(stops, *vans)) == [
        "stop s2 asks for 11, and no vehicle takes more than 10"
    ]
    twice = a_problem([a_stop(1, load=(1, 9))], a_van(capacity=(2, 8)))
    assert hopeless(twice) == [
        "stop s1 asks for 9 in dimension 2, and no vehicle takes more than 8"
    ]


@pytest.mark.parametrize("seconds_only", [False, True])
def test_a_place_without_a_way_there_or_back_is_named(seconds_only: bool) -> None:
    assert shut((0, 2), (1, 2), seconds_only=seconds_only) == OUT
    assert shut((2, 0), (2, 1), seconds_only=seconds_only) == OUT
    assert shut((2, 0), (2, 1), end=None) == []


def test_a_place_that_lies_behind_another_stop_is_in_reach() -> None:
    assert shut((0, 2), (2, 0)) == []


def test_the_way_of_a_type_without_vehicles_is_nobodys() -> None:
    street = a_street(2)
    problem: DeliveryProblem = a_problem([a_stop(1)], a_van(count=0, capacity=(1,)), travel=street)
    assert hopeless(problem) == ["stop s1 asks for 1, and no vehicle takes more than 0"]
    empty = a_problem([a_stop(1, load=(0,))], a_van(count=0), travel=street)
    assert hopeless(empty) == ["stop s1 is out of reach: no vehicle finds a way there and back"]


def test_many_places_are_looked_at_at_once() -> None:
    rng = np.random.default_rng(1)
    metres = np.full((400, 400), FAR, np.int64)
    round_trip = np.append(rng.permutation(np.arange(1, 400)), 0)
    at = 0
    for to in round_trip.tolist():
        metres[at, to], at = 5, to
    stops = [a_stop(k) for k in range(1, 400)]
    assert hopeless(a_problem(stops, travel=Travel(metres, metres[None].copy()))) == []
