from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.delivery.draft import Draft, Progress, Run
from routing.delivery.problem import DeliveryProblem, Objective, Pair
from routing.delivery.sisr.solver import lacks, solve, solve_with_pool
from routing.delivery.stop import Kind, Stop, Window
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Depot
from routing.effort import Clock, Effort
from tests.routing.delivery.sisr.town import (
    a_town,
    cost_of,
    fault_of,
    faults,
    least_cost,
    left_out,
    metres_of,
    routes_of,
)

BRIEF = Effort(seed=1, iterations=400)


def _with_stop(problem: DeliveryProblem, index: int, **changes: object) -> DeliveryProblem:
    stops = list(problem.stops)
    stops[index] = replace(stops[index], **changes)  # type: ignore[arg-type]
    return replace(problem, stops=tuple(stops))


def _with_vehicle(problem: DeliveryProblem, **changes: object) -> DeliveryProblem:
    vehicle = replace(problem.vehicles[0], **changes)  # type: ignore[arg-type]
    return replace(problem, vehicles=(vehicle,))


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("one_way", [False, True])
@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_six_stops_are_served_as_well_as_can_be(
    timed: bool, one_way: bool, objective: Objective, seed: int
) -> None:
    problem = a_town(6, seed, timed=timed, one_way=one_way, objective=objective)
    draft = solve(problem, Effort(seed=seed, iterations=2_000))
    assert faults(problem, draft) == []
    unserved, vehicles, cost = least_cost(problem)
    assert len(left_out(problem, draft)) == unserved
    assert cost_of(problem, draft) == cost
    if objective is Objective.VEHICLES:
        assert len(draft.runs) == vehicles


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_one_vehicle_serves_as_many_stops_as_it_can(timed: bool, seed: int) -> None:
    problem = a_town(6, seed, timed=timed, vehicles=1, capacity=9)
    draft = solve(problem, Effort(seed=seed, iterations=2_000))
    assert faults(problem, draft) == []
    unserved, _, cost = least_cost(problem)
    assert unserved > 0
    assert (len(left_out(problem, draft)), cost_of(problem, draft)) == (unserved, cost)


@given(
    stops=st.integers(1, 40),
    seed=st.integers(0, 10_000),
    timed=st.booleans(),
    vehicles=st.integers(1, 8),
    objective=st.sampled_from(Objective),
)
@settings(max_examples=40)
def test_every_draft_can_be_driven(
    stops: int, seed: int, timed: bool, vehicles: int, objective: Objective
) -> None:
    problem = a_town(stops, seed, timed=timed, vehicles=vehicles, objective=objective)
    assert faults(problem, solve(problem, BRIEF)) == []


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("vehicles", [3, 20])
def test_equal_seeds_and_iterations_give_equal_drafts(objective: Objective, vehicles: int) -> None:
    problem = a_town(40, 1, timed=True, vehicles=vehicles, objective=objective)
    drafts = [solve(problem, Effort(seed=7, iterations=3_000)) for _ in range(2)]
    assert drafts[0] == drafts[1]
    assert solve(problem, Effort(seed=8, iterations=3_000)) != drafts[0]


def test_without_iterations_the_start_is_handed_over() -> None:
    problem = a_town(30, 1, timed=True)
    draft = solve(problem, Effort(seed=1, iterations=0))
    assert faults(problem, draft) == []
    assert draft.iterations == 0
    assert not left_out(problem, draft)


def test_without_time_the_start_is_handed_over() -> None:
    problem = a_town(30, 1)
    draft = solve(problem, Effort(seed=1, seconds=0.0, clock=Clock.CPU))
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_more_iterations_are_not_worse_than_the_start() -> None:
    problem = a_town(60, 2, timed=True)
    start = cost_of(problem, solve(problem, Effort(seed=1, iterations=0)))
    assert cost_of(problem, solve(problem, Effort(seed=1, iterations=5_000))) < start


def test_a_time_limit_ends_a_search_that_has_no_other() -> None:
    problem = a_town(30, 1)
    draft = solve(problem, Effort(seed=1, seconds=0.2, clock=Clock.CPU))
    assert faults(problem, draft) == []
    assert draft.iterations > 0


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("iterations", [0, 1_000])
def test_given_routes_are_never_made_worse(timed: bool, iterations: int) -> None:
    problem = a_town(40, 3, timed=timed)
    warm = solve(problem, Effort(seed=1, iterations=20_000))
    again = solve(problem, Effort(seed=2, iterations=iterations), warm)
    assert faults(problem, again) == []
    assert not left_out(problem, again)
    assert cost_of(problem, again) <= cost_of(problem, warm)


