"""What is to be done at a door, and when."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from routing.delivery.travel import LEG_MAX

PRIORITY_MAX = 9


class Kind(StrEnum):
    """Whether a stop takes goods off the vehicle or onto it."""

    DELIVERY = "delivery"
    PICKUP = "pickup"


@dataclass(frozen=True, slots=True)
class Window:
    """Service begins within it, both ends included."""

    opens_s: int
    closes_s: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens_s <= LEG_MAX or not 0 <= self.closes_s <= LEG_MAX:
            raise ValueError(f"a window must lie between 0 and {LEG_MAX} s")
        if self.closes_s < self.opens_s:
            raise ValueError(
                f"a window closes at {self.closes_s} s, before it opens at {self.opens_s} s"
            )


@dataclass(frozen=True, slots=True)
class SoftWindow:
    """Service outside it is allowed, at a price for each second too early or too late."""

    opens_s: int
    closes_s: int
    early_price: float
    late_price: float

    def __post_init__(self) -> None:
        Window(self.opens_s, self.closes_s)
        for price in (self.early_price, self.late_price):
            if not (isfinite(price) and price >= 0):
                raise ValueError(f"a price of a soft window must be at least 0, not {price}")

    def price(self, start_s: int) -> float:
        """What it costs to begin service then."""
        early, late = max(0, self.opens_s - start_s), max(0, start_s - self.closes_s)
        return self.early_price * early + self.late_price * late


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One service at one place.

    place: its row in the travel tables; several stops may share a place.
    load: what is delivered or picked up, in the problem's dimensions.
    windows: service begins in one of them; with none, at any time.
    priority: 0 to 9; where not all can be served, the higher goes first.
    prize: for an optional stop, what leaving it out costs; None where it must be served.
    skills: the vehicle must have all of them.
    goods: classes of what is carried, for goods that must not share a vehicle.
    vehicles: only these vehicle types may serve it; None means any.
    """

    id: str
    place: int
    load: tuple[int, ...] = ()
    kind: Kind = Kind.DELIVERY
    windows: tuple[Window, ...] = ()
    soft: SoftWindow | None = None
    service_s: int = 0
    priority: int = 0
    prize: float | None = None
    skills: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    vehicles: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a stop needs an id")
        for what, value in (("service_s", self.service_s), ("place", self.place)):
            if not 0 <= value <= LEG_MAX:
                raise ValueError(
                    f"{what} of stop {self.id} must be from 0 to {LEG_MAX}, not {value}"
                )
        if any(not 0 <= part <= LEG_MAX for part in self.load):
            raise ValueError(f"the load of stop {self.id} must not be negative, as {self.load} is")
        if not 0 <= self.priority <= PRIORITY_MAX:
            raise ValueError(
                f"priority of stop {self.id} must be 0 to {PRIORITY_MAX}, not {self.priority}"
            )
        if self.prize is not None and not (isfinite(self.prize) and self.prize >= 0):
            raise ValueError(f"prize of stop {self.id} must be at least 0, not {self.prize}")
        opens = [window.opens_s for window in self.windows]
        closes = [window.closes_s for window in self.windows]
        if any(after <= before for before, after in zip(closes, opens[1:], strict=False)):
            raise ValueError(f"windows of stop {self.id} must follow one another")

    def why_not_at(self, start_s: int) -> str:
        """Why service must not begin then; empty if it may."""
        if not self.windows or any(w.opens_s <= start_s <= w.closes_s for w in self.windows):
            return ""
        return f"service of stop {self.id} at {start_s} s is outside its windows"
