"""What road services are asked and how they answer: OSRM and Valhalla."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from routing.road.point import Floats, Point

# A place that a service moved farther than this onto a road has no way to it.
MOVED_M_MAX = 500.0


class TooBig(Exception):
    """The service takes fewer places at once."""


class Nonsense(Exception):
    """The answer is not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: its path below the service's address, and its body where it has one."""

    path: str
    body: dict[str, Any] | None = None


class Dialect(Protocol):
    """A service's protocol. Two services speak two of them.

    name: as people know it; places_max: how many it takes at once where nobody raised its limit.
    """

    name: str
    places_max: int

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Ask:
        """Asks for metres and seconds from each source to each target."""

    def read_table(self, answer: bytes) -> tuple[Floats, Floats]:
        """Metres and seconds, infinite where there is no way.

        Raises: ValueError, Nonsense
        """

    def route(self, points: Sequence[Point]) -> Ask:
        """Asks for the line of a way past the points, in their order."""

    def read_route(self, answer: bytes) -> list[Point]:
        """The line of the way, in degrees.

        Raises: ValueError, Nonsense
        """

    def refusal(self, answer: bytes) -> str:
        """Why it did not answer, in its own words.

        Raises: TooBig where it was asked too much at once; ValueError where it says nothing.
        """


class _Answer(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class _Waypoint(_Answer):
    distance: float = 0.0


class _OsrmTable(_Answer):
    durations: list[list[float | None]]
    distances: list[list[float | None]]
    sources: list[_Waypoint] = Field(default_factory=list)
    destinations: list[_Waypoint] = Field(default_factory=list)


class _Geometry(_Answer):
    coordinates: list[tuple[float, float]]


class _OsrmWay(_Answer):
    geometry: _Geometry


class _OsrmRoute(_Answer):
    routes: list[_OsrmWay] = Field(min_length=1)


class _OsrmRefusal(_Answer):
    code: str
    message: str = ""


class Osrm:
    """Source: project-osrm.org/docs, HTTP API v1: services table and route."""

    name = "OSRM"
    places_max = 100

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Ask:
        places = list(dict.fromkeys([*sources, *targets]))
        number = {place: at for at, place in enumerate(places)}
        starts = ";".join(str(number[place]) for place in sources)
        ends = ";".join(str(number[place]) for place in targets)
        asked = f"annotations=duration,distance&sources={starts}&destinations={ends}"
        return Ask(f"/table/v1/driving/{_lonlat(places)}?{asked}")

    def read_table(self, answer: bytes) -> tuple[Floats, Floats]:
        read = _OsrmTable.model_validate_json(answer)
        metres, seconds = _known(read.distances), _known(read.durations)
        for row, place in enumerate(read.sources):
            if place.distance > MOVED_M_MAX:
                metres[row], seconds[row] = np.inf, np.inf
        for column, place in enumerate(read.destinations):
            if place.distance > MOVED_M_MAX:
                metres[:, column], seconds[:, column] = np.inf, np.inf
        return metres, seconds

    def route(self, points: Sequence[Point]) -> Ask:
        return Ask(f"/route/v1/driving/{_lonlat(points)}?overview=full&geometries=geojson")

    def read_route(self, answer: bytes) -> list[Point]:
        line = _OsrmRoute.model_validate_json(answer).routes[0].geometry.coordinates
        return [(latitude, longitude) for longitude, latitude in line]

    def refusal(self, answer: bytes) -> str:
        read = _OsrmRefusal.model_validate_json(answer)
        if read.code == "TooBig":
            raise TooBig
        return f"{read.code}: {read.message}" if read.message else read.code


class _Leg(_Answer):
    distance: float | None = None
    time: float | None = None


class _ValhallaTable(_Answer):
    sources_to_targets: list[list[_Leg]]


class _Shape(_Answer):
    shape: str


class _Trip(_Answer):
    legs: list[_Shape] = Field(min_length=1)


class _ValhallaRoute(_Answer):
    trip: _Trip


class _ValhallaRefusal(_Answer):
    error_code: int
    error: str


class Valhalla:
    """Source: valhalla.github.io/valhalla/api: matrix, route and their error codes."""

    name = "Valhalla"
    places_max = 50
    # Exceeded max locations, and too many pairs of them.
    too_big = (150, 153)

    def table(self, sources: Sequence[Point], targets: Sequence[Point]) -> Ask:
        places = {"sources": _latlon(sources), "targets": _latlon(targets)}
        return Ask("/sources_to_targets", {**places, "costing": "auto", "units": "km"})

    def read_table(self, answer: bytes) -> tuple[Floats, Floats]:
        rows = _ValhallaTable.model_validate_json(answer).sources_to_targets
        kilometres = _known([[leg.distance for leg in row] for row in rows])
        return kilometres * 1000, _known([[leg.time for leg in row] for row in rows])

    def route(self, points: Sequence[Point]) -> Ask:
        asked = {"costing": "auto", "directions_type": "none"}
        return Ask("/route", {"locations": _latlon(points), **asked})

    def read_route(self, answer: bytes) -> list[Point]:
        legs = _ValhallaRoute.model_validate_json(answer).trip.legs
        return [point for leg in legs for point in polyline(leg.shape)]

    def refusal(self, answer: bytes) -> str:
        read = _ValhallaRefusal.model_validate_json(answer)
        if read.error_code in self.too_big:
            raise TooBig
        return f"{read.error} ({read.error_code})"


def polyline(shape: str, digits: int = 6) -> list[Point]:
    """The points of an encoded line.

    Raises: Nonsense where the text ends within a number.

    Source: developers.google.com/maps/documentation/utilities/polylinealgorithm.
    """
    numbers: list[int] = []
    value = shift = 0
    for letter in shape:
        chunk = ord(letter) - 63
        if not 0 <= chunk < 64:
            raise Nonsense(f"{letter!r} is no letter of an encoded line")
        value |= (chunk & 31) << shift
        shift += 5
        if chunk < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(numbers) % 2:
        raise Nonsense("an encoded line ends within a point")
    steps = np.array(numbers, np.int64).reshape(-1, 2).cumsum(axis=0) / 10**digits
    return [(latitude, longitude) for latitude, longitude in steps.tolist()]


def _lonlat(points: Sequence[Point]) -> str:
    return ";".join(f"{longitude:.6f},{latitude:.6f}" for latitude, longitude in points)


def _latlon(points: Sequence[Point]) -> list[dict[str, float]]:
    return [{"lat": latitude, "lon": longitude} for latitude, longitude in points]


def _known(rows: list[list[float | None]]) -> Floats:
    if len({len(row) for row in rows}) > 1:
        raise Nonsense("the rows of a table are not equally long")
    table = [[np.inf if value is None else value for value in row] for row in rows]
    return np.array(table, np.float64)
