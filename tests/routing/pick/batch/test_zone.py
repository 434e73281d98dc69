"""Zones: every load once, every part audited, nothing before its hand-over."""

from dataclasses import replace
from random import Random

import pytest

from routing.effort import Effort
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.batch.zone import HandOver, ZonePlan, plan_zones
from routing.pick.batch.zone_part import Zone
from routing.pick.floor.layout import Door, Layout, NodeStop, Stop
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Walkways

EFFORT = Effort(iterations=100)
COLD = Zone("cold", frozenset({0, 1}), drops=(Door(2),))
DRY = Zone("dry", frozenset({2, 3, 4}), doors=(Door(2),))
BOTH = (COLD, DRY)


def a_problem(seed: int, loads: int = 10, shifts: tuple[Shift, ...] = ()) -> BatchProblem:
    rng = Random(seed)
    return BatchProblem(
        Layout(5, 20_000, 3_000),
        tuple(
            Load(
                f"load-{number}",
                tuple(
                    Stop(
                        rng.randrange(5),
                        rng.randrange(20_000),
                        units=(units := rng.randint(1, 3)),
                        mass_g=500 * units,
                    )
                    for _ in range(rng.randint(1, 4))
                ),
                2_000,
                0,
                release_s=rng.choice([0, 0, 60]),
                due_s=rng.choice([None, 900]),
            )
            for number in range(loads)
        ),
        Cart(slots=4, mass_g_max=20_000),
        Pace(speed_mm_s=1_000),
        shifts=shifts,
    )


def check(problem: BatchProblem, plan: ZonePlan) -> None:
    """Every load once; each zone's batches hold; the times follow from one another."""
    left = dict(plan.left_out)
    done_s = dict(plan.done_s)
    assert sorted([*left, *done_s]) == sorted(load.id for load in problem.loads)
    assert all(left.values())
    ends: dict[str, float] = {}
    zone_at: dict[str, list[tuple[str, float, float]]] = {}
    for share in plan.shares:
        assert audit_batches(share.problem, share.plan) == []
        for one in share.assignments:
            batch = share.plan.batches[one.batch]
            assert one.end_s == pytest.approx(one.start_s + batch.seconds)
            for part_id in batch.load_ids:
                load_id = part_id.partition("@")[0]
                ends[load_id] = max(ends.get(load_id, 0.0), one.end_s)
                zone_at.setdefault(load_id, []).append((share.zone, one.start_s, one.end_s))
    for load in problem.loads:
        if load.id in left:
            continue
        assert done_s[load.id] == ends[load.id]
        assert all(start_s >= load.release_s for _, start_s, _ in zone_at[load.id])
        picked = [
            stop
            for share in plan.shares
            for part in share.problem.loads
            if part.id.partition("@")[0] == load.id
            for stop in part.stops
        ]
        assert sorted(map(repr, picked)) == sorted(map(repr, load.stops))
        if plan.hand_over is HandOver.PASS:
            for number, (zone, start_s, _) in enumerate(zone_at[load.id]):
                for before, _, end_s in zone_at[load.id][:number]:
                    assert before == zone or start_s >= end_s
    busy = [one for share in plan.shares for one in share.assignments if one.picker]
    for one in busy:
        for other in busy:
            if one is not other and one.picker == other.picker:
                assert one.start_s >= other.end_s - 1e-6 or other.start_s >= one.end_s - 1e-6
    assert plan.distance_mm == sum(share.plan.distance_mm for share in plan.shares)
    assert plan.lateness_s == pytest.approx(sum(seconds for _, seconds in plan.late))


PICKERS = (Shift("ann", 0, 4_000, "cold"), Shift("bob", 0, 4_000, "dry"), Shift("cy", 500, 4_000))


@pytest.mark.parametrize("hand_over", ["merge", "pass"])
@pytest.mark.parametrize("shifts", [(), PICKERS], ids=["anybody", "three pickers"])
@pytest.mark.parametrize("seed", range(2))
def test_zones_pick_every_load_once(seed: int, shifts: tuple[Shift, ...], hand_over: str) -> None:
    problem = a_problem(seed, shifts=shifts)

    plan = plan_zones(problem, BOTH, EFFORT, hand_over=hand_over)

    check(problem, plan)
    assert not plan.left_out
    assert plan == plan_zones(problem, BOTH, EFFORT, hand_over=hand_over)
    for share in plan.shares:
        names = {one.picker for one in share.assignments}
        allowed = {"cold": {"ann", "cy"}, "dry": {"bob", "cy"}}[share.zone]
        assert names <= (allowed if shifts else {""})