def test_given_routes_that_cannot_be_driven_are_mended() -> None:
    problem = a_town(20, 3, timed=True, capacity=10)
    everything = Run(0, (tuple(range(20)),))
    draft = solve(problem, Effort(seed=1, iterations=500), Draft((everything,), "hand"))
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_given_routes_may_miss_stops_and_name_more_vehicles_than_there_are() -> None:
    problem = a_town(12, 3, capacity=30, vehicles=3)
    warm = Draft(tuple(Run(0, ((stop,),)) for stop in range(8)), "hand")
    draft = solve(problem, Effort(seed=1, iterations=2_000), warm)
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_the_more_urgent_stops_are_served_first() -> None:
    problem = a_town(30, 5, vehicles=2)
    urgent = {3, 8, 13, 21}
    for stop in urgent:
        problem = _with_stop(problem, stop, priority=9, load=(5,))
    draft = solve(problem, Effort(seed=1, iterations=20_000))
    assert faults(problem, draft) == []
    assert left_out(problem, draft)
    assert not urgent & left_out(problem, draft)


def test_one_urgent_stop_goes_before_many_others() -> None:
    problem = a_town(6, 1, vehicles=1, capacity=5)
    for stop in range(6):
        problem = _with_stop(problem, stop, load=(1,))
    problem = _with_stop(problem, 2, load=(5,), priority=1)
    draft = solve(problem, Effort(seed=1, iterations=2_000))
    assert routes_of(draft) == [(2,)]


def test_a_stop_that_nobody_can_serve_is_left_out_and_the_others_are_not() -> None:
    problem = a_town(10, 2, timed=True)
    late = Window(0, 0)
    problem = _with_stop(problem, 1, windows=(late,))
    problem = _with_stop(problem, 4, load=(13,))
    problem = _with_stop(problem, 5, skills=frozenset({"crane"}))
    problem = _with_stop(problem, 7, vehicles=frozenset())
    draft = solve(problem, BRIEF)
    assert faults(problem, draft) == []
    assert left_out(problem, draft) == {1, 4, 5, 7}


def test_where_nobody_can_be_served_nobody_goes_out() -> None:
    problem = a_town(5, 2, timed=True)
    for stop in range(5):
        problem = _with_stop(problem, stop, windows=(Window(0, 0),))
    assert solve(problem, BRIEF) == Draft((), "sisr")


def test_without_stops_or_without_vehicles_nobody_goes_out() -> None:
    problem = a_town(5, 2)
    assert solve(replace(problem, stops=()), BRIEF).runs == ()
    assert solve(_with_vehicle(problem, count=0), BRIEF).runs == ()


@pytest.mark.parametrize("stops", [1, 2, 3])
def test_few_stops_are_served(stops: int) -> None:
    problem = a_town(stops, 2)
    draft = solve(problem, BRIEF)
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_stops_at_one_place_are_all_served() -> None:
    problem = a_town(8, 2)
    stops = tuple(replace(stop, place=1) for stop in problem.stops)
    problem = replace(problem, stops=stops)
    draft = solve(problem, BRIEF)
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_a_way_that_is_missing_is_never_driven() -> None:
    problem = a_town(20, 4, capacity=60)
    metres = problem.travel.distance_m.copy()
    # Between the two halves of the town one has to go by the depot.
    metres[1:11, 11:] = FAR
    metres[11:, 1:11] = FAR
    problem = replace(problem, travel=Travel(metres, metres[None]))
    draft = solve(problem, Effort(seed=1, iterations=2_000))
    assert faults(problem, draft) == []
    assert not left_out(problem, draft)


def test_detours_that_are_quicker_than_the_straight_way_make_nobody_late() -> None:
    rng = np.random.default_rng(3)
    seconds = rng.integers(1, 300, (26, 26))
    np.fill_diagonal(seconds, 0)
    problem = replace(a_town(25, 3, timed=True), travel=Travel(seconds, seconds[None]))
    stops = tuple(
        replace(stop, windows=(Window(300 + 20 * k, 450 + 20 * k),), service_s=0)
        for k, stop in enumerate(problem.stops)
    )
    problem = replace(problem, stops=stops)
    warm = solve(problem, Effort(seed=1, iterations=5_000))
    assert faults(problem, warm) == []
    again = solve(problem, Effort(seed=1, iterations=0), warm)
    assert len(left_out(problem, again)) <= len(left_out(problem, warm))
    assert cost_of(problem, again) <= cost_of(problem, warm)


def test_a_slow_vehicle_keeps_to_its_own_times() -> None:
    problem = _with_vehicle(a_town(25, 6, timed=True), speed_factor=0.7)
    assert faults(problem, solve(problem, BRIEF)) == []


def test_a_short_shift_is_kept() -> None:
    loose = a_town(25, 6, capacity=100)
    problem = _with_vehicle(loose, opens_s=100, closes_s=330)
    draft = solve(problem, Effort(seed=1, iterations=2_000))
    assert faults(problem, draft) == []
    assert len(draft.runs) > len(solve(loose, BRIEF).runs)


def test_what_a_vehicle_costs_is_weighed_against_metres() -> None:
    dear = a_town(25, 6, timed=True, fixed_cost=10_000.0)
    cheap = a_town(25, 6, timed=True)
    effort = Effort(seed=1, iterations=20_000)
    assert len(solve(dear, effort).runs) < len(solve(cheap, effort).runs)


