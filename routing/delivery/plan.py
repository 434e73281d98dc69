"""Routes as they are handed over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """When a stop is reached, when its service begins, and when the vehicle leaves."""

    stop: str
    arrives_s: int
    starts_s: int
    leaves_s: int


@dataclass(frozen=True, slots=True)
class Trip:
    """From the depot past the visits; the vehicle leaves the depot, and is back or at its end."""

    leaves_s: int
    visits: tuple[Visit, ...]
    ends_s: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A driver's rest."""

    starts_s: int
    length_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's day. number: which of its type, from 0. drive_s: without service and waiting.

    cost: its fixed cost, metres, seconds and soft windows.
    """

    vehicle: str
    number: int
    trips: tuple[Trip, ...]
    pauses: tuple[Pause, ...]
    distance_m: int
    drive_s: int
    cost: float

    @property
    def starts_s(self) -> int:
        """When it leaves the depot for the first time."""
        return self.trips[0].leaves_s

    @property
    def ends_s(self) -> int:
        """When it is back, or has left its last stop where it ends open."""
        return self.trips[-1].ends_s

    @property
    def duration_s(self) -> int:
        """From the first leaving to the end."""
        return self.ends_s - self.starts_s

    @property
    def stops(self) -> tuple[str, ...]:
        """The stops of all trips in order."""
        return tuple(visit.stop for trip in self.trips for visit in trip.visits)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a vehicle type does not take a stop: the constraint's name and a plain sentence."""

    vehicle: str
    constraint: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unserved:
    """A stop on no route: what refuses it in which vehicle, and what would change that."""

    stop: str
    refusals: tuple[Refusal, ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """Every stop on one route, or unserved with its reasons.

    cost: of all routes, the balance between drivers, and the prizes of optional stops left out.
    engine: who made the plan, and `why` that engine. baseline_cost: of the simple rule's plan,
    which may leave more stops unserved; None where that rule found no plan.
    travel: where distances and times come from.
    """

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    cost: float
    engine: str
    why: str
    travel: str
    iterations: int
    seconds: float
    baseline_cost: float | None = None

    @property
    def distance_m(self) -> int:
        """Of all routes."""
        return sum(route.distance_m for route in self.routes)

    @property
    def vehicles(self) -> int:
        """How many go out."""
        return len(self.routes)
