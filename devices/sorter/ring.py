"""Reading the event ring in sequence."""

from dataclasses import dataclass

from devices.sorter.message import RingEvent, Status
from devices.sorter.register import RING_SLOTS, SEQUENCE_MAX, next_sequence, sequence_distance


def wire_sequence(position: int) -> int:
    """Give the 16-bit number under which the PLC knows a position; 0 for none."""
    return (position - 1) % SEQUENCE_MAX + 1 if position > 0 else 0


@dataclass(slots=True)
class RingReader:
    """Takes each event once, in order; `position` counts on where the 16-bit number wraps.

    The PLC keeps an event until it is acknowledged, so one that is missing from a whole ring was
    acknowledged by somebody else or never written. A gap that stands while the PLC's heart beats
    on is passed: the reader goes on with the oldest event behind it, and counts what it `missed`.
    At position 0, where nothing is known of this boot, that is the oldest one in the ring.
    """

    position: int
    missed: int = 0
    _gap: tuple[int, int] | None = None

    def take(self, status: Status) -> list[tuple[int, RingEvent]]:
        """Give the events after `position` with their positions, and move it on."""
        whole = {event.seq: event for event in status.events}
        taken = self._follow(whole, status.event_head)
        if wire_sequence(self.position) == status.event_head:
            self._gap = None
        elif not status.torn and self._gap_stands(status):
            self._pass_gap(whole, status.event_head)
            taken += self._follow(whole, status.event_head)
        return taken

    def _follow(self, whole: dict[int, RingEvent], head: int) -> list[tuple[int, RingEvent]]:
        taken: list[tuple[int, RingEvent]] = []
        if self.position == 0 and SEQUENCE_MAX in _held(whole, head):
            # The ring wrapped before anybody read it: 1 is not its first event.
            return taken
        while 0 < sequence_distance(wire_sequence(self.position), head) <= RING_SLOTS:
            event = whole.get(next_sequence(wire_sequence(self.position)))
            if event is None:
                break
            self.position += 1
            taken.append((self.position, event))
        return taken

    def _gap_stands(self, status: Status) -> bool:
        """Whether the same event was missing before; a PLC may write its head before the entry."""
        if self._gap is None or self._gap[0] != self.position:
            self._gap = (self.position, status.heartbeat)
            return False
        return status.heartbeat != self._gap[1]

    def _pass_gap(self, whole: dict[int, RingEvent], head: int) -> None:
        here = wire_sequence(self.position)
        held = [seq for seq in _held(whole, head) if seq != here]
        ahead = sorted(sequence_distance(here, seq) for seq in held)
        # Numbers more than half way round lie behind the reader, unless the head does so too.
        turned = sequence_distance(here, head) > SEQUENCE_MAX // 2
        ahead = [steps for steps in ahead if turned or steps <= SEQUENCE_MAX // 2]
        if self.position == 0:
            # Nothing lies behind; in a ring that wrapped, the lowest number is not the oldest.
            ahead = sorted(held, key=lambda seq: -sequence_distance(seq, head))
        if not ahead:
            return
        self.position += ahead[0] - 1
        self.missed += ahead[0] - 1
        self._gap = None


def _held(whole: dict[int, RingEvent], head: int) -> list[int]:
    """Give the numbers that lie in a ring with this head; what is left of older rounds does not."""
    return [seq for seq in whole if sequence_distance(seq, head) < RING_SLOTS]
