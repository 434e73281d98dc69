from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.wave.audit import audit_choice
from routing.pick.wave.baseline import first_come
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.planner import choose_wave
from routing.pick.wave.problem import WaveProblem
from tests.routing.pick.wave.scene import a_wave, best_of_all

EFFORT = Effort(iterations=2000)
NO_TIME = Effort(seconds=0.0)


def _value(problem: WaveProblem, choice: WaveChoice) -> tuple[int, float]:
    return len(problem.must & set(choice.orders)), choice.objective


@pytest.mark.parametrize("seed", range(6))
def test_the_choice_is_as_good_as_the_best_of_all_and_proven_so(seed: int) -> None:
    rng = Random(seed)
    for _ in range(25):
        problem = a_wave(rng, lines=rng.choice((1, 3)))
        best = best_of_all(problem)
        if best is None:
            with pytest.raises(NoPlan):
                choose_wave(problem, EFFORT)
            continue
        choice = choose_wave(problem, EFFORT)
        assert audit_choice(problem, choice) == []
        assert _value(problem, choice) == pytest.approx(best), problem
        assert choice.optimal
        assert choice.bound == pytest.approx(choice.objective)


@pytest.mark.parametrize("seed", range(4))
def test_orders_that_must_go_go_before_a_better_ratio(seed: int) -> None:
    rng = Random(100 + seed)
    for _ in range(25):
        problem = a_wave(rng)
        numbers = range(len(problem.orders))
        must = frozenset(rng.sample(numbers, min(len(numbers), rng.randint(1, 3))))
        problem = replace(problem, must=must)
        best = best_of_all(problem)
        if best is None:
            with pytest.raises(NoPlan):
                choose_wave(problem, EFFORT)
            continue
        choice = choose_wave(problem, EFFORT)
        assert audit_choice(problem, choice) == []
        assert _value(problem, choice)[0] == best[0], problem
        assert best[1] <= choice.bound * (1 + 1e-9)
        if choice.optimal:
            assert choice.objective == pytest.approx(best[1])
        assert choice.objective <= choice.bound * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_without_any_time_a_choice_holds_and_is_no_worse_than_first_come(
    seed: int,
) -> None:
    rng = Random(200 + seed)
    for _ in range(30):
        problem = a_wave(rng)
        best = best_of_all(problem)
        if best is not None:
            choice = choose_wave(problem, NO_TIME)
            assert audit_choice(problem, choice) == []
            assert choice.objective <= best[1] + 1e-9 <= choice.bound + 2e-9
            with suppress(NoPlan):
                assert choice.objective >= first_come(problem).objective


@pytest.mark.parametrize("effort", [NO_TIME, Effort(iterations=300)])
def test_no_aisle_is_visited_for_nothing(effort: Effort) -> None:
    rng = Random(300)
    for _ in range(30):
        problem = a_wave(rng)
        if best_of_all(problem) is None:
            continue
        choice = choose_wave(problem, effort)
        for aisle in choice.aisles:
            fewer = replace(choice, aisles=tuple(a for a in choice.aisles if a != aisle))
            assert audit_choice(problem, replace(fewer, bound=float("inf"))) != []


def _larger(seed: int) -> WaveProblem:
    rng = Random(seed)
    orders = tuple(
        tuple((rng.randrange(80), rng.randint(1, 3)) for _ in range(rng.randint(1, 4)))
        for _ in range(150)
    )
    aisles = tuple(
        tuple((rng.randrange(80), rng.randint(1, 6)) for _ in range(8)) for _ in range(40)
    )
    return WaveProblem(orders, aisles, 50, 120)


def test_equal_seeds_give_equal_choices() -> None:
    effort = Effort(iterations=5000, seed=7)
    problem = _larger(1)
    choice = choose_wave(problem, effort)
    assert audit_choice(problem, choice) == []
    assert choose_wave(problem, effort) == choice


def test_many_orders_that_must_go_all_go_if_they_can() -> None:
    problem = _larger(2)
    must = frozenset(choose_wave(problem, NO_TIME).orders[::2])
    choice = choose_wave(replace(problem, must=must), EFFORT)
    assert must <= set(choice.orders)
    assert audit_choice(problem, choice) == []


def test_no_orders_and_no_least_size_is_an_empty_choice() -> None:
    choice = choose_wave(WaveProblem((), (((0, 1),),), 0, 5), EFFORT)
    assert (choice.orders, choice.aisles, choice.units, choice.optimal) == ((), (), 0, True)


def test_each_order_that_no_choice_could_hold_is_told_why() -> None:
    problem = WaveProblem(
        orders=(((0, 9),), ((0, 2), (0, 2)), (), ((1, 1),), ((0, 1),)),
        aisles=(((0, 3),),),
        units_min=0,
        units_max=5,
    )
    choice = choose_wave(problem, EFFORT)
    assert (choice.orders, choice.aisles) == ((4,), (0,))
    assert choice.left_out == (
        (0, "has 9 units, more than the 5 of a wave"),
        (1, "would need 1 more of item 0 in all aisles"),
        (2, "asks for nothing"),
        (3, "would need 1 more of item 1 in all aisles"),
    )


def test_no_aisles_hold_no_wave() -> None:
    with pytest.raises(NoPlan, match="the aisles hold 0 units"):
        choose_wave(WaveProblem((((0, 1),),), (), 1, 5), EFFORT)


def test_orders_that_do_not_add_up_to_a_wave_are_no_plan() -> None:
    orders = (((0, 4),), ((0, 4),))
    with pytest.raises(NoPlan, match="from 5 to 7 units"):
        choose_wave(WaveProblem(orders, (((0, 8),),), 5, 7), EFFORT)


def test_a_wave_that_would_be_too_large_is_trimmed_as_little_as_possible() -> None:
    orders = (((0, 5),), ((0, 4),), ((0, 3),))
    choice = choose_wave(WaveProblem(orders, (((0, 12),),), 0, 9), EFFORT)
    assert (choice.orders, choice.units) == ((0, 1), 9)
    assert choice.left_out == ((2, "would take the wave 3 units above 9"),)
