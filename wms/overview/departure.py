"""Departures and the routes of their vans."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """A departure as the list shows it."""

    departure_id: int
    place: str
    carrier: str
    state: str
    parcels: int
    loaded: int
    vans: int
    distance_m: int | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stop:
    """One address of a route, in degrees."""

    tracking_number: str
    order_id: int | None
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Route:
    """One van's round."""

    van: str
    stops: tuple[Stop, ...]
    distance_m: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """The vans of one departure; `unserved` holds (id, reason)."""

    depot: tuple[float, float]
    routes: tuple[Route, ...]
    unserved: tuple[tuple[str, str], ...]
    distance_m: int
    baseline_m: int | None
    engine: str


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure with its vans' routes, once they are planned."""

    row: DepartureRow
    plan: RoutePlan | None
