"""The check of schedules finds each fault that is put into a sound one."""

from dataclasses import replace

import pytest

from routing.pick.batch.plan import Assignment, Schedule
from routing.pick.batch.problem import Shift
from routing.pick.batch.schedule import schedule
from routing.pick.batch.shift_audit import audit_schedule
from tests.routing.pick.batch.test_schedule import a_case

SHIFTS = (Shift("ann", 0, 130), Shift("bob", 0, 100))
PROBLEM, BATCHES = a_case((60, 0, 50), (50, 10, None), (60, 0, None), (500, 0, None), shifts=SHIFTS)
SOUND = schedule(PROBLEM, BATCHES)


def faults_of(found: Schedule) -> list[str]:
    return audit_schedule(PROBLEM.loads, PROBLEM.shifts, BATCHES, found)


def changed(batch: int, **change: float | str | int) -> Schedule:
    """The sound schedule with one assignment changed."""
    moved = [
        Assignment(**({f: getattr(one, f) for f in one.__slots__} | change))
        if one.batch == batch
        else one
        for one in SOUND.assignments
    ]
    return replace(SOUND, assignments=tuple(moved))


def test_a_sound_schedule_has_no_faults() -> None:
    assert faults_of(SOUND) == []
    assert SOUND.late and SOUND.unassigned


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(SOUND, assignments=SOUND.assignments[1:]), "is forgotten"),
        (replace(SOUND, assignments=SOUND.assignments * 2), "is told 2 times"),
        (replace(SOUND, unassigned=((3, ""),)), "has no reason"),
        (replace(SOUND, unassigned=((3, "x"), (9, "x"))), "batch 9 is not in the plan"),
        (changed(0, end_s=61.0), "does not take its 60 s"),
        (changed(1, start_s=0.0, end_s=50.0), "before its loads are released"),
        (changed(0, start_s=100.0, end_s=160.0), "lies in no shift"),
        (changed(0, picker="eve"), "lies in no shift of eve"),
        (replace(SOUND, late=()), "the late loads are not those"),
        (replace(SOUND, lateness_s=1.0), "is not the sum"),
        (replace(SOUND, makespan_s=1.0), "the last batch ends at"),
    ],
)
def test_each_fault_is_told(found: Schedule, said: str) -> None:
    assert any(said in fault for fault in faults_of(found))


def test_a_picker_at_two_places_at_once_is_told() -> None:
    by_picker = {one.batch: one.picker for one in SOUND.assignments}
    [(first, second)] = [
        (a, b) for a in by_picker for b in by_picker if a < b and by_picker[a] == by_picker[b]
    ]
    start_s = {one.batch: one.start_s for one in SOUND.assignments}
    found = changed(second, start_s=start_s[first], end_s=start_s[first] + BATCHES[second].seconds)

    assert any("at once" in fault for fault in faults_of(found))
