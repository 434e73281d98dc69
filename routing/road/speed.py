"""How fast a road is driven: by its class and its limit, and by the hour."""

import re
from collections.abc import Mapping

import numpy as np

from routing.road.point import Floats

# Kilometres an hour in practice where no limit is tagged, stops at junctions and bends included.
CLASS_KMH: Mapping[str, float] = {
    "motorway": 110,
    "motorway_link": 50,
    "trunk": 85,
    "trunk_link": 45,
    "primary": 55,
    "primary_link": 35,
    "secondary": 45,
    "secondary_link": 30,
    "tertiary": 40,
    "tertiary_link": 25,
    "unclassified": 30,
    "residential": 25,
    "road": 20,
    "living_street": 10,
    "service": 12,
    "track": 10,
    "pedestrian": 8,
}
CLASSES = tuple(CLASS_KMH)
# On these a higher limit is no promise.
SLOW = frozenset({"living_street", "service", "track", "pedestrian"})
FAST = frozenset({"motorway", "trunk"})
# What is driven of a tagged limit.
OPEN_SHARE = 0.9
TOWN_SHARE = 0.75
# Where only residents and deliveries may go, so slowly that nobody takes it for a short cut.
DESTINATION_KMH = 12.0
# A traffic light, red or green, costs so much on average.
SIGNAL_S = 3.0

KMH = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
WALK_KMH = 5.0
NO_LIMIT_KMH = 200.0
# Limits that are tagged by country and surroundings: in a town, out of it, on a trunk road or
# dual carriageway, on a motorway. Source: wiki.openstreetmap.org, Key:maxspeed, default limits.
COUNTRY_KMH: Mapping[str, tuple[float, float, float, float]] = {
    "AT": (50, 100, 100, 130),
    "BE": (50, 90, 120, 120),
    "CH": (50, 80, 100, 120),
    "CZ": (50, 90, 110, 130),
    "DE": (50, 100, 100, NO_LIMIT_KMH),
    "DK": (50, 80, 80, 130),
    "ES": (50, 90, 90, 120),
    "FI": (50, 80, 100, 120),
    "FR": (50, 80, 110, 130),
    "GB": (48, 97, 113, 113),
    "IE": (50, 80, 100, 120),
    "IT": (50, 90, 110, 130),
    "NL": (50, 80, 100, 100),
    "NO": (50, 80, 80, 110),
    "PL": (50, 90, 100, 140),
    "PT": (50, 90, 100, 120),
    "RO": (50, 90, 100, 130),
    "SE": (50, 70, 90, 110),
    "UK": (48, 97, 113, 113),
}
PLAIN_COUNTRY_KMH = (50.0, 90.0, 100.0, 120.0)
SURROUNDINGS = {
    "urban": 0,
    "rural": 1,
    "nsl_single": 1,
    "trunk": 2,
    "nsl_dual": 2,
    "motorway": 3,
}

# Roads by how rush hours slow them: open country, main streets of a town, its side streets.
OPEN, MAIN_STREET, SIDE_STREET = 0, 1, 2
TOWN_MAX_KMH = 60.0
MAIN_CLASSES = frozenset(
    {"trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"}
)
# What is driven, in hundredths of the pace without traffic, in each hour of a working day.
HOUR_PERCENT = (
    "100 100 100 100 100 100 97 90 88 93 97 97 97 97 96 92 88 88 93 98 100 100 100 100",
    "100 100 100 100 100 100 92 74 68 78 85 84 83 84 82 74 66 66 76 88 95 100 100 100",
    "100 100 100 100 100 100 96 87 83 88 92 92 91 92 91 87 82 82 87 94 98 100 100 100",
)
HOUR_SHARE: Floats = np.array([row.split() for row in HOUR_PERCENT], np.float64) / 100
DAY_S = 86_400


def limit_kmh(text: str) -> float | None:
    """A tagged limit in kilometres an hour; None where the text says none that we know.

    Of several limits the lowest holds.
    """
    found = [_one_limit(part.strip()) for part in text.split(";")]
    known = [limit for limit in found if limit is not None]
    return min(known) if known else None


def _one_limit(text: str) -> float | None:
    if text == "none":
        return NO_LIMIT_KMH
    if text == "walk" or text.endswith((":walk", ":living_street")):
        return WALK_KMH
    if number := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z/]*)", text):
        factor = KMH.get(number[2])
        kmh = None if factor is None else float(number[1]) * factor
        return kmh if kmh else None
    if zone := re.fullmatch(r"([A-Z]{2})(?:-[A-Z]+)?:(?:zone:?)?(\w+)", text):
        country, where = zone[1], zone[2]
        if where.isdigit():
            return float(where) or None
        if where in SURROUNDINGS:
            return COUNTRY_KMH.get(country, PLAIN_COUNTRY_KMH)[SURROUNDINGS[where]]
    return None


def road_kmh(highway: str, limit: float | None, *, destination: bool, top_kmh: float) -> float:
    """The pace on a road of this class under this limit, without traffic."""
    kmh = CLASS_KMH[highway]
    if limit is not None:
        share = OPEN_SHARE if highway in FAST else TOWN_SHARE
        kmh = min(kmh, limit) if highway in SLOW else limit * share
    if destination:
        kmh = min(kmh, DESTINATION_KMH)
    return min(kmh, top_kmh)


def surroundings(highway: str, kmh: float) -> int:
    """OPEN, MAIN_STREET or SIDE_STREET: a slow road is taken to lie in a town."""
    if highway in ("motorway", "motorway_link") or kmh > TOWN_MAX_KMH:
        return OPEN
    return MAIN_STREET if highway in MAIN_CLASSES else SIDE_STREET


def share_between(start_s: int, end_s: int) -> Floats:
    """The share driven of the free pace from one second of the day until another, shape (3,).

    Seconds below 0 or past 86,400 are of the day before or after. It is the mean by time of the
    hours' shares, so that a long slice evens rush hours out.
    """
    edges = np.arange(start_s // 3600, -(-end_s // 3600) + 1) * 3600
    edges = np.clip(edges, start_s, end_s)
    weights = np.diff(edges)
    hours = edges[:-1] // 3600 % 24
    return np.asarray(HOUR_SHARE[:, hours] @ weights / weights.sum())
