from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise, permutations, product
from math import hypot
from random import Random

import pytest

from routing.error import NoPlan
from routing.van import planner
from routing.van.audit import audit_deliveries
from routing.van.baseline import nearest_neighbour
from routing.van.plan import DeliveryPlan, Route
from routing.van.planner import plan_deliveries
from routing.van.problem import DeliveryProblem, DeliveryStop, Matrix, Van, straight_lines


def a_departure(stops: int, vans: int, seed: int, *, room: float = 1.4) -> DeliveryProblem:
    rng = Random(seed)
    doors = tuple(
        DeliveryStop(
            f"stop-{k}",
            rng.randint(-9_000, 9_000),
            rng.randint(-9_000, 9_000),
            mass_g=rng.randint(500, 20_000),
            volume_ml=rng.randint(1_000, 60_000),
            service_s=rng.randint(60, 240),
        )
        for k in range(stops)
    )
    mass_g = int(room * sum(stop.mass_g for stop in doors) / vans)
    volume_ml = int(room * sum(stop.volume_ml for stop in doors) / vans)
    fleet = tuple(Van(f"van-{k}", mass_g, volume_ml, 8 * 3600) for k in range(vans))
    return DeliveryProblem(100, -200, doors, fleet, speed_m_s=9.5)


def _round_trip(problem: DeliveryProblem, order: tuple[DeliveryStop, ...]) -> int:
    home = (problem.depot_x_m, problem.depot_y_m)
    places = [home, *((stop.x_m, stop.y_m) for stop in order), home]
    return sum(round(hypot(a - c, b - d)) for (a, b), (c, d) in pairwise(places))


def _full_service(problem: DeliveryProblem) -> Iterator[int]:
    """The least metres of every way to share all stops among the vans, by mass and volume."""
    vans = range(len(problem.vans))
    for share in product(vans, repeat=len(problem.stops)):
        trips = [[s for s, van in zip(problem.stops, share, strict=True) if van == v] for v in vans]
        if all(
            sum(stop.mass_g for stop in trip) <= van.mass_g_max
            and sum(stop.volume_ml for stop in trip) <= van.volume_ml_max
            for trip, van in zip(trips, problem.vans, strict=True)
        ):
            yield sum(min(_round_trip(problem, o) for o in permutations(t)) for t in trips if t)


@pytest.mark.parametrize("seed", range(4))
def test_small_departures_drive_as_little_as_any_order_allows(seed: int) -> None:
    problem = a_departure(6, 2, seed, room=1.5)
    plan = plan_deliveries(problem, seed, time_limit_s=30, solutions=60)
    assert plan.unserved == ()
    assert plan.distance_m == min(_full_service(problem))


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_holds_and_is_never_worse_than_its_baseline(seed: int) -> None:
    problem = a_departure(30, 3, seed, room=1.1)
    baseline = nearest_neighbour(problem, straight_lines(problem))
    plan = plan_deliveries(problem, seed, time_limit_s=30, solutions=60)
    assert audit_deliveries(problem, baseline) == []
    assert audit_deliveries(problem, plan) == []
    assert plan.rank <= baseline.rank
    assert plan.baseline_m == baseline.distance_m


def test_equal_seeds_give_equal_plans() -> None:
    problem = a_departure(40, 3, 1)
    first = plan_deliveries(problem, 7, time_limit_s=30, solutions=50)
    assert repr(plan_deliveries(problem, 7, time_limit_s=30, solutions=50)) == repr(first)


def test_stops_that_cannot_be_served_are_named_with_their_reason() -> None:
    problem = a_departure(5, 2, 1, room=3)
    van = problem.vans[0]
    odd = (
        DeliveryStop("heavy", 0, 0, van.mass_g_max + 1, 1, 1),
        DeliveryStop("bulky", 0, 0, 1, van.volume_ml_max + 1, 1),
        DeliveryStop("far", 900_000, 0, 1, 1, 1),
    )
    problem = replace(problem, stops=(*problem.stops, *odd))
    plan = plan_deliveries(problem, 1, time_limit_s=30, solutions=20)
    reasons = dict(plan.unserved)
    assert reasons.keys() == {"heavy", "bulky", "far"}
    assert "g is more than" in reasons["heavy"]
    assert "ml is more than" in reasons["bulky"]
    assert "longer than any shift" in reasons["far"]


def test_no_van_alone_with_room_and_shift_is_a_reason() -> None:
    stop = DeliveryStop("farm", 10_000, 0, 1_000, 1, 60)
    strong = Van("strong", 1_000, 10, shift_s=60)
    quick = Van("quick", 10, 10, shift_s=9_000)
    plan = plan_deliveries(DeliveryProblem(0, 0, (stop,), (strong, quick), 10.0), 1, 5, 5)
    assert plan.unserved == (("farm", "no one van has both the room and the shift for it"),)


def test_more_goods_than_room_leaves_as_few_stops_as_can_be() -> None:
    stops = tuple(DeliveryStop(f"s{k}", 1_000 * k, 0, 600, 1, 10) for k in range(1, 4))
    problem = DeliveryProblem(0, 0, stops, (Van("v", 1_200, 99, 9_999),), 10.0)
    plan = plan_deliveries(problem, 1, time_limit_s=10, solutions=20)
    assert plan.unserved == (("s3", "no van has room left for its mass and volume"),)