def test_walks_start_and_end_at_the_zone_s_own_doors() -> None:
    plan = plan_zones(a_problem(3), BOTH, EFFORT, hand_over="pass")

    cold, dry = plan.shares
    assert {batch.tour.path[-1] for batch in cold.plan.batches} == {(6_000, 0)}
    assert {batch.tour.path[0] for batch in dry.plan.batches} == {(6_000, 0)}
    assert {batch.tour.path[-1] for batch in dry.plan.batches} == {(6_000, 0)}


def test_a_load_that_one_zone_cannot_pick_is_picked_in_none() -> None:
    problem = a_problem(4)
    heavy = Load("heavy", (Stop(0, 0), Stop(4, 0, mass_g=30_000)), 0, 0)
    nowhere = Load("nowhere", (Stop(0, 0), Stop(9, 0)), 0, 0)
    problem = replace(problem, loads=(*problem.loads, heavy, nowhere))

    plan = plan_zones(problem, BOTH, EFFORT)

    check(problem, plan)
    reasons = dict(plan.left_out)
    assert set(reasons) == {"heavy", "nowhere"}
    assert "zone dry" in reasons["heavy"] and "30000 g" in reasons["heavy"]
    assert reasons["nowhere"] == "a stop in aisle 9, which is in no zone"
    parts = [part.id for share in plan.shares for part in share.problem.loads]
    assert not [part for part in parts if part.startswith(("heavy", "nowhere"))]


def test_a_part_larger_than_a_cart_is_split_where_that_is_allowed() -> None:
    huge = Load(
        "huge", (*(Stop(4, 500 * k, mass_g=9_000) for k in range(5)), Stop(0, 0, mass_g=5)), 0, 0
    )
    problem = replace(a_problem(5, loads=2), split=True)
    problem = replace(problem, loads=(*problem.loads, huge))

    plan = plan_zones(problem, BOTH, EFFORT, hand_over="pass")

    check(problem, plan)
    assert not plan.left_out
    dry = [part.id for part in plan.shares[1].problem.loads if part.id.startswith("huge")]
    assert dry == ["huge@dry/1", "huge@dry/2", "huge@dry/3"]


@pytest.mark.parametrize("hand_over", list(HandOver))
def test_what_no_shift_takes_is_left_out_with_the_reason(hand_over: HandOver) -> None:
    shifts = (Shift("ann", 0, 4_000, "cold"), Shift("bob", 0, 30, "dry"))
    problem = a_problem(6, shifts=shifts)

    plan = plan_zones(problem, BOTH, EFFORT, hand_over=hand_over)

    check(problem, plan)
    in_dry = {
        load.id
        for load in problem.loads
        if any(isinstance(stop, Stop) and stop.aisle in DRY.aisles for stop in load.stops)
    }
    assert set(dict(plan.left_out)) == in_dry
    assert all("zone dry" in reason for _, reason in plan.left_out)


def test_volume_that_stops_do_not_tell_is_shared_out_by_units() -> None:
    load = Load("A", (Stop(0, 0, units=1), Stop(4, 0, units=2)), 1_000, 100)
    problem = replace(a_problem(0), loads=(load,))

    cold, dry = plan_zones(problem, BOTH, EFFORT).shares

    assert [(p.volume_ml, p.mass_g, p.order) for p in cold.problem.loads] == [(334, 34, "A")]
    assert [(p.volume_ml, p.mass_g, p.order) for p in dry.problem.loads] == [(667, 67, "A")]


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        ((), "no zones"),
        ((COLD, replace(DRY, aisles=frozenset({1, 2}))), "aisle 1 is in zones cold and dry"),
        ((COLD, replace(DRY, aisles=frozenset({5}))), "aisle 5 of zone dry is not one of 5"),
        ((COLD, replace(DRY, name="cold")), "the same name"),
    ],
)
def test_zones_that_make_no_sense_are_refused(zones: tuple[Zone, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan_zones(a_problem(0), zones, EFFORT)


def test_a_zone_needs_a_name_and_aisles_and_a_layout() -> None:
    for name, aisles in (("", {1}), ("a@b", {1}), ("a/b", {1}), ("a", set())):
        with pytest.raises(ValueError):
            Zone(name, frozenset(aisles))
    graph = BatchProblem(
        Walkways(1, (), (0,)), (Load("A", (NodeStop(0),), 0, 0),), Cart(mass_g_max=1)
    )
    with pytest.raises(ValueError, match="has none"):
        plan_zones(graph, BOTH, EFFORT)
