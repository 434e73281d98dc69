from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from routing.error import NoPlan
from routing.pick.batch import planner as batch
from routing.pick.batch.annealing import EMPTY, Seen, anneal
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.flat import flatten
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.planner import first_come, plan_batches, solve_batches
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.batch.savings import join_by_savings
from routing.pick.batch.set_covering import cover
from routing.pick.floor.layout import Layout, Stop
from routing.pick.tour.block import solve_tour
from tests.routing.pick.floor_plan import a_wave


def _walk_mm(problem: BatchProblem, loads: tuple[int, ...]) -> int:
    stops = problem.stops_of(problem.loads[k].id for k in loads)
    return solve_tour(problem.layout, stops).distance_mm


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


@pytest.mark.parametrize("seed", range(6))
def test_small_waves_are_walked_as_shortly_as_any_carts_allow(seed: int) -> None:
    problem = a_wave(6, 2, seed, slots=3, mass_g_max=8_000)
    best_mm = min(
        sum(_walk_mm(problem, cart) for cart in carts)
        for carts in _partitions(problem, tuple(range(6)))
    )
    assert plan_batches(problem, 3_000, seed).distance_mm == best_mm


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_holds_and_is_never_longer_than_its_baseline(seed: int) -> None:
    problem = a_wave(25 + 5 * seed, 1 + seed, seed)
    plan = plan_batches(problem, 2_000, seed)
    assert audit_batches(problem, plan) == []
    assert plan.baseline_mm == first_come(problem).distance_mm
    assert 0 < plan.saving < 1
    assert plan.method in {"savings", "annealing", "set_covering"}


def test_equal_seeds_give_equal_plans() -> None:
    problem = a_wave(60, 3, 1)
    assert repr(plan_batches(problem, 3_000, 5)) == repr(plan_batches(problem, 3_000, 5))


def test_first_come_fills_carts_in_the_order_of_arrival() -> None:
    problem = a_wave(9, 2, 1, slots=4, mass_g_max=100_000)
    plan = first_come(problem)
    assert audit_batches(problem, plan) == []
    assert [len(cart.load_ids) for cart in plan.batches] == [4, 4, 1]
    assert [i for cart in plan.batches for i in cart.load_ids] == [ld.id for ld in problem.loads]
    assert plan.saving == 0


def test_a_load_that_no_cart_can_carry_is_left_out_with_its_reason() -> None:
    problem = a_wave(5, 2, 1)
    stop = (Stop(0, 0),)
    heavy = Load("heavy", stop, volume_ml=1, mass_g=problem.cart.mass_g_max + 1)
    bulky = Load("bulky", stop, volume_ml=problem.cart.tote_volume_ml + 1, mass_g=1)
    problem = replace(problem, loads=(heavy, *problem.loads, bulky))
    for plan in (first_come(problem), plan_batches(problem, 100, 1)):
        assert audit_batches(problem, plan) == []
        assert [load_id for load_id, _ in plan.left_out] == ["heavy", "bulky"]


def test_nothing_to_do_is_an_empty_plan() -> None:
    problem = BatchProblem(Layout(3, 100, 10), (), Cart(mass_g_max=1))
    plan = plan_batches(problem, 10, 0)
    assert (plan.batches, plan.distance_mm, plan.saving) == ((), 0, 0)


@pytest.mark.parametrize(("iterations", "seed"), [(-1, 0), (1, -1), (1, 2**31)])
def test_limits_without_sense_are_refused(iterations: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"iterations|seed"):
        solve_batches(a_wave(2, 1, 1), iterations, seed)


def test_a_wave_with_a_fault_is_refused() -> None:
    load = Load("a", (Stop(0, 5),), 1, 1)
    with pytest.raises(ValueError, match="a is listed twice"):
        BatchProblem(Layout(1, 10, 1), (load, load), Cart(mass_g_max=1))
    with pytest.raises(ValueError, match="10 mm long"):
        BatchProblem(Layout(1, 10, 1), (Load("b", (Stop(0, 11),), 1, 1),), Cart(mass_g_max=1))
    with pytest.raises(ValueError, match="no stops"):
        Load("c", (), 1, 1)
    with pytest.raises(ValueError, match="slots"):
        Cart(slots=0, mass_g_max=1)


