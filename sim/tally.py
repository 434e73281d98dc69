"""What the simulation counts and measures while it runs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts by name, refusals by code, wrong verdicts, webhooks by type, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    webhooks: Counter[str] = field(default_factory=Counter)
    handheld_waits_s: list[float] = field(default_factory=list)
    shop_waits_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def fail(self, what: str) -> None:
        """Keep a failure that the report has to show."""
        self.failures.append(what)


def summarise(waits_s: Iterable[float]) -> dict[str, float | int | None]:
    """Give count, p50, p99 and max in milliseconds; None where nothing was measured."""
    waits_ms = sorted(wait_s * 1_000 for wait_s in waits_s)
    if not waits_ms:
        return {"count": 0, "p50": None, "p99": None, "max": None}
    return {
        "count": len(waits_ms),
        "p50": round(waits_ms[(len(waits_ms) - 1) // 2], 2),
        "p99": round(waits_ms[-(-len(waits_ms) * 99 // 100) - 1], 2),
        "max": round(waits_ms[-1], 2),
    }
