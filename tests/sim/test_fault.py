"""Faults strike by plan."""

import pytest

from sim.fault import Fault, FaultPlan, parse_faults
from sim.printer import Cut


def test_names_are_read_and_all_is_all() -> None:
    assert parse_faults("") == frozenset()
    assert parse_faults("no-read, printer-cut") == {Fault.NO_READ, Fault.PRINTER_CUT}
    assert parse_faults("all") == frozenset(Fault)
    with pytest.raises(ValueError, match="there is no fault 'fire'"):
        parse_faults("fire")


def test_without_faults_every_code_is_read_once_and_nothing_is_cut() -> None:
    plan = FaultPlan(frozenset(), 1)
    assert {plan.reads(number) for number in range(1_000)} == {1}
    assert {plan.cut("PRN-01", number) for number in range(1_000)} == {Cut.NONE}


def test_the_same_seed_plans_the_same_faults() -> None:
    def strikes(seed: int) -> list[object]:
        plan = FaultPlan(frozenset(Fault), seed)
        reads: list[object] = [plan.reads(number) for number in range(500)]
        return reads + [plan.cut("PRN-01", number) for number in range(500)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert set(strikes(1)) == {0, 1, 2, Cut.NONE, Cut.BEFORE_PRINT, Cut.AFTER_PRINT}
