"""Double reads: a reader that says the same code of the same parcel twice."""

from collections import OrderedDict
from datetime import datetime, timedelta

from devices.gs1 import ScanKind, parse_scan
from devices.link.message import DeviceEvent

CODES_KEPT = 1_024


class DoubleReads:
    """Tells one reader's double reads, by its own clock.

    The same code with the same track is one read for as long as a track can ride, `track_s`: track
    numbers are used again. Without a track it is one within `window_s`. A clock that was set
    back counts by how far it lies away. No more than CODES_KEPT codes are remembered.
    """

    def __init__(self, window_s: float = 2.0, track_s: float = 300.0) -> None:
        if window_s < 0 or track_s < 0:
            raise ValueError("a window is 0 seconds or more")
        self._window = timedelta(seconds=window_s)
        self._track_window = timedelta(seconds=track_s)
        self._seen: OrderedDict[tuple[str, int | None], datetime] = OrderedDict()

    def again(self, event: DeviceEvent) -> bool:
        """Tell whether this read was there before; it is remembered either way."""
        key = (_code(event), event.trigger)
        before = self._seen.pop(key, None)
        self._seen[key] = event.at
        if len(self._seen) > CODES_KEPT:
            self._seen.popitem(last=False)
        window = self._window if event.trigger is None else self._track_window
        return before is not None and abs(event.at - before) <= window


def _code(event: DeviceEvent) -> str:
    """The code that two readings of one label share, however they were framed."""
    scan = parse_scan(event.raw, event.aim)
    if scan.kind is ScanKind.FAULT or not scan.value:
        return event.raw.strip()
    return f"{scan.kind} {scan.value}"
