"""What devices report: each event once, in order, acknowledged when the journal has it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from devices.journal import (
    BootJournal,
    EventJournal,
    InboundEvent,
    deliver_all,
    latest_boot,
    resume,
)
from devices.link.message import DeviceEvent
from devices.link.stream import Stream
from devices.link.topic import DeviceName

_QUEUE = 2_000
# So many at most are taken together: acknowledgements must not wait for a whole backlog.
_TOGETHER = 200
_BOOTS_KEPT = 8
_DEVICES_MAX = 2_000
# How long an answer that a boot is too old holds before the journal is asked anew.
_OLD_S = 2.0


@dataclass(slots=True)
class _Line:
    name: DeviceName
    queue: asyncio.Queue[DeviceEvent]
    streams: dict[int, Stream] = field(default_factory=dict)
    # A boot that is too old, the latest that is known instead, and until when that holds.
    old: tuple[int, int, float] | None = None


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told of events, in the event loop and without blocking it.

    `on_event`: once for each event that the journal did not accept before, at its arrival and
    before it is stored. `on_repeat`: for each event that the journal has already. `on_old`: for
    each event of a device whose boot is below the latest, with that one; it is not acknowledged.
    """

    acknowledge: Callable[[DeviceName, int, int], None]
    on_event: Callable[[DeviceName, DeviceEvent], None] | None
    on_repeat: Callable[[DeviceName, DeviceEvent], None]
    on_old: Callable[[DeviceName, DeviceEvent, int], None]


class Inbox:
    """A line for each device that ever sent an event; what waits in one does not hold up another.

    What waits in a line is kept in one go and acknowledged once. An idle line costs a queue and a
    task that sleeps until something comes. With `boots`, a device that counts its boots anew is
    found out: `is_running` tells whether a boot is the one that a device has now.
    """

    def __init__(
        self,
        journal: EventJournal[DeviceEvent],
        listeners: Listeners,
        counts: Counter[str],
        boots: BootJournal | None = None,
        is_running: Callable[[DeviceName, int], bool] = lambda _name, _boot: True,
    ) -> None:
        self._journal = journal
        self._listeners = listeners
        self._counts = counts
        self._boots = boots
        self._is_running = is_running
        self._lines: dict[DeviceName, _Line] = {}

    def take(self, tasks: asyncio.TaskGroup, name: DeviceName, event: DeviceEvent) -> None:
        """Take an event as it comes; one too many is left to its device, which sends it again."""
        line = self._lines.get(name)
        if line is None and len(self._lines) >= _DEVICES_MAX:
            self._counts["events_turned_away"] += 1
            return
        if line is not None and event.boot in line.streams:
            self._announce(line, line.streams[event.boot], event)
        if line is None:
            line = self._lines[name] = _Line(name, asyncio.Queue(_QUEUE))
            tasks.create_task(self._serve(line), name=f"device {name}")
        try:
            line.queue.put_nowait(event)
        except asyncio.QueueFull:
            self._counts["events_turned_away"] += 1

    def born_anew(self, name: DeviceName) -> None:
        """Ask the journal again where a device's boots stand: it counts them from the start."""
        if name in self._lines:
            self._lines[name].streams.clear()

    async def _serve(self, line: _Line) -> None:
        while True:
            together = [await line.queue.get()]
            while len(together) < _TOGETHER and not line.queue.empty():
                together.append(line.queue.get_nowait())
            for boot, events in groupby(together, key=lambda event: event.boot):
                await self._keep(line, boot, list(events))

    async def _keep(self, line: _Line, boot: int, events: list[DeviceEvent]) -> None:
        stream = await self._stream(line, boot)
        if stream is None:
            assert line.old is not None
            for event in events:
                self._listeners.on_old(line.name, event, line.old[1])
            return
        doubles, beyond, stored = stream.doubles, stream.beyond, stream.released
        ready: list[DeviceEvent] = []
        for event in events:
            self._announce(line, stream, event)
            ready += stream.push(event)
        self._counts["doubles"] += stream.doubles - doubles
        self._counts["events_turned_away"] += stream.beyond - beyond
        for first in range(0, len(ready), _TOGETHER):
            part = ready[first : first + _TOGETHER]
            bodies = [InboundEvent(str(line.name), boot, event.seq, event) for event in part]
            await deliver_all(self._journal, bodies)
            self._counts["events"] += len(part)
            self._listeners.acknowledge(line.name, boot, part[-1].seq)
        for event in events:
            if event.seq <= stored:
                self._listeners.on_repeat(line.name, event)
        if stream.doubles > doubles and not ready:
            self._listeners.acknowledge(line.name, boot, stream.released)

    def _announce(self, line: _Line, stream: Stream, event: DeviceEvent) -> None:
        if self._listeners.on_event is not None and stream.announce(event):
            self._listeners.on_event(line.name, event)

    async def _stream(self, line: _Line, boot: int) -> Stream | None:
        stream = line.streams.get(boot)
        if stream is None:
            if await self._is_old(line, boot):
                return None
            released = await resume(self._journal, str(line.name), boot)
            stream = line.streams[boot] = Stream(released)
            if len(line.streams) > _BOOTS_KEPT:
                del line.streams[next(iter(line.streams))]
        return stream

    async def _is_old(self, line: _Line, boot: int) -> bool:
        """Whether a device runs with a number below one that was used before.

        Its events would be taken for repeats, acknowledged, and lost.
        """
        if self._boots is None or not self._is_running(line.name, boot):
            return False
        if line.old is not None and line.old[0] == boot and time.monotonic() < line.old[2]:
            return True
        latest = await latest_boot(self._boots, str(line.name))
        if latest is None or latest <= boot:
            line.old = None
            return False
        line.old = (boot, latest, time.monotonic() + _OLD_S)
        return True
