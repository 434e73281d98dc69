"""How long something takes, as it was, or as somebody said it would where too little was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

HISTORY, CONFIGURED = "history", "configured"
TENTH, HALF, NINTH = 10, 50, 90
# So many must have been seen before what was seen counts more than what was said.
SEEN_MIN = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """Of ten, one takes at most `low`, five at most `half` and nine at most `high`."""

    low: int
    half: int
    high: int
    source: str
    seen: int = 0


# Who comes when they are due.
PUNCTUAL = Spread(0, 0, 0, CONFIGURED)


def spread_of(seen: Sequence[int], low: int, half: int, high: int) -> Spread:
    """What was seen, where it was often enough; else what was said."""
    if len(seen) < SEEN_MIN:
        return Spread(low, half, high, CONFIGURED, len(seen))
    ordered = sorted(seen)
    low, half, high = (ordered[_rank(percent, len(ordered))] for percent in (TENTH, HALF, NINTH))
    return Spread(low, half, high, HISTORY, len(seen))


def _rank(percent: int, count: int) -> int:
    """The place of a percentile, by nearest rank."""
    return max(0, -(-percent * count // 100) - 1)
