"""Whether an answer is of our own request: register 11 echoes the heartbeat that we wrote."""

from dataclasses import dataclass

from devices.sorter.register import WORD_MAX


@dataclass(slots=True)
class Echo:
    """Counts our heartbeat on, and compares what comes back with it.

    FC23 writes before it reads, so a PLC that works on its registers directly echoes this cycle's
    heartbeat, and one that copies them once a scan the last one's. An answer with any other is of
    another request, or of a PLC that does not obey the map: nothing in it is used. `pause_s` is how
    long a quick cycle waits; it grows while answers are late, so that a slow scan can keep up.
    """

    quick_s: float
    slow_s: float
    beat: int = 0
    astray: int = 0
    pause_s: float = 0.0
    _since_s: float | None = None

    def __post_init__(self) -> None:
        self.pause_s = self.quick_s

    def next_beat(self) -> int:
        """Give the heartbeat of the next request."""
        self.beat = (self.beat + 1) & WORD_MAX
        return self.beat

    def fits(self, seen: int, now_s: float) -> bool:
        """Whether an answer that echoes `seen` is of this cycle's request or of the last one's."""
        late_by = (self.beat - seen) & WORD_MAX
        if late_by > 1:
            self.astray += 1
            self.pause_s = min(2 * self.pause_s, self.slow_s)
            if self._since_s is None:
                self._since_s = now_s
            return False
        self._since_s = None
        if late_by == 0:
            self.pause_s = max(self.pause_s / 2, self.quick_s)
        return True

    def astray_for_s(self, now_s: float) -> float:
        """Say since when no answer fits."""
        return 0.0 if self._since_s is None else now_s - self._since_s

    def begin(self) -> None:
        """Note a new connection, or that no answer is to be had yet."""
        self._since_s = None
