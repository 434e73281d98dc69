"""A walk as it is handed over."""

from dataclasses import dataclass

from routing.pick.floor.layout import Point


@dataclass(frozen=True, slots=True)
class Tour:
    """One walk from the depot past every stop and back.

    visits: indices into the stops, in walking order.
    path: corners of the walk in mm, x along the cross aisles, y along the aisles;
    a walk of no length is the depot alone.
    """

    distance_mm: int
    visits: tuple[int, ...]
    path: tuple[Point, ...]
    method: str
    optimal: bool
