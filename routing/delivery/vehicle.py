"""Vehicles, their drivers' breaks, and where they start and end."""

from dataclasses import dataclass
from math import isfinite

from routing.delivery.travel import LEG_MAX


@dataclass(frozen=True, slots=True)
class Depot:
    """A place that vehicles leave from or return to, within its opening hours."""

    id: str
    place: int
    opens_s: int = 0
    closes_s: int = LEG_MAX

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a depot needs an id")
        _refuse_outside(f"depot {self.id}", place=self.place, opens_s=self.opens_s)
        if not self.opens_s <= self.closes_s <= LEG_MAX:
            raise ValueError(f"depot {self.id} closes before it opens, or beyond {LEG_MAX} s")


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of this length that begins within the window, on the way or while waiting.

    It never interrupts a service; on a leg, the drive goes on after it. A route that ends before
    closes_s or starts after it needs no such break.
    """

    opens_s: int
    closes_s: int
    length_s: int

    def __post_init__(self) -> None:
        _refuse_outside("a break", opens_s=self.opens_s, length_s=self.length_s)
        if not self.opens_s <= self.closes_s <= LEG_MAX:
            raise ValueError(f"a break must begin by {self.closes_s} s, before {self.opens_s} s")


@dataclass(frozen=True, slots=True)
class DrivingRule:
    """So much driving at most between two rests of so long.

    Source: Regulation (EC) No 561/2006, article 7: 4.5 h of driving, then 45 min.
    """

    drive_s_max: int = 16_200
    rest_s: int = 2_700

    def __post_init__(self) -> None:
        _refuse_outside("a driving rule", rest_s=self.rest_s)
        if not 0 < self.drive_s_max <= LEG_MAX:
            raise ValueError(f"drive_s_max must be above 0, not {self.drive_s_max}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A type of vehicle: `count` of them are there.

    capacity: in each of the problem's dimensions.
    start, end: depots; end is None where the route ends at its last stop.
    opens_s, closes_s: the shift; the route lies within it.
    duration_s_max: from leaving the depot to the end of the route, service and waiting included.
    trips_max: how many times it may be loaded; reload_s between two trips, at the start depot.
    speed_factor: its pace; durations are divided by it.
    fixed_cost: of using it at all; distance_cost a metre; duration_cost a second.
    """

    id: str
    start: str
    end: str | None
    capacity: tuple[int, ...] = ()
    count: int = 1
    opens_s: int = 0
    closes_s: int = LEG_MAX
    duration_s_max: int | None = None
    distance_m_max: int | None = None
    fixed_cost: float = 0.0
    distance_cost: float = 1.0
    duration_cost: float = 0.0
    skills: frozenset[str] = frozenset()
    trips_max: int = 1
    reload_s: int = 0
    speed_factor: float = 1.0
    breaks: tuple[Break, ...] = ()
    driving: DrivingRule | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a vehicle needs an id")
        owner = f"vehicle {self.id}"
        _refuse_outside(owner, opens_s=self.opens_s, reload_s=self.reload_s, count=self.count)
        for name in ("duration_s_max", "distance_m_max"):
            if (value := getattr(self, name)) is not None:
                _refuse_outside(owner, **{name: value})
        if any(not 0 <= part <= LEG_MAX for part in self.capacity):
            raise ValueError(f"the capacity of {owner} must not be negative, as {self.capacity} is")
        if not self.opens_s <= self.closes_s <= LEG_MAX:
            raise ValueError(f"the shift of {owner} ends before it begins, or beyond {LEG_MAX} s")
        if self.trips_max < 1:
            raise ValueError(f"trips_max of {owner} must be at least 1, not {self.trips_max}")
        if not (isfinite(self.speed_factor) and self.speed_factor > 0):
            raise ValueError(f"speed_factor of {owner} must be above 0, not {self.speed_factor}")
        for name in ("fixed_cost", "distance_cost", "duration_cost"):
            cost = getattr(self, name)
            if not (isfinite(cost) and cost >= 0):
                raise ValueError(f"{name} of {owner} must be at least 0, not {cost}")


def _refuse_outside(owner: str, **values: int) -> None:
    for name, value in values.items():
        if not 0 <= value <= LEG_MAX:
            raise ValueError(f"{name} of {owner} must be from 0 to {LEG_MAX}, not {value}")
