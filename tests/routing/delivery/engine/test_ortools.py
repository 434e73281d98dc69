"""OR-Tools carries each constraint; each has a small named case here."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from routing.delivery.audit import audit_deliveries
from routing.delivery.draft import Draft, Progress, Run
from routing.delivery.engine.ortools import lacks, solve
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, SoftWindow, Stop, Window
from routing.delivery.timetable import plan_of
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Break, Depot, DrivingRule
from routing.effort import Effort
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, problems

EFFORT = Effort(iterations=40)


def solved(problem: DeliveryProblem, effort: Effort = EFFORT, **kwargs: Any) -> DeliveryPlan:
    """An audited plan of what the engine finds."""
    draft = solve(problem, effort, **kwargs)
    plan = plan_of(problem, draft, why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
    return plan


def orders(plan: DeliveryPlan) -> list[tuple[str, ...]]:
    return sorted(route.stops for route in plan.routes)


def unserved(plan: DeliveryPlan) -> list[str]:
    return sorted(each.stop for each in plan.unserved)


def doors(count: int, **kwargs: Any) -> list[Stop]:
    return [a_stop(place, **kwargs) for place in range(1, count + 1)]


def test_it_lacks_nothing_but_room() -> None:
    assert lacks(a_problem(doors(1))) == ""
    assert "memory" in lacks(a_problem([a_stop(1, id=f"s{k}") for k in range(3_001)]))


def test_no_stops_need_no_routes() -> None:
    assert solve(a_problem([]), EFFORT) == Draft((), "ortools")


def test_a_vehicle_carries_no_more_than_it_holds() -> None:
    plan = solved(a_problem(doors(4), a_van(capacity=(2,), count=3)))
    assert len(plan.routes) == 2
    assert unserved(plan) == []


def test_each_dimension_is_a_limit_of_its_own() -> None:
    stops = [a_stop(1, load=(1, 5)), a_stop(2, load=(1, 5)), a_stop(3, load=(9, 1))]
    plan = solved(a_problem(stops, a_van(capacity=(10, 6), count=3)))
    assert len(plan.routes) == 2
    assert ("s1", "s2") not in orders(plan)


def test_what_is_fetched_takes_the_room_of_what_was_brought() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP, load=(10,)), a_stop(2, load=(10,))]
    assert orders(solved(a_problem(stops))) == [("s2", "s1")]


def test_a_window_is_kept_and_so_is_the_gap_between_two() -> None:
    stops = [
        a_stop(1, windows=(Window(0, 50), Window(500, 600))),
        a_stop(2, windows=(Window(0, 250),)),
    ]
    plan = solved(a_problem(stops, a_van(count=1)))
    assert orders(plan) == [("s2", "s1")]
    assert plan.routes[0].trips[0].visits[1].starts_s == 500


def test_a_soft_window_is_worth_a_detour() -> None:
    late = SoftWindow(0, 250, 0.0, 100.0)
    plan = solved(a_problem([a_stop(1), a_stop(2, soft=late), a_stop(3)], a_van(count=1)))
    assert plan.routes[0].stops.index("s2") <= 1


def test_a_route_is_no_longer_than_its_vehicle_may_drive() -> None:
    plan = solved(a_problem(doors(3), a_van(distance_m_max=400)))
    assert unserved(plan) == ["s3"]


def test_a_day_is_no_longer_than_its_driver_may_work() -> None:
    plan = solved(a_problem(doors(3, service_s=100), a_van(duration_s_max=600, count=1)))
    assert unserved(plan) == ["s3"]


def test_a_shift_and_a_depots_hours_are_kept() -> None:
    far = a_problem(doors(3), a_van(closes_s=450))
    assert unserved(solved(far)) == ["s3"]
    shut = a_problem(doors(3), depots=[Depot("depot", 0, 100, 550)])
    assert unserved(solved(shut)) == ["s3"]


def test_a_vehicle_starts_where_it_is_and_ends_where_it_must() -> None:
    depots = [Depot("depot", 0), Depot("other", 5)]
    vans = [a_van(id="here", count=1), a_van(id="there", start="other", end="other", count=1)]
    plan = solved(a_problem(doors(4), *vans, depots=depots, travel=a_street(6)))
    assert orders(plan) == [("s1", "s2"), ("s4", "s3")] or plan.distance_m == 800


def test_an_open_route_ends_at_its_last_stop() -> None:
    plan = solved(a_problem(doors(3), a_van(end=None, count=1)))
    assert orders(plan) == [("s1", "s2", "s3")]
    assert plan.distance_m == 300


def test_the_cheaper_type_goes_out() -> None:
    vans = [a_van(id="dear", fixed_cost=900.0), a_van(id="cheap", fixed_cost=10.0)]
    assert [route.vehicle for route in solved(a_problem(doors(2), *vans)).routes] == ["cheap"]


def test_seconds_are_priced_too() -> None:
    slow = a_van(id="slow", duration_cost=1.0, speed_factor=0.5)
    fast = a_van(id="fast", duration_cost=1.0, distance_cost=1.2)
    assert [r.vehicle for r in solved(a_problem(doors(2), slow, fast)).routes] == ["fast"]


def test_fewest_vehicles_go_before_cost() -> None:
    travel = a_street(5)
    far = Travel(travel.distance_m.copy(), travel.duration_s)
    # From door 2 to door 1 is a long way, so that two vehicles would be shorter.
    far.distance_m[1:3, 1:3] = [[0, 5_000], [5_000, 0]]
    stops = doors(2)
    cheap = a_problem(stops, travel=far)
    assert len(solved(cheap).routes) == 2
    assert len(solved(replace(cheap, objective=Objective.VEHICLES)).routes) == 1


def test_skills_and_named_vehicles_are_kept() -> None:
    vans = [a_van(id="plain"), a_van(id="lift", skills=frozenset({"lift"}), fixed_cost=99.0)]
    stops = [a_stop(1, skills=frozenset({"lift"})), a_stop(2, vehicles=frozenset({"plain"}))]
    plan = solved(a_problem(stops, *vans))
    assert {route.vehicle: route.stops for route in plan.routes} == {
        "lift": ("s1",),
        "plain": ("s2",),
    }


def test_goods_that_must_not_meet_go_apart() -> None:
    stops = [a_stop(1, goods=frozenset({"food"})), a_stop(2, goods=frozenset({"paint"}))]
    both = frozenset({("food", "paint")})
    assert len(solved(a_problem(stops, incompatible=both)).routes) == 2


def test_of_a_pair_the_pickup_goes_first_and_nobody_else_delivers() -> None:
    stops = [a_stop(1), a_stop(2, kind=Kind.PICKUP), a_stop(3, kind=Kind.PICKUP), a_stop(4)]
    pairs = (Pair("s2", "s1"), Pair("s3", "s4"))
    plan = solved(a_problem(stops, a_van(capacity=(1,), count=1), pairs=pairs))
    stops_driven = plan.routes[0].stops
    assert stops_driven in {("s3", "s4", "s2", "s1"), ("s2", "s1", "s3", "s4")}


def test_half_a_pair_is_never_served() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(2, windows=(Window(0, 10),)), a_stop(3)]
    plan = solved(a_problem(stops, pairs=(Pair("s1", "s2"),)))
    assert unserved(plan) == ["s1", "s2"]


def test_an_optional_stop_is_served_when_its_prize_pays_the_way() -> None:
    stops = [a_stop(1, prize=250.0), a_stop(5, prize=600.5)]
    assert unserved(solved(a_problem(stops))) == ["s5"]
    stops = [a_stop(1, prize=250.0), a_stop(5, prize=1_000.5)]
    assert unserved(solved(a_problem(stops))) == []


def test_the_higher_priority_is_served_where_not_all_can_be() -> None:
    stops = [a_stop(1), a_stop(2), a_stop(3, priority=4)]
    plan = solved(a_problem(stops, a_van(capacity=(1,), count=1)))
    assert unserved(plan) == ["s1", "s2"]


def test_several_trips_are_driven_with_reloads_between_them() -> None:
    plan = solved(a_problem(doors(4), a_van(capacity=(2,), count=1, trips_max=3, reload_s=60)))
    assert unserved(plan) == []
    assert [len(trip.visits) for trip in plan.routes[0].trips] == [2, 2]


def test_no_more_trips_than_a_vehicle_may_make() -> None:
    plan = solved(a_problem(doors(4), a_van(capacity=(1,), count=1, trips_max=3)))
    assert len(plan.unserved) == 1


def test_deliveries_and_pickups_share_several_trips() -> None:
    stops = [a_stop(k, load=(2,), kind=Kind.PICKUP if k % 2 else Kind.DELIVERY) for k in (1, 2, 3)]
    plan = solved(a_problem(stops, a_van(capacity=(2,), count=1, trips_max=2)))
    assert unserved(plan) == []
    assert sorted(len(trip.visits) for trip in plan.routes[0].trips) == [1, 2]


def test_a_pair_stays_within_one_trip() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(2), a_stop(3, load=(2,)), a_stop(4, load=(2,))]
    van = a_van(capacity=(2,), count=1, trips_max=3)
    plan = solved(a_problem(stops, van, pairs=(Pair("s1", "s2"),)))
    assert unserved(plan) == []
    together = [{visit.stop for visit in trip.visits} for trip in plan.routes[0].trips]
    assert any({"s1", "s2"} <= trip for trip in together)


def test_a_break_is_taken_within_its_window() -> None:
    van = a_van(count=1, breaks=(Break(200, 400, 300),), closes_s=1_100)
    plan = solved(a_problem(doors(4), van))
    assert unserved(plan) == []
    assert [pause.length_s for pause in plan.routes[0].pauses] == [300]
    assert unserved(solved(a_problem(doors(4), replace(van, closes_s=1_099)))) == ["s4"]


def test_a_driver_rests_when_he_has_driven_long_enough() -> None:
    van = a_van(count=1, driving=DrivingRule(400, 100), closes_s=900)
    plan = solved(a_problem(doors(4), van))
    assert unserved(plan) == []
    assert sum(pause.length_s for pause in plan.routes[0].pauses) >= 100


def test_a_price_on_the_longest_route_shares_the_work() -> None:
    stops = [a_stop(1, service_s=500), a_stop(2, service_s=500)]
    assert len(solved(a_problem(stops)).routes) == 1
    assert len(solved(a_problem(stops, balance_price=3.0)).routes) == 2


def test_what_has_begun_stays() -> None:
    begun = (Begun("van", 1, ("s4", "s1")),)
    plan = solved(a_problem(doors(4), begun=begun))
    route = next(route for route in plan.routes if route.number == 1)
    assert route.stops[:2] == ("s4", "s1")
    assert unserved(plan) == []


def test_a_travel_time_that_varies_is_never_underestimated() -> None:
    street = a_street(4)
    slow = Travel(street.distance_m, street.duration_s.repeat(2, axis=0), (0, 100))
    slow.duration_s[1] *= 3
    plan = solved(a_problem(doors(3, windows=(Window(0, 700),)), a_van(count=1), travel=slow))
    assert unserved(plan) == []


def test_a_warm_start_is_not_made_worse() -> None:
    problem = a_problem(doors(6), a_van(capacity=(2,), count=3))
    warm = Draft((Run(0, ((5, 4),)), Run(0, ((3, 2),)), Run(0, ((0, 1),))), "given")
    before = plan_of(problem, warm, why="", seconds=0.0).cost
    assert solved(problem, Effort(iterations=1), warm=warm).cost <= before


def test_a_warm_start_knows_trips_and_what_has_begun() -> None:
    problem = a_problem(
        doors(4), a_van(capacity=(2,), trips_max=2), begun=(Begun("van", 1, ("s2",)),)
    )
    warm = Draft((Run(0, ((1, 0), (3, 2)), 1),), "given")
    assert unserved(solved(problem, Effort(iterations=1), warm=warm)) == []


@pytest.mark.parametrize("seed", [1, 7])
def test_equal_seeds_and_iterations_give_equal_routes(seed: int) -> None:
    problem = a_problem(doors(12), a_van(capacity=(5,), count=4))
    effort = Effort(seed=seed, iterations=60)
    assert solve(problem, effort) == solve(problem, effort)


def test_a_search_without_time_still_hands_something_over() -> None:
    problem = a_problem(doors(5))
    warm = Draft((Run(0, ((0, 1),)),), "given")
    assert solve(problem, Effort(seconds=0), warm=warm).engine == "ortools"


def test_whoever_looks_on_sees_the_cost_fall() -> None:
    news: list[Progress] = []
    solve(a_problem(doors(9), a_van(capacity=(4,), count=3)), EFFORT, watch=news.append)
    costs = [(each.unserved, each.cost) for each in news]
    assert costs
    assert costs == sorted(costs, reverse=True)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_every_route_passes_the_audit_whatever_is_asked_for(problem: DeliveryProblem) -> None:
    solved(problem, Effort(iterations=5))