def test_fewer_vehicles_are_found_where_they_count() -> None:
    problem = a_town(40, 9, timed=True, capacity=40)
    effort = Effort(seed=1, iterations=20_000)
    by_cost = solve(problem, effort)
    by_vehicles = solve(replace(problem, objective=Objective.VEHICLES), effort)
    assert not left_out(problem, by_vehicles)
    assert len(by_vehicles.runs) < len(by_cost.runs)


def test_pickups_are_carried_like_deliveries() -> None:
    problem = a_town(20, 3)
    stops = tuple(replace(stop, kind=Kind.PICKUP) for stop in problem.stops)
    draft = solve(replace(problem, stops=stops), BRIEF)
    assert draft == solve(problem, BRIEF)


def test_stops_without_loads_need_no_capacity() -> None:
    problem = a_town(10, 3)
    stops = tuple(replace(stop, load=()) for stop in problem.stops)
    problem = _with_vehicle(replace(problem, vehicles=problem.vehicles), capacity=(1,))
    vehicle = replace(problem.vehicles[0], capacity=())
    problem = replace(problem, vehicles=(vehicle,), stops=stops)
    draft = solve(problem, BRIEF)
    assert len(draft.runs) == 1
    assert not left_out(problem, draft)


def test_a_watcher_sees_the_search_get_better_until_its_end() -> None:
    seen: list[Progress] = []
    solve(a_town(40, 1), Effort(seed=1, iterations=5_000), watch=seen.append)
    assert 2 <= len(seen) <= 110
    assert [p.share for p in seen] == sorted(p.share for p in seen)
    assert [p.cost for p in seen] == sorted((p.cost for p in seen), reverse=True)
    assert seen[-1].share == 1.0


def test_watching_changes_nothing() -> None:
    problem = a_town(40, 1)
    effort = Effort(seed=1, iterations=3_000)
    assert solve(problem, effort, watch=lambda _: None) == solve(problem, effort)


def _two_dimensions(problem: DeliveryProblem) -> DeliveryProblem:
    vehicle = replace(problem.vehicles[0], capacity=(9, 9))
    stops = tuple(replace(stop, load=(1, 1)) for stop in problem.stops)
    return replace(problem, vehicles=(vehicle,), stops=stops)


def _paired(problem: DeliveryProblem) -> DeliveryProblem:
    problem = _with_stop(problem, 0, kind=Kind.PICKUP, load=(1,))
    problem = _with_stop(problem, 1, load=(1,))
    return replace(problem, pairs=(Pair("s1", "s2"),))


LACKING: dict[str, Callable[[DeliveryProblem], DeliveryProblem]] = {
    "types": lambda p: replace(
        p, vehicles=(*p.vehicles, replace(p.vehicles[0], id="bike", count=1))
    ),
    "end": lambda p: _with_vehicle(p, end=None),
    "ways": _two_dimensions,
    "stop to stop": _paired,
    "several windows": lambda p: _with_stop(p, 0, windows=(Window(0, 1), Window(5, 9))),
    "optional": lambda p: _with_stop(p, 0, prize=5.0),
    "time costs": lambda p: _with_vehicle(p, duration_cost=1.0),
    "duration": lambda p: _with_vehicle(p, duration_s_max=50),
    "distance of": lambda p: _with_vehicle(p, distance_m_max=50),
    "distance costs nothing": lambda p: _with_vehicle(p, distance_cost=0.0),
    "loaded several times": lambda p: _with_vehicle(p, trips_max=2),
    "balanced": lambda p: replace(p, balance_price=1.0),
    "picked up": lambda p: _with_stop(p, 0, kind=Kind.PICKUP),
}


@pytest.mark.parametrize("word", LACKING)
def test_what_the_engine_cannot_carry_is_named_and_refused(word: str) -> None:
    problem = a_town(4, 1)
    assert lacks(problem) == ""
    asked = LACKING[word](problem)
    assert word in lacks(asked)
    with pytest.raises(ValueError, match=word):
        solve(asked, BRIEF)


def test_a_depot_in_another_place_does_not_matter() -> None:
    problem = a_town(10, 1)
    spare = Depot("spare", 3)
    assert solve(replace(problem, depots=(spare, *problem.depots)), BRIEF) == solve(problem, BRIEF)


def test_stops_are_indexes_of_the_problem_even_where_some_cannot_be_served() -> None:
    problem = _with_stop(a_town(3, 1), 0, load=(99,))
    served = {stop for route in routes_of(solve(problem, BRIEF)) for stop in route}
    assert served == {1, 2}
    assert isinstance(problem.stops[0], Stop)


def test_a_pool_holds_routes_that_can_be_driven_and_those_of_the_draft() -> None:
    problem = a_town(40, 1, timed=True)
    effort = Effort(seed=1, iterations=20_000)
    draft, pool = solve_with_pool(problem, effort)
    assert draft == solve(problem, effort)
    assert all(fault_of(problem, route) == "" for route in pool)
    assert len({frozenset(route) for route in pool}) == len(pool)
    assert len(pool) > len(draft.runs)
    by_stops = {frozenset(route): route for route in pool}
    for route in routes_of(draft):
        known = by_stops[frozenset(route)]
        assert metres_of(problem, known) <= metres_of(problem, route)
