"""Batches as they are handed over."""

from dataclasses import dataclass

from routing.pick.tour.plan import Tour


@dataclass(frozen=True, slots=True)
class Batch:
    """One cart's loads and its walk.

    The tour's visits index the loads' stops written one load after the other, in the order of
    load_ids: `BatchProblem.stops_of(batch.load_ids)`.
    """

    load_ids: tuple[str, ...]
    tour: Tour


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Every load in one cart, or left out with its reason.

    baseline_mm: the walk of the same loads filled into carts first come, first served, S-shape.
    """

    batches: tuple[Batch, ...]
    distance_mm: int
    baseline_mm: int
    method: str
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def saving(self) -> float:
        """The share of the baseline's walk that this plan spares."""
        return 1 - self.distance_mm / self.baseline_mm if self.baseline_mm else 0.0
