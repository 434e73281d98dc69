"""Who walks what: nobody twice at once, inside the shifts, as little late as can be."""

from itertools import permutations, product
from random import Random

import pytest

from routing.pick.batch.plan import Batch, Schedule
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.batch.schedule import PROOF_BATCHES_MAX, due_order, schedule
from routing.pick.batch.shift_audit import audit_schedule
from routing.pick.floor.layout import Layout, Stop
from routing.pick.tour.plan import Tour

FLOOR = Layout(2, 10_000, 3_000)
NO_WALK = Tour(0, (0,), ((0, 0),), "none", True)


def a_case(
    *works: tuple[float, int, int | None], shifts: tuple[Shift, ...] = (Shift("ann", 0, 1_000),)
) -> tuple[BatchProblem, tuple[Batch, ...]]:
    """A batch of one load for each of seconds, release and due."""
    loads = tuple(
        Load(f"load-{number}", (Stop(0, 0),), 0, 0, release_s=release_s, due_s=due_s)
        for number, (_, release_s, due_s) in enumerate(works)
    )
    problem = BatchProblem(FLOOR, loads, Cart(mass_g_max=1), shifts=shifts)
    batches = tuple(
        Batch((load.id,), NO_WALK, seconds)
        for load, (seconds, _, _) in zip(loads, works, strict=True)
    )
    return problem, batches


def check(problem: BatchProblem, batches: tuple[Batch, ...], plan: Schedule) -> None:
    """The rules, written down without a look at the scheduler; and what the product checks."""
    assert audit_schedule(problem.loads, problem.shifts, batches, plan) == []
    loads = {load.id: load for load in problem.loads}
    told = [a.batch for a in plan.assignments] + [batch for batch, _ in plan.unassigned]
    assert sorted(told) == list(range(len(batches)))
    assert all(reason for _, reason in plan.unassigned)
    late = {}
    for one in plan.assignments:
        batch = batches[one.batch]
        carried = [loads[load_id] for load_id in batch.load_ids]
        assert one.end_s == pytest.approx(one.start_s + batch.seconds)
        assert one.start_s >= max(load.release_s for load in carried)
        assert any(
            shift.picker == one.picker
            and shift.start_s <= one.start_s
            and one.end_s <= shift.end_s + 1e-6
            for shift in problem.shifts
        )
        for other in plan.assignments:
            if other is not one and other.picker == one.picker:
                assert other.start_s >= one.end_s - 1e-6 or other.end_s <= one.start_s + 1e-6
        for load in carried:
            if load.due_s is not None and one.end_s > load.due_s + 1e-6:
                late[load.id] = pytest.approx(one.end_s - load.due_s)
    assert dict(plan.late) == late
    assert plan.lateness_s == pytest.approx(sum(seconds for _, seconds in plan.late))
    assert plan.makespan_s == pytest.approx(max((a.end_s for a in plan.assignments), default=0))


def least(problem: BatchProblem, batches: tuple[Batch, ...]) -> tuple[int, float, float]:
    """Every way to give the batches to the shifts in every order."""
    loads = {load.id: load for load in problem.loads}
    best = (len(batches) + 1, 0.0, 0.0)
    for homes in product([None, *problem.shifts], repeat=len(batches)):
        for order in permutations(range(len(batches))):
            free = {shift: float(shift.start_s) for shift in problem.shifts}
            late_s = 0.0
            end_s = 0.0
            for number in order:
                if (shift := homes[number]) is None:
                    continue
                load = loads[batches[number].load_ids[0]]
                free[shift] = max(free[shift], load.release_s) + batches[number].seconds
                late_s += max(0.0, free[shift] - (load.due_s or 1e9)) if load.due_s else 0.0
                end_s = max(end_s, free[shift])
            if all(free[shift] <= shift.end_s or free[shift] == shift.start_s for shift in free):
                best = min(best, (homes.count(None), late_s, end_s))
    return best


def cost(plan: Schedule) -> tuple[int, float, float]:
    return len(plan.unassigned), plan.lateness_s, plan.makespan_s


