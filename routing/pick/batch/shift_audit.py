"""A check of schedules that knows no scheduler."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from routing.pick.batch.plan import Assignment, Batch, Schedule
from routing.pick.batch.problem import Load, Shift

# Seconds are sums of fractions.
SLACK_S = 1e-3


def audit_schedule(
    loads: Sequence[Load], shifts: Sequence[Shift], batches: Sequence[Batch], found: Schedule
) -> list[str]:
    """What is wrong with a schedule, in plain sentences; nothing when it holds."""
    told = Counter(one.batch for one in found.assignments)
    told.update(number for number, _ in found.unassigned)
    faults = [f"batch {number} is told {n} times" for number, n in told.items() if n > 1]
    faults += [f"batch {number} is not in the plan" for number in told if number >= len(batches)]
    faults += [f"batch {number} is forgotten" for number in range(len(batches)) if not told[number]]
    faults += [f"batch {number} has no reason" for number, why in found.unassigned if not why]
    if faults:
        return faults
    by_id = {load.id: load for load in loads}
    late: dict[str, float] = {}
    for one in found.assignments:
        batch = batches[one.batch]
        carried = [by_id[load_id] for load_id in batch.load_ids]
        faults += _audit_assignment(one, batch, carried, shifts)
        late |= {
            load.id: one.end_s - load.due_s
            for load in carried
            if load.due_s is not None and one.end_s > load.due_s + SLACK_S
        }
    return faults + _audit_pickers(found) + _audit_lateness(found, late)


def _audit_assignment(
    one: Assignment, batch: Batch, carried: Sequence[Load], shifts: Sequence[Shift]
) -> list[str]:
    faults = []
    if abs(one.end_s - one.start_s - batch.seconds) > SLACK_S:
        faults.append(f"batch {one.batch} does not take its {batch.seconds:g} s")
    if any(one.start_s < load.release_s - SLACK_S for load in carried):
        faults.append(f"batch {one.batch} begins before its loads are released")
    if not any(
        shift.picker == one.picker
        and shift.start_s <= one.start_s + SLACK_S
        and one.end_s <= shift.end_s + SLACK_S
        for shift in shifts
    ):
        faults.append(f"batch {one.batch} lies in no shift of {one.picker}")
    return faults


def _audit_pickers(found: Schedule) -> list[str]:
    by_picker = sorted(found.assignments, key=lambda one: (one.picker, one.start_s, one.end_s))
    return [
        f"{a.picker} walks batches {a.batch} and {b.batch} at once"
        for a, b in pairwise(by_picker)
        if a.picker == b.picker and b.start_s < a.end_s - SLACK_S
    ]


def _audit_lateness(found: Schedule, late: dict[str, float]) -> list[str]:
    faults = []
    told = {load_id: seconds for load_id, seconds in found.late if seconds > SLACK_S}
    if told.keys() != late.keys() or any(abs(told[k] - late[k]) > SLACK_S for k in late):
        faults.append("the late loads are not those that are told")
    if abs(found.lateness_s - sum(seconds for _, seconds in found.late)) > SLACK_S:
        faults.append("the lateness is not the sum of what is late")
    end_s = max((one.end_s for one in found.assignments), default=0.0)
    if abs(found.makespan_s - end_s) > SLACK_S:
        faults.append(f"the last batch ends at {end_s:g} s, not at {found.makespan_s:g} s")
    return faults
