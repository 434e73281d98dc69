"""When a message that was not taken is tried again, and when it is given up."""

from datetime import timedelta
from random import Random

# Nine more tries, the last of them 75 hours and 35 minutes after the first.
WEBHOOK_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# Those who failed together come back apart: so much of a wait is added to it at most.
JITTER = 0.1
ATTEMPTS_MAX = 30
WAIT_S_MAX = 3_600


def webhook_wait_after(attempts: int, rng: Random) -> timedelta | None:
    """How long a webhook waits after that many failed attempts; None where that was the last."""
    if attempts > len(WEBHOOK_WAITS):
        return None
    return WEBHOOK_WAITS[attempts - 1] * (1 + JITTER * rng.random())


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: doubling from half a second to an hour."""
    return timedelta(seconds=min(WAIT_S_MAX, 0.25 * 2 ** min(attempts, 20)))


def carrier_wait_after(attempts: int, rng: Random) -> timedelta | None:
    """The same for what a carrier is told: it is soon told again, and never all at one moment."""
    if attempts >= ATTEMPTS_MAX:
        return None
    return wait_after(attempts) * (1 + JITTER * rng.random())