def test_a_broken_solvers_plan_is_replaced_by_first_come(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_wave(10, 2, 1)

    def forgetful(problem: BatchProblem, iterations: int, seed: int) -> BatchPlan:
        plan = solve_batches(problem, iterations, seed)
        return replace(plan, batches=plan.batches[1:])

    monkeypatch.setattr(batch, "solve_batches", forgetful)
    plan = plan_batches(problem, 100, 1)
    assert audit_batches(problem, plan) == []
    assert plan.batches == first_come(problem).batches
    assert plan.method.startswith("first_come (the solver's plan broke: load ")


def test_no_plan_that_holds_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "audit_batches", lambda problem, plan: ["a fault"])
    with pytest.raises(NoPlan, match="a fault"):
        plan_batches(a_wave(3, 1, 1), 10, 1)


@pytest.mark.parametrize("seed", range(4))
def test_savings_join_the_pair_that_saves_most_until_none_fits(seed: int) -> None:
    problem = a_wave(14, 2, seed)
    carts: dict[int, tuple[int, ...]] = {k: (k,) for k in range(14)}
    while True:
        savings = {}
        for i, j in combinations(sorted(carts, reverse=True), 2):
            joint = carts[i] + carts[j]
            mass_g = sum(problem.loads[k].mass_g for k in joint)
            if len(joint) <= problem.cart.slots and mass_g <= problem.cart.mass_g_max:
                alone = _walk_mm(problem, carts[i]) + _walk_mm(problem, carts[j])
                savings[i, j] = alone - _walk_mm(problem, joint)
        if not savings:
            break
        i, j = min(savings, key=lambda pair: (-savings[pair], pair))
        carts[j] += carts.pop(i)
    number = join_by_savings(flatten(problem.layout, problem.cart, problem.loads))
    ours = [tuple(np.flatnonzero(number == n).tolist()) for n in np.unique(number)]
    assert sorted(ours) == sorted(tuple(sorted(cart)) for cart in carts.values())


def test_loads_too_many_for_one_table_of_savings_are_joined_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "SAVINGS_LOADS_MAX", 7)
    problem = a_wave(30, 2, 3)
    plan = plan_batches(problem, 0, 1)
    assert audit_batches(problem, plan) == []
    assert plan.method != "first_come"


def test_annealing_knows_the_true_length_of_every_cart_it_accepts() -> None:
    problem = a_wave(20, 3, 2)
    floor = flatten(problem.layout, problem.cart, problem.loads)
    members = np.full((8, problem.cart.slots), EMPTY, np.int64)
    for load in range(20):
        members[load % 8, load // 8] = load
    seen = Seen(np.empty((500, 4), np.int64), np.empty(500, np.int64), np.zeros(1, np.int64))
    best = anneal(floor, members, 500, 3, seen)
    assert sorted(best[best != EMPTY].tolist()) == list(range(20))
    assert 0 < seen.filled[0] <= 500
    for row in range(int(seen.filled[0])):
        loads = tuple(k for k in seen.members[row].tolist() if k != EMPTY)
        assert seen.length_mm[row] == _walk_mm(problem, loads)
        assert sum(problem.loads[k].mass_g for k in loads) <= problem.cart.mass_g_max


def test_a_covering_is_the_shortest_choice_of_carts() -> None:
    length_mm = {(0, 1): 10, (2, 3): 10, (0, 2): 7, (1, 3): 8, (0,): 6, (1, 2, 3): 12}
    chosen = cover(length_mm, frozenset({(0, 1), (2, 3)}), effort=1.0, seed=1)
    assert chosen is not None
    assert set(chosen) == {(0, 2), (1, 3)}
