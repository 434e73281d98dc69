"""How long a search may go on: by iterations, by a clock, or by both."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, process_time

SEED_MAX = 2**31 - 1


class Clock(StrEnum):
    """Which time the seconds are of: the wall's, or the processor's for this process."""

    WALL = "wall"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """A search ends at the iterations or at the seconds, whichever comes first.

    By iterations alone, equal arguments give equal plans on any machine. A search that is out of
    time hands over the best it has; it never ends with nothing.

    Raises: ValueError when neither limit is given, or one makes no sense.
    """

    seed: int = 1
    iterations: int | None = None
    seconds: float | None = None
    clock: Clock = Clock.WALL

    def __post_init__(self) -> None:
        if self.iterations is None and self.seconds is None:
            raise ValueError("a search needs iterations or seconds to end by")
        if self.iterations is not None and self.iterations < 0:
            raise ValueError(f"iterations must not be negative, not {self.iterations}")
        if self.seconds is not None and not 0 <= self.seconds < float("inf"):
            raise ValueError(f"seconds must be a time, not {self.seconds}")
        if not 0 <= self.seed <= SEED_MAX:
            raise ValueError(f"seed must be from 0 to {SEED_MAX}, not {self.seed}")

    def left(self) -> Callable[[], float]:
        """Starts the clock: a function that tells the seconds left, infinite without a limit."""
        now = monotonic if self.clock is Clock.WALL else process_time
        end = float("inf") if self.seconds is None else now() + self.seconds
        return lambda: end - now()
