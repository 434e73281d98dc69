import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.delivery.baseline import baseline
from routing.delivery.draft import Progress, Run
from routing.delivery.fleet.solver import lacks, solve
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import Kind, SoftWindow, Stop, Window
from routing.delivery.timetable import plan_of
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Break, Depot, DrivingRule, Vehicle
from routing.effort import Effort
from routing.error import NoPlan
from tests.routing.delivery.fleet.ground import (
    LINE,
    best_rank,
    door,
    draft,
    orders,
    problem_of,
    rank_of,
    solved,
    van,
)

PICKUP = Kind.PICKUP
RUSH = Travel(LINE, np.stack([LINE, 3 * LINE, LINE]), (0, 300, 900))
ONE_WAY = LINE.copy()
ONE_WAY[3, :] = ONE_WAY[:, 3] = FAR

# Each constraint by itself: what is best is found by trying everything.
CASES: dict[str, DeliveryProblem] = {
    "the cheapest type that fits": problem_of(
        [door(1, load=(4,)), door(2, load=(4,)), door(5, load=(4,)), door(6, load=(4,))],
        [
            van("small", capacity=(4,), count=2, fixed_cost=100),
            van("middle", capacity=(8,), count=2, fixed_cost=300),
            van("large", capacity=(16,), fixed_cost=1_300, distance_cost=1.1),
        ],
    ),
    "several depots": problem_of(
        [door(1), door(2), door(5), door(6)],
        [van("near", capacity=(3,)), van("far", start="far", end="far", capacity=(3,))],
    ),
    "from one depot to another": problem_of(
        [door(2), door(4), door(6)], [van(end="far"), van("back", fixed_cost=300)]
    ),
    "several dimensions": problem_of(
        [door(1, load=(1, 5)), door(2, load=(5, 1)), door(3, load=(1, 5)), door(4, load=(5, 1))],
        [van(capacity=(6, 6), count=2)],
    ),
    "duration costs, so nobody leaves too early": problem_of(
        [door(3, windows=(Window(5_000, 5_100),)), door(5, windows=(Window(6_000, 7_000),))],
        [van(count=2, duration_cost=0.5)],
    ),
    "a limit of duration": problem_of(
        [
            door(2, windows=(Window(0, 300),), service_s=100),
            door(3, windows=(Window(1_500, 1_600),)),
            door(4, windows=(Window(1_000, 2_000),)),
        ],
        [van(count=3, duration_s_max=1_500)],
    ),
    "a limit of distance": problem_of(
        [door(2), door(3), door(5)], [van("short", distance_m_max=600), van("far", start="far")]
    ),
    "several windows": problem_of(
        [
            door(1, windows=(Window(0, 50), Window(900, 950))),
            door(4, windows=(Window(350, 420), Window(2_000, 2_100))),
            door(2, windows=(Window(500, 700),)),
        ],
        [van(count=2)],
    ),
    "several windows where duration counts": problem_of(
        [
            door(1, windows=(Window(100, 150), Window(900, 950), Window(3_000, 4_000))),
            door(4, windows=(Window(350, 420), Window(2_000, 2_100))),
            door(2, windows=(Window(500, 700), Window(2_200, 2_300))),
        ],
        [van(count=2, duration_cost=1.0, duration_s_max=2_500)],
    ),
    "soft windows": problem_of(
        [
            door(1, soft=SoftWindow(700, 800, 1.0, 2.0)),
            door(3, soft=SoftWindow(250, 320, 0.0, 1.0)),
            door(5, soft=SoftWindow(100, 200, 3.0, 0.5)),
        ],
        [van(count=2, fixed_cost=100, duration_cost=0.1)],
    ),
    "skills": problem_of(
        [door(2, skills=frozenset({"crane"})), door(3), door(4, skills=frozenset({"cold"}))],
        [
            van("plain", fixed_cost=10),
            van("crane", fixed_cost=50, skills=frozenset({"crane"})),
            van("all", fixed_cost=700, skills=frozenset({"crane", "cold"})),
        ],
    ),
    "chosen vehicles": problem_of(
        [door(2, vehicles=frozenset({"b"})), door(3, vehicles=frozenset({"a"})), door(4)],
        [van("a"), van("b", distance_cost=3.0)],
    ),
    "goods that must not meet": problem_of(
        [
            door(2, goods=frozenset({"food"})),
            door(3, goods=frozenset({"paint"})),
            door(4, goods=frozenset({"food", "toys"})),
            door(5, goods=frozenset({"toys"})),
        ],
        [van(count=2)],
        incompatible=frozenset({("food", "paint")}),
    ),
    "a prize that pays, and one that does not": problem_of(
        [door(2), door(3, prize=250.0), door(7, prize=250.0)], [van(count=2)]
    ),
    "the higher priority first": problem_of(
        [door(2, load=(6,)), door(6, load=(6,), priority=2), door(3, load=(4,), priority=1)],
        [van()],
    ),
    "an open end": problem_of([door(2), door(4), door(1)], [van(end=None, count=2)]),
    "a quicker vehicle": problem_of(
        [door(6, windows=(Window(0, 300),)), door(2)],
        [van("quick", speed_factor=2.0, fixed_cost=500), van("slow")],
    ),
    "a begun route": problem_of(
        [door(5), door(1), door(3), door(4)],
        [van(count=2)],
        begun=(Begun("van", 1, ("at 5", "at 1")),),
    ),
    "travel by time of day": problem_of(
        [door(2), door(5, windows=(Window(600, 1_200),)), door(6)], [van(count=2)], travel=RUSH
    ),
    "pickups beside deliveries": problem_of(
        [door(1, load=(6,), kind=PICKUP), door(2, load=(7,)), door(3, load=(3,), kind=PICKUP)],
        [van()],
    ),
    "fewest vehicles": problem_of(
        [door(1), door(2), door(6)],
        [van(fixed_cost=0.0), van("far", start="far", end="far", count=2)],
        objective=Objective.VEHICLES,
    ),
    "a place that cannot be reached": problem_of(
        [door(2), door(3), door(4)], [van()], travel=Travel(ONE_WAY, ONE_WAY[None])
    ),
    "a depot that opens late": problem_of(
        [door(2), door(3, windows=(Window(0, 900),))],
        [van(), van("far", start="far", end="far")],
        depots=(Depot("home", 0, 800, 1_400), Depot("far", 7)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_constraint_is_kept_and_the_best_plan_is_found(name: str) -> None:
    problem = CASES[name]
    found, best = rank_of(problem, solved(problem)), best_rank(problem)
    assert found == pytest.approx(best)


def test_a_plan_without_stops_is_empty() -> None:
    assert solve(problem_of([], [van()]), Effort(iterations=10)).runs == ()


def test_a_plan_without_vehicles_serves_nobody() -> None:
    assert solve(problem_of([door(1)], [van(count=0)]), Effort(iterations=10)).runs == ()


def test_goods_at_odds_with_themselves_are_left_out() -> None:
    problem = problem_of(
        [door(1, goods=frozenset({"a", "b"})), door(2)],
        [van()],
        incompatible=frozenset({("a", "b")}),
    )
    assert orders(solved(problem)) == {"van": [("at 2",)]}


def test_types_that_differ_by_name_only_keep_their_numbers() -> None:
    problem = problem_of([door(k, load=(10,)) for k in (1, 2, 3)], [van("a"), van("b", count=2)])
    assert {name: len(routes) for name, routes in orders(solved(problem)).items()} == {
        "a": 1,
        "b": 2,
    }


def test_equal_seeds_and_iterations_give_equal_drafts() -> None:
    problem = CASES["the cheapest type that fits"]
    drafts = [solve(problem, Effort(seed=7, iterations=150)) for _ in range(2)]
    assert drafts[0] == drafts[1]
    assert drafts[0].iterations == 150


def test_a_search_without_time_still_hands_over_a_plan() -> None:
    problem = CASES["several depots"]
    for effort in (Effort(iterations=0), Effort(seconds=0.0)):
        assert not plan_of(problem, solve(problem, effort), why="", seconds=0.0).unserved


def test_a_warm_draft_is_never_made_worse() -> None:
    problem = CASES["several windows where duration counts"]
    best = solve(problem, Effort(iterations=300))
    again = solve(problem, Effort(iterations=0, seed=5), best)
    plans = [plan_of(problem, each, why="", seconds=0.0) for each in (best, again)]
    assert rank_of(problem, plans[1]) <= rank_of(problem, plans[0])


def test_what_is_wrong_in_a_warm_draft_is_mended() -> None:
    problem = problem_of([door(k, load=(4,)) for k in (1, 2, 3, 4)], [van(count=2)])
    broken = draft(Run(0, ((0, 1, 2),)), Run(0, ((2, 3),)))
    repaired = solve(problem, Effort(iterations=0), broken)
    plan = plan_of(problem, repaired, why="", seconds=0.0)
    assert not plan.unserved


def test_a_begun_route_keeps_its_beginning_and_its_vehicle() -> None:
    problem = CASES["a begun route"]
    (begun,) = (run for run in solve(problem, Effort(iterations=100)).runs if run.number == 1)
    assert begun.trips[0][:2] == (0, 1)


def test_a_begun_route_that_cannot_be_kept_is_no_plan() -> None:
    problem = problem_of(
        [door(5, windows=(Window(0, 100),))], [van()], begun=(Begun("van", 0, ("at 5",)),)
    )
    with pytest.raises(NoPlan, match="begun"):
        solve(problem, Effort(iterations=10))


def test_a_watcher_sees_the_cost_fall() -> None:
    seen: list[Progress] = []
    solve(CASES["several depots"], Effort(iterations=250), watch=seen.append)
    assert [each.iterations for each in seen] == [100, 200, 250]
    assert [each.cost for each in seen] == sorted((each.cost for each in seen), reverse=True)


def test_a_new_plan_around_begun_routes_is_no_worse_than_insertion() -> None:
    rng = np.random.default_rng(5)
    points = rng.random((61, 2)) * 1_000
    table = np.rint(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))).astype(np.int64)
    problem = problem_of(
        [door(k, load=(int(rng.integers(1, 5)),)) for k in range(1, 61)],
        [van(capacity=(30,), count=9, closes_s=4_000)],
        travel=Travel(table, table[None]),
        depots=(Depot("home", 0),),
        begun=(Begun("van", 2, ("at 7", "at 50")), Begun("van", 5, ("at 31",))),
    )
    simple = plan_of(problem, baseline(problem), why="", seconds=0.0)
    assert rank_of(problem, solved(problem, 300)) <= rank_of(problem, simple)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (
            DeliveryProblem(
                depots=(Depot("home", 0),),
                vehicles=(van(),),
                stops=(door(1, kind=PICKUP), door(2)),
                travel=Travel(LINE, LINE[None]),
                pairs=(Pair("at 1", "at 2"),),
            ),
            "pairs",
        ),
        (problem_of([door(1)], [van(breaks=(Break(0, 10, 5),))]), "breaks"),
        (problem_of([door(1)], [van(driving=DrivingRule())]), "driving rule"),
        (problem_of([door(1)], [van(trips_max=2)]), "once"),
        (
            DeliveryProblem(
                depots=(Depot("home", 0),),
                vehicles=(van(),),
                stops=(door(1),),
                travel=Travel(LINE, LINE[None]),
                balance_price=1.0,
            ),
            "balance",
        ),
    ],
)
def test_it_says_what_it_cannot_carry(problem: DeliveryProblem, reason: str) -> None:
    assert reason in lacks(problem)
    with pytest.raises(ValueError, match=reason):
        solve(problem, Effort(iterations=1))


