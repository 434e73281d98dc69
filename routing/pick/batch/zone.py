"""Zones of aisles, each picked by its own walks, and what is handed over between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil, floor

from routing.effort import Effort
from routing.pick.batch.plan import Assignment, Batch, BatchPlan
from routing.pick.batch.planner import plan_batches
from routing.pick.batch.problem import BatchProblem, Load, Shift
from routing.pick.batch.schedule import schedule
from routing.pick.batch.zone_part import Parting, Zone, part_by_zone
from routing.pick.tour.clock import tour_seconds

Plan = Callable[[BatchProblem, Effort], BatchPlan]


class HandOver(StrEnum):
    """How the parts of a load come together.

    merge: each zone brings its part to its drop, and the load is whole when the last is there.
    pass: a zone begins with its part when the zone before it has handed over what it picked.
    """

    MERGE = "merge"
    PASS = "pass"


@dataclass(frozen=True, slots=True)
class ZoneShare:
    """What one zone picks: its parts of the loads, their batches, and who walks them when."""

    zone: str
    problem: BatchProblem
    plan: BatchPlan
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """Every load picked in all its zones, or left out with its reason.

    done_s: for each load, when its last part is handed over. late: loads that are whole after they
    were due, with the seconds. Without shifts each batch is walked as soon as its loads are there,
    by a picker without a name. bound_mm: no batches of these zones' parts walk less.
    """

    shares: tuple[ZoneShare, ...]
    hand_over: HandOver
    distance_mm: int
    baseline_mm: int
    bound_mm: int
    done_s: tuple[tuple[str, float], ...]
    makespan_s: float
    lateness_s: float
    late: tuple[tuple[str, float], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Known:
    """What has been handed over so far, who is busy when, and what goes no further, with why."""

    shares: list[ZoneShare] = field(default_factory=list)
    done_s: dict[str, float] = field(default_factory=dict)
    busy: list[Assignment] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)


def plan_zones(
    problem: BatchProblem,
    zones: Sequence[Zone],
    effort: Effort,
    *,
    hand_over: HandOver | str = HandOver.MERGE,
    plan: Plan = plan_batches,
) -> ZonePlan:
    """Each zone's parts of the loads in batches of their own, with the times of the hand-over.

    A load that a zone cannot pick its part of is left out of every zone. So is, with its reason,
    what no shift takes; other zones may have picked their parts of it by then. The zones share
    the effort's seconds. plan: what puts the parts of one zone into batches.

    Raises: ValueError when the floor is no layout, or the zones do not agree with it.
    """
    way = HandOver(hand_over)
    parting = part_by_zone(problem, zones)
    seconds = None if effort.seconds is None else effort.seconds / len(zones)
    share = replace(effort, seconds=seconds)
    walk = _merge if way is HandOver.MERGE else _pass
    return _told(problem, parting, way, walk(problem, zones, parting, lambda p: plan(p, share)))


def _merge(
    problem: BatchProblem,
    zones: Sequence[Zone],
    parting: Parting,
    plan: Callable[[BatchProblem], BatchPlan],
) -> _Known:
    """All zones at once, and all their batches in one schedule."""
    known = _Known()
    planned = []
    for zone in zones:
        part = parting.problem_of(problem, zone)
        planned.append((zone, part, _timed(part, plan(part))))
    loads = tuple(load for _, part, _ in planned for load in part.loads)
    whole = replace(problem, loads=loads)
    batches = [batch for _, _, made in planned for batch in made.batches]
    names = [zone.name for zone, _, made in planned for _ in made.batches]
    assignments, unassigned = _assign(whole, batches, names, problem.shifts or None)
    first = 0
    for zone, part, made in planned:
        last = first + len(made.batches)
        mine = [replace(a, batch=a.batch - first) for a in assignments if first <= a.batch < last]
        left = [(number - first, why) for number, why in unassigned if first <= number < last]
        _note(known, parting, ZoneShare(zone.name, part, made, tuple(mine)), left)
        first = last
    return known


def _pass(
    problem: BatchProblem,
    zones: Sequence[Zone],
    parting: Parting,
    plan: Callable[[BatchProblem], BatchPlan],
) -> _Known:
    """Zone by zone: a part is released when the zone before has handed over its own."""
    known = _Known()
    for zone in zones:
        whole = parting.problem_of(problem, zone)
        loads = tuple(
            replace(load, release_s=_handed_over_s(known, parting.owner[load.id], load))
            for load in whole.loads
            if parting.owner[load.id] not in known.stuck
        )
        part = replace(whole, loads=loads)
        made = _timed(part, plan(part))
        names = [zone.name] * len(made.batches)
        shifts = tuple(piece for shift in problem.shifts for piece in _free(shift, known.busy))
        assignments, unassigned = _assign(
            part, made.batches, names, shifts if problem.shifts else None
        )
        _note(known, parting, ZoneShare(zone.name, part, made, assignments), unassigned)
    return known


def _timed(problem: BatchProblem, plan: BatchPlan) -> BatchPlan:
    """The plan with the seconds of each batch."""
    batches = tuple(
        replace(
            batch,
            seconds=tour_seconds(
                problem.floor, problem.stops_of(batch.load_ids), batch.tour, problem.pace
            ),
        )
        for batch in plan.batches
    )
    return replace(plan, batches=batches)


def _assign(
    problem: BatchProblem,
    batches: Sequence[Batch],
    names: Sequence[str],
    shifts: Sequence[Shift] | None,
) -> tuple[tuple[Assignment, ...], tuple[tuple[int, str], ...]]:
    """Who walks what; without shifts everything as soon as its loads are there."""
    if shifts:
        found = schedule(replace(problem, shifts=tuple(shifts)), batches, names)
        return found.assignments, found.unassigned
    if shifts is not None:
        return (), tuple((number, "no shift has time left") for number in range(len(batches)))
    release_s = {load.id: float(load.release_s) for load in problem.loads}
    starts = [max(release_s[load_id] for load_id in batch.load_ids) for batch in batches]
    return tuple(
        Assignment(number, "", start_s, start_s + batch.seconds)
        for number, (start_s, batch) in enumerate(zip(starts, batches, strict=True))
    ), ()


def _free(shift: Shift, busy: Sequence[Assignment]) -> list[Shift]:
    """The pieces of a shift in which its picker is not busy yet, in whole seconds."""
    pieces = []
    start_s = shift.start_s
    mine = [(a.start_s, a.end_s) for a in busy if a.picker == shift.picker]
    for from_s, to_s in [*sorted(mine), (float(shift.end_s), float(shift.end_s))]:
        end_s = min(shift.end_s, floor(from_s))
        if end_s > start_s:
            pieces.append(replace(shift, start_s=start_s, end_s=end_s))
        start_s = max(start_s, ceil(to_s))
    return pieces


def _handed_over_s(known: _Known, load_id: str, load: Load) -> int:
    """When a part may be begun: released, and handed over by the zones before."""
    return max(load.release_s, ceil(known.done_s.get(load_id, 0.0)))


def _note(
    known: _Known,
    parting: Parting,
    share: ZoneShare,
    unassigned: Sequence[tuple[int, str]],
) -> None:
    """Writes down what a zone hands over, who was busy with it, and what went no further."""
    known.shares.append(share)
    known.busy += share.assignments
    for one in share.assignments:
        for part_id in share.plan.batches[one.batch].load_ids:
            load_id = parting.owner[part_id]
            known.done_s[load_id] = max(known.done_s.get(load_id, 0.0), one.end_s)
    left = [
        (part_id, why)
        for number, why in unassigned
        for part_id in share.plan.batches[number].load_ids
    ]
    for part_id, why in (*share.plan.left_out, *left):
        known.stuck.setdefault(parting.owner[part_id], f"zone {share.zone}: {why}")


def _told(problem: BatchProblem, parting: Parting, way: HandOver, known: _Known) -> ZonePlan:
    reasons = parting.left_out | known.stuck
    done_s = tuple(
        (load.id, known.done_s[load.id]) for load in problem.loads if load.id not in reasons
    )
    due_s = {load.id: load.due_s for load in problem.loads}
    late = tuple(
        (load_id, end_s - due)
        for load_id, end_s in done_s
        if (due := due_s[load_id]) is not None and end_s > due
    )
    plans = [share.plan for share in known.shares]
    return ZonePlan(
        tuple(known.shares),
        way,
        sum(plan.distance_mm for plan in plans),
        sum(plan.baseline_mm for plan in plans),
        sum(plan.bound_mm for plan in plans),
        done_s,
        max((one.end_s for one in known.busy), default=0.0),
        sum(seconds for _, seconds in late),
        late,
        tuple((load.id, reasons[load.id]) for load in problem.loads if load.id in reasons),
    )
