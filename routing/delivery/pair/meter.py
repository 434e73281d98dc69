"""How much of an effort is spent."""

from math import inf

from routing.effort import Effort

# A search that is less late than this goes by its steps alone, and so repeats.
LATE_SHARE = 0.1


class Meter:
    """Counts steps and looks at the clock. done: steps so far."""

    def __init__(self, effort: Effort) -> None:
        self.done = 0
        self._steps_max = inf if effort.iterations is None else effort.iterations
        self._seconds = inf if effort.seconds is None else max(effort.seconds, 1e-9)
        self._left = effort.left()

    def gone(self) -> float:
        """The share spent: of the steps, or of the seconds where these are nearer to their end."""
        by_steps = self.done / self._steps_max if self._steps_max else 1.0
        by_clock = 1 - self._left() / self._seconds if self._seconds < inf else 0.0
        if self._steps_max == inf or by_clock > by_steps + LATE_SHARE:
            return by_clock
        return by_steps

    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.done >= self._steps_max or self._left() <= 0

    def next_steps(self, most: int) -> int:
        """How many steps to take before looking again; they count as done."""
        steps = int(min(most, self._steps_max - self.done))
        self.done += steps
        return steps
