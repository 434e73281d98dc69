"""Straight lines in place of roads, for those who have no map: and the answer says so."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from routing.delivery.travel import Travel, whole_table
from routing.road.point import Point, checked_points, straight_m

# By country, roads are on average 1.2 to 1.6 times as long as the straight line.
# Source: R. H. Ballou, H. Rahardja, N. Sakai (2002), Transportation Research A 36, table 2.
DETOUR = 1.3
SPEED_KMH = 30.0


def straight_travel(
    points: Sequence[Point],
    *,
    detour: float = DETOUR,
    speed_kmh: float = SPEED_KMH,
    names: Sequence[str] | None = None,
) -> Travel:
    """Straight lines, times a factor, at one speed; the source of the answer says so.

    Raises: ValueError for a point that is no place on earth, a factor below 1, or no speed.
    """
    if not (isfinite(detour) and detour >= 1):
        raise ValueError(f"a road is at least as long as the straight line: detour {detour}")
    if not (isfinite(speed_kmh) and speed_kmh > 0):
        raise ValueError(f"a speed must be above 0, not {speed_kmh}")
    places = checked_points(points, names)
    metres = straight_m(places[:, None], places[None, :]) * detour
    seconds = metres / (speed_kmh / 3.6)
    source = f"straight lines x {detour:g} at {speed_kmh:g} km/h; no roads were known"
    return Travel(whole_table(metres), whole_table(seconds)[np.newaxis], source=source)
