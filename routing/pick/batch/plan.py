"""Batches as they are handed over."""

from dataclasses import dataclass

from routing.pick.batch.problem import Load
from routing.pick.tour.plan import Tour


@dataclass(frozen=True, slots=True)
class Batch:
    """One cart's loads and its walk, which takes `seconds` with all its stops.

    The tour's visits index the loads' stops written one load after the other, in the order of
    load_ids: `BatchProblem.stops_of(batch.load_ids)`.
    """

    load_ids: tuple[str, ...]
    tour: Tour
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who walks a batch, an index into the plan's batches, and when, from the plan's start."""

    batch: int
    picker: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """Who walks what. late: loads picked after they were due, with the seconds.

    unassigned: batches that fit into no shift, with the reason. optimal: no schedule of these
    batches leaves fewer of them over, then is less late, then ends earlier.
    """

    assignments: tuple[Assignment, ...]
    makespan_s: float
    lateness_s: float
    late: tuple[tuple[str, float], ...] = ()
    unassigned: tuple[tuple[int, str], ...] = ()
    optimal: bool = False


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Every load in one cart, or left out with its reason.

    baseline_mm: the walk of the same loads filled into carts first come, first served, S-shape.
    bound_mm: no plan walks less. schedule: where shifts were given. parts: the loads into which
    loads larger than a cart were parted; they stand in the batches instead of these.
    """

    batches: tuple[Batch, ...]
    distance_mm: int
    baseline_mm: int
    method: str
    left_out: tuple[tuple[str, str], ...] = ()
    bound_mm: int = 0
    schedule: Schedule | None = None
    parts: tuple[Load, ...] = ()

    @property
    def saving(self) -> float:
        """The share of the baseline's walk that this plan spares."""
        return 1 - self.distance_mm / self.baseline_mm if self.baseline_mm else 0.0

    @property
    def gap(self) -> float:
        """How far above the least walk this plan can be, as a share of the bound."""
        return self.distance_mm / self.bound_mm - 1 if self.bound_mm else 0.0
