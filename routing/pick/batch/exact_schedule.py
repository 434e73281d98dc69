"""The best schedule of few batches, by constraint programming."""

from ortools.sat.python import cp_model

from routing.pick.batch.reshuffle import Left, forever
from routing.pick.batch.roster import SLACK_S, Cost, Roster, Rows, is_less

# Times are whole there; batches' seconds are rounded up to thousandths.
TICKS = 1_000
EFFORT = 2.0


class _Model:
    """Optional intervals of each task on each shift that may take it."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.model = cp_model.CpModel()
        horizon_s = _horizon_s(roster)
        self.horizon = int(horizon_s * TICKS) + 1
        self.on: dict[tuple[int, int], cp_model.IntVar] = {}
        self.start: list[cp_model.IntVar] = []
        self.late: list[cp_model.IntVar] = []
        self.end = self.model.new_int_var(0, self.horizon, "end")
        intervals: dict[str, list[cp_model.IntervalVar]] = {}
        for number in range(len(roster.tasks)):
            self._add_task(number, intervals)
        for of_picker in intervals.values():
            self.model.add_no_overlap(of_picker)
        self.placed = cp_model.LinearExpr.sum(list(self.on.values()))
        self.lateness = cp_model.LinearExpr.sum(self.late)

    def _add_task(self, number: int, intervals: dict[str, list[cp_model.IntervalVar]]) -> None:
        model, task = self.model, self.roster.tasks[number]
        ticks = ceil_ticks(task.seconds)
        start = model.new_int_var(0, self.horizon, f"start {number}")
        self.start.append(start)
        mine: list[cp_model.IntVar] = []
        for row, shift in enumerate(self.roster.shifts):
            if not self.roster.may_take(row, number):
                continue
            first = max(shift.start_s * TICKS, ceil_ticks(task.release_s))
            last = min(shift.end_s * TICKS, self.horizon) - ticks
            if first > last:
                continue
            on = model.new_bool_var(f"task {number} on shift {row}")
            model.add(start >= first).only_enforce_if(on)
            model.add(start <= last).only_enforce_if(on)
            interval = model.new_optional_interval_var(start, ticks, start + ticks, on, "")
            intervals.setdefault(shift.picker, []).append(interval)
            model.add(self.end >= start + ticks).only_enforce_if(on)
            self.on[number, row] = on
            mine.append(on)
        model.add_at_most_one(mine)
        for _, due_s in task.dues_s:
            late = model.new_int_var(0, self.horizon, "")
            for on in mine:
                model.add(late >= start + ticks - int(due_s * TICKS)).only_enforce_if(on)
            self.late.append(late)

    def hint(self, rows: Rows) -> None:
        """Starts the search from these rows."""
        times = self.roster.times(rows) or {}
        for (number, row), on in self.on.items():
            self.model.add_hint(on, number in times and times[number][0] == row)
        for number, (_, start_s, _) in times.items():
            self.model.add_hint(self.start[number], ceil_ticks(start_s))

    def rows(self, solver: cp_model.CpSolver) -> Rows:
        """Each shift's tasks in the order of their starts."""
        return tuple(
            tuple(
                sorted(
                    (k for (k, at), on in self.on.items() if at == row and solver.value(on)),
                    key=lambda k: solver.value(self.start[k]),
                )
            )
            for row in range(len(self.roster.shifts))
        )


def ceil_ticks(seconds: float) -> int:
    """Seconds in ticks, rounded up."""
    return -int(-seconds * TICKS // 1)


def _horizon_s(roster: Roster) -> float:
    """No schedule without idle time ends later."""
    latest_s = max(
        (
            *(task.release_s for task in roster.tasks),
            *(float(shift.start_s) for shift in roster.shifts),
        ),
        default=0.0,
    )
    return latest_s + sum(task.seconds + 1 for task in roster.tasks)


def prove(roster: Roster, known: Rows, left: Left = forever) -> tuple[Rows, bool]:
    """The best rows found, and whether nothing better than them exists, to a thousandth second.

    Three searches one after the other: most batches, then least lateness, then least makespan.
    Equal arguments give equal rows, if the seconds left do not run out.
    """
    built = _Model(roster)
    built.hint(known)
    model = built.model
    rows, bounds = known, [0.0, 0.0, 0.0]
    for number, goal in enumerate((-built.placed, built.lateness, built.end)):
        model.minimize(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = EFFORT
        if left() < float("inf"):
            solver.parameters.max_time_in_seconds = max(0.01, left())
        status = solver.solve(model)
        if status != cp_model.OPTIMAL:
            return rows, False
        found = built.rows(solver)
        cost, found_cost = roster.cost(rows), roster.cost(found)
        assert cost is not None, "known rows keep to their shifts"
        if found_cost is not None and is_less(found_cost, cost):
            rows = found
        bounds[number] = solver.objective_value
        model.add(goal <= round(solver.objective_value))
    left_over = len(roster.tasks) + round(bounds[0])
    least: Cost = (left_over, bounds[1] / TICKS, bounds[2] / TICKS)
    return rows, _reaches(roster, rows, least)


def _reaches(roster: Roster, rows: Rows, least: Cost) -> bool:
    """Whether rows are as good as the proof says; each task was rounded up by under a tick."""
    cost = roster.cost(rows)
    assert cost is not None, "rows that do not keep to their shifts are not taken"
    rounding_s = len(roster.tasks) / TICKS + SLACK_S
    dues = sum(len(task.dues_s) for task in roster.tasks)
    return (
        cost[0] == least[0]
        and cost[1] <= least[1] + dues * rounding_s
        and cost[2] <= least[2] + rounding_s
    )
