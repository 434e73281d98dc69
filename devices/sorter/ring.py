"""Reading the event ring in sequence."""

from dataclasses import dataclass

from devices.sorter.register import (
    RING_SLOTS,
    SEQUENCE_MAX,
    RingEvent,
    Status,
    next_sequence,
    sequence_distance,
)


def wire_sequence(position: int) -> int:
    """Give the 16-bit number under which the PLC knows a position; 0 for none."""
    return (position - 1) % SEQUENCE_MAX + 1 if position > 0 else 0


@dataclass(slots=True)
class RingReader:
    """Takes each event once, in order; `position` counts on where the 16-bit number wraps.

    The PLC keeps an event until it is acknowledged, so one that is missing from a whole ring was
    acknowledged by somebody else: after two equal reads the reader goes on with the oldest event
    that is left, and counts what it `missed`.
    """

    position: int
    missed: int = 0
    _gap_seen: int = 0

    def take(self, status: Status) -> list[tuple[int, RingEvent]]:
        """Give the events after `position` with their positions, and move it on."""
        whole = {event.seq: event for event in status.events}
        taken = self._follow(whole, status.event_head)
        if taken or wire_sequence(self.position) == status.event_head:
            self._gap_seen = 0
            return taken
        if not self._passes_gap(whole, status.event_head):
            return []
        return self._follow(whole, status.event_head)

    def _follow(self, whole: dict[int, RingEvent], head: int) -> list[tuple[int, RingEvent]]:
        taken: list[tuple[int, RingEvent]] = []
        while 0 < sequence_distance(wire_sequence(self.position), head) <= RING_SLOTS:
            event = whole.get(next_sequence(wire_sequence(self.position)))
            if event is None:
                break
            self.position += 1
            taken.append((self.position, event))
        return taken

    def _passes_gap(self, whole: dict[int, RingEvent], head: int) -> bool:
        oldest, left = head, 0
        while oldest in whole and left < RING_SLOTS:
            left += 1
            oldest = SEQUENCE_MAX if oldest == 1 else oldest - 1
        torn = len(whole) < RING_SLOTS and left < len(whole)
        if left == 0 or torn or self._gap_seen != head:
            self._gap_seen = head
            return False
        jump = sequence_distance(wire_sequence(self.position), oldest)
        self.position += jump
        self.missed += jump
        self._gap_seen = 0
        return True
