"""Points on the globe, as (latitude, longitude) in degrees."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Named arrays of any kind, as they are stored.
Arrays = Mapping[str, NDArray[Any]]

# Source: H. Moritz (2000), Geodetic Reference System 1980, mean radius R1.
EARTH_RADIUS_M = 6_371_008.8


def checked_points(points: Sequence[Point], names: Sequence[str] | None = None) -> Floats:
    """The points as an array of shape (P, 2), in degrees.

    Raises: ValueError naming the first that is no place on earth.
    """
    for at, point in enumerate(points):
        if not all(isfinite(degrees) for degrees in point):
            raise ValueError(f"{named(at, names)}: {tuple(point)} is no latitude and longitude")
        latitude, longitude = point
        if not -90 <= latitude <= 90:
            raise ValueError(f"{named(at, names)}: latitude {latitude} is not from -90 to 90")
        if not -180 <= longitude <= 180:
            raise ValueError(f"{named(at, names)}: longitude {longitude} is not from -180 to 180")
    return np.array(points, np.float64).reshape(len(points), 2)


def named(at: int, names: Sequence[str] | None) -> str:
    """What a point is called in a sentence: its name, or its number from 0."""
    return f"point {at}" if names is None else names[at]


def straight_m(start: Floats, end: Floats) -> Floats:
    """The great circle between points of shape (…, 2), in metres; the shapes broadcast."""
    from_rad, to_rad = np.radians(start), np.radians(end)
    half = (to_rad - from_rad) / 2
    scale = np.cos(from_rad[..., 0]) * np.cos(to_rad[..., 0])
    chord = np.sin(half[..., 0]) ** 2 + scale * np.sin(half[..., 1]) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))
