"""Late loads go elsewhere when that makes fewer seconds late, and only then."""

from dataclasses import replace
from random import Random

import pytest

from routing.effort import Effort
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.baseline import first_come
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.planner import plan_batches
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.batch.repair import repair_lateness
from routing.pick.batch.schedule import schedule
from routing.pick.floor.layout import Layout, Stop
from routing.pick.floor.pace import Pace
from routing.pick.tour.solve import solve_tour

PACE = Pace(speed_mm_s=1_000, setup_s=10)


def a_problem(seed: int, loads: int = 12, shift_s: int = 5_000) -> BatchProblem:
    """Far places, and a few loads that are wanted at once."""
    rng = Random(seed)
    return BatchProblem(
        Layout(6, 30_000, 4_000),
        tuple(
            Load(
                f"load-{number}",
                tuple(Stop(rng.randrange(6), rng.randrange(30_000)) for _ in range(3)),
                1_000,
                1_000,
                due_s=rng.choice([None, None, 220, 400]),
            )
            for number in range(loads)
        ),
        Cart(slots=4, mass_g_max=4_000),
        PACE,
        shifts=(Shift("ann", 0, shift_s), Shift("bob", 0, shift_s)),
    )


def a_late_plan(problem: BatchProblem) -> BatchPlan:
    """First come, first served, with room for a longer walk."""
    plan = first_come(problem)
    return replace(plan, baseline_mm=2 * plan.baseline_mm, schedule=schedule(problem, plan.batches))


@pytest.mark.parametrize("seed", range(6))
def test_a_repaired_plan_is_a_plan_and_less_late(seed: int) -> None:
    problem = a_problem(seed)
    before = a_late_plan(problem)

    after = repair_lateness(problem, before, solve_tour)

    assert before.schedule and after.schedule
    assert audit_batches(problem, after) == []
    assert after.schedule.lateness_s <= before.schedule.lateness_s
    assert after.distance_mm <= before.baseline_mm
    assert after.schedule == schedule(problem, after.batches)
    assert after == repair_lateness(problem, before, solve_tour)


def test_an_urgent_load_leaves_a_long_walk() -> None:
    near, far = (Stop(0, 1_000),), (Stop(5, 29_000),)
    loads = (Load("urgent", near, 1, 1, due_s=60), Load("far", far, 1, 1))
    problem = replace(a_problem(0), loads=loads)
    before = a_late_plan(problem)
    assert len(before.batches) == 1 and before.schedule and before.schedule.late

    after = repair_lateness(problem, before, solve_tour)

    assert [batch.load_ids for batch in after.batches] == [("urgent",), ("far",)]
    assert after.schedule and not after.schedule.late
    assert after.method.endswith("repaired for due times")


def test_a_batch_too_long_for_any_shift_is_parted() -> None:
    problem = replace(a_problem(3, loads=4, shift_s=260), pace=replace(PACE, pick_s=30))
    problem = replace(problem, loads=tuple(replace(load, due_s=None) for load in problem.loads))
    before = a_late_plan(problem)
    assert before.schedule and before.schedule.unassigned

    after = repair_lateness(problem, before, solve_tour)

    assert after.schedule
    assert len(after.schedule.unassigned) < len(after.batches)
    assert audit_batches(problem, after) == []


def test_a_plan_that_is_not_late_stays_as_it_is() -> None:
    problem = a_problem(1)
    problem = replace(problem, loads=tuple(replace(load, due_s=None) for load in problem.loads))
    plan = a_late_plan(problem)

    assert repair_lateness(problem, plan, solve_tour) == plan
    unasked = replace(plan, schedule=None)
    assert repair_lateness(replace(problem, shifts=()), unasked, solve_tour) == unasked


def test_the_planner_s_own_plan_can_be_repaired() -> None:
    problem = a_problem(2)
    before = plan_batches(problem, Effort(iterations=200))

    after = repair_lateness(problem, before, solve_tour)

    assert before.schedule and after.schedule
    assert after.schedule.lateness_s <= before.schedule.lateness_s
    assert audit_batches(problem, after) == []
