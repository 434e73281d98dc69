import subprocess
import sys
from dataclasses import replace

import pytest

from routing.error import NoPlan
from routing.pick.wave.audit import audit_choice
from routing.pick.wave.baseline import first_come
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem

PROBLEM = WaveProblem(
    orders=(((0, 2), (1, 1)), ((1, 3),), ((2, 1),)),
    aisles=(((0, 2), (1, 4)), ((2, 5),)),
    units_min=2,
    units_max=6,
)
CHOICE = WaveChoice((0, 1), (0,), 6, 6.0, True, "test", ((2, "would need one more"),))


def test_a_choice_that_holds_has_no_fault() -> None:
    assert audit_choice(PROBLEM, CHOICE) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (replace(CHOICE, orders=(0, 2), units=4, left_out=((1, "x"),)), "item 2 are asked for"),
        (replace(CHOICE, units=5), "have 6 units, not 5"),
        (replace(CHOICE, orders=(1, 0)), "not in rising order"),
        (replace(CHOICE, orders=(0, 0)), "not in rising order"),
        (replace(CHOICE, orders=(0, 3)), "order 3 does not exist"),
        (replace(CHOICE, aisles=(2,)), "aisle 2 does not exist"),
        (replace(CHOICE, bound=5.0), "above the bound"),
        (replace(CHOICE, left_out=()), "order 2 is chosen or left out nowhere"),
        (replace(CHOICE, left_out=((1, "x"), (2, "x"))), "order 1 is chosen or left out twice"),
        (replace(CHOICE, left_out=((2, ""),)), "no reason"),
        (replace(CHOICE, orders=(), aisles=(), units=0, left_out=()), "not from 2 to 6"),
    ],
)
def test_each_broken_rule_is_told(broken: WaveChoice, fault: str) -> None:
    assert any(fault in told for told in audit_choice(PROBLEM, broken))


def test_first_come_takes_orders_as_they_came_from_the_first_aisles_that_hold_them() -> None:
    choice = first_come(PROBLEM)
    assert (choice.orders, choice.aisles, choice.units) == ((0, 1), (0,), 6)
    assert choice.left_out == ((2, "would need 1 more of item 2 in the chosen aisles"),)
    assert audit_choice(PROBLEM, choice) == []


def test_first_come_takes_what_must_go_before_all_others() -> None:
    choice = first_come(replace(PROBLEM, must=frozenset({2})))
    assert (choice.orders, choice.units) == ((0, 2), 4)
    assert choice.left_out == ((1, "would take the wave 1 units above 6"),)


def test_first_come_that_does_not_reach_the_least_size_is_no_plan() -> None:
    with pytest.raises(NoPlan, match="reaches 7 of 8"):
        first_come(replace(PROBLEM, units_min=8, units_max=8))


def test_what_an_api_worker_imports_needs_no_solver() -> None:
    modules = ["problem", "plan", "audit", "baseline", "reader", "reason"]
    lines = [f"import routing.pick.wave.{module}" for module in modules]
    lines += ["import sys", "print([m for m in ('numba', 'ortools', 'numpy') if m in sys.modules])"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
