"""One pass of a unit over the sorter, as the gateway remembers it."""

from dataclasses import dataclass, field
from datetime import timedelta

from devices.link.message import DeviceEvent
from devices.scan.read import Decided, Read, judge
from devices.sorter.register import U32_MAX
from wms.journey.wave.ride import Reading
from wms.sorting.item import Event
from wms.sorting.lane import Choice, Way

# Codes of one parcel are read within a moment of each other; a later one is of another pass.
_ONE_PASS = timedelta(seconds=5)
_HALF_TURN = 1 << 31
_EVENTS = {Read.NO_READ: Event.FAIL_READ, Read.MULTI_READ: Event.READ_MANY}
_SCANS_MAX = 16
# A PLC that does not know a track has perhaps just told what became of it.
_GONE_AFTER_S = 5.0
_RIDES_S_MAX = 3_600.0


@dataclass(slots=True, eq=False)
class Ride:
    """What is known of a track: what was read, what was decided, and what the PLC has.

    `asked` is the choice that the PLC was told or is about to be; `refused` are lanes that it would
    not take, `is_over` where it takes no lane any more in this round.
    """

    track: int
    since_s: float
    inducted_at: int | None = None
    scans: list[DeviceEvent] = field(default_factory=list)
    read: Decided | None = None
    unit: str | None = None
    way: Way | None = None
    choice: Choice | None = None
    asked: Choice | None = None
    taken: bool = False
    refused: set[int] = field(default_factory=set)
    is_over: bool = False
    unknown_since_s: float | None = None
    rounds: int = 0

    @property
    def lane(self) -> int:
        """The lane that the PLC was told; 0 for none."""
        return self.asked.lane if self.asked is not None else 0

    def take_scan(self, event: DeviceEvent) -> bool:
        """Take a scan; whether it says anything new."""
        if any((scan.raw, scan.aim) == (event.raw, event.aim) for scan in self.scans):
            return False
        kept = [scan for scan in self.scans if abs(event.at - scan.at) <= _ONE_PASS]
        self.scans = [*kept[-_SCANS_MAX:], event]
        read, self.read = self.read, judge(self.scans)
        return self.read != read

    def reading(self) -> Reading:
        """Give what was read as the house keeps it."""
        if self.unit is not None:
            return Reading(self.track, Event.READ, self.unit)
        read = self.read.read if self.read is not None else Read.NO_READ
        return Reading(self.track, _EVENTS.get(read, Event.FAIL_READ))

    def can_be_told(self, encoder: int, decision_counts: int) -> bool:
        """Whether the belt has not yet carried it past the last moment for a decision."""
        if self.is_over:
            return False
        if self.inducted_at is None:
            return True
        deadline = (self.inducted_at + decision_counts) & U32_MAX
        return (deadline - encoder) & U32_MAX < _HALF_TURN

    def is_gone(self, now_s: float) -> bool:
        """Whether nothing more is to be expected of it."""
        unknown_s = 0.0 if self.unknown_since_s is None else now_s - self.unknown_since_s
        return unknown_s > _GONE_AFTER_S or now_s - self.since_s > _RIDES_S_MAX

    def begin_round(self) -> None:
        """Forget what was decided, because it is judged anew."""
        self.choice = self.asked = None
        self.taken = self.is_over = False
        self.refused.clear()
        self.unknown_since_s = None
