"""What a vehicle's trips come to on the clock, and why some cannot be kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.delivery.audit import audit_deliveries
from routing.delivery.baseline import baseline
from routing.delivery.draft import Draft, Run
from routing.delivery.plan import Route
from routing.delivery.problem import Begun, DeliveryProblem, Pair
from routing.delivery.stop import Kind, SoftWindow, Stop, Window
from routing.delivery.timetable import drive, plan_of
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Depot
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, planned, problems

EIGHT, NOON = 8 * 3_600, 12 * 3_600


def kept(problem: DeliveryProblem, *trips: tuple[int, ...], number: int = 0) -> Route:
    route = drive(problem, Run(0, trips), number)
    assert isinstance(route, Route), route
    return route


def refused(problem: DeliveryProblem, *trips: tuple[int, ...], number: int = 0) -> str:
    reason = drive(problem, Run(0, trips), number)
    assert isinstance(reason, str), reason
    return reason


def test_a_route_starts_with_the_shift_where_time_costs_nothing() -> None:
    route = kept(a_problem([a_stop(2, service_s=60)], a_van(opens_s=EIGHT)), (0,))
    visit = route.trips[0].visits[0]
    assert (route.starts_s, visit.arrives_s, visit.leaves_s) == (EIGHT, EIGHT + 200, EIGHT + 260)
    assert (route.distance_m, route.drive_s, route.duration_s) == (400, 400, 460)


def test_where_time_costs_a_route_starts_as_late_as_it_ends_no_later() -> None:
    stop = a_stop(2, windows=(Window(NOON, NOON + 600),))
    route = kept(a_problem([stop], a_van(duration_cost=1.0)), (0,))
    assert (route.starts_s, route.ends_s) == (NOON - 200, NOON + 200)


def test_where_time_is_limited_a_route_waits_as_little_as_it_can() -> None:
    stop = a_stop(2, windows=(Window(NOON, NOON + 600),))
    route = kept(a_problem([stop], a_van(duration_s_max=400)), (0,))
    assert route.duration_s == 400
    assert "is more than its" in refused(a_problem([stop], a_van(duration_s_max=399)), (0,))


def test_the_later_window_is_taken_where_that_spares_waiting() -> None:
    early = a_stop(1, windows=(Window(0, 500), Window(5_000, 6_000)))
    late = a_stop(2, windows=(Window(5_000, 6_000),))
    van = a_van(duration_cost=1.0)
    route = kept(a_problem([early, late], van), (0, 1))
    assert route.duration_s == 400
    assert kept(a_problem([early, late]), (0, 1)).starts_s == 0


def test_a_wish_is_met_where_it_costs_nothing_and_weighed_where_it_does() -> None:
    wish = SoftWindow(3_000, 4_000, early_price=1.0, late_price=1.0)
    stop = a_stop(1, soft=wish)
    assert kept(a_problem([stop]), (0,)).trips[0].visits[0].starts_s == 3_000
    first = a_stop(2, windows=(Window(0, 300),))
    dear = kept(a_problem([first, stop], a_van(duration_cost=2.0)), (0, 1))
    assert dear.trips[0].visits[1].starts_s < 3_000
    cheap = kept(a_problem([first, stop], a_van(duration_cost=0.5)), (0, 1))
    assert cheap.trips[0].visits[1].starts_s == 3_000


def test_a_wish_gives_way_to_a_limit_on_the_day() -> None:
    first = a_stop(2, windows=(Window(0, 300),))
    wish = SoftWindow(3_000, 4_000, early_price=1.0, late_price=1.0)
    problem = a_problem([first, a_stop(1, soft=wish)], a_van(duration_s_max=1_000))
    route = kept(problem, (0, 1))
    assert route.duration_s == 1_000
    assert route.trips[0].visits[1].starts_s == 1_000


def test_a_depot_lets_nobody_out_before_it_opens_or_in_after_it_closes() -> None:
    depot = Depot("depot", 0, EIGHT, NOON)
    route = kept(a_problem([a_stop(2)], depots=[depot]), (0,))
    assert route.starts_s == EIGHT
    late = a_stop(2, windows=(Window(NOON, NOON),))
    assert "is back at 12:03:20" in refused(a_problem([late], depots=[depot]), (0,))


def test_an_open_route_ends_when_its_last_service_is_done() -> None:
    route = kept(a_problem([a_stop(2, service_s=60)], a_van(end=None, closes_s=260)), (0,))
    assert (route.ends_s, route.distance_m) == (260, 200)
    tight = a_problem([a_stop(2, service_s=60)], a_van(end=None, closes_s=259))
    assert "is done at" in refused(tight, (0,))


def test_a_vehicle_loads_again_between_two_trips() -> None:
    van = a_van(capacity=(1,), trips_max=2, reload_s=50)
    route = kept(a_problem([a_stop(1), a_stop(2)], van), (0,), (1,))
    assert [(t.leaves_s, t.ends_s) for t in route.trips] == [(0, 200), (250, 650)]
    assert "2 trips are more than its 1" in refused(
        a_problem([a_stop(1), a_stop(2)], a_van()), (0,), (1,)
    )


def test_a_slow_vehicle_takes_whole_seconds_for_every_leg() -> None:
    problem = a_problem([a_stop(1)], a_van(speed_factor=0.7))
    assert kept(problem, (0,)).drive_s == 2 * 143


def test_travel_that_slows_down_is_driven_at_the_pace_of_its_hour() -> None:
    metres = a_street(2, step_m=1_000).distance_m
    rush = Travel(metres, np.stack([metres, 2 * metres]), (0, 500))
    route = kept(a_problem([a_stop(1)], travel=rush), (0,))
    assert route.trips[0].visits[0].arrives_s == 1_500
    assert route.ends_s == 3_500


@pytest.mark.parametrize(
    ("stop", "vehicle", "reason"),
    [
        ({"load": (11,)}, {}, "a load of 11 is above the capacity of 10"),
        ({"skills": frozenset({"lift"})}, {}, "needs lift"),
        ({"vehicles": frozenset({"bike"})}, {}, "only be served by other vehicles"),
        (
            {"windows": (Window(0, 99),)},
            {},
            "is reached at 0:01:40, its last window closes at 0:01:39",
        ),
        ({}, {"distance_m_max": 199}, "200 m is more than its 199 m"),
        ({}, {"closes_s": 199}, "it is back at 0:03:20, which must be by 0:03:19"),
    ],
)
def test_a_route_that_breaks_a_rule_is_refused_in_plain_words(
    stop: dict[str, object], vehicle: dict[str, object], reason: str
) -> None:
    problem = a_problem([a_stop(1, **stop)], a_van(**vehicle), a_van(id="bike"))
    assert reason in refused(problem, (0,))


def test_a_place_without_a_way_refuses_the_route() -> None:
    table = a_street(2).distance_m.copy()
    table[0, 1] = FAR
    problem = a_problem([a_stop(1)], travel=Travel(table, table[None]))
    assert refused(problem, (0,)) == "there is no way from the depot to stop s1"


def test_what_is_fetched_is_on_board_until_the_end_and_a_pair_only_between() -> None:
    brought, fetched = a_stop(1, load=(6,)), a_stop(2, kind=Kind.PICKUP, load=(6,))
    assert kept(a_problem([brought, fetched]), (0, 1)).stops == ("s1", "s2")
    assert "a load of 12" in refused(a_problem([brought, fetched]), (1, 0))
    pair = (Pair("s2", "s3"),)
    paired = a_problem([brought, fetched, a_stop(3, load=(6,))], pairs=pair)
    assert kept(paired, (0, 1, 2)).stops == ("s1", "s2", "s3")
    assert "comes before s2" in refused(paired, (0, 2, 1))
    assert "without s3" in refused(paired, (0, 1))


def test_goods_that_must_not_meet_are_not_on_one_route_even_in_two_trips() -> None:
    food, paint = (a_stop(k, goods=frozenset({name})) for k, name in ((1, "food"), (2, "paint")))
    problem = a_problem(
        [food, paint], a_van(trips_max=2), incompatible=frozenset({("paint", "food")})
    )
    assert "paint of stop s2 must not go with food" in refused(problem, (0,), (1,))


def test_a_begun_route_goes_on_as_it_has_begun() -> None:
    stops = [a_stop(1), a_stop(2), a_stop(3)]
    problem = a_problem(stops, begun=(Begun("van", 1, ("s2", "s1")),))
    assert kept(problem, (1, 0, 2), number=1).stops == ("s2", "s1", "s3")
    assert "does not begin with" in refused(problem, (0, 1, 2), number=1)
    assert "another vehicle is on its way to stop s1" in refused(problem, (0, 2))


def test_a_plan_numbers_its_vehicles_and_begun_ones_keep_theirs() -> None:
    stops = [a_stop(1), a_stop(2), a_stop(3)]
    problem = a_problem(stops, a_van(count=3), begun=(Begun("van", 1, ("s2",)),))
    plan = planned(problem, [0], [1], [2])
    assert [(route.number, route.stops) for route in plan.routes] == [
        (0, ("s1",)),
        (1, ("s2",)),
        (2, ("s3",)),
    ]
    assert audit_deliveries(problem, plan) == []


def test_a_draft_that_cannot_be_kept_is_named() -> None:
    problem = a_problem([a_stop(1), a_stop(2)], a_van(count=1))
    with pytest.raises(ValueError, match="more routes than the 1 vehicles van"):
        planned(problem, [0], [1])
    with pytest.raises(ValueError, match="a stop is served twice"):
        planned(problem, [0, 0])
    with pytest.raises(ValueError, match="cannot keep its route: a load of"):
        planned(a_problem([a_stop(1, load=(11,))]), [0])
    doubled = Draft((Run(0, ((0,),)), Run(0, ((0,),))), "test")
    with pytest.raises(ValueError, match="stop s1 is on two routes"):
        plan_of(a_problem([a_stop(1)]), doubled, why="", seconds=0.0)
    twice = Draft((Run(0, ((0,),), 1), Run(0, ((1,),), 1)), "test")
    with pytest.raises(ValueError, match="driven by one vehicle"):
        plan_of(a_problem([a_stop(1), a_stop(2)]), twice, why="", seconds=0.0)


def test_a_plan_costs_its_routes_its_longest_day_and_the_prizes_left() -> None:
    stops = [a_stop(1), a_stop(2, prize=7.0), a_stop(3)]
    van = a_van(fixed_cost=100.0, duration_cost=0.5)
    problem = a_problem(stops, van, balance_price=2.0)
    plan = planned(problem, [0], [2])
    assert [route.cost for route in plan.routes] == [100 + 200 + 100, 100 + 600 + 300]
    assert plan.cost == 1_400 + 2.0 * 600 + 7.0


@given(problems())
def test_more_time_never_makes_a_route_impossible(problem: DeliveryProblem) -> None:
    later = tuple(replace(each, closes_s=each.closes_s + 1_000) for each in problem.vehicles)
    wider = replace(problem, vehicles=later)
    for run in baseline(problem).runs:
        assert isinstance(drive(wider, run, run.number or 0), Route)


@given(problems(), st.floats(0.1, 5.0))
def test_a_dearer_second_never_makes_a_day_longer(problem: DeliveryProblem, price: float) -> None:
    """Without pauses, wishes and varying pace, for there times are as good as can be."""

    def plain(second_price: float) -> DeliveryProblem:
        stops: tuple[Stop, ...] = tuple(replace(stop, soft=None) for stop in problem.stops)
        vehicles = tuple(
            replace(each, breaks=(), driving=None, duration_cost=second_price)
            for each in problem.vehicles
        )
        return replace(problem, stops=stops, vehicles=vehicles)

    for run in baseline(plain(0.0)).runs:
        cheap, dear = (drive(plain(each), run, run.number or 0) for each in (0.0, price))
        assert isinstance(cheap, Route)
        assert isinstance(dear, Route)
        assert dear.duration_s <= cheap.duration_s + (10 if problem.travel.varies else 0)
