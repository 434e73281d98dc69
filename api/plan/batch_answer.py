"""Loads on carts: the answer."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from pydantic import ConfigDict, Field

from api.plan.floor import PointMm, Said
from routing.pick.batch.plan import Assignment, BatchPlan, Schedule
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.floor.layout import NodeStop, Stop


class Share(Protocol):
    """What one zone picks; `routing.pick.batch.zone` cannot be named before it is needed."""

    @property
    def zone(self) -> str: ...
    @property
    def problem(self) -> BatchProblem: ...
    @property
    def plan(self) -> BatchPlan: ...
    @property
    def assignments(self) -> tuple[Assignment, ...]: ...


class Zones(Protocol):
    """The plan of all zones."""

    @property
    def shares(self) -> tuple[Share, ...]: ...
    @property
    def distance_mm(self) -> int: ...
    @property
    def baseline_mm(self) -> int: ...
    @property
    def bound_mm(self) -> int: ...
    @property
    def done_s(self) -> tuple[tuple[str, float], ...]: ...
    @property
    def makespan_s(self) -> float: ...
    @property
    def lateness_s(self) -> float: ...
    @property
    def late(self) -> tuple[tuple[str, float], ...]: ...
    @property
    def left_out(self) -> tuple[tuple[str, str], ...]: ...


class Visit(Said):
    """A stop on a walk."""

    load: str = Field(description="The load, or the part of one, that is picked for.")
    stop: int = Field(ge=0, description="Which of its stops, counted from 0.")


class BatchRow(Said):
    """One cart and its walk."""

    loads: tuple[str, ...] = Field(description="What is on the cart.")
    distance_mm: int = Field(ge=0, description="The walk's length, in mm.")
    seconds: float = Field(ge=0, description="How long it takes with all its stops.")
    visits: tuple[Visit, ...] = Field(description="Its stops in walking order.")
    path: tuple[PointMm, ...] = Field(description="Its corners as [x, y] in mm.")
    nodes: tuple[int, ...] = Field(description="On walkways, every node that is passed.")
    method: str = Field(description="What made the walk.")
    optimal: bool = Field(description="Whether no walk past these stops is shorter.")
    zone: str = Field(default="", description="Its zone, where there are any.")


class LoadLeftOut(Said):
    """A load that is on no cart."""

    load: str = Field(description="Its name.")
    reason: str = Field(description="Why, in plain words.")


class PartRow(Said):
    """A part of a load, where it was too large for a cart or lies in several zones."""

    id: str = Field(description="The part's name, as the batches call it.")
    of: str = Field(description="The load, or the order of loads, that it is a part of.")
    volume_ml: int = Field(ge=0, description="In ml.")
    mass_g: int = Field(ge=0, description="In g.")
    units: int = Field(ge=1, description="How many units are taken for it.")


class AssignmentRow(Said):
    """Who walks a batch, and when."""

    batch: int = Field(ge=0, description="Its place in `batches`, counted from 0.")
    picker: str = Field(description="Who; empty where no shifts were given.")
    start_s: float = Field(description="In seconds from the plan's start.")
    end_s: float = Field(description="In seconds from the plan's start.")


class LateRow(Said):
    """A load that is picked after it was due."""

    load: str = Field(description="Its name.")
    seconds: float = Field(description="How late.")


class UnassignedRow(Said):
    """A batch that no shift takes."""

    batch: int = Field(ge=0, description="Its place in `batches`, counted from 0.")
    reason: str = Field(description="Why, in plain words.")


class DoneRow(Said):
    """When a load is whole."""

    load: str = Field(description="Its name.")
    seconds: float = Field(description="From the plan's start.")


class ScheduleRow(Said):
    """Who walks what, and when."""

    assignments: tuple[AssignmentRow, ...] = Field(description="By batch.")
    makespan_s: float = Field(description="When the last walk ends.")
    lateness_s: float = Field(description="All loads' lateness together.")
    late: tuple[LateRow, ...] = Field(description="Loads that are picked late.")
    unassigned: tuple[UnassignedRow, ...] = Field(description="Batches that fit into no shift.")
    optimal: bool = Field(description="Whether no schedule of these batches is better.")
    done: tuple[DoneRow, ...] = Field(
        default=(), description="With zones: when each load is whole."
    )


class BatchOutput(Said):
    """What `stowline plan batch --json` prints."""

    model_config = ConfigDict(title="Batch, output")

    batches: tuple[BatchRow, ...] = Field(description="The carts.")
    distance_mm: int = Field(ge=0, description="All walks together, in mm.")
    baseline_mm: int = Field(
        ge=0, description="The same loads first come, first served, walked S-shape, in mm."
    )
    saving: float = Field(description="The share of the baseline's walk that is spared.")
    bound_mm: int = Field(ge=0, description="No plan walks less than this, in mm.")
    gap: float = Field(ge=0, description="How far above the bound it is, as a share of it.")
    method: str = Field(description="What made the plan.")
    left_out: tuple[LoadLeftOut, ...] = Field(description="Loads on no cart.")
    parts: tuple[PartRow, ...] = Field(default=(), description="What loads were parted into.")
    schedule: ScheduleRow | None = Field(
        default=None, description="Who walks what, where shifts or zones were given."
    )


def batch_answer(problem: BatchProblem, plan: BatchPlan) -> BatchOutput:
    """The answer that a plan comes to."""
    return BatchOutput(
        batches=tuple(_rows(problem, plan, "")),
        distance_mm=plan.distance_mm,
        baseline_mm=plan.baseline_mm,
        saving=plan.saving,
        bound_mm=plan.bound_mm,
        gap=plan.gap,
        method=plan.method,
        left_out=_left_out(plan.left_out),
        parts=_parts(plan.parts),
        schedule=_schedule(plan.schedule) if plan.schedule else None,
    )


def zone_answer(plan: Zones) -> BatchOutput:
    """The answer that the plan of all zones comes to: their batches one after the other."""
    rows: list[BatchRow] = []
    assignments: list[AssignmentRow] = []
    for share in plan.shares:
        assignments += _assignments(share.assignments, len(rows))
        rows += _rows(share.problem, share.plan, share.zone)
    saving = 1 - plan.distance_mm / plan.baseline_mm if plan.baseline_mm else 0.0
    gap = plan.distance_mm / plan.bound_mm - 1 if plan.bound_mm else 0.0
    return BatchOutput(
        batches=tuple(rows),
        distance_mm=plan.distance_mm,
        baseline_mm=plan.baseline_mm,
        saving=saving,
        bound_mm=plan.bound_mm,
        gap=max(0.0, gap),
        method="zones",
        left_out=_left_out(plan.left_out),
        parts=_parts(part for share in plan.shares for part in share.problem.loads),
        schedule=ScheduleRow(
            assignments=tuple(assignments),
            makespan_s=plan.makespan_s,
            lateness_s=plan.lateness_s,
            late=_late(plan.late),
            unassigned=(),
            optimal=False,
            done=tuple(DoneRow(load=load, seconds=s) for load, s in plan.done_s),
        ),
    )


def carried(problem: BatchProblem, plan: BatchPlan) -> dict[str, Load]:
    """The loads and parts of loads that batches name."""
    return {load.id: load for load in (*problem.loads, *plan.parts)}


def stops_on(problem: BatchProblem, plan: BatchPlan) -> list[tuple[Stop | NodeStop, ...]]:
    """For each batch, the stops that its tour's visits index."""
    known = carried(problem, plan)
    return [
        tuple(stop for load in batch.load_ids for stop in known[load].stops)
        for batch in plan.batches
    ]


