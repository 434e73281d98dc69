"""A roster made better by moving and exchanging tasks."""

from collections.abc import Callable, Iterator

from routing.pick.batch.roster import Cost, Roster, Rows, is_less

# How much is looked at: neighbouring rows, and tasks timed anew for them.
LOOKS_MAX = 20_000
TASKS_MAX = 500_000

# Tells the seconds left.
Left = Callable[[], float]
# The rows of some shifts, by the shifts' numbers.
Change = dict[int, tuple[int, ...]]


def forever() -> float:
    """For a search that ends by itself."""
    return float("inf")


def improved(roster: Roster, rows: Rows, left: Left = forever) -> Rows:
    """The rows with tasks elsewhere, as long as that is better and looks and time are left.

    Equal arguments give equal rows, if the time does not run out.
    """
    search = _Search(roster, rows, left)
    while search.left() and not roster.is_least(tuple(search.rows)) and search.improve():
        pass
    return tuple(search.rows)


class _Search:
    """The best rows so far, with the lateness and the end of each picker's."""

    def __init__(self, roster: Roster, rows: Rows, time_left: Left) -> None:
        self.roster = roster
        self.time_left = time_left
        self.rows = list(rows)
        self.looks = LOOKS_MAX
        self.timed = TASKS_MAX
        self.parts = {shift.picker: (0.0, 0.0) for shift in roster.shifts}
        self.numbers: dict[str, list[int]] = {picker: [] for picker in self.parts}
        for number, shift in enumerate(roster.shifts):
            self.numbers[shift.picker].append(number)
        for picker in self.parts:
            part = self._part(picker, {})
            assert part is not None, "a search starts from rows that keep to their shifts"
            self.parts[picker] = part
        self.cost = self._cost({})

    def left(self) -> bool:
        """Whether there are looks and time left."""
        return self.looks > 0 and self.timed > 0 and self.time_left() > 0

    def improve(self) -> bool:
        """Takes the first change that is better; whether there was one."""
        for change in self._changes():
            if not self.left():
                return False
            self.looks -= 1
            if self._take(change):
                return True
        return False

    def _take(self, change: Change) -> bool:
        """Makes the change if it is better."""
        parts: dict[str, tuple[float, float]] = {}
        for picker in {self.roster.shifts[number].picker for number in change}:
            part = self._part(picker, change)
            if part is None:
                return False
            parts[picker] = part
        added = sum(len(row) - len(self.rows[number]) for number, row in change.items())
        cost = self._cost(parts, added)
        if not is_less(cost, self.cost):
            return False
        for number, row in change.items():
            self.rows[number] = row
        self.parts |= parts
        self.cost = cost
        return True

    def _part(self, picker: str, change: Change) -> tuple[float, float] | None:
        """Lateness and end of a picker's rows with the change; None when they do not fit."""
        late_s = free_s = 0.0
        for number in self.numbers[picker]:
            shift = self.roster.shifts[number]
            row = change.get(number, self.rows[number])
            self.timed -= len(row)
            at_s = max(free_s, float(shift.start_s))
            for task in row:
                at_s = self.roster.end_s(task, at_s)
                late_s += self.roster.tasks[task].lateness_s(at_s)
            if row:
                if at_s > self.roster.latest_s(number):
                    return None
                free_s = at_s
        return late_s, free_s

    def _cost(self, parts: dict[str, tuple[float, float]], added: int = 0) -> Cost:
        now = self.parts | parts
        placed = sum(map(len, self.rows)) + added
        late_s = sum(late_s for late_s, _ in now.values())
        end_s = max((end_s for _, end_s in now.values()), default=0.0)
        return len(self.roster.tasks) - placed, late_s, end_s

    def _changes(self) -> Iterator[Change]:
        """One task elsewhere, or two exchanged; the worst tasks first."""
        rows, roster = self.rows, self.roster
        times = roster.times(tuple(rows)) or {}
        home = {task: number for number, row in enumerate(rows) for task in row}

        def badness(task: int) -> tuple[float, float]:
            end_s = times[task][2]
            return -roster.tasks[task].lateness_s(end_s), -end_s

        worst = sorted(home, key=badness)
        missing = [task for task in range(len(roster.tasks)) if task not in home]
        for task in (*missing, *worst):
            gone: Change = {}
            if task in home:
                gone[home[task]] = tuple(k for k in rows[home[task]] if k != task)
            for number in range(len(rows)):
                if roster.may_take(number, task):
                    row = gone.get(number, rows[number])
                    for at in range(len(row) + 1):
                        yield gone | {number: (*row[:at], task, *row[at:])}
            for other in reversed(worst):
                if other != task and home.get(task) != home[other]:
                    yield from self._exchange(task, other, home)

    def _exchange(self, a: int, b: int, home: dict[int, int]) -> Iterator[Change]:
        """a and b in each other's place; a for b where a is nowhere yet."""
        swap = {a: b, b: a}
        numbers = [home[b]] if a not in home else [home[a], home[b]]
        change = {
            number: tuple(swap.get(task, task) for task in self.rows[number]) for number in numbers
        }
        if all(
            self.roster.may_take(number, task)
            for number, row in change.items()
            for task in row
            if task in swap
        ):
            yield change
