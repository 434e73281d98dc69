"""Lines on a map with no more points than an eye can tell apart."""

from collections.abc import Sequence

from routing.road.point import Point

# About ten metres northwards: at the scale of a round, less than the line is wide.
STEP_DEGREE = 0.0001
DECIMALS = 5


def thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """The line without points that are no step away from the one before; its ends stay."""
    kept: list[Point] = []
    for latitude, longitude in points:
        point = round(latitude, DECIMALS), round(longitude, DECIMALS)
        if not kept or _is_step(kept[-1], point):
            kept.append(point)
    if points and kept:
        latitude, longitude = points[-1]
        end = round(latitude, DECIMALS), round(longitude, DECIMALS)
        if kept[-1] != end:
            kept.append(end)
    return tuple(kept)


def _is_step(one: Point, other: Point) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= STEP_DEGREE
