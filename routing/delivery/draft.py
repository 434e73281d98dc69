"""What an engine comes to: who goes where, before times, costs and reasons are worked out."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One vehicle's trips: its type, and its stops, both by their index in the problem.

    number: which of its type, where that is said; a begun route keeps its own.
    """

    vehicle: int
    trips: tuple[tuple[int, ...], ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The routes of all vehicles that go out; a stop in none of them is unserved.

    engine: who made it. iterations: how many steps of its search that took.
    """

    runs: tuple[Run, ...]
    engine: str
    iterations: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is. share: of its time or iterations; cost: of the best so far."""

    share: float
    cost: float
    unserved: int
    iterations: int


Watch = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """Nobody looks on."""
