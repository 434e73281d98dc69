"""What routes of pairs must be true to, whoever is asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.delivery.draft import Draft, Progress, Run
from routing.delivery.objective import rank
from routing.delivery.pair.solver import lacks, solve
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, SoftWindow, Stop, Window
from routing.delivery.timetable import drive, plan_of
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Break, Depot, DrivingRule, Vehicle
from routing.effort import Clock, Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_street, problems
from tests.routing.delivery.builders import a_van as a_street_van
from tests.routing.delivery.pair.errand import (
    a_town,
    a_van,
    cost_of,
    faults,
    least,
    stops_of,
    unserved_of,
)

BRIEF = Effort(seed=1, iterations=600)


def a_pair(at: int, to: int, **kwargs: Any) -> tuple[Stop, Stop]:
    """Picked up at one door of the street and delivered at another."""
    return (
        a_stop(at, **{"kind": Kind.PICKUP, **kwargs}),
        a_stop(to, **{"kind": Kind.DELIVERY, **kwargs}),
    )


def a_job(
    *pairs: tuple[Stop, Stop], singles: tuple[Stop, ...] = (), **kwargs: Any
) -> dict[str, Any]:
    return {
        "stops": (*(stop for pair in pairs for stop in pair), *singles),
        "pairs": tuple(Pair(pickup.id, delivery.id) for pickup, delivery in pairs),
        **kwargs,
    }


def a_day(*vehicles: Vehicle, **kwargs: Any) -> DeliveryProblem:
    stops = kwargs.pop("stops")
    return a_problem(stops, *(vehicles or (a_street_van(),)), **kwargs)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_small_towns_are_served_as_well_as_can_be(
    objective: Objective, timed: bool, seed: int
) -> None:
    vehicles = (
        a_van(id="small", capacity=(6,), count=1, fixed_cost=20.0),
        a_van(id="large", capacity=(12,), count=1, fixed_cost=50.0, distance_cost=1.5),
    )
    problem = a_town(2, 2, seed=seed, timed=timed, vehicles=vehicles, objective=objective)
    draft = solve(problem, BRIEF)
    assert faults(problem, draft) == []
    missed, used, cost = least(problem)
    assert len(unserved_of(problem, draft)) == missed
    assert cost_of(problem, draft) == pytest.approx(cost)
    if objective is Objective.VEHICLES:
        assert len(draft.runs) == used


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_optional_pairs_are_served_where_their_prizes_pay(seed: int) -> None:
    problem = a_town(3, seed=seed, prize=60.0, vehicles=(a_van(count=2, fixed_cost=30.0),))
    draft = solve(problem, BRIEF)
    assert faults(problem, draft) == []
    assert cost_of(problem, draft) == pytest.approx(least(problem)[2])


@given(
    pairs=st.integers(0, 5),
    singles=st.integers(0, 4),
    dimensions=st.integers(0, 2),
    timed=st.booleans(),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=40)
def test_pairs_share_a_vehicle_in_order_within_its_room_and_in_time(
    pairs: int, singles: int, dimensions: int, timed: bool, seed: int
) -> None:
    vehicles = (
        a_van(id="van", capacity=(9,) * dimensions, count=2, distance_m_max=900),
        a_van(id="bike", capacity=(5,) * dimensions, end=None, speed_factor=0.8, opens_s=60),
    )
    problem = a_town(
        pairs, singles, dimensions=dimensions, timed=timed, seed=seed, vehicles=vehicles
    )
    draft = solve(problem, Effort(seed=seed, iterations=100))
    assert faults(problem, draft) == []
    unserved = unserved_of(problem, draft)
    for k in range(0, 2 * pairs, 2):
        assert (k in unserved) == (k + 1 in unserved)


@given(problem=problems(), seed=st.integers(0, 100))
@settings(max_examples=60)
def test_whatever_the_engine_takes_on_can_be_driven(problem: DeliveryProblem, seed: int) -> None:
    problem = _carried(problem)
    assert lacks(problem) == ""
    told: list[Progress] = []
    draft = solve(problem, Effort(seed=seed, iterations=80), watch=told.append)
    plan = plan_of(problem, draft, why="a test", seconds=0.0)
    served = set(stops_of(draft))
    for pair in problem.pairs:
        numbers = [k for k, s in enumerate(problem.stops) if s.id in (pair.pickup, pair.delivery)]
        assert len(served.intersection(numbers)) in (0, 2)
    assert told[-1].cost == pytest.approx(plan.cost)
    assert told[-1].unserved == len(plan.unserved)


def _carried(problem: DeliveryProblem) -> DeliveryProblem:
    """Without what the engine does not carry."""
    travel = problem.travel
    return replace(
        problem,
        travel=Travel(travel.distance_m, travel.duration_s[:1]),
        balance_price=0.0,
        vehicles=tuple(
            replace(vehicle, trips_max=1, breaks=(), driving=None) for vehicle in problem.vehicles
        ),
        stops=tuple(replace(s, soft=None, windows=s.windows[:1]) for s in problem.stops),
    )


@pytest.mark.parametrize("objective", list(Objective))
def test_equal_seeds_give_equal_drafts(objective: Objective) -> None:
    problem = a_town(12, 6, timed=True, objective=objective)
    assert solve(problem, BRIEF) == solve(problem, BRIEF)
    assert solve(problem, BRIEF).iterations == 600


def test_six_pairs_in_a_row_need_one_vehicle_when_vehicles_count() -> None:
    pairs = [a_pair(at, at + 1, load=(6,)) for at in range(1, 12, 2)]
    dear = a_day(a_street_van(count=6, fixed_cost=0.0), **a_job(*pairs))
    few = replace(dear, objective=Objective.VEHICLES)
    assert [len(run.trips[0]) for run in solve(few, BRIEF).runs] == [12]


def test_vehicles_are_saved_even_where_that_is_longer() -> None:
    west = [replace(s, id=f"w{s.id}", place=s.place) for s in a_pair(1, 2)]
    east = [replace(s, id=f"e{s.id}", place=s.place) for s in a_pair(3, 4)]
    metres = np.array(
        [
            [0, 10, 10, 10, 10],
            [10, 0, 10, 99, 99],
            [10, 10, 0, 99, 99],
            [10, 99, 99, 0, 10],
            [10, 99, 99, 10, 0],
        ],
        np.int64,
    )
    jobs = a_job((west[0], west[1]), (east[0], east[1]), travel=Travel(metres, metres[None]))
    by_cost = a_day(a_street_van(), **jobs)
    assert len(solve(by_cost, BRIEF).runs) == 2
    assert len(solve(replace(by_cost, objective=Objective.VEHICLES), BRIEF).runs) == 1


def test_a_pair_that_fits_nowhere_is_left_out_whole() -> None:
    early = a_pair(1, 2)
    late = a_pair(3, 4, windows=(Window(0, 100),))
    draft = solve(a_day(**a_job(early, late)), BRIEF)
    assert sorted(stops_of(draft)) == [0, 1]


def test_the_pair_of_higher_priority_is_served_when_there_is_no_time_for_both() -> None:
    van = a_street_van(count=1, closes_s=1_050)
    for urgent in (0, 1):
        pairs = [a_pair(3, 4, service_s=100), a_pair(4, 3, service_s=100)]
        pairs[1] = (replace(pairs[1][0], id="back4"), replace(pairs[1][1], id="back3"))
        pairs[urgent] = (
            replace(pairs[urgent][0], priority=5),
            replace(pairs[urgent][1], priority=5),
        )
        draft = solve(a_day(van, **a_job(*pairs)), BRIEF)
        assert sorted(stops_of(draft)) == [2 * urgent, 2 * urgent + 1]


def test_what_is_aboard_is_delivered_by_the_vehicle_that_has_it() -> None:
    # The other vehicle passes the delivery's door, and still may not make it.
    aboard, other = a_pair(1, 9), a_pair(8, 7)
    begun = Begun("van", 1, (aboard[0].id,))
    problem = a_day(a_street_van(count=2), **a_job(aboard, other, begun=(begun,)))
    draft = solve(problem, BRIEF)
    run = next(run for run in draft.runs if 0 in run.trips[0])
    assert (run.number, run.trips[0][0]) == (1, 0)
    assert 1 in run.trips[0]
    assert unserved_of(problem, draft) == set()
    assert all(not isinstance(drive(problem, r, r.number or 0), str) for r in draft.runs)


def test_nothing_is_put_before_or_between_stops_that_are_begun() -> None:
    first, second, third = a_stop(5), a_stop(1), a_stop(3)
    begun = Begun("van", 0, (first.id, second.id))
    pair = a_pair(2, 4)
    problem = a_day(
        a_street_van(count=1), **a_job(pair, singles=(first, second, third), begun=(begun,))
    )
    draft = solve(problem, BRIEF)
    assert draft.runs[0].trips[0][:2] == (2, 3)
    assert len(draft.runs[0].trips[0]) == 5


def test_a_begun_vehicle_is_kept_even_where_fewer_would_do() -> None:
    pairs = [a_pair(1, 2), a_pair(3, 4), a_pair(5, 6)]
    begun = tuple(Begun("van", k, (pairs[k][0].id,)) for k in (0, 2))
    problem = a_day(
        a_street_van(count=3), **a_job(*pairs, begun=begun, objective=Objective.VEHICLES)
    )
    draft = solve(problem, BRIEF)
    assert sorted(run.number or 0 for run in draft.runs) == [0, 2]
    assert unserved_of(problem, draft) == set()


def test_the_goods_of_a_begun_vehicle_count_until_they_are_delivered() -> None:
    aboard = a_pair(1, 6, load=(10,))
    other = a_pair(2, 3, load=(1,))
    begun = Begun("van", 0, (aboard[0].id,))
    draft = solve(a_day(a_street_van(count=1), **a_job(aboard, other, begun=(begun,))), BRIEF)
    assert draft.runs[0].trips == ((0, 1, 2, 3),)


def test_skills_named_vehicles_and_goods_apart_are_kept_to() -> None:
    cold = a_pair(1, 2, skills=frozenset({"cold"}))
    paint = a_pair(3, 4, goods=frozenset({"paint"}))
    bread = a_pair(5, 6, goods=frozenset({"bread"}), vehicles=frozenset({"fridge"}))
    vehicles = (
        a_street_van(id="fridge", count=1, skills=frozenset({"cold"})),
        a_street_van(id="van", count=1),
    )
    problem = a_day(
        *vehicles,
        **a_job(cold, paint, bread, incompatible=frozenset({("paint", "bread")})),
    )
    draft = solve(problem, BRIEF)
    assert {run.vehicle: sorted(run.trips[0]) for run in draft.runs} == {
        0: [0, 1, 4, 5],
        1: [2, 3],
    }


def test_goods_that_may_not_even_meet_themselves_stay_behind() -> None:
    bomb = a_pair(1, 2, goods=frozenset({"fuse", "powder"}))
    problem = a_day(**a_job(bomb, incompatible=frozenset({("fuse", "powder")})))
    assert solve(problem, BRIEF).runs == ()


def test_no_route_is_longer_than_its_vehicle_may_be_out() -> None:
    pairs = [a_pair(at, at + 1) for at in (1, 4, 7)]
    van = a_street_van(count=3, duration_s_max=1_300)
    problem = a_day(van, **a_job(*pairs))
    draft = solve(problem, BRIEF)
    plan = plan_of(problem, draft, why="a test", seconds=0.0)
    assert all(route.duration_s <= 1_300 for route in plan.routes)
    assert sorted(stops_of(draft)) == [0, 1, 2, 3]


def test_where_time_costs_a_vehicle_leaves_no_earlier_than_it_has_to() -> None:
    # By way of the early pair first, the vehicle would wait for hours at the late one.
    early = a_pair(1, 2, windows=(Window(0, 2_000),))
    late = a_pair(3, 4, windows=(Window(9_000, 12_000),))
    van = a_street_van(count=2, duration_cost=1.0)
    draft = solve(a_day(van, **a_job(early, late)), BRIEF)
    assert sorted(run.trips[0] for run in draft.runs) == [(0, 1), (2, 3)]


def test_a_pair_with_no_way_between_its_doors_is_left_out() -> None:
    metres = a_street(5).distance_m.copy()
    metres[3, 4] = FAR
    travel = Travel(metres, metres[None].copy())
    problem = a_day(**a_job(a_pair(1, 2), a_pair(3, 4), travel=travel))
    draft = solve(problem, BRIEF)
    plan_of(problem, draft, why="a test", seconds=0.0)
    assert {0, 1} <= set(stops_of(draft))


@given(seed=st.integers(0, 1_000), iterations=st.integers(0, 60))
@settings(max_examples=25)
def test_a_draft_that_is_there_is_never_made_worse(seed: int, iterations: int) -> None:
    problem = a_town(6, 3, seed=seed, timed=True, objective=Objective.VEHICLES)
    warm = solve(problem, Effort(seed=seed, iterations=200))
    again = solve(problem, Effort(seed=seed + 1, iterations=iterations), warm)
    assert _rank(problem, again) <= _rank(problem, warm)


def test_without_any_effort_a_draft_that_is_there_is_handed_back() -> None:
    problem = a_town(8, 4, seed=3, timed=True)
    warm = solve(problem, BRIEF)
    again = solve(problem, Effort(iterations=0), warm)
    assert {run.trips for run in again.runs} == {run.trips for run in warm.runs}


def test_a_draft_that_cannot_be_kept_is_mended() -> None:
    problem = a_day(a_street_van(count=2), **a_job(a_pair(1, 2), a_pair(3, 4)))
    wrong = Draft((Run(0, ((1, 0, 2),)), Run(0, ((3,),)), Run(0, ((0, 1),))), "hand")
    assert sorted(stops_of(solve(problem, BRIEF, wrong))) == [0, 1, 2, 3]


def test_no_time_at_all_still_gives_routes() -> None:
    problem = a_town(20, timed=True)
    draft = solve(problem, Effort(seconds=0.0, clock=Clock.CPU))
    assert faults(problem, draft) == []
    assert draft.runs
    assert draft.iterations == 0


def test_the_watch_sees_the_share_grow_and_the_cost_fall() -> None:
    told: list[Progress] = []
    solve(a_town(15, timed=True), Effort(iterations=3_000), watch=told.append)
    assert [each.share for each in told] == sorted(each.share for each in told)
    worth = [(each.unserved, each.cost) for each in told]
    assert len(worth) > 10
    assert worth == sorted(worth, reverse=True)


def test_nothing_to_do_needs_no_vehicle() -> None:
    assert solve(a_town(0), BRIEF).runs == ()


@pytest.mark.parametrize(
    ("van", "stop", "day", "named"),
    [
        ({"breaks": (Break(0, 100, 10),)}, {}, {}, "breaks"),
        ({"driving": DrivingRule()}, {}, {}, "driving rule"),
        ({"trips_max": 2}, {}, {}, "several trips"),
        ({}, {"windows": (Window(0, 1), Window(2, 3))}, {}, "several windows"),
        ({}, {"soft": SoftWindow(0, 1, 1.0, 1.0)}, {}, "soft windows"),
        ({}, {}, {"balance_price": 1.0}, "balance"),
        ({}, {}, {"begun": (Begun("van", 0, ("s2",)),)}, "not picked up"),
        ({}, {}, {}, ""),
    ],
)
def test_what_it_does_not_carry_is_named(
    van: dict[str, Any], stop: dict[str, Any], day: dict[str, Any], named: str
) -> None:
    problem = a_day(a_street_van(**van), **a_job(a_pair(1, 2, **stop), **day))
    assert named in lacks(problem)
    assert bool(named) == bool(lacks(problem))
    if named:
        with pytest.raises(ValueError, match=named):
            solve(problem, BRIEF)


def test_vehicles_of_a_depot_that_closes_before_their_shift_stay_in() -> None:
    depots = (Depot("depot", 0, 0, 500),)
    night, day = a_street_van(id="night", opens_s=600), a_street_van(id="day", count=1)
    draft = solve(a_day(night, day, depots=depots, **a_job(a_pair(1, 2))), BRIEF)
    assert [run.vehicle for run in draft.runs] == [1]


def _rank(problem: DeliveryProblem, draft: Draft) -> tuple[float, ...]:
    return rank(problem, stops_of(draft), len(draft.runs), cost_of(problem, draft))
