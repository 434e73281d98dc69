"""How long a walk takes."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from routing.pick.floor.layout import Layout, NodeStop, Point, Stop
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.plan import Tour


def tour_seconds(
    floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], tour: Tour, pace: Pace
) -> float:
    """Seconds for a walk with its setup, turns, halts, reaching up and taking.

    A halt is every place where the walk stands still, however many stops are taken there; a turn
    every change of direction, but not the step from rack to rack of one aisle.
    """
    taken = [stops[visit] for visit in tour.visits]
    halts = sum(1 for _ in groupby(taken, key=lambda stop: _place(floor, stop)))
    return (
        pace.setup_s
        + tour.distance_mm / pace.speed_mm_s
        + pace.turn_s * turns_of(floor, tour)
        + pace.stop_s * halts
        + sum(pace.reach_s * stop.level + pace.pick_s * stop.units for stop in taken)
    )


def turns_of(floor: Layout | Walkways, tour: Tour) -> int:
    """How often a walk changes its direction.

    On walkways without points only turning back is seen.
    """
    if isinstance(floor, Layout):
        pitch_mm = floor.aisle_pitch_mm
        middle = [((x + pitch_mm // 2) // pitch_mm * pitch_mm, y) for x, y in tour.path]
        return _turns(middle if floor.aisle_width_mm else tour.path)
    if tour.path:
        return _turns(tour.path)
    nodes = [node for node, _ in groupby(tour.nodes)]
    return sum(a == c for a, c in zip(nodes, nodes[2:], strict=False))


def _turns(path: Sequence[Point]) -> int:
    corners = [point for point, _ in groupby(path)]
    legs = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(corners)]
    return sum(not _is_straight(a, b) for a, b in pairwise(legs))


def _is_straight(a: Point, b: Point) -> bool:
    return a[0] * b[1] == a[1] * b[0] and a[0] * b[0] + a[1] * b[1] > 0


def _place(floor: Layout | Walkways, stop: Stop | NodeStop) -> tuple[int, ...]:
    if isinstance(stop, NodeStop):
        return (stop.node,)
    wide = isinstance(floor, Layout) and floor.aisle_width_mm > 0
    return stop.aisle, stop.position_mm, int(wide and stop.side == "right")
