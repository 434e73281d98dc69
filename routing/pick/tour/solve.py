"""The shortest walk of one picker on any floor, and a plan around it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.floor.layout import (
    Layout,
    NodeStop,
    Side,
    Stop,
    Way,
    refuse_outside,
    why_outside,
)
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.audit import audit_tour
from routing.pick.tour.clock import tour_seconds
from routing.pick.tour.frontier import LEFT, RIGHT, ground_of, is_exact
from routing.pick.tour.frontier_walk import points_of, walk_on
from routing.pick.tour.plan import Tour, TourPlan
from routing.pick.tour.rule import RULES
from routing.pick.tour.search import search_tour, unreachable

ONE_SECOND: Final = Effort(seconds=1.0)
USUAL_PACE: Final = Pace()


def solve_tour(
    floor: Layout | Walkways,
    stops: Sequence[Stop | NodeStop],
    *,
    precedence: bool = False,
    effort: Effort = ONE_SECOND,
) -> Tour:
    """The shortest tour past all stops, or the best that the effort finds, with a bound.

    It is exact past two-way aisles with few cross aisles where no stop must come before another;
    otherwise the tour says by `optimal` and `bound_mm` what is proven. precedence: the stops'
    ranks count.

    Raises: ValueError when a stop is not on the floor; NoPlan when no way leads past all stops.
    Source: Ratliff and Rosenthal (1983); Pansart, Catusse and Cambazard (2018).
    """
    ranked = precedence and len({stop.rank for stop in stops}) > 1
    if isinstance(floor, Layout) and is_exact(floor) and not ranked:
        return _exact_tour(floor, stops_of(floor, stops))
    tour = search_tour(floor, stops, precedence=ranked, effort=effort)
    if not tour.optimal and isinstance(floor, Layout):
        # Without one-way aisles and ranks no walk is longer, and the shortest may be known.
        free = replace(floor, ways=())
        if is_exact(free):
            freely_mm = _exact_tour(free, stops_of(floor, stops)).distance_mm
            return _bounded(tour, max(tour.bound_mm, freely_mm))
    return tour


def plan_tour(
    floor: Layout | Walkways,
    stops: Sequence[Stop | NodeStop],
    *,
    rule: str | None = None,
    precedence: bool = False,
    pace: Pace = USUAL_PACE,
    effort: Effort = ONE_SECOND,
) -> TourPlan:
    """An audited walk past all stops that can be reached; the others are named with the reason.

    rule: the name of one of RULES to walk by instead of the shortest way. The walk is never
    longer than the S-shape where that can be walked.

    Raises: ValueError when there is no rule of that name; NoPlan when the rule makes no sense on
    the floor, or no way leads from a door to a drop.
    """
    if rule is not None and rule not in RULES:
        raise ValueError(f"there is no rule {rule}; there are {', '.join(RULES)}")
    left_out = _left_out(floor, stops, precedence)
    beside = {index for index, _ in left_out}
    kept = [index for index in range(len(stops)) if index not in beside]
    here = [stops[index] for index in kept]
    ranked = precedence and len({stop.rank for stop in here}) > 1
    tour = solve_tour(floor, here, precedence=ranked, effort=effort)
    baseline = _baseline(floor, here, ranked)
    if rule is not None:
        tour = _bounded(_walk_by(rule, floor, here, ranked), tour.bound_mm)
    elif baseline and baseline.distance_mm < tour.distance_mm:
        tour = _bounded(baseline, tour.bound_mm)
    if faults := audit_tour(floor, here, tour, precedence=ranked):
        raise NoPlan("; ".join(faults))
    return TourPlan(
        replace(tour, visits=tuple(kept[visit] for visit in tour.visits)),
        left_out,
        tour_seconds(floor, here, tour, pace),
        baseline.distance_mm if baseline else 0,
    )


def _left_out(
    floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], precedence: bool
) -> tuple[tuple[int, str], ...]:
    if isinstance(floor, Layout) and all(way is Way.BOTH for way in floor.ways):
        inside = [stop if isinstance(stop, Stop) else None for stop in stops]
        if None not in inside:
            reasons = enumerate(why_outside(floor, stop) for stop in inside if stop)
            return tuple((index, why) for index, why in reasons if why)
    return unreachable(floor, stops, precedence=precedence)


def _walk_by(
    rule: str, floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], ranked: bool
) -> Tour:
    if ranked:
        raise NoPlan(f"the rule {rule} knows nothing of ranks")
    return RULES[rule](floor, stops)


def _baseline(
    floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], ranked: bool
) -> Tour | None:
    """The S-shape walk, nothing where that makes no sense."""
    try:
        return _walk_by("s_shape", floor, stops, ranked)
    except NoPlan:
        return None


def _bounded(tour: Tour, bound_mm: int) -> Tour:
    return replace(tour, bound_mm=bound_mm, optimal=tour.distance_mm == bound_mm)


def stops_of(layout: Layout, stops: Sequence[Stop | NodeStop]) -> list[Stop]:
    """The same stops, all in the layout.

    Raises: ValueError when a stop is at a node, or outside.
    """
    inside = [stop for stop in stops if isinstance(stop, Stop)]
    if len(inside) < len(stops):
        raise ValueError("a stop of a layout lies in an aisle, not at a node")
    refuse_outside(layout, inside)
    return inside


def _exact_tour(layout: Layout, stops: Sequence[Stop]) -> Tour:
    ground = ground_of(layout)
    length_mm, visits, trail, places = walk_on(
        ground,
        np.array([stop.aisle for stop in stops], np.int64),
        np.array([stop.position_mm for stop in stops], np.int64),
        np.array([LEFT if stop.side is Side.LEFT else RIGHT for stop in stops], np.int64),
    )
    points = points_of(places, trail).tolist()
    return Tour(
        int(length_mm),
        tuple(visits.tolist()),
        tuple((x, y) for x, y in points),
        "frontier" if layout.cross_aisles_mm else "ratliff_rosenthal",
        optimal=True,
        bound_mm=int(length_mm),
    )
