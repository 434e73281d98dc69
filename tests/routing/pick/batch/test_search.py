from itertools import combinations
from random import Random

import numpy as np
import pytest

from benchmarks.henn import henn_problem
from routing.effort import Effort
from routing.pick.batch.annealing import anneal_carts
from routing.pick.batch.bound import aisle_bound_mm, far_bound_mm
from routing.pick.batch.carts import Search, begin_search, members_of
from routing.pick.batch.column import every_cart, find_prices
from routing.pick.batch.exact import best_parts, set_lengths
from routing.pick.batch.flat import EMPTY, Flat
from routing.pick.batch.ground import flat_of, place_order
from routing.pick.batch.hunt import total_mm
from routing.pick.batch.problem import BatchProblem
from routing.pick.batch.savings import join_loads, near_loads
from routing.pick.batch.set_covering import cover
from routing.pick.batch.walk import block_mm, estimate_mm, workroom
from routing.pick.floor.layout import Layout
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.batch.test_planner import BLOCKS, on_floor, on_tree
from tests.routing.pick.floor_plan import a_wave


def _walk_mm(problem: BatchProblem, loads: tuple[int, ...]) -> int:
    stops = problem.stops_of(problem.loads[k].id for k in loads)
    return solve_tour(problem.floor, stops).distance_mm


def _search(problem: BatchProblem, seed: int) -> Search:
    flat = flat_of(problem, problem.loads)
    n = len(problem.loads)
    place = np.array(place_order(problem.loads))
    near = near_loads(flat, place, min(10, n - 1), n, workroom(flat))
    return begin_search(flat, [(k,) for k in range(n)], near, seed)


def _rows(flat: Flat, rng: Random, most: int) -> list[tuple[int, ...]]:
    n = len(flat.demand)
    return [tuple(rng.sample(range(n), rng.randint(1, most))) for _ in range(60)]


@pytest.mark.parametrize("depot_aisle", [0, 5, 9])
def test_a_walk_in_one_block_is_measured_exactly(depot_aisle: int) -> None:
    problem = a_wave(30, 7, depot_aisle, aisles=10)
    layout = Layout(10, 20_000, 3_000, depot_aisle)
    problem = on_floor(problem, layout)
    flat = flat_of(problem, problem.loads)
    work = workroom(flat)
    for row in _rows(flat, Random(1), 4):
        assert block_mm(flat, np.array(row), len(row), work) == _walk_mm(problem, row)


@pytest.mark.parametrize("problem", [on_floor(a_wave(20, 3, 2), BLOCKS), on_tree(20, 3)])
def test_an_estimate_is_a_walk_that_can_be_walked_and_hardly_longer(
    problem: BatchProblem,
) -> None:
    flat = flat_of(problem, problem.loads)
    work = workroom(flat)
    excess = []
    for row in _rows(flat, Random(2), 4):
        exact = _walk_mm(problem, row)
        estimate = estimate_mm(flat, np.array(row), len(row), work)
        assert estimate >= exact
        excess.append(estimate / exact)
    assert np.mean(excess) < 1.03


def test_an_estimate_does_not_depend_on_the_order_of_the_loads() -> None:
    problem = on_floor(a_wave(20, 3, 2), BLOCKS)
    flat = flat_of(problem, problem.loads)
    work = workroom(flat)
    for row in _rows(flat, Random(3), 4):
        there = estimate_mm(flat, np.array(row), len(row), work)
        assert estimate_mm(flat, np.array(row[::-1]), len(row), work) == there


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
    flat = flat_of(problem, problem.loads)
    ours = join_loads(flat, np.arange(14), workroom(flat))
    assert sorted(ours) == sorted(tuple(sorted(cart)) for cart in carts.values())