@pytest.mark.parametrize("name", CASES)
def test_what_it_searches_by_is_what_the_plan_costs(name: str) -> None:
    problem = CASES[name]
    seen: list[Progress] = []
    draft = solve(problem, Effort(iterations=100), watch=seen.append)
    plan = plan_of(problem, draft, why="", seconds=0.0)
    assert seen[-1].cost == pytest.approx(plan.cost)


@pytest.mark.parametrize("name", CASES)
def test_it_carries_all_else(name: str) -> None:
    assert lacks(CASES[name]) == ""


MOMENT = st.integers(0, 2_000)
NAMES = st.frozensets(st.sampled_from(("x", "y")), max_size=2)


@st.composite
def rich_stops(draw: st.DrawFn, number: int) -> Stop:
    """A stop with any of the constraints."""
    bounds = sorted(draw(st.lists(MOMENT, max_size=4, unique=True)))
    windows = tuple(Window(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False))
    soft = None
    if draw(st.booleans()):
        opens, closes = sorted((draw(MOMENT), draw(MOMENT)))
        prices = draw(st.tuples(st.floats(0, 3), st.floats(0, 3)))
        soft = SoftWindow(opens, closes, *prices)
    return Stop(
        id=str(number),
        place=draw(st.integers(0, 7)),
        load=draw(st.tuples(st.integers(0, 6), st.integers(0, 6))),
        kind=draw(st.sampled_from(Kind)),
        windows=windows,
        soft=soft,
        service_s=draw(st.integers(0, 100)),
        priority=draw(st.integers(0, 3)),
        prize=draw(st.none() | st.floats(0, 500)),
        skills=draw(st.frozensets(st.sampled_from(("x", "y")), max_size=1)),
        goods=draw(NAMES),
        vehicles=draw(st.none() | st.just(frozenset({"v0"}))),
    )


