"""Who walks which batch, and when."""

from collections.abc import Sequence
from dataclasses import replace

from routing.pick.batch.plan import Assignment, Batch, Schedule
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.reshuffle import Left, forever, improved
from routing.pick.batch.roster import SLACK_S, Roster, Rows, Task

# Up to so many batches the best schedule is proven.
PROOF_BATCHES_MAX = 12


def due_order(loads: Sequence[Load]) -> tuple[Load, ...]:
    """The loads, the most urgent first: by due time, then as they can be begun, then as given."""
    return tuple(
        sorted(loads, key=lambda load: (load.due_s is None, load.due_s or 0, load.release_s))
    )


def schedule(
    problem: BatchProblem,
    batches: Sequence[Batch],
    zones: Sequence[str] | None = None,
    *,
    proof: bool = True,
    left: Left = forever,
) -> Schedule:
    """Each batch to a picker's shift: as many as fit, least lateness, then least makespan.

    A batch begins when the last of its loads is released, and ends inside the shift; its loads are
    late if it ends after they are due. zones: where each batch is, one a batch; without them a
    shift's zone counts for nothing. proof: few batches are scheduled by constraint programming,
    which takes up to some seconds. left: tells the seconds left; while it does not run out, equal
    arguments give equal schedules.
    """
    assert zones is None or len(zones) == len(batches)
    loads = {load.id: load for load in problem.loads}
    tasks = [
        _task(
            batch,
            [loads[load_id] for load_id in batch.load_ids],
            zones[number] if zones is not None else None,
        )
        for number, batch in enumerate(batches)
    ]
    roster = Roster.of(tasks, problem.shifts)
    rows = improved(roster, _by_due(roster), left)
    optimal = roster.is_least(rows)
    if proof and not optimal and left() > 0 and problem.shifts and len(tasks) <= PROOF_BATCHES_MAX:
        # OR-Tools loads slowly and only this needs it.
        from routing.pick.batch.exact_schedule import prove

        rows, optimal = prove(roster, rows, left)
    return replace(_told(roster, rows), optimal=optimal)


def _task(batch: Batch, loads: Sequence[Load], zone: str | None) -> Task:
    return Task(
        batch.seconds,
        max((float(load.release_s) for load in loads), default=0.0),
        tuple((load.id, float(load.due_s)) for load in loads if load.due_s is not None),
        zone,
    )


def _by_due(roster: Roster) -> Rows:
    """The list rule: by due time, each to the shift where it is least late and ends first."""
    rows: Rows = ((),) * len(roster.shifts)
    tasks = roster.tasks
    by_due = sorted(
        range(len(tasks)), key=lambda k: (tasks[k].due_s, tasks[k].release_s, -tasks[k].seconds)
    )
    ends: list[tuple[tuple[float, float], Rows]]
    for task in by_due:
        ends = []
        for number in range(len(rows)):
            if not roster.may_take(number, task):
                continue
            appended = _with_row(rows, number, (*rows[number], task))
            if times := roster.times(appended, roster.shifts[number].picker):
                end_s = times[task][2]
                ends.append(((tasks[task].lateness_s(end_s), end_s), appended))
        if ends:
            rows = min(ends, key=lambda end: end[0])[1]
    return rows


def _with_row(rows: Rows, number: int, row: tuple[int, ...]) -> Rows:
    return (*rows[:number], row, *rows[number + 1 :])


def _told(roster: Roster, rows: Rows) -> Schedule:
    times = roster.times(rows)
    assert times is not None, "only rows that keep to the shifts are taken"
    assignments = sorted(
        (
            Assignment(task, roster.shifts[number].picker, start_s, end_s)
            for task, (number, start_s, end_s) in times.items()
        ),
        key=lambda assignment: (assignment.start_s, assignment.picker, assignment.batch),
    )
    late = [
        (load_id, end_s - due_s)
        for task, (_, _, end_s) in sorted(times.items())
        for load_id, due_s in roster.tasks[task].dues_s
        if end_s > due_s + SLACK_S
    ]
    unassigned = tuple(
        (task, _why_unassigned(roster, rows, task))
        for task in range(len(roster.tasks))
        if task not in times
    )
    return Schedule(
        tuple(assignments),
        max((end_s for _, _, end_s in times.values()), default=0.0),
        sum(seconds for _, seconds in late),
        tuple(late),
        unassigned,
    )


def _why_unassigned(roster: Roster, rows: Rows, task: int) -> str:
    """Which shift comes nearest to having time for it, and by how many seconds it falls short."""
    times = roster.times(rows) or {}
    short: list[tuple[float, str]] = []
    for number, shift in enumerate(roster.shifts):
        if roster.may_take(number, task):
            mine = [end_s for k, (at, _, end_s) in times.items() if at == number]
            start_s = max([float(shift.start_s), roster.tasks[task].release_s, *mine])
            over_s = start_s + roster.tasks[task].seconds - shift.end_s
            short.append((over_s, shift.picker))
    if not roster.shifts:
        return "there are no shifts"
    if not short:
        return f"no shift is in zone {roster.tasks[task].zone}"
    over_s, picker = min(short)
    return f"fits into no shift; the nearest, of {picker}, would have to be {over_s:.0f} s longer"
