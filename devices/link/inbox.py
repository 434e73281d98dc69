"""What devices report: each event once, in order, acknowledged when the journal has it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.journal import EventJournal, InboundEvent, deliver, resume
from devices.link.message import DeviceEvent
from devices.link.stream import Stream
from devices.link.topic import DeviceName

_QUEUE = 2_000
_BOOTS_KEPT = 8
_DEVICES_MAX = 2_000


@dataclass(slots=True)
class _Line:
    name: DeviceName
    queue: asyncio.Queue[DeviceEvent]
    streams: dict[int, Stream] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told of events, in the event loop and without blocking it.

    `on_event`: once for each event that the journal did not accept before, at its arrival and
    before it is stored. `on_repeat`: for each event that the journal has already.
    """

    acknowledge: Callable[[DeviceName, int, int], None]
    on_event: Callable[[DeviceName, DeviceEvent], None] | None
    on_repeat: Callable[[DeviceName, DeviceEvent], None]


class Inbox:
    """A line for each device that ever sent an event; what waits in one does not hold up another.

    An idle line costs a queue and a task that sleeps until something comes.
    """

    def __init__(
        self, journal: EventJournal[DeviceEvent], listeners: Listeners, counts: Counter[str]
    ) -> None:
        self._journal = journal
        self._listeners = listeners
        self._counts = counts
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

    async def _serve(self, line: _Line) -> None:
        while True:
            event = await line.queue.get()
            stream = await self._stream(line, event.boot)
            self._announce(line, stream, event)
            doubles, beyond = stream.doubles, stream.beyond
            is_stored = event.seq <= stream.released
            ready = stream.push(event)
            self._counts["doubles"] += stream.doubles - doubles
            self._counts["events_turned_away"] += stream.beyond - beyond
            for following in ready:
                body = InboundEvent(str(line.name), following.boot, following.seq, following)
                await deliver(self._journal, body)
                self._counts["events"] += 1
                self._listeners.acknowledge(line.name, following.boot, following.seq)
            if is_stored:
                self._listeners.on_repeat(line.name, event)
            if stream.doubles > doubles:
                self._listeners.acknowledge(line.name, event.boot, stream.released)

    def _announce(self, line: _Line, stream: Stream, event: DeviceEvent) -> None:
        if self._listeners.on_event is not None and stream.announce(event):
            self._listeners.on_event(line.name, event)

    async def _stream(self, line: _Line, boot: int) -> Stream:
        stream = line.streams.get(boot)
        if stream is None:
            released = await resume(self._journal, str(line.name), boot)
            stream = line.streams[boot] = Stream(released)
            if len(line.streams) > _BOOTS_KEPT:
                del line.streams[next(iter(line.streams))]
        return stream