@st.composite
def rich_vans(draw: st.DrawFn, number: int) -> Vehicle:
    """A vehicle type with any of the limits."""
    opens, closes = sorted((draw(MOMENT), 2_000 + draw(MOMENT)))
    return Vehicle(
        id=f"v{number}",
        start=draw(st.sampled_from(("home", "far"))),
        end=draw(st.sampled_from(("home", "far", None))),
        capacity=draw(st.tuples(st.integers(3, 15), st.integers(3, 15))),
        count=draw(st.integers(0, 2)),
        opens_s=opens,
        closes_s=closes,
        duration_s_max=draw(st.none() | st.integers(200, 3_000)),
        distance_m_max=draw(st.none() | st.integers(200, 3_000)),
        fixed_cost=draw(st.floats(0, 500)),
        distance_cost=draw(st.floats(0, 2)),
        duration_cost=draw(st.sampled_from((0.0, 0.5))),
        skills=draw(NAMES),
        speed_factor=draw(st.sampled_from((1.0, 0.8, 1.5))),
    )


@st.composite
def rich_problems(draw: st.DrawFn) -> DeliveryProblem:
    """A problem with any of the constraints; the travel is not the same both ways."""
    stops = [draw(rich_stops(number)) for number in range(draw(st.integers(1, 6)))]
    vans = [draw(rich_vans(number)) for number in range(draw(st.integers(1, 3)))]
    skew = np.array(draw(st.lists(st.integers(0, 60), min_size=64, max_size=64))).reshape(8, 8)
    table = (LINE + skew).astype(np.int64)
    rush = draw(st.booleans())
    travel = (
        Travel(table, np.stack([table, 2 * table]), (0, 1_000))
        if rush
        else Travel(table, table[None])
    )
    if not any(each.count for each in vans):
        vans[0] = Vehicle(id="v0", start="home", end="home", capacity=(9, 9))
    clash = draw(st.booleans())
    return problem_of(
        stops,
        [each if each.id != "v0" or each.count else vans[0] for each in vans],
        travel=travel,
        incompatible=frozenset({("x", "y")}) if clash else frozenset(),
        objective=draw(st.sampled_from(Objective)),
    )


@settings(max_examples=150)
@given(rich_problems(), st.integers(0, 100))
def test_every_draft_can_be_driven_and_leaves_out_no_stop_that_would_fit_alone(
    problem: DeliveryProblem, seed: int
) -> None:
    plan = solved(problem, iterations=60, seed=seed)
    served = {stop for route in plan.routes for stop in route.stops}
    assert served | {each.stop for each in plan.unserved} == {stop.id for stop in problem.stops}
    again = solve(problem, Effort(seed=seed, iterations=60))
    warm = solve(problem, Effort(seed=seed + 1, iterations=20), again)
    ranks = [rank_of(problem, plan_of(problem, each, why="", seconds=0)) for each in (again, warm)]
    assert ranks[1][:-1] < ranks[0][:-1] or ranks[1][-1] <= ranks[0][-1] + 1e-6
