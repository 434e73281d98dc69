"""The sorter's driver: one Modbus transaction a cycle, events in order, commands once."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from pymodbus.exceptions import ModbusException

from devices.error import DecodeError, DeviceError
from devices.journal import EventJournal, InboundEvent, deliver_all, resume
from devices.sorter.breaker import Breaker, Circuit
from devices.sorter.command import CommandQueue, CommandRefused
from devices.sorter.exchange import Exchange, SorterAddress
from devices.sorter.message import (
    Command,
    CommandResult,
    Mode,
    Op,
    Request,
    RingEvent,
    Status,
)
from devices.sorter.register import NO_LANE, PLC_HEARTBEAT_PERIOD_S, WORD_MAX
from devices.sorter.ring import RingReader, wire_sequence
from devices.sorter.wire import MapVersionRefused, encode_request

__all__ = ["HANDS_ON", "SorterAddress", "SorterDriver", "SorterState"]

_log = logging.getLogger(__name__)
_STALE_S = 3 * PLC_HEARTBEAT_PERIOD_S
_ASKABLE = (Mode.AUTOMATIC, Mode.DRAINING)
HANDS_ON = (Mode.MANUAL, Mode.EMERGENCY_STOP)


class SorterState(StrEnum):
    """How the driver stands with its PLC; STALE answers reads but its heartbeat stands still."""

    DOWN = "down"
    HANDSHAKE = "handshake"
    RUN = "run"
    STALE = "stale"


class SorterDriver:
    """Speaks with one PLC until cancelled.

    `boot` is our own boot number, 1 to 65535, another one at every start of the process.
    `on_event` is called in the event loop as soon as an event is read, before it is stored and
    perhaps again after a restart; `on_change` when its state, the PLC's mode, an alarm or a lane's
    full or fault bit changed. Neither may block.
    """

    def __init__(
        self,
        name: str,
        address: SorterAddress,
        journal: EventJournal[RingEvent],
        boot: int,
        *,
        on_event: Callable[[RingEvent], None] | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        if not 1 <= boot <= WORD_MAX:
            raise ValueError(f"boot {boot} is not 1 to {WORD_MAX}")
        self.name = name
        self.status: Status | None = None
        self.counts: Counter[str] = Counter()
        self._address = address
        self._journal = journal
        self._on_event = on_event
        self._on_change = on_change
        self._seen: tuple[object, ...] = ()
        self._fault = ""
        self._boot = boot
        self._state = SorterState.DOWN
        self._state_changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._breaker = Breaker(longest_s=address.reconnect_s)
        self._commands = CommandQueue(
            in_one_write=address.commands_in_one_write, stops_at_refusal=address.stops_at_refusal
        )
        self._reader = RingReader(0)
        self._events: asyncio.Queue[InboundEvent[RingEvent]] = asyncio.Queue()
        self._accepted = 0
        self._acknowledged = -1
        self._known = False
        self._exchange = Exchange(name, address, self.counts)
        self._plc_boot: int | None = None
        self._beat: tuple[int, float] = (-1, 0.0)
        self._mode_asked = 0

    @property
    def state(self) -> SorterState:
        """How the driver stands with its PLC now."""
        return self._state

    @property
    def circuit(self) -> Circuit:
        """Whether work for the PLC is let through."""
        return self._breaker.circuit

    @property
    def fault(self) -> str:
        """What the last attempt failed of; empty while the PLC does as it should."""
        return self._fault

    async def wait_state(self, wanted: SorterState) -> None:
        """Return as soon as the driver is in this state."""
        while self._state is not wanted:
            self._state_changed.clear()
            await self._state_changed.wait()

    async def assign(
        self,
        track: int,
        lane: int,
        deadline: int,
        *,
        other_lane: int = NO_LANE,
        wait_s: float = 5.0,
    ) -> CommandResult:
        """Send a track to a lane; `deadline` is in encoder counts.

        Raises: CommandRefused with the PLC's result; DeviceError when no answer came within
        `wait_s` or the PLC restarted: the divert's own event tells what became of it.
        """
        command = Command(0, Op.ASSIGN, track, lane, other_lane, deadline)
        return await self.command(command, wait_s=wait_s)

    async def command(self, command: Command, *, wait_s: float = 5.0) -> CommandResult:
        """Have a command carried out; its number is given here. Raises: as `assign`.

        NONE means that the PLC took it and that a later one of the same write hid its result.
        """
        encode_request(Request(0, self._boot, commands=(command,)))
        if self.circuit is not Circuit.CLOSED:
            self.counts["commands_not_tried"] += 1
            raise DeviceError(f"{self.name} is away: {self._fault}")
        answer = self._commands.submit(command)
        self._wake.set()
        try:
            async with asyncio.timeout(wait_s):
                return await answer
        except TimeoutError as error:
            self.counts["commands_unanswered"] += 1
            raise DeviceError(f"{self.name} did not answer within {wait_s} s") from error
        except CommandRefused as refusal:
            self.counts[f"refused_{refusal.result.name.lower()}"] += 1
            raise

    def ask_mode(self, mode: Mode) -> None:
        """Ask for AUTOMATIC or DRAINING, until the PLC is there or a person takes over.

        Raises: ValueError for any other mode.
        """
        if mode not in _ASKABLE:
            raise ValueError(f"{mode.name} is not ours to ask for")
        self._mode_asked = mode
        self._wake.set()

    async def run(self) -> None:
        """Hold the connection, reconnecting for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deliver_events())
            while True:
                self._breaker.probe()
                try:
                    await self._session()
                except MapVersionRefused as error:
                    self.counts["map_versions_refused"] += 1
                    pause_s = max(self._fail(error), self._address.refused_s)
                except (ModbusException, DecodeError, OSError) as error:
                    pause_s = self._fail(error)
                self._become(SorterState.DOWN)
                await asyncio.sleep(pause_s)

    def _fail(self, error: Exception) -> float:
        self.counts["sessions_lost"] += 1
        if type(error).__name__ not in self._fault:
            _log.warning("sorter %s is down: %r", self.name, error)
        self._fault = f"{type(error).__name__}: {error}"
        return self._breaker.fail()

    async def _session(self) -> None:
        try:
            await self._exchange.open()
            self._known = False
            self._become(SorterState.HANDSHAKE)
            await self._cycles()
        finally:
            self._exchange.close()

    async def _cycles(self) -> None:
        while True:
            self._wake.clear()
            status = await self._transact()
            if status is None:
                if self._exchange.stands_still and self.status is not None:
                    self._watch_heartbeat(self.status)
                await asyncio.sleep(self._exchange.pause_s)
                continue
            if status.boot != self._plc_boot:
                self._become(SorterState.HANDSHAKE)
                await self._resynchronise(status.boot)
            self._known = True
            # What has ended must be known before a changed state has anything decided anew.
            self._take_events(status)
            self._watch_heartbeat(status)
            self._commands.observe(status)
            self._watch_mode(status)
            self._tell_change(status)
            await self._pause()

    async def _transact(self) -> Status | None:
        running = self._state is SorterState.RUN and self.status is not None
        commands = self._commands.next_write(self.status) if running and self.status else ()
        # What was acknowledged to a PLC that restarted meanwhile would take its new events away.
        acknowledged = self._accepted if self._known else 0
        status = await self._exchange.once(
            self._boot, wire_sequence(acknowledged), self._mode_asked, commands
        )
        if status is not None:
            self._acknowledged = acknowledged
            self.status = status
        return status

    async def _resynchronise(self, plc_boot: int) -> None:
        self._commands.abandon(f"{self.name} restarted: what was in flight is unknown")
        self._plc_boot = None
        await self._events.join()
        position = await resume(self._journal, self.name, plc_boot)
        self._reader = RingReader(position)
        self._accepted = position
        self._acknowledged = -1
        self._plc_boot = plc_boot
        self._beat = (-1, 0.0)
        self._mode_asked = 0
        self.counts["resynchronised"] += 1

    def _watch_heartbeat(self, status: Status) -> None:
        now_s = time.monotonic()
        if status.heartbeat != self._beat[0]:
            self._beat = (status.heartbeat, now_s)
            self._breaker.work()
            self._fault = ""
            self._become(SorterState.RUN)
        elif now_s - self._beat[1] > _STALE_S:
            self._become(SorterState.STALE)

    def _watch_mode(self, status: Status) -> None:
        # What was asked before a person took over must not move the belt when they let go.
        if status.mode == self._mode_asked or status.mode in HANDS_ON:
            self._mode_asked = 0

    def _take_events(self, status: Status) -> None:
        assert self._plc_boot is not None
        missed = self._reader.missed
        for position, event in self._reader.take(status):
            if self._on_event is not None:
                self._on_event(event)
            self._events.put_nowait(InboundEvent(self.name, self._plc_boot, position, event))
        if self._reader.missed > missed:
            self.counts["events_missed"] += self._reader.missed - missed
            _log.error("sorter %s: events acknowledged by somebody else", self.name)

    async def _deliver_events(self) -> None:
        while True:
            events = [await self._events.get()]
            while not self._events.empty():
                events.append(self._events.get_nowait())
            await deliver_all(self._journal, events)
            for _ in events:
                self._events.task_done()
            self.counts["events"] += len(events)
            if events[-1].boot == self._plc_boot:
                self._accepted = events[-1].seq
                self._wake.set()

    async def _pause(self) -> None:
        running = self._state is SorterState.RUN
        if (running and self._commands.fresh) or self._accepted != self._acknowledged:
            return
        answering = running and self._commands.flying
        cycle_s = self._address.cycle_s
        pause_s = min(self._exchange.pause_s, cycle_s) if answering else cycle_s
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._wake.wait()

    def _become(self, state: SorterState) -> None:
        if state is not self._state:
            _log.info("sorter %s: %s", self.name, state)
            self._state = state
            self._state_changed.set()
            self._tell_change(self.status)

    def _tell_change(self, status: Status | None) -> None:
        seen: tuple[object, ...] = (self._state,)
        if status is not None:
            seen += (status.mode, status.alarms, status.lanes_full, status.lanes_fault)
        if seen != self._seen:
            self._seen = seen
            if self._on_change is not None:
                self._on_change()
