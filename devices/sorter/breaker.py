"""The circuit breaker of one device: pauses that grow with failures, and one probe at a time."""

from dataclasses import dataclass
from enum import StrEnum


class Circuit(StrEnum):
    """CLOSED lets work through, OPEN refuses it at once, HALF_OPEN is trying whether it works."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class Breaker:
    """Says how long to wait after each failure in a row.

    Pauses double from `first_s` to `longest_s`; a device that returns is therefore found again
    within `longest_s` and one attempt, however long it was away. The circuit opens after
    `opens_after` failures in a row: from then on work for the device fails without waiting.
    """

    first_s: float = 0.05
    longest_s: float = 0.4
    opens_after: int = 5
    failures: int = 0
    circuit: Circuit = Circuit.CLOSED

    def fail(self) -> float:
        """Note a failed attempt, and give the seconds to wait before the next."""
        self.failures += 1
        if self.failures >= self.opens_after:
            self.circuit = Circuit.OPEN
        return min(self.first_s * float(1 << min(self.failures - 1, 16)), self.longest_s)

    def probe(self) -> None:
        """Note that the next attempt begins."""
        if self.circuit is Circuit.OPEN:
            self.circuit = Circuit.HALF_OPEN

    def work(self) -> None:
        """Note that the device does as it should."""
        self.failures = 0
        self.circuit = Circuit.CLOSED
