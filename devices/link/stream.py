"""One boot of one device: events without doubles and in order."""

from dataclasses import dataclass, field

from devices.link.message import DeviceEvent

# A device may keep thousands of events; those beyond the window are sent again later.
WINDOW = 1_000


@dataclass(slots=True)
class Stream:
    """Releases events in sequence; `released` is the last one that was handed on."""

    released: int
    doubles: int = 0
    beyond: int = 0
    _early: dict[int, DeviceEvent] = field(default_factory=dict)
    _announced: set[int] = field(default_factory=set)

    @property
    def waiting(self) -> int:
        """How many events wait behind a gap."""
        return len(self._early)

    def announce(self, event: DeviceEvent) -> bool:
        """Tell whether an event is here for the first time."""
        known = event.seq <= self.released or event.seq in self._announced
        if known or event.seq > self.released + WINDOW:
            return False
        self._announced.add(event.seq)
        return True

    def push(self, event: DeviceEvent) -> list[DeviceEvent]:
        """Give the events that can be handed on now, in order."""
        if event.seq <= self.released or event.seq in self._early:
            self.doubles += 1
            return []
        if event.seq > self.released + WINDOW:
            self.beyond += 1
            return []
        self._early[event.seq] = event
        ready: list[DeviceEvent] = []
        while (following := self._early.pop(self.released + 1, None)) is not None:
            self.released += 1
            self._announced.discard(self.released)
            ready.append(following)
        return ready
