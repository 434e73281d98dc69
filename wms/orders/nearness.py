"""How near a warehouse is to who ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_000
ABROAD = 100
AT_HOME = 50


@dataclass(frozen=True, slots=True)
class Source:
    """A warehouse that may ship, and where it stands; 0, 0 and empty texts say nothing."""

    warehouse_id: int
    code: str
    latitude: float = 0.0
    longitude: float = 0.0
    country: str = ""
    postal_code: str = ""


def distances(sources: Sequence[Source], ship_to: Mapping[str, object]) -> dict[int, int]:
    """How far each warehouse is from an address; numbers of one call compare with one another.

    Where the address and all the warehouses have coordinates these are metres on the great circle.
    Else they are steps: 100 to another country, and within a country 50 less one for each leading
    character that the postal codes share. Nothing else is guessed: warehouses of which no more is
    known are equally far.
    """
    latitude, longitude = ship_to.get("latitude"), ship_to.get("longitude")
    placed = all(source.latitude or source.longitude for source in sources)
    if placed and isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return {
            source.warehouse_id: _great_circle_m(
                latitude, longitude, source.latitude, source.longitude
            )
            for source in sources
        }
    country, postal_code = str(ship_to.get("country", "")), str(ship_to.get("postal_code", ""))
    return {source.warehouse_id: _steps(source, country, postal_code) for source in sources}


def _great_circle_m(latitude: float, longitude: float, to_lat: float, to_lon: float) -> int:
    """Metres between two points. Source: haversine formula, Sinnott 1984."""
    south, north = radians(latitude), radians(to_lat)
    half = (
        sin((north - south) / 2) ** 2
        + cos(south) * cos(north) * sin(radians(to_lon - longitude) / 2) ** 2
    )
    return round(2 * EARTH_M * asin(min(1.0, sqrt(half))))


def _steps(source: Source, country: str, postal_code: str) -> int:
    if not source.country or source.country != country:
        return ABROAD
    ours, theirs = _plain(source.postal_code), _plain(postal_code)
    same = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        min(len(ours), len(theirs)),
    )
    return AT_HOME - min(same, AT_HOME - 1)


def _plain(postal_code: str) -> str:
    return "".join(character for character in postal_code.upper() if character.isalnum())
