"""Departures and the routes of their vans, as planners see them."""

from dataclasses import dataclass, field
from datetime import datetime

from wms.shipping.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureRow:
    """A departure as the list shows it, with what its standing plan comes to."""

    departure_id: int
    place: str
    carrier: str
    kind: str
    state: str
    parcels: int
    loaded: int
    vans: int
    distance_m: int | None
    opened_at: datetime
    cut_off_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One address of a route, in degrees; `outcome` is what became of it.

    Of ten such arrivals, about eight lie between earliest_at and latest_at. loading: when its
    goods go into the van, from 1.
    """

    order_id: int | None
    tracking_number: str
    latitude: float
    longitude: float
    name: str = ""
    city: str = ""
    parcels: int = 1
    mass_g: int = 0
    earliest_at: datetime | None = None
    expected_at: datetime | None = None
    latest_at: datetime | None = None
    leaves_at: datetime | None = None
    loading: int | None = None
    outcome: str = "planned"
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A driver's rest."""

    starts_at: datetime
    length_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One van's round: what it has behind it, and what is to come.

    way: the line that it drives on, in degrees; empty where roads are not known.
    """

    van: str
    stops: tuple[Stop, ...]
    distance_m: int
    duration_s: int
    visited: tuple[Stop, ...] = ()
    leaves_at: datetime | None = None
    back_at: datetime | None = None
    mass_g: int = 0
    mass_g_max: int = 0
    volume_ml: int = 0
    volume_ml_max: int = 0
    pauses: tuple[Pause, ...] = ()
    way: tuple[tuple[float, float], ...] = ()
    late_s: int = 0


@dataclass(frozen=True, slots=True)
class Unserved:
    """An order on no route: why each van (or all, unnamed) refuses it, and what would help."""

    order_id: int
    tracking_number: str
    reasons: tuple[tuple[str, str], ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One plan of a departure's routes. share: how far its search is, of 1."""

    version: int
    state: str
    asked_by: str
    reason: str
    asked_at: datetime
    planned_at: datetime | None = None
    refusal: str | None = None
    engine: str | None = None
    cost: float | None = None
    baseline_cost: float | None = None
    distance_m: int | None = None
    unserved: int | None = None
    share: float | None = None
    best_cost: float | None = None
    best_unserved: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """The vans of one version. straight: they are planned by straight lines, not by roads."""

    depot: tuple[float, float]
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    distance_m: int
    cost: float
    baseline_cost: float | None
    engine: str
    why: str
    travel: str
    straight: bool
    solve_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One departure with its routes, once they are planned, and what they are planned by.

    version: which plan is shown. planning: the one that is being made. stale: something has
    changed since the standing plan was made. aboard: orders whose goods are in a van, which keeps
    them. vans: the own vans in service.
    """

    row: DepartureRow
    version: int | None
    plan: RoutePlan | None
    versions: tuple[Version, ...] = ()
    planning: Version | None = None
    stale: bool = False
    wishes: dict[int, Wish] = field(default_factory=dict)
    aboard: frozenset[int] = frozenset()
    vans: tuple[str, ...] = ()
