"""Faults strike by plan."""

from collections import Counter

import pytest

from sim.fault import KILLS, Fault, FaultPlan, UnknownFault, parse_faults
from sim.printer import Cut, Trouble

FIRST = 20
NAMES = [
    "no-read",
    "double-read",
    "printer-cut",
    "away",
    "jam",
    "lane-full-before",
    "lane-full-after",
    "lost-confirm",
    "stale-heartbeat",
    "torn-read",
    "plc-restart",
    "duplicate-sequence",
    "skipped-sequence",
    "sequence-wrap",
    "encoder-wrap",
    "clock-skew",
    "broker-kill",
    "network-cut",
    "half-open",
    "slow-response",
    "printer-power-before",
    "printer-power-after",
    "media-out",
    "kill-before-accept",
    "kill-after-accept",
    "kill-before-begin",
    "kill-after-begin",
    "kill-after-sent",
    "kill-before-finish",
    "kill-after-finish",
    "kill-before-assign",
    "kill-after-assign",
]


def test_names_are_read_and_all_is_all() -> None:
    assert sorted(NAMES) == sorted(fault.value for fault in Fault)
    assert parse_faults("") == frozenset()
    assert parse_faults("no-read, printer-cut") == {Fault.NO_READ, Fault.PRINTER_CUT}
    assert parse_faults("all") == frozenset(Fault)
    assert len(KILLS) == 9


def test_an_unknown_name_is_refused_with_the_list() -> None:
    with pytest.raises(UnknownFault, match=r"there is no fault 'fire': there are no-read, .* all"):
        parse_faults("jam,fire")


def test_without_faults_nothing_is_struck() -> None:
    plan = FaultPlan(frozenset(), 1)
    assert not any(plan.at_scanner(number) for number in range(1_000))
    assert {plan.cut(number) for number in range(1_000)} == {Cut.NONE}
    assert {plan.trouble(number) for number in range(1_000)} == {Trouble.NONE}
    assert {plan.skew_s(number) for number in range(1_000)} == {0}


def struck(plan: FaultPlan, count: int) -> Counter[Fault]:
    found: Counter[Fault] = Counter()
    for number in range(1, count + 1):
        found.update(plan.at_scanner(number))
        label = plan.at_printer(number)
        found.update([] if label is None else [label])
    return found


AT_A_MOMENT = [
    fault
    for fault in Fault
    if fault not in KILLS
    and fault not in {Fault.AWAY, Fault.SEQUENCE_WRAP, Fault.ENCODER_WRAP, Fault.CLOCK_SKEW}
]


@pytest.mark.parametrize("fault", AT_A_MOMENT)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fault_alone_strikes_the_first_that_comes(fault: Fault, seed: int) -> None:
    assert struck(FaultPlan(frozenset({fault}), seed), 1) == {fault: 1}


@pytest.mark.parametrize("seed", range(1, 20))
def test_all_together_strike_a_small_day(seed: int) -> None:
    plan = FaultPlan(frozenset(Fault), seed)
    assert struck(plan, FIRST).keys() == set(AT_A_MOMENT)


def test_a_tote_that_is_not_read_is_struck_by_nothing_else() -> None:
    plan = FaultPlan(frozenset(Fault), 1)
    passes = [plan.at_scanner(number) for number in range(1, 1_000)]
    unread = [faults for faults in passes if Fault.NO_READ in faults]
    assert len(unread) > 10
    assert set(unread) == {frozenset({Fault.NO_READ})}


def test_the_same_seed_plans_the_same_faults() -> None:
    def strikes(seed: int) -> list[object]:
        plan = FaultPlan(frozenset(Fault), seed)
        found: list[object] = []
        for number in range(500):
            found += [plan.at_scanner(number), plan.cut(number), plan.trouble(number)]
            found.append(plan.skew_s(number))
        return found

    assert strikes(1) == strikes(1) != strikes(2)


def test_a_cut_falls_before_or_after_the_label() -> None:
    plan = FaultPlan(frozenset({Fault.PRINTER_CUT}), 1)
    assert {plan.cut(number) for number in range(1, 500)} == set(Cut)


def test_a_clock_is_wrong_by_hours_and_goes_back() -> None:
    plan = FaultPlan(frozenset({Fault.CLOCK_SKEW}), 1)
    skews = [plan.skew_s(number) for number in range(100)]
    assert min(skews) < -3_600
    assert max(skews) > 3_600
