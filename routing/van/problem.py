"""Stops, vans and the depot of one departure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot, isfinite


def _refuse_negative(owner: str, **values: int) -> None:
    for name, value in values.items():
        if value < 0:
            raise ValueError(f"{name} of {owner} must not be negative, not {value}")


@dataclass(frozen=True, slots=True)
class DeliveryStop:
    """A customer's door, on a plane in metres, and what is brought there."""

    id: str
    x_m: int
    y_m: int
    mass_g: int
    volume_ml: int
    service_s: int

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a stop needs an id")
        _refuse_negative(
            f"stop {self.id}",
            mass_g=self.mass_g,
            volume_ml=self.volume_ml,
            service_s=self.service_s,
        )


@dataclass(frozen=True, slots=True)
class Van:
    """What a van takes, and how long it may be away."""

    id: str
    mass_g_max: int
    volume_ml_max: int
    shift_s: int

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a van needs an id")
        _refuse_negative(
            f"van {self.id}",
            mass_g_max=self.mass_g_max,
            volume_ml_max=self.volume_ml_max,
            shift_s=self.shift_s,
        )


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """Stops to be served by vans that start and end at the depot, in straight lines.

    Raises: ValueError when there is no van, no speed, or an id twice.
    """

    depot_x_m: int
    depot_y_m: int
    stops: tuple[DeliveryStop, ...]
    vans: tuple[Van, ...]
    speed_m_s: float

    def __post_init__(self) -> None:
        if not (isfinite(self.speed_m_s) and self.speed_m_s > 0):
            raise ValueError(f"speed_m_s must be above 0, not {self.speed_m_s}")
        if not self.vans:
            raise ValueError("a departure needs at least one van")
        _refuse_repeats("stop", (stop.id for stop in self.stops))
        _refuse_repeats("van", (van.id for van in self.vans))


def _refuse_repeats(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(f"{kind} {each} is listed twice")
        seen.add(each)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Whole metres and seconds between nodes; node 0 is the depot, node k + 1 is stops[k].

    drive_s leaves out the time of service.
    """

    distance_m: tuple[tuple[int, ...], ...]
    drive_s: tuple[tuple[int, ...], ...]


def straight_lines(problem: DeliveryProblem) -> Matrix:
    """Straight-line distances, rounded to the metre, and the seconds they take at speed."""
    places = [(problem.depot_x_m, problem.depot_y_m)]
    places += [(stop.x_m, stop.y_m) for stop in problem.stops]
    distance_m = tuple(tuple(round(hypot(x - u, y - v)) for u, v in places) for x, y in places)
    drive_s = tuple(tuple(round(m / problem.speed_m_s) for m in row) for row in distance_m)
    return Matrix(distance_m, drive_s)
