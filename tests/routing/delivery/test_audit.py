"""Each rule is broken once in a plan that is otherwise right, and the audit must say so."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from routing.delivery.audit import audit_deliveries
from routing.delivery.baseline import baseline
from routing.delivery.draft import Draft, Run
from routing.delivery.plan import DeliveryPlan, Pause, Refusal, Route, Trip, Unserved, Visit
from routing.delivery.problem import Begun, DeliveryProblem, Pair
from routing.delivery.stop import Kind, SoftWindow, Window
from routing.delivery.timetable import plan_of
from routing.delivery.vehicle import Break, Depot, DrivingRule
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, planned, problems


def a_full_day() -> DeliveryProblem:
    """A street with a bit of everything: two vans of a type, two trips, a pair, a break."""
    stops = (
        a_stop(1, service_s=60, windows=(Window(0, 600),)),
        a_stop(2, service_s=60, windows=(Window(0, 900), Window(1_500, 4_000))),
        a_stop(3, id="fetch", kind=Kind.PICKUP, load=(3,), service_s=30),
        a_stop(4, id="bring", load=(3,), service_s=30),
        a_stop(5, goods=frozenset({"food"}), soft=SoftWindow(3_000, 3_100, 0.5, 0.5)),
        a_stop(6, prize=5.0),
        a_stop(7, skills=frozenset({"lift"})),
    )
    van = a_van(
        opens_s=100,
        closes_s=9_000,
        duration_cost=0.25,
        fixed_cost=10.0,
        duration_s_max=6_000,
        distance_m_max=4_000,
        skills=frozenset({"lift"}),
        trips_max=2,
        reload_s=200,
        capacity=(4,),
        breaks=(Break(1_000, 2_000, 300),),
    )
    return a_problem(
        stops,
        van,
        replace(van, id="bike", capacity=(1,), skills=frozenset()),
        depots=(Depot("depot", 0, 50, 9_500),),
        pairs=(Pair("fetch", "bring"),),
        begun=(Begun("van", 1, ("s1", "s2")),),
        balance_price=0.125,
    )


def its_plan() -> DeliveryPlan:
    runs = (Run(0, ((0, 1, 2, 3), (4,)), 1), Run(0, ((6,),), 0))
    return plan_of(a_full_day(), Draft(runs, "test"), why="a test", seconds=0.0)


def with_route(plan: DeliveryPlan, change: Callable[[Route], Route], k: int = 1) -> DeliveryPlan:
    routes = (*plan.routes[:k], change(plan.routes[k]), *plan.routes[k + 1 :])
    return replace(plan, routes=routes)


def with_trip(
    change: Callable[[Trip], Trip], trip: int = 0
) -> Callable[[DeliveryPlan], DeliveryPlan]:
    def changed(route: Route) -> Route:
        trips = (*route.trips[:trip], change(route.trips[trip]), *route.trips[trip + 1 :])
        return replace(route, trips=trips)

    return lambda plan: with_route(plan, changed)


def with_visit(
    stop: str, change: Callable[[Visit], Visit]
) -> Callable[[DeliveryPlan], DeliveryPlan]:
    def changed(route: Route) -> Route:
        trips = tuple(
            replace(t, visits=tuple(change(v) if v.stop == stop else v for v in t.visits))
            for t in route.trips
        )
        return replace(route, trips=trips)

    return lambda plan: with_route(plan, changed)


def test_the_plan_that_the_faults_are_planted_in_is_right() -> None:
    plan = its_plan()
    assert audit_deliveries(a_full_day(), plan) == []
    assert len(plan.routes[1].trips) == 2
    assert plan.routes[1].pauses
    assert [each.stop for each in plan.unserved] == ["s6"]


PLAN_FAULTS: dict[str, tuple[Callable[[DeliveryPlan], DeliveryPlan], str]] = {
    "a stop is forgotten": (
        lambda plan: replace(plan, unserved=()),
        "stop s6 is neither served nor unserved",
    ),
    "a stop is served and unserved": (
        lambda plan: replace(plan, unserved=(*plan.unserved, replace(plan.unserved[0], stop="s1"))),
        "stop s1 is told 2 times",
    ),
    "a stop is made up": (
        lambda plan: replace(plan, unserved=(*plan.unserved, replace(plan.unserved[0], stop="x"))),
        "stop x is not in the problem",
    ),
    "no reason is given": (
        lambda plan: replace(plan, unserved=(Unserved("s6", (), ("a van",)),)),
        "stop s6 is unserved without a reason",
    ),
    "an empty reason is given": (
        lambda plan: replace(plan, unserved=(Unserved("s6", (Refusal("van", "load", ""),), ()),)),
        "stop s6 is unserved without a reason",
    ),
    "a vehicle is made up": (
        lambda plan: with_route(plan, lambda route: replace(route, vehicle="lorry")),
        "vehicle lorry is not in the problem",
    ),
    "there are not so many vehicles": (
        lambda plan: with_route(plan, lambda route: replace(route, number=2)),
        "vehicle van has no number 2",
    ),
    "one vehicle is in two places": (
        lambda plan: with_route(plan, lambda route: replace(route, number=0)),
        "vehicle van 0 is on 2 routes",
    ),
    "the begun route is driven by another": (
        lambda plan: replace(
            plan,
            routes=(replace(plan.routes[0], number=1), replace(plan.routes[1], number=0)),
        ),
        "vehicle van 1 does not go on as it has begun",
    ),
    "the begun order is turned round": (
        with_trip(lambda t: replace(t, visits=(t.visits[1], t.visits[0], *t.visits[2:]))),
        "vehicle van 1 does not go on as it has begun",
    ),
    "a skill is missing": (
        lambda plan: with_route(plan, lambda route: replace(route, vehicle="bike"), 0),
        "stop s7 needs the skill lift",
    ),
    "a trip is empty": (
        lambda plan: replace(
            with_trip(lambda t: replace(t, visits=()), 1)(plan),
            unserved=(*plan.unserved, replace(plan.unserved[0], stop="s5")),
        ),
        "a trip has no stops",
    ),
    "the delivery of a pair comes first": (
        with_trip(lambda t: replace(t, visits=(*t.visits[:2], t.visits[3], t.visits[2]))),
        "stop bring comes before its pickup fetch",
    ),
    "the metres are too few": (
        lambda plan: with_route(plan, lambda r: replace(r, distance_m=r.distance_m - 1)),
        "m, its route says",
    ),
    "the driving is told shorter": (
        lambda plan: with_route(plan, lambda r: replace(r, drive_s=r.drive_s - 1)),
        "s, its route says",
    ),
    "the route's cost is wrong": (
        lambda plan: with_route(plan, lambda r: replace(r, cost=r.cost - 1)),
        "its route says",
    ),
    "the plan's cost is wrong": (
        lambda plan: replace(plan, cost=plan.cost + 1),
        "the plan costs",
    ),
    "the plan's cost is no number": (
        lambda plan: replace(plan, cost=float("nan")),
        "the plan costs",
    ),
    "it leaves before the shift": (
        with_trip(lambda t: replace(t, leaves_s=99)),
        "is outside its shift",
    ),
    "it leaves before the depot opens": (
        with_trip(lambda t: replace(t, leaves_s=49)),
        "depot depot is closed at 49 s",
    ),
    "it is back after the shift": (
        with_trip(lambda t: replace(t, ends_s=9_001), 1),
        "is outside its shift",
    ),
    "it is back after the depot closes": (
        with_trip(lambda t: replace(t, ends_s=9_501), 1),
        "depot depot is closed at 9501 s",
    ),
    "it is away too long": (
        with_trip(lambda t: replace(t, ends_s=8_999), 1),
        "s is more than its 6000 s",
    ),
    "it is back sooner than it can be": (
        with_trip(lambda t: replace(t, ends_s=t.ends_s - 1), 1),
        "it cannot be at its end",
    ),
    "it is reloaded too quickly": (
        with_trip(lambda t: replace(t, leaves_s=t.leaves_s - 1), 1),
        "loading again takes 200 s",
    ),
    "it is there sooner than it can be": (
        with_visit("s2", lambda v: replace(v, arrives_s=v.arrives_s - 1)),
        "it cannot be at stop s2",
    ),
    "service begins before it is there": (
        with_visit("s1", lambda v: replace(v, arrives_s=v.starts_s + 1)),
        "service of stop s1 begins before the vehicle is there",
    ),
    "service is too short": (
        with_visit("s1", lambda v: replace(v, leaves_s=v.leaves_s - 1)),
        "service of stop s1 does not last 60 s",
    ),
    "service begins between two windows": (
        with_visit("s2", lambda v: replace(v, starts_s=1_200, leaves_s=1_260)),
        "outside its windows",
    ),
    "the break is forgotten": (
        lambda plan: with_route(plan, lambda r: replace(r, pauses=())),
        "it lacks a break that is due",
    ),
    "the break is too short": (
        lambda plan: with_route(
            plan, lambda r: replace(r, pauses=(Pause(r.pauses[0].starts_s, 1),))
        ),
        "it lacks a break that is due",
    ),
    "the break is in a service": (
        lambda plan: with_route(
            plan,
            lambda r: replace(r, pauses=(Pause(r.trips[0].visits[0].starts_s + 1, 300),)),
        ),
        "is in a service or outside the route",
    ),
    "two pauses overlap": (
        lambda plan: with_route(
            plan, lambda r: replace(r, pauses=(*r.pauses, replace(r.pauses[0], length_s=200)))
        ),
        "overlap",
    ),
    "the source of the ways is hidden": (
        lambda plan: replace(plan, travel="roads"),
        "distances are given, the plan says roads",
    ),
}


@pytest.mark.parametrize("name", PLAN_FAULTS)
def test_a_planted_fault_is_found(name: str) -> None:
    spoil, expected = PLAN_FAULTS[name]
    faults = audit_deliveries(a_full_day(), spoil(its_plan()))
    assert any(expected in fault for fault in faults), faults


def stricter(**vehicle: object) -> Callable[[DeliveryProblem], DeliveryProblem]:
    def changed(problem: DeliveryProblem) -> DeliveryProblem:
        vehicles = tuple(replace(each, **vehicle) for each in problem.vehicles)  # type: ignore[arg-type]  # any field
        return replace(problem, vehicles=vehicles)

    return changed


def stop_changed(stop_id: str, **changes: object) -> Callable[[DeliveryProblem], DeliveryProblem]:
    def changed(problem: DeliveryProblem) -> DeliveryProblem:
        stops = tuple(
            replace(each, **changes) if each.id == stop_id else each  # type: ignore[arg-type]  # any field
            for each in problem.stops
        )
        return replace(problem, stops=stops)

    return changed


# The plan stays, and the problem asks for more than it keeps.
PROBLEM_FAULTS: dict[str, tuple[Callable[[DeliveryProblem], DeliveryProblem], str]] = {
    "less room at the start": (stop_changed("s1", load=(4,)), "on board at the start is more"),
    "less room on the way": (stricter(capacity=(2,)), "on board after stop fetch is more than 2"),
    "fewer trips": (stricter(trips_max=1), "2 trips are more than 1"),
    "fewer metres": (stricter(distance_m_max=1_000), "m is more than its 1000 m"),
    "a shorter day": (stricter(duration_s_max=1_000), "s is more than its 1000 s"),
    "a slower van": (stricter(speed_factor=0.5), "it cannot be at stop s1"),
    "a driver who rests": (stricter(driving=DrivingRule(500, 400)), "drives on without the rest"),
    "a break that another break is taken for": (
        stricter(breaks=(Break(1_000, 2_000, 300), Break(900, 2_100, 300))),
        "it lacks a break that is due",
    ),
    "another vehicle only": (
        stop_changed("s1", vehicles=frozenset({"bike"})),
        "stop s1 may not be served by this vehicle",
    ),
    "goods that must not meet": (
        lambda problem: replace(
            stop_changed("s1", goods=frozenset({"paint"}))(problem),
            incompatible=frozenset({("paint", "food")}),
        ),
        "paint and food are on one route",
    ),
    "a pair in two trips": (
        lambda problem: replace(
            stop_changed("s1", kind=Kind.PICKUP)(problem),
            pairs=(*problem.pairs, Pair("s1", "s5")),
        ),
        "stops s1 and s5 are a pair, not in one trip",
    ),
    "half a pair": (
        lambda problem: replace(
            stop_changed("s1", kind=Kind.PICKUP)(problem),
            pairs=(*problem.pairs, Pair("s1", "s6")),
        ),
        "stops s1 and s6 are a pair, not in one trip",
    ),
    "longer ways": (
        lambda problem: replace(problem, travel=a_street(8, step_m=101)),
        "it cannot be at stop s1",
    ),
    "a dearer wish": (
        stop_changed("s5", soft=SoftWindow(4_000, 4_000, 0.5, 0.5)),
        "its route says",
    ),
    "an end elsewhere": (
        lambda problem: stricter(end="yard")(
            replace(problem, depots=(*problem.depots, Depot("yard", 7)))
        ),
        "it drives 700 m, its route says 1400 m",
    ),
    "an end where the last stop is": (stricter(end=None), "it ends open, and not when"),
}


@pytest.mark.parametrize("name", PROBLEM_FAULTS)
def test_a_plan_for_an_easier_problem_is_refused(name: str) -> None:
    harder, expected = PROBLEM_FAULTS[name]
    faults = audit_deliveries(harder(a_full_day()), its_plan())
    assert any(expected in fault for fault in faults), faults


def test_a_driver_who_stands_still_before_his_rest_has_not_driven_too_long() -> None:
    """The pause says when it begins, not where: what could be driven within the rule may be."""
    van = a_van(driving=DrivingRule(1_000, 300))
    problem = a_problem([a_stop(1)], van, travel=a_street(2, step_m=1_800))
    plan = planned(problem, [0])
    first, *others = plan.routes[0].pauses
    assert first.starts_s == 1_000
    later = (Pause(1_200, 300), *(replace(p, starts_s=p.starts_s + 200) for p in others))
    trip = plan.routes[0].trips[0]
    visits = tuple(
        Visit(v.stop, v.arrives_s + 200, v.starts_s + 200, v.leaves_s + 200) for v in trip.visits
    )
    moved = replace(
        plan.routes[0],
        pauses=later,
        trips=(Trip(trip.leaves_s, visits, trip.ends_s + 200),),
    )
    assert audit_deliveries(problem, replace(plan, routes=(moved,))) == []


@settings(max_examples=150)
@given(problems())
def test_the_baseline_of_any_problem_passes(problem: DeliveryProblem) -> None:
    plan = plan_of(problem, baseline(problem), why="a test", seconds=0.0)
    assert audit_deliveries(problem, plan) == []
