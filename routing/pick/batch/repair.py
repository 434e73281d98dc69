"""A plan's batches changed where its schedule is late."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from routing.pick.batch.demand import fits_together
from routing.pick.batch.plan import Batch, BatchPlan, Schedule
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.reshuffle import Left, forever
from routing.pick.batch.roster import is_less
from routing.pick.batch.schedule import due_order, schedule
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.clock import tour_seconds
from routing.pick.tour.plan import Tour

SolveTour = Callable[[Layout | Walkways, Sequence[Stop | NodeStop]], Tour]
# A batch's loads, by id.
Members = frozenset[str]

# How many walks are solved anew, how many late loads a round looks at, and how many other
# batches each of them may go to.
WALKS_MAX = 200
LATE_MAX = 5
OTHERS_MAX = 6


def repair_lateness(
    problem: BatchProblem, plan: BatchPlan, solve_tour: SolveTour, left: Left = forever
) -> BatchPlan:
    """The plan with late loads in other batches, if fewer seconds are late that way.

    A late load goes to another batch, changes places with one that is due later, or its batch is
    parted; so is one that fits into no shift. The walk may become longer, but not longer than the
    baseline's. A plan that is late nowhere, or without shifts, is handed back with its schedule.
    left: tells the seconds left.
    """
    if not problem.shifts:
        return plan
    problem = replace(problem, loads=(*problem.loads, *plan.parts))
    plan = replace(plan, schedule=plan.schedule or schedule(problem, plan.batches, left=left))
    repair = _Repair(problem, plan, solve_tour)
    while left() > 0 and repair.is_late() and repair.improve(left):
        pass
    if not repair.changed:
        return plan
    batches = tuple(repair.batches)
    final = schedule(problem, batches, left=left)
    return replace(
        plan,
        batches=batches,
        distance_mm=repair.distance_mm(batches),
        method=f"{plan.method}, repaired for due times",
        schedule=final if left() > 0 else repair.schedule,
    )


class _Repair:
    """The best batches so far, and the walks that are known."""

    def __init__(self, problem: BatchProblem, plan: BatchPlan, solve_tour: SolveTour) -> None:
        assert plan.schedule is not None, "a plan is repaired by its schedule"
        self.problem = problem
        self.loads = {load.id: load for load in problem.loads}
        self.place = {load.id: number for number, load in enumerate(problem.loads)}
        self.batches = list(plan.batches)
        self.schedule: Schedule = plan.schedule
        self.longest_mm = max(plan.baseline_mm, plan.distance_mm)
        self.solve_tour = solve_tour
        self.known: dict[Members, Batch] = {frozenset(b.load_ids): b for b in plan.batches}
        self.walks = 0
        self.changed = False

    def is_late(self) -> bool:
        """Whether there is anything to repair."""
        return bool(self.schedule.late or self.schedule.unassigned)

    def improve(self, left: Left) -> bool:
        """Takes the first change that is better; whether there was one."""
        for old, new in self._changes():
            if left() <= 0:
                return False
            if not all(map(self._fits, new)):
                continue
            if self.walks + sum(members not in self.known for members in new) > WALKS_MAX:
                return False
            kept = [b for b in self.batches if frozenset(b.load_ids) not in old]
            batches = kept + [self._batch(members) for members in new]
            found = schedule(self.problem, batches, proof=False, left=left)
            if self._is_better(batches, found):
                self.batches, self.schedule, self.changed = batches, found, True
                return True
        return False

    def distance_mm(self, batches: Sequence[Batch]) -> int:
        """All walks together."""
        return sum(batch.tour.distance_mm for batch in batches)

    def _is_better(self, batches: Sequence[Batch], found: Schedule) -> bool:
        """Loads in no shift count before lateness, whatever batches they are in."""
        mine = (self._left_over(self.batches, self.schedule), self.schedule.lateness_s, 0.0)
        theirs = (self._left_over(batches, found), found.lateness_s, 0.0)
        return self.distance_mm(batches) <= self.longest_mm and is_less(theirs, mine)

    def _left_over(self, batches: Sequence[Batch], found: Schedule) -> int:
        return sum(len(batches[number].load_ids) for number, _ in found.unassigned)

    def _fits(self, members: Members) -> bool:
        return fits_together(self.problem, [self.loads[load_id] for load_id in sorted(members)])

    def _batch(self, members: Members) -> Batch:
        if members not in self.known:
            load_ids = tuple(sorted(members, key=self.place.__getitem__))
            stops = self.problem.stops_of(load_ids)
            tour = self.solve_tour(self.problem.floor, stops)
            seconds = tour_seconds(self.problem.floor, stops, tour, self.problem.pace)
            self.known[members] = Batch(load_ids, tour, seconds)
            self.walks += 1
        return self.known[members]

    def _changes(self) -> Iterator[tuple[list[Members], list[Members]]]:
        """Batches that go, and those that come for them."""
        for number, _ in self.schedule.unassigned:
            yield from self._partings(frozenset(self.batches[number].load_ids))
        home = {load_id: frozenset(b.load_ids) for b in self.batches for load_id in b.load_ids}
        late = sorted(self.schedule.late, key=lambda entry: (-entry[1], entry[0]))[:LATE_MAX]
        early = [self.batches[a.batch].load_ids for a in self.schedule.assignments]
        for load_id, _ in late:
            yield from self._partings(home[load_id])
            others = [frozenset(ids) for ids in early if frozenset(ids) != home[load_id]]
            for other in others[:OTHERS_MAX]:
                rest = home[load_id] - {load_id}
                yield [home[load_id], other], [m for m in (rest, other | {load_id}) if m]
                for lax in self._laxer(other, self.loads[load_id]):
                    yield [home[load_id], other], [rest | {lax}, other - {lax} | {load_id}]

    def _partings(self, members: Members) -> Iterator[tuple[list[Members], list[Members]]]:
        """The batch in two: the more urgent loads, and the others."""
        order = [
            load.id
            for load in due_order(
                [self.loads[load_id] for load_id in sorted(members, key=self.place.__getitem__)]
            )
        ]
        cuts = sorted({1, len(order) // 2, len(order) - 1} - {0, len(order)})
        for cut in cuts:
            yield [members], [frozenset(order[:cut]), frozenset(order[cut:])]

    def _laxer(self, members: Members, load: Load) -> list[str]:
        """The loads of a batch that are due later than this one, the laxest first, a few."""
        assert load.due_s is not None, "a late load has a due time"
        due_s = load.due_s
        by_due = reversed(
            due_order(
                [self.loads[load_id] for load_id in sorted(members, key=self.place.__getitem__)]
            )
        )
        return [o.id for o in by_due if o.due_s is None or o.due_s > due_s][:2]