def _rows(problem: BatchProblem, plan: BatchPlan, zone: str) -> Iterator[BatchRow]:
    known = carried(problem, plan)
    for batch in plan.batches:
        named = [
            Visit(load=load, stop=at)
            for load in batch.load_ids
            for at in range(len(known[load].stops))
        ]
        yield BatchRow(
            loads=batch.load_ids,
            distance_mm=batch.tour.distance_mm,
            seconds=round(batch.seconds, 3),
            visits=tuple(named[visit] for visit in batch.tour.visits),
            path=batch.tour.path,
            nodes=batch.tour.nodes,
            method=batch.tour.method,
            optimal=batch.tour.optimal,
            zone=zone,
        )


def _left_out(pairs: Iterable[tuple[str, str]]) -> tuple[LoadLeftOut, ...]:
    return tuple(LoadLeftOut(load=load, reason=why) for load, why in pairs)


def _late(pairs: Iterable[tuple[str, float]]) -> tuple[LateRow, ...]:
    return tuple(LateRow(load=load, seconds=round(s, 3)) for load, s in pairs)


def _parts(loads: Iterable[Load]) -> tuple[PartRow, ...]:
    return tuple(
        PartRow(
            id=load.id,
            of=load.order or load.id,
            volume_ml=load.volume_ml,
            mass_g=load.mass_g,
            units=load.units,
        )
        for load in loads
    )


def _schedule(made: Schedule) -> ScheduleRow:
    return ScheduleRow(
        assignments=tuple(_assignments(made.assignments, 0)),
        makespan_s=made.makespan_s,
        lateness_s=made.lateness_s,
        late=_late(made.late),
        unassigned=tuple(UnassignedRow(batch=at, reason=why) for at, why in made.unassigned),
        optimal=made.optimal,
    )


def _assignments(made: Iterable[Assignment], first: int) -> Iterator[AssignmentRow]:
    for one in made:
        yield AssignmentRow(
            batch=first + one.batch,
            picker=one.picker,
            start_s=round(one.start_s, 3),
            end_s=round(one.end_s, 3),
        )