@pytest.mark.parametrize("problem", [a_wave(20, 3, 2), on_floor(a_wave(20, 3, 2), BLOCKS)])
def test_annealing_loses_no_load_and_overfills_no_cart(problem: BatchProblem) -> None:
    search = _search(problem, 3)
    best = anneal_carts(search, Effort(iterations=3_000), lambda: float("inf"))
    assert sorted(best[best != EMPTY].tolist()) == list(range(20))
    flat, carts, seen = search.flat, search.carts, search.seen
    for row in (*members_of(best), *members_of(carts.members), *members_of(seen.members)):
        assert (flat.demand[list(row)].sum(axis=0) <= flat.capacity).all()
    assert carts.total_mm[0] == carts.length_mm.sum()
    assert carts.total_mm[0] == total_mm(flat, members_of(carts.members))


def test_annealing_knows_the_true_length_of_every_cart_it_has_met() -> None:
    problem = a_wave(20, 3, 2)
    search = _search(problem, 3)
    anneal_carts(search, Effort(iterations=2_000), lambda: float("inf"))
    seen = search.seen
    met = members_of(seen.members[: seen.filled[0]])
    assert len(set(met)) == len(met) > 100
    for row in range(0, len(met), 7):
        assert seen.length_mm[row] == _walk_mm(problem, met[row])


@pytest.mark.parametrize("seed", range(12))
def test_no_bound_is_longer_than_the_best_plan(seed: int) -> None:
    rng = Random(seed)
    problem = a_wave(9, rng.randint(1, 4), seed, slots=rng.randint(1, 4), mass_g_max=9_000)
    if seed % 2:
        problem = henn_problem(9, rng.choice([30, 45, 75]), seed, by_class=seed % 4 == 1)
    assert isinstance(problem.floor, Layout)
    flat = flat_of(problem, problem.loads)
    work = workroom(flat)
    lengths = set_lengths(flat, work)
    best_mm = total_mm(flat, best_parts(lengths))
    alone = [int(lengths[1 << k]) for k in range(9)]
    assert 0 < far_bound_mm(flat.demand, flat.capacity, alone) <= best_mm
    assert 0 < aisle_bound_mm(flat, problem.floor.depot_aisle) <= best_mm
    columns = every_cart(flat, 1_000, work)
    assert columns is not None
    for rounds in (1, 2, 5, 100):
        prices = find_prices(columns, [(k,) for k in range(9)], lambda: 1.0, rounds)
        assert prices.bound_mm <= best_mm
    assert prices.bound_mm >= 0.9 * best_mm


def test_every_cart_is_listed_once_and_nothing_else() -> None:
    problem = a_wave(8, 2, 5, slots=3, mass_g_max=8_000)
    flat = flat_of(problem, problem.loads)
    columns = every_cart(flat, 1_000, workroom(flat))
    assert columns is not None
    listed = [columns.cart(row) for row in range(len(columns.length_mm))]
    fitting = [
        row
        for size in (1, 2, 3)
        for row in combinations(range(8), size)
        if flat.demand[list(row)].sum(axis=0)[1] <= 8_000
    ]
    assert sorted(listed) == sorted(fitting)
    assert every_cart(flat, len(fitting) - 1, workroom(flat)) is None


def test_a_covering_is_the_shortest_choice_of_carts() -> None:
    length_mm = {(0, 1): 10, (2, 3): 10, (0, 2): 7, (1, 3): 8, (0,): 6, (1, 2, 3): 12}
    hint = frozenset({(0, 1), (2, 3)})
    chosen = cover(length_mm, hint, effort=1.0, seconds=float("inf"), seed=1)
    assert chosen is not None
    assert set(chosen.carts) == {(0, 2), (1, 3)}
    assert chosen.bound_mm == 15


def test_equal_arguments_give_equal_instances_of_the_classes() -> None:
    assert henn_problem(40, 45, 1) == henn_problem(40, 45, 1)
    assert henn_problem(40, 45, 1) != henn_problem(40, 45, 2)
    units = [load.units for load in henn_problem(100, 45, 1).loads]
    assert min(units) >= 5
    assert max(units) <= 25
