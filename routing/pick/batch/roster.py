"""Batches in a row on each shift, and what time they take."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.pick.batch.problem import Shift

# For each shift the batches in the order in which they are walked.
Rows = tuple[tuple[int, ...], ...]
# Batches left over, seconds of lateness, and when the last batch ends.
Cost = tuple[int, float, float]

# Seconds are sums of fractions; less than this is no difference.
SLACK_S = 1e-6


@dataclass(frozen=True, slots=True)
class Task:
    """A batch to be given to a picker: how long it takes, from when on, and its loads' dues.

    due_s is the earliest of dues_s, infinite without one. zone: where it is, None for anywhere
    that is not told; then every shift may take it.
    """

    seconds: float
    release_s: float
    dues_s: tuple[tuple[str, float], ...]
    zone: str | None = None

    @property
    def due_s(self) -> float:
        """The earliest due time."""
        return min((due_s for _, due_s in self.dues_s), default=float("inf"))

    def lateness_s(self, end_s: float) -> float:
        """The seconds by which its loads are late, all together, when it ends then."""
        return sum(max(0.0, end_s - due_s) for _, due_s in self.dues_s)


@dataclass(frozen=True, slots=True)
class Roster:
    """Tasks and shifts; a picker's shifts follow each other, so that nobody walks twice at once."""

    tasks: tuple[Task, ...]
    shifts: tuple[Shift, ...]

    @classmethod
    def of(cls, tasks: Sequence[Task], shifts: Sequence[Shift]) -> "Roster":
        """With the shifts in the order of their pickers and starts."""
        ordered = sorted(shifts, key=lambda shift: (shift.picker, shift.start_s, shift.end_s))
        return cls(tuple(tasks), tuple(ordered))

    def may_take(self, row: int, task: int) -> bool:
        """Whether the zones of a shift and a task agree."""
        shift, zone = self.shifts[row], self.tasks[task].zone
        return zone is None or not shift.zone or shift.zone == zone

    def end_s(self, task: int, free_s: float) -> float:
        """When a task ends that a picker begins as soon as both are free."""
        return max(free_s, self.tasks[task].release_s) + self.tasks[task].seconds

    def latest_s(self, number: int) -> float:
        """Until when the last task of a shift must have ended."""
        return self.shifts[number].end_s + SLACK_S

    def times(
        self, rows: Rows, picker: str | None = None
    ) -> dict[int, tuple[int, float, float]] | None:
        """For each task its shift, start and end; None when one would end after its shift.

        picker: whose tasks alone to look at.
        """
        found: dict[int, tuple[int, float, float]] = {}
        free_s = 0.0
        for number, (shift, row) in enumerate(zip(self.shifts, rows, strict=True)):
            if picker is not None and shift.picker != picker:
                continue
            if not number or self.shifts[number - 1].picker != shift.picker:
                free_s = 0.0
            at_s = max(free_s, float(shift.start_s))
            for task in row:
                start_s = max(at_s, self.tasks[task].release_s)
                at_s = self.end_s(task, at_s)
                found[task] = number, start_s, at_s
            if row and at_s > self.latest_s(number):
                return None
            free_s = at_s if row else free_s
        return found

    def cost(self, rows: Rows) -> Cost | None:
        """What rows cost; None when they do not fit their shifts."""
        times = self.times(rows)
        if times is None:
            return None
        ends = {task: end_s for task, (_, _, end_s) in times.items()}
        late_s = sum(self.tasks[task].lateness_s(end_s) for task, end_s in ends.items())
        return len(self.tasks) - len(ends), late_s, max(ends.values(), default=0.0)

    def least_end_s(self) -> float:
        """No rows with all tasks end before."""
        work_s = sum(task.seconds for task in self.tasks)
        pickers = len({shift.picker for shift in self.shifts}) or 1
        first_s = min((shift.start_s for shift in self.shifts), default=0)
        alone = (max(task.release_s, first_s) + task.seconds for task in self.tasks)
        return max(first_s + work_s / pickers, max(alone, default=0.0))

    def is_least(self, rows: Rows) -> bool:
        """Whether nothing can be better: all walked, none late, and no later than work allows."""
        cost = self.cost(rows)
        return cost is not None and not is_less((0, 0.0, self.least_end_s()), cost)


def is_less(a: Cost, b: Cost) -> bool:
    """Whether rows of cost a are better: fewer left over, then less late, then earlier done."""
    for mine, theirs in zip(a, b, strict=True):
        if abs(mine - theirs) > SLACK_S:
            return mine < theirs
    return False
