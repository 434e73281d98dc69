"""A clock of a test's own: what it shows does not depend on how fast the machine is."""

import asyncio


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def move(self, by_s: float) -> None:
        """Let time pass."""
        self.now_s += by_s


async def tick(clock: HandClock, changed: asyncio.Event, step_s: float = 0.01) -> None:
    """Move a clock on until cancelled, by one step at a time however long that took.

    While the process stands still the clock does, too.
    """
    while True:
        await asyncio.sleep(step_s)
        clock.move(step_s)
        changed.set()