@pytest.mark.parametrize("seed", range(12))
def test_small_cases_are_as_good_as_trying_everything(seed: int) -> None:
    rng = Random(seed)
    shifts = (Shift("ann", rng.choice([0, 20]), 120), Shift("bob", 0, rng.choice([60, 120])))
    works = [
        (float(rng.randint(10, 60)), rng.choice([0, 0, 30]), rng.choice([None, 50, 90]))
        for _ in range(4)
    ]
    problem, batches = a_case(*works, shifts=shifts)

    plan = schedule(problem, batches)

    check(problem, batches, plan)
    assert cost(plan) == pytest.approx(least(problem, batches))
    assert plan.optimal


@pytest.mark.parametrize("seed", range(4))
def test_many_batches_keep_the_rules_and_come_out_alike(seed: int) -> None:
    rng = Random(seed)
    shifts = tuple(Shift(f"picker-{k}", 100 * k, 2_000) for k in range(4))
    works = [
        (rng.uniform(20, 300), rng.choice([0, 200]), rng.choice([None, 400, 900, 1_500]))
        for _ in range(3 * PROOF_BATCHES_MAX)
    ]
    problem, batches = a_case(*works, shifts=shifts)

    plan = schedule(problem, batches)

    check(problem, batches, plan)
    assert plan == schedule(problem, batches)


def test_the_urgent_goes_first() -> None:
    problem, batches = a_case((50, 0, None), (50, 0, 50))

    plan = schedule(problem, batches)

    assert [a.batch for a in plan.assignments] == [1, 0]
    assert plan.lateness_s == 0


def test_two_shifts_of_one_picker_do_not_overlap() -> None:
    shifts = (Shift("ann", 0, 100), Shift("ann", 50, 200))
    problem, batches = a_case((80, 0, None), (80, 0, None), shifts=shifts)

    plan = schedule(problem, batches)

    check(problem, batches, plan)
    assert plan.makespan_s == 160


def test_what_fits_into_no_shift_is_told_with_the_seconds_it_lacks() -> None:
    shifts = (Shift("ann", 0, 100), Shift("bob", 0, 90))
    problem, batches = a_case((130, 0, None), shifts=shifts)

    plan = schedule(problem, batches)

    check(problem, batches, plan)
    [(batch, reason)] = plan.unassigned
    assert batch == 0
    assert "ann" in reason and "30 s" in reason


def test_without_shifts_everything_is_unassigned() -> None:
    problem, batches = a_case((10, 0, None), shifts=())

    plan = schedule(problem, batches)

    assert plan.unassigned == ((0, "there are no shifts"),)
    assert plan.makespan_s == 0


def test_a_shift_of_a_zone_takes_batches_of_that_zone_only() -> None:
    shifts = (Shift("ann", 0, 100, "cold"), Shift("bob", 0, 100))
    problem, batches = a_case((80, 0, None), (80, 0, None), (10, 0, None), shifts=shifts)

    plan = schedule(problem, batches, ["cold", "dry", "frozen"])

    check(problem, batches, plan)
    by_batch = {a.batch: a.picker for a in plan.assignments}
    assert by_batch == {0: "ann", 1: "bob", 2: "bob"}
    [(_, reason)] = schedule(problem, batches[:1], ["wet"]).unassigned or [(0, "")]
    assert not reason
    only_cold = BatchProblem(FLOOR, problem.loads, problem.cart, shifts=shifts[:1])
    [(_, reason)] = schedule(only_cold, batches[:1], ["wet"]).unassigned
    assert "wet" in reason


def test_a_batch_waits_for_the_last_of_its_loads() -> None:
    problem, _ = a_case((0, 10, None), (0, 70, 75))
    batch = Batch(("load-0", "load-1"), NO_WALK, 20.0)

    plan = schedule(problem, (batch,))

    assert plan.assignments[0].start_s == 70
    assert plan.late == (("load-1", 15.0),)


def test_out_of_time_the_list_rule_s_schedule_holds() -> None:
    problem, batches = a_case(*((20 + 7 * k, 0, 100) for k in range(8)))

    plan = schedule(problem, batches, left=lambda: 0.0)

    check(problem, batches, plan)
    assert not plan.optimal


def test_due_order_puts_the_urgent_first_and_leaves_equals_as_they_are() -> None:
    problem, _ = a_case((1, 0, None), (1, 5, 90), (1, 0, 90), (1, 0, 40), (1, 0, 90))

    assert [load.id[-1] for load in due_order(problem.loads)] == ["3", "2", "4", "1", "0"]
