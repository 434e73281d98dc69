"""The PLC's ring of events, and the ways in which a reader may find it."""

from collections import Counter, deque
from dataclasses import replace

from devices.sorter.message import RingEvent
from devices.sorter.register import REG_RING, RING_SLOT_WORDS, RING_SLOTS, next_sequence


class EventRing:
    """Keeps events until they are acknowledged; what finds the ring full waits inside.

    `tear`, `repeat` and `skip` each spoil one read: an entry caught half written, an acknowledged
    one shown once more, a number that no event has. `counts` has what came of them.
    """

    def __init__(self, seq: int, counts: Counter[str]) -> None:
        self._counts = counts
        self._tear = self._repeat = self._skip = False
        self.begin(seq)

    def begin(self, seq: int) -> None:
        """Be empty, with the next event numbered after this."""
        self._seq = self._shown = seq
        self._ring: deque[RingEvent] = deque()
        self._held_back: deque[RingEvent] = deque()
        self._last_acknowledged: RingEvent | None = None

    @property
    def head(self) -> int:
        """The number of the newest event in the ring, or of the last that was there."""
        return self._ring[-1].seq if self._ring else self._seq

    @property
    def full(self) -> bool:
        """Whether no event has room any more."""
        return len(self._ring) >= RING_SLOTS

    def put(self, event: RingEvent) -> RingEvent:
        """Keep an event under the next number, and give it with that."""
        if self._skip:
            self._advance()
            self._skip = False
            self._counts["numbers_skipped"] += 1
        self._advance()
        numbered = replace(event, seq=self._seq)
        (self._held_back if self.full or self._held_back else self._ring).append(numbered)
        return numbered

    def _advance(self) -> None:
        before, self._seq = self._seq, next_sequence(self._seq)
        self._counts["sequence_wraps"] += self._seq < before

    def acknowledge(self, upto: int) -> list[int]:
        """Let go of the events up to a number, and give theirs; of none it never showed."""
        if all(event.seq != upto for event in self._ring):
            return []
        gone: list[int] = []
        while not gone or gone[-1] != upto:
            self._last_acknowledged = self._ring.popleft()
            gone.append(self._last_acknowledged.seq)
        while self._held_back and not self.full:
            self._ring.append(self._held_back.popleft())
        return gone

    def tear(self) -> None:
        """Have the next new event caught half written by the first read that meets it."""
        self._tear = True

    def repeat(self) -> None:
        """Show an acknowledged event once more, as soon as there is one and room for it."""
        self._repeat = True

    def skip(self) -> None:
        """Leave a number out before the next event."""
        self._skip = True

    def read(self) -> tuple[RingEvent, ...]:
        """Give the events as they lie in the ring."""
        if self._repeat and self._last_acknowledged is not None and not self.full:
            self._repeat = False
            self._counts["events_repeated"] += 1
            return (*self._ring, self._last_acknowledged)
        return tuple(self._ring)

    def spoil(self, words: list[int]) -> None:
        """Tear the newest entry in registers that are about to be answered."""
        fresh = self.head != self._shown and bool(self._ring)
        if self._tear and fresh:
            words[REG_RING + len(self._ring) * RING_SLOT_WORDS - 1] = self._shown
            self._tear = False
            self._counts["torn_reads"] += 1
        elif fresh:
            self._shown = self.head
