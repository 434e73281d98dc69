"""Breaks and rests against a driver who may do anything in any second."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.delivery.audit import audit_deliveries
from routing.delivery.draft import Run
from routing.delivery.plan import Route
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Window
from routing.delivery.timetable import drive
from routing.delivery.vehicle import Break, DrivingRule
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, maybe, planned

DAY_S = 20


@st.composite
def driven_days(draw: st.DrawFn) -> DeliveryProblem:
    """One or two stops on a street, breaks and perhaps a driving rule."""
    stops = []
    for place in range(1, draw(st.integers(1, 2)) + 1):
        edges = sorted(draw(st.sets(st.integers(0, DAY_S), max_size=4)))
        windows = tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
        stops.append(a_stop(place, windows=windows, service_s=draw(st.integers(0, 3))))
    breaks = [
        Break(opens, opens + draw(st.integers(0, 6)), draw(st.integers(0, 4)))
        for opens in draw(st.lists(st.integers(0, 13), max_size=2))
    ]
    van = a_van(
        opens_s=draw(st.integers(0, 3)),
        closes_s=draw(st.integers(8, DAY_S)),
        duration_cost=draw(st.sampled_from([0.0, 1.0])),
        breaks=tuple(breaks),
        driving=DrivingRule(draw(st.integers(1, 7)), draw(st.integers(0, 4)))
        if maybe(draw, 2)
        else None,
    )
    return a_problem(stops, van, travel=a_street(len(stops) + 1, draw(st.integers(0, 6))))


def can_be_kept(problem: DeliveryProblem) -> bool:
    """Whether some driver manages, who each second drives, stands, or begins a rest."""
    van, stops = problem.vehicles[0], problem.stops
    rule = van.driving or DrivingRule(DAY_S + 1, 0)
    places = [0, *(stop.place for stop in stops), 0]

    def from_start(start_s: int) -> bool:
        @cache
        def manages(leg: int, gone_s: int, now: int, since_rest_s: int, taken: int) -> bool:
            if now > van.closes_s:
                return False
            way_s = int(problem.travel.duration_s[0, places[leg], places[leg + 1]])
            if gone_s == way_s:
                if leg == len(stops):
                    return all(
                        taken >> k & 1 or not start_s <= each.closes_s <= now
                        for k, each in enumerate(van.breaks)
                    ) or manages_idle(leg, gone_s, now, since_rest_s, taken)
                if not stops[leg].why_not_at(now) and manages(
                    leg + 1, 0, now + stops[leg].service_s, since_rest_s, taken
                ):
                    return True
            elif since_rest_s < rule.drive_s_max and manages(
                leg, gone_s + 1, now + 1, since_rest_s + 1, taken
            ):
                return True
            return manages_idle(leg, gone_s, now, since_rest_s, taken)

        def manages_idle(leg: int, gone_s: int, now: int, since_rest_s: int, taken: int) -> bool:
            if manages(leg, gone_s, now + 1, since_rest_s, taken):
                return True
            for k, each in enumerate(van.breaks):
                if taken >> k & 1 or not each.opens_s <= now <= each.closes_s:
                    continue
                rests = 0 if each.length_s >= rule.rest_s else since_rest_s
                if manages(leg, gone_s, now + each.length_s, rests, taken | 1 << k):
                    return True
            return since_rest_s > 0 and manages(leg, gone_s, now + rule.rest_s, 0, taken)

        return manages(0, 0, start_s, 0, 0)

    return any(from_start(start_s) for start_s in range(van.opens_s, van.closes_s + 1))


@settings(max_examples=200)
@given(driven_days())
def test_a_route_is_kept_exactly_if_some_driver_could(problem: DeliveryProblem) -> None:
    trip = range(len(problem.stops))
    route = drive(problem, Run(0, (tuple(trip),)), 0)
    assert isinstance(route, Route) == can_be_kept(problem), route
    if isinstance(route, Route):
        assert audit_deliveries(problem, planned(problem, trip)) == []


def test_a_break_is_taken_where_the_vehicle_waits_anyway() -> None:
    noon = Break(1_000, 1_400, 500)
    stop = a_stop(1, windows=(Window(1_500, 3_000),), service_s=60)
    route = drive(a_problem([stop], a_van(breaks=(noon,))), Run(0, ((0,),)), 0)
    assert isinstance(route, Route)
    assert route.pauses[0].starts_s == 1_000
    assert route.trips[0].visits[0].starts_s == 1_500


def test_whoever_is_back_before_the_break_must_begin_takes_none() -> None:
    late = Break(100, 10_000, 500)
    route = drive(a_problem([a_stop(1)], a_van(breaks=(late,))), Run(0, ((0,),)), 0)
    assert isinstance(route, Route)
    assert route.pauses == ()


def test_a_leg_longer_than_one_may_drive_is_broken_by_rests() -> None:
    van = a_van(driving=DrivingRule(1_000, 300))
    problem = a_problem([a_stop(1)], van, travel=a_street(2, step_m=2_500))
    route = drive(problem, Run(0, ((0,),)), 0)
    assert isinstance(route, Route)
    assert [pause.length_s for pause in route.pauses] == [300] * 4
    assert route.drive_s == 5_000
    assert route.duration_s == 6_200


def test_a_break_that_fits_nowhere_refuses_the_route() -> None:
    strict = Break(500, 510, 100)
    stop = a_stop(1, windows=(Window(400, 450),), service_s=300)
    refused = drive(a_problem([stop], a_van(breaks=(strict,))), Run(0, ((0,),)), 0)
    assert isinstance(refused, str)
    assert "breaks" in refused
