"""Which engine is chosen, by the problem's shape, and why."""

import subprocess
import sys

import numpy as np
import pytest

from routing.delivery.choice import (
    MODULES,
    NAMES,
    Turns,
    choose_engine,
    engine_of,
    route_stops,
)
from routing.delivery.planner import plan_deliveries
from routing.delivery.problem import DeliveryProblem, Pair
from routing.delivery.stop import Kind, Window
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Break
from routing.effort import Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_van

DOORS = [a_stop(place) for place in (1, 2, 3, 4)]


def long_routes(count: int, open_s: int) -> DeliveryProblem:
    """So many stops with windows, half of which fit into one vehicle and its day of 9,000 s."""
    at = np.arange(count + 1, dtype=np.int64)
    metres = np.abs(at[:, None] - at[None, :])
    stops = [a_stop(k, windows=(Window(0, open_s),)) for k in range(1, count + 1)]
    van = a_van(capacity=(count // 2,), count=4, closes_s=9_000)
    return a_problem(stops, van, travel=Travel(metres, metres[None].copy()))


@pytest.mark.parametrize("name", MODULES)
def test_every_engine_offers_what_is_asked_of_it(name: str) -> None:
    engine = engine_of(name)
    assert callable(engine.solve)
    assert isinstance(engine.lacks(a_problem(DOORS)), str)


def test_a_plain_problem_goes_to_our_own_engine() -> None:
    choice = choose_engine(a_problem(DOORS), 1)
    assert choice.engine == "sisr"
    assert choice.second == ""


def test_two_types_of_vehicles_go_to_the_fleet_engine_with_the_reason() -> None:
    choice = choose_engine(a_problem(DOORS, a_van(id="one"), a_van(id="two")), 1)
    assert choice.engine == "fleet"


def test_mixed_vans_without_windows_are_planned_by_two_engines_in_turn() -> None:
    two = a_problem(DOORS, a_van(id="van"), a_van(id="truck", capacity=(30,)))
    choice = choose_engine(two, 1)
    assert (choice.engine, choice.second, choice.turns) == ("fleet", "pyvrp", Turns.ONWARD)
    effort = Effort(seed=1, iterations=400)
    first, again = (plan_deliveries(two, effort) for _ in range(2))
    assert first == again and not first.unserved


def test_pairs_go_to_the_pair_engine() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(2)]
    assert choose_engine(a_problem(stops, pairs=(Pair("s1", "s2"),)), 1).engine == "pair"


def test_what_none_of_ours_carries_goes_to_or_tools_and_it_says_why() -> None:
    choice = choose_engine(a_problem(DOORS, a_van(breaks=(Break(0, 9, 9),), trips_max=2)), 1)
    assert choice.engine == "ortools"
    assert "sisr does not fit" in choice.why


def test_beyond_the_librarys_size_the_simple_rule_is_left() -> None:
    stops = [a_stop(1, id=f"s{k}") for k in range(3_001)]
    choice = choose_engine(a_problem(stops, a_van(trips_max=2)), 1)
    assert choice.engine == "baseline"
    assert "memory" in choice.why


def test_long_routes_with_windows_go_to_pyvrp() -> None:
    assert choose_engine(long_routes(80, 1_000), 1).engine == "pyvrp"
    assert choose_engine(long_routes(250, 5_000), 1).engine == "pyvrp"


def test_on_few_stops_that_are_open_most_of_the_day_two_engines_begin_afresh_in_turn() -> None:
    choice = choose_engine(long_routes(80, 5_000), 1)
    assert (choice.engine, choice.second, choice.turns) == ("sisr", "pyvrp", Turns.AFRESH)
    assert "open for 56% of the day" in choice.why


def test_with_several_workers_the_other_engine_has_one() -> None:
    choice = choose_engine(long_routes(80, 1_000), 2)
    assert (choice.engine, choice.second) == ("pyvrp", "sisr")
    assert "sisr has a worker of its own" in choice.why


def test_an_engine_asked_for_is_taken_if_it_can() -> None:
    assert choose_engine(a_problem(DOORS), 1, "pyvrp").engine == "pyvrp"
    breaks = a_problem(DOORS, a_van(breaks=(Break(0, 9, 9),)))
    choice = choose_engine(breaks, 1, "pyvrp")
    assert choice.engine != "pyvrp"
    assert choice.why.startswith("pyvrp was asked for, but PyVRP knows no breaks")


def test_sisr_means_any_of_our_own() -> None:
    two = a_problem(DOORS, a_van(id="one"), a_van(id="two"))
    assert choose_engine(two, 1, "sisr").engine == "fleet"


def test_an_unknown_engine_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no engine magic; there are auto, sisr"):
        choose_engine(a_problem(DOORS), 1, "magic")
    assert NAMES[0] == "auto"


def test_a_route_has_as_many_stops_as_fit_into_the_vehicle_or_the_day() -> None:
    stops = [a_stop(k, load=(2,), service_s=900) for k in range(1, 21)]
    by_load = a_problem(stops, a_van(capacity=(10,)))
    assert route_stops(by_load) == 5
    by_time = a_problem(stops, a_van(capacity=(100,), closes_s=4_000))
    assert 2 < route_stops(by_time) < 4
    assert route_stops(a_problem([])) == 0


def test_choosing_loads_no_engine_before_it_is_needed() -> None:
    code = "import sys, routing.delivery.choice as c; print(sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "numba" not in loaded.stdout
    assert "ortools" not in loaded.stdout
    assert "pyvrp'" not in loaded.stdout