def test_a_short_shift_leaves_stops_to_another_departure() -> None:
    stops = tuple(DeliveryStop(f"s{k}", 1_000, k, 1, 1, 500) for k in range(3))
    problem = DeliveryProblem(0, 0, stops, (Van("v", 99, 99, shift_s=1_200),), 10.0)
    plan = plan_deliveries(problem, 1, time_limit_s=10, solutions=20)
    reasons = [reason for _, reason in plan.unserved]
    assert reasons == ["no van with room has enough of its shift left"]


def test_no_stops_is_a_plan_without_routes() -> None:
    problem = DeliveryProblem(0, 0, (), (Van("v", 1, 1, 1),), 1.0)
    assert plan_deliveries(problem, 1, 1, 1) == DeliveryPlan((), (), 0, 0, "nearest_neighbour")


def _as_it_comes(
    problem: DeliveryProblem, matrix: Matrix, seed: int, time_limit_s: int, solutions: int
) -> DeliveryPlan:
    return DeliveryPlan((), (), 0, 0, "careless")


def test_a_solvers_plan_that_breaks_a_rule_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_departure(5, 2, 1)
    monkeypatch.setattr(planner, "solve_routes", _as_it_comes)
    plan = plan_deliveries(problem, 1, 5, 5)
    assert plan.engine == "nearest_neighbour"
    assert audit_deliveries(problem, plan) == []


def test_no_plan_that_holds_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "audit_deliveries", lambda problem, plan: ["a fault"])
    with pytest.raises(NoPlan, match="a fault"):
        plan_deliveries(a_departure(3, 1, 1), 1, 5, 5)


def _first(plan: DeliveryPlan, route: Route) -> DeliveryPlan:
    return replace(plan, routes=(route, *plan.routes[1:]))


BROKEN: dict[str, Callable[[DeliveryPlan], DeliveryPlan]] = {
    "a route forgotten": lambda p: replace(p, routes=p.routes[1:]),
    "a stop forgotten": lambda p: _first(
        p, replace(p.routes[0], stop_ids=p.routes[0].stop_ids[1:])
    ),
    "a stop twice": lambda p: _first(
        p, replace(p.routes[0], stop_ids=p.routes[0].stop_ids + p.routes[1].stop_ids[:1])
    ),
    "served and unserved": lambda p: replace(p, unserved=((p.routes[0].stop_ids[0], "far"),)),
    "a van twice": lambda p: _first(p, replace(p.routes[0], van_id=p.routes[1].van_id)),
    "a strange van": lambda p: _first(p, replace(p.routes[0], van_id="nobody")),
    "a strange stop": lambda p: replace(p, unserved=(("nobody", "far"),)),
    "no reason": lambda p: replace(
        p, routes=p.routes[1:], unserved=tuple((s, "") for s in p.routes[0].stop_ids)
    ),
    "a false way": lambda p: _first(p, replace(p.routes[0], distance_m=1)),
    "a false time": lambda p: _first(p, replace(p.routes[0], duration_s=1)),
    "a false total": lambda p: replace(p, distance_m=p.distance_m - 1),
    "stops in another order": lambda p: _first(
        p, replace(p.routes[0], stop_ids=tuple(sorted(p.routes[0].stop_ids)))
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plan_is_found_out(kind: str) -> None:
    problem = a_departure(12, 2, 1)
    plan = nearest_neighbour(problem, straight_lines(problem))
    assert len(plan.routes) == 2
    assert audit_deliveries(problem, plan) == []
    assert audit_deliveries(problem, BROKEN[kind](plan))


@pytest.mark.parametrize("limit", ["mass_g_max", "volume_ml_max", "shift_s"])
def test_a_van_beyond_a_limit_is_found_out(limit: str) -> None:
    problem = a_departure(12, 2, 1)
    plan = nearest_neighbour(problem, straight_lines(problem))
    small = replace(
        problem,
        vans=tuple(
            Van(
                van.id,
                1 if limit == "mass_g_max" else van.mass_g_max,
                1 if limit == "volume_ml_max" else van.volume_ml_max,
                1 if limit == "shift_s" else van.shift_s,
            )
            for van in problem.vans
        ),
    )
    assert audit_deliveries(small, plan)


def test_departures_without_sense_are_refused() -> None:
    stop, van = DeliveryStop("a", 0, 0, 1, 1, 1), Van("v", 1, 1, 1)
    with pytest.raises(ValueError, match="at least one van"):
        DeliveryProblem(0, 0, (stop,), (), 1.0)
    with pytest.raises(ValueError, match="speed_m_s"):
        DeliveryProblem(0, 0, (stop,), (van,), 0.0)
    with pytest.raises(ValueError, match="stop a is listed twice"):
        DeliveryProblem(0, 0, (stop, stop), (van,), 1.0)
    with pytest.raises(ValueError, match="van v is listed twice"):
        DeliveryProblem(0, 0, (stop,), (van, van), 1.0)
    with pytest.raises(ValueError, match="mass_g of stop a"):
        DeliveryStop("a", 0, 0, -1, 1, 1)
    with pytest.raises(ValueError, match="at least 1"):
        plan_deliveries(DeliveryProblem(0, 0, (stop,), (van,), 1.0), 1, 0, 1)
