from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch import planner as batch
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.planner import first_come, plan_batches, solve_batches
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.floor.layout import Door, Layout, NodeStop, Stop, Way
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.floor_plan import a_wave

A_WHILE = Effort(iterations=3_000, seed=3)
BLOCKS = Layout(8, 20_000, 3_000, 2, cross_aisles_mm=(7_000, 13_000))
ONE_WAY = Layout(8, 20_000, 3_000, 2, ways=(Way.UP, Way.DOWN) * 4)
TWO_DOORS = Layout(8, 20_000, 3_000, doors=(Door(0), Door(7)), drops=(Door(3, at_back=True),))
UNEQUAL = Layout(8, 20_000, 3_000, 2, lengths_mm=(20_000,) * 5 + (12_000,) * 3)
FLOORS = {"blocks": BLOCKS, "one way": ONE_WAY, "two doors": TWO_DOORS, "unequal": UNEQUAL}


def _walk_mm(problem: BatchProblem, loads: tuple[int, ...]) -> int:
    stops = problem.stops_of(problem.loads[k].id for k in loads)
    return solve_tour(problem.floor, stops).distance_mm


def _partitions(problem: BatchProblem, left: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """Every way to put the loads into carts that may carry them."""
    if not left:
        yield []
        return
    first, *others = left
    for size in range(problem.cart.slots):
        for mates in combinations(others, size):
            mass_g = sum(problem.loads[k].mass_g for k in (first, *mates))
            if mass_g <= problem.cart.mass_g_max:
                rest = tuple(k for k in others if k not in mates)
                for carts in _partitions(problem, rest):
                    yield [(first, *mates), *carts]


def _least_mm(problem: BatchProblem) -> int:
    return min(
        sum(_walk_mm(problem, cart) for cart in carts)
        for carts in _partitions(problem, tuple(range(len(problem.loads))))
    )


def on_floor(problem: BatchProblem, floor: Layout, loads: int = 0) -> BatchProblem:
    """The same loads, as many as asked for, on another floor, within its aisles."""
    own = tuple(
        replace(
            load,
            stops=tuple(
                replace(stop, position_mm=min(stop.position_mm, floor.length_of(stop.aisle)))
                for stop in load.stops
                if isinstance(stop, Stop)
            ),
        )
        for load in problem.loads[: loads or None]
    )
    return replace(problem, floor=floor, loads=own)


def a_tree(branches: int) -> Walkways:
    """A corridor with two dead ends at each junction; node 0 is the door."""
    arcs = []
    for k in range(branches):
        arcs.append(Arc(3 * k, 3 * k + 3, 4_000))
        arcs += [Arc(3 * k, 3 * k + 1, 2_000 + 100 * k), Arc(3 * k, 3 * k + 2, 3_000)]
    return Walkways(3 * branches + 1, tuple(arcs), (0,))


def on_tree(loads: int, seed: int) -> BatchProblem:
    """Loads of two stops in a tree of ways."""
    rng = Random(seed)
    floor = a_tree(9)
    return BatchProblem(
        floor,
        tuple(
            Load(f"load-{k}", tuple(NodeStop(rng.randrange(28)) for _ in range(2)), 1, 1_000)
            for k in range(loads)
        ),
        Cart(slots=4, mass_g_max=12_000),
    )


@pytest.mark.parametrize("seed", range(6))
def test_small_waves_are_walked_as_shortly_as_any_carts_allow(seed: int) -> None:
    problem = a_wave(6, 2, seed, slots=3, mass_g_max=8_000)
    plan = plan_batches(problem, Effort(iterations=0))
    assert plan.distance_mm == plan.bound_mm == _least_mm(problem)


@pytest.mark.parametrize("name", ["blocks", "two doors", "unequal"])
def test_small_waves_are_proven_on_other_floors_with_exact_walks_too(name: str) -> None:
    problem = on_floor(a_wave(6, 2, 1, slots=3, mass_g_max=8_000), FLOORS[name])
    plan = plan_batches(problem, A_WHILE)
    assert plan.distance_mm == plan.bound_mm == _least_mm(problem)


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_holds_and_is_never_longer_than_its_baseline(seed: int) -> None:
    problem = a_wave(25 + 5 * seed, 1 + seed, seed)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    assert plan.baseline_mm == first_come(problem).distance_mm
    assert 0 < plan.saving < 1
    assert 0 < plan.bound_mm <= plan.distance_mm
    assert plan.method in {"savings", "annealing", "set_covering"}


@pytest.mark.parametrize("name", FLOORS)
def test_plans_on_other_floors_hold_and_their_bounds_too(name: str) -> None:
    problem = on_floor(a_wave(18, 2, 5), FLOORS[name])
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    assert plan.distance_mm < plan.baseline_mm
    assert 0 < plan.bound_mm <= plan.distance_mm


def test_walkways_are_planned_like_aisles() -> None:
    problem = on_tree(18, 2)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    assert 0 < plan.bound_mm <= plan.distance_mm <= plan.baseline_mm


def test_ranks_are_kept_on_every_walk() -> None:
    rng = Random(4)
    problem = a_wave(14, 3, 4)
    loads = tuple(
        replace(
            load,
            stops=tuple(
                replace(s, rank=rng.randrange(3)) for s in load.stops if isinstance(s, Stop)
            ),
        )
        for load in problem.loads
    )
    problem = replace(problem, loads=loads, precedence=True)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    for cart in plan.batches:
        stops = problem.stops_of(cart.load_ids)
        ranks = [stops[visit].rank for visit in cart.tour.visits]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("problem", [a_wave(60, 3, 1), on_floor(a_wave(14, 2, 1), BLOCKS)])
def test_equal_seeds_give_equal_plans(problem: BatchProblem) -> None:
    assert repr(plan_batches(problem, A_WHILE)) == repr(plan_batches(problem, A_WHILE))


def test_first_come_fills_carts_in_the_order_of_arrival() -> None:
    problem = a_wave(9, 2, 1, slots=4, mass_g_max=100_000)
    plan = first_come(problem)
    assert audit_batches(problem, plan) == []
    assert [len(cart.load_ids) for cart in plan.batches] == [4, 4, 1]
    assert [i for cart in plan.batches for i in cart.load_ids] == [ld.id for ld in problem.loads]
    assert plan.saving == 0


@pytest.mark.parametrize("problem", [a_wave(40, 3, 1), on_floor(a_wave(14, 2, 1), BLOCKS)])
def test_no_time_is_enough_for_a_plan(problem: BatchProblem) -> None:
    plan = plan_batches(problem, Effort(seconds=0.0))
    assert audit_batches(problem, plan) == []
    assert len(plan.batches) >= 1
    assert plan.distance_mm <= plan.baseline_mm


def test_one_load_is_one_cart_with_its_shortest_walk() -> None:
    problem = a_wave(1, 4, 1)
    plan = plan_batches(problem, A_WHILE)
    assert [cart.load_ids for cart in plan.batches] == [("load-0",)]
    assert plan.distance_mm == plan.bound_mm == _walk_mm(problem, (0,))


def test_equal_loads_fill_carts_to_the_brim() -> None:
    stop = Stop(3, 9_000)
    loads = tuple(Load(f"load-{k}", (stop,), 1, 1_000) for k in range(20))
    problem = BatchProblem(Layout(8, 20_000, 3_000), loads, Cart(slots=4, mass_g_max=4_000))
    plan = plan_batches(problem, A_WHILE)
    assert [len(cart.load_ids) for cart in plan.batches] == [4] * 5
    assert plan.distance_mm == plan.bound_mm == 5 * 2 * 18_000


def test_a_load_that_no_cart_can_carry_is_left_out_with_its_reason() -> None:
    problem = a_wave(5, 2, 1)
    stop = (Stop(0, 0),)
    cart = replace(problem.cart, units_max=50)
    heavy = Load("heavy", stop, volume_ml=1, mass_g=cart.mass_g_max + 1)
    bulky = Load("bulky", stop, volume_ml=cart.slots * cart.tote_volume_ml + 1, mass_g=1)
    many = Load("many", (Stop(0, 0, units=51),), volume_ml=1, mass_g=1)
    problem = replace(problem, loads=(heavy, *problem.loads, bulky, many), cart=cart)
    for plan in (first_come(problem), plan_batches(problem, A_WHILE)):
        assert audit_batches(problem, plan) == []
        reasons = dict(plan.left_out)
        assert list(reasons) == ["heavy", "bulky", "many"]
        assert "mass_g_max" in reasons["heavy"]
        assert "totes" in reasons["bulky"]
        assert "units_max" in reasons["many"]


def test_a_load_as_large_as_a_cart_has_one_for_itself() -> None:
    problem = a_wave(6, 2, 1)
    cart = problem.cart
    stop = (Stop(1, 500),)
    full = Load("full", stop, volume_ml=cart.slots * cart.tote_volume_ml, mass_g=cart.mass_g_max)
    problem = replace(problem, loads=(*problem.loads, full))
    plan = plan_batches(problem, A_WHILE)
    assert plan.left_out == ()
    assert ("full",) in [batch.load_ids for batch in plan.batches]


def test_a_large_order_takes_as_many_totes_as_its_volume_needs() -> None:
    stop = (Stop(1, 500),)
    loads = tuple(Load(f"load-{k}", stop, volume_ml=50_000, mass_g=1) for k in range(14))
    cart = Cart(slots=4, mass_g_max=100, tote_volume_ml=40_000)
    problem = BatchProblem(Layout(3, 9_000, 3_000), loads, cart)
    sorted_carts = plan_batches(problem, A_WHILE).batches
    assert [len(batch.load_ids) for batch in sorted_carts] == [2] * 7
    mixed = replace(problem, cart=replace(cart, mixed=True))
    carts = sorted(len(batch.load_ids) for batch in plan_batches(mixed, A_WHILE).batches)
    assert carts[-1] == 3
    assert len(carts) == 5


def test_what_lies_outside_or_cannot_be_reached_is_left_out_and_the_rest_is_planned() -> None:
    problem = a_wave(5, 2, 1)
    far = Load("far", (Stop(0, 500), Stop(8, 0)), 1, 1)
    deep = Load("deep", (Stop(0, 20_001),), 1, 1)
    plan = plan_batches(replace(problem, loads=(far, *problem.loads, deep)), A_WHILE)
    assert [load_id for load_id, _ in plan.left_out] == ["far", "deep"]
    assert "8 aisles" in plan.left_out[0][1]
    assert "20000 mm" in plan.left_out[1][1]
    island = Walkways(4, (Arc(0, 1, 100), Arc(2, 3, 100)), (0,))
    loads = tuple(Load(f"at-{k}", (NodeStop(k),), 1, 1) for k in (1, 3, 7))
    plan = plan_batches(BatchProblem(island, loads, Cart(mass_g_max=9)), A_WHILE)
    assert [load_id for load_id, _ in plan.left_out] == ["at-3", "at-7"]
    assert "no way" in plan.left_out[0][1]


def test_an_aisle_that_nobody_may_leave_is_no_place_to_go_to() -> None:
    trap = Layout(2, 10_000, 3_000, ways=(Way.UP, Way.UP))
    loads = (Load("in", (Stop(1, 5_000),), 1, 1), Load("door", (Stop(0, 0),), 1, 1))
    plan = plan_batches(BatchProblem(trap, loads, Cart(mass_g_max=9)), A_WHILE)
    assert [load_id for load_id, _ in plan.left_out] == ["in"]


def test_an_impossible_due_time_is_left_out_with_its_reason() -> None:
    problem = a_wave(4, 2, 1)
    first, *rest = problem.loads
    late = replace(first, release_s=500, due_s=520)
    plan = plan_batches(replace(problem, loads=(late, *rest)), A_WHILE)
    assert [load_id for load_id, _ in plan.left_out] == [late.id]
    assert "due at 520 s" in plan.left_out[0][1]


def test_what_is_released_late_is_in_no_cart_with_what_is_due_before() -> None:
    problem = a_wave(40, 2, 1)
    loads = tuple(
        replace(load, due_s=900) if k % 2 else replace(load, release_s=1_000)
        for k, load in enumerate(problem.loads)
    )
    problem = replace(problem, loads=loads)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    for cart in plan.batches:
        assert len({int(load_id.removeprefix("load-")) % 2 for load_id in cart.load_ids}) == 1


def test_an_order_larger_than_any_cart_is_parted_where_that_is_allowed() -> None:
    problem = a_wave(5, 2, 1)
    stops = tuple(Stop(k, 1_000, units=2, volume_ml=9, mass_g=5_000) for k in range(8))
    huge = Load("huge", stops, volume_ml=72, mass_g=40_000)
    problem = replace(problem, loads=(*problem.loads, huge), split=True)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    assert plan.left_out == ()
    assert sum(part.mass_g for part in plan.parts) == 40_000
    assert {part.order for part in plan.parts} == {"huge"}
    broken = replace(plan, parts=plan.parts[1:])
    assert audit_batches(problem, broken)


def test_walks_are_given_to_pickers_where_there_are_shifts() -> None:
    problem = replace(a_wave(14, 2, 1), shifts=(Shift("ada", 0, 9_000), Shift("bob", 0, 9_000)))
    plan = plan_batches(problem, A_WHILE)
    assert plan.schedule is not None
    assert sorted(task.batch for task in plan.schedule.assignments) == list(
        range(len(plan.batches))
    )
    assert all(cart.seconds > problem.pace.setup_s for cart in plan.batches)


def test_nothing_to_do_is_an_empty_plan() -> None:
    problem = BatchProblem(Layout(3, 100, 10), (), Cart(mass_g_max=1))
    plan = plan_batches(problem, A_WHILE)
    assert (plan.batches, plan.distance_mm, plan.saving) == ((), 0, 0)


def test_a_wave_with_a_fault_is_refused() -> None:
    load = Load("a", (Stop(0, 5),), 1, 1)
    with pytest.raises(ValueError, match="a is listed twice"):
        BatchProblem(Layout(1, 10, 1), (load, load), Cart(mass_g_max=1))
    with pytest.raises(ValueError, match="is not a NodeStop"):
        BatchProblem(a_tree(2), (load,), Cart(mass_g_max=1))
    with pytest.raises(ValueError, match="no stops"):
        Load("c", (), 1, 1)
    with pytest.raises(ValueError, match="slots"):
        Cart(slots=0, mass_g_max=1)


def test_a_broken_solvers_plan_is_replaced_by_first_come(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_wave(10, 2, 1)

    def forgetful(problem: BatchProblem, effort: Effort) -> BatchPlan:
        plan = solve_batches(problem, effort)
        return replace(plan, batches=plan.batches[1:])

    monkeypatch.setattr(batch, "solve_batches", forgetful)
    plan = plan_batches(problem, A_WHILE)
    assert audit_batches(problem, plan) == []
    assert plan.batches == first_come(problem).batches
    assert plan.method.startswith("first_come (the solver's plan broke: load ")


def test_no_plan_that_holds_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "audit_batches", lambda problem, plan: ["a fault"])
    with pytest.raises(NoPlan, match="a fault"):
        plan_batches(a_wave(3, 1, 1), A_WHILE)
