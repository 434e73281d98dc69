"""A walk as it is handed over."""

from dataclasses import dataclass

from routing.pick.floor.layout import Point


@dataclass(frozen=True, slots=True)
class Tour:
    """One walk from a door past every stop to a drop.

    visits: indices into the stops, in walking order. path: corners of the walk in mm, x along the
    cross aisles, y along the aisles; a walk of no length is the depot alone; empty on walkways
    without points. nodes: on walkways, every node passed. bound_mm: no walk is shorter.
    """

    distance_mm: int
    visits: tuple[int, ...]
    path: tuple[Point, ...]
    method: str
    optimal: bool
    bound_mm: int = 0
    nodes: tuple[int, ...] = ()

    @property
    def gap(self) -> float:
        """How far above the shortest walk this one can be, as a share of the bound."""
        return self.distance_mm / self.bound_mm - 1 if self.bound_mm else 0.0


@dataclass(frozen=True, slots=True)
class TourPlan:
    """A walk past all stops that can be reached.

    The tour's visits index the stops as they were given. left_out: the others, with the reason.
    seconds: what the walk takes with all its stops. baseline_mm: the S-shape walk past the same
    stops, 0 where no such walk exists, as on walkways, against one-way aisles and with ranks.
    """

    tour: Tour
    left_out: tuple[tuple[int, str], ...]
    seconds: float
    baseline_mm: int

    @property
    def saving(self) -> float:
        """The share of the baseline's walk that this one spares."""
        return 1 - self.tour.distance_mm / self.baseline_mm if self.baseline_mm else 0.0
