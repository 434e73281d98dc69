"""The spool: every label exactly once, proved by the printer's own counter."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from devices.error import DeviceError
from devices.journal import BegunJob, Outcome, PrintJob, PrintJournal
from devices.printer.connection import PrinterConnection
from devices.printer.record import Record
from devices.printer.status import CANCEL_COMMAND, HostStatus, PrinterState

_POLL_GROWTH = 1.5
_POLL_S_MAX = 0.1
_SILENCE = ": paper, head or ribbon?"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterAddress:
    """Where a printer is, and how patient to be with it.

    `settle_s` is how long a printer must say it is idle, its counter unmoved, before a label
    counts as not printed. `reach_s` is how long to try to reach it before a job is begun.
    `look_s` is how often the journal is asked whether a person has decided meanwhile.
    """

    host: str
    port: int = 9100
    timeout_s: float = 2.0
    reconnect_s: float = 0.2
    poll_s: float = 0.02
    settle_s: float = 1.0
    reach_s: float = 10.0
    sends_max: int = 10
    look_s: float = 2.0


class Spool:
    """Prints on one printer, one job in flight; `on_state` hears of each change of its state."""

    def __init__(
        self,
        name: str,
        address: PrinterAddress,
        journal: PrintJournal,
        on_state: Callable[[PrinterState], None] = lambda _state: None,
    ) -> None:
        self.name = name
        self._address = address
        self._journal = journal
        self._record = Record(name, journal, on_state, _SILENCE)
        self._turn = asyncio.Lock()
        self._line = PrinterConnection(address.host, address.port, address.timeout_s)

    @property
    def counts(self) -> Counter[str]:
        """How often what happened."""
        return self._record.counts

    @property
    def state(self) -> PrinterState:
        """How the printer is, as far as can be told from here."""
        return self._record.state

    async def recover(self) -> Outcome | None:
        """Bring the job that was in flight at a crash to its end; None when there was none."""
        async with self._turn:
            return await self._recover()

    async def print(self, job: PrintJob) -> Outcome:
        """Print a label once, and return when its outcome is noted in the journal.

        Raises: DeviceError when the printer cannot print now; the job is then not begun. Once it
        is begun the printer is waited for, because only its counter tells what became of it.
        """
        async with self._turn:
            await self._recover()
            counter = await self._ready()
            await self._journal.begin(self.name, job.job_id, counter)
            flight = _Flight(BegunJob(job, counter))
            await self._send(flight)
            return await self._settle(flight)

    async def look(self) -> None:
        """Ask a printer that has nothing to print how it is. Raises: DeviceError when it is not."""
        async with self._turn:
            self._line.drop()
            try:
                status = await self._line.status()
            except DeviceError as error:
                self._record.interrupt(error)
                raise
            self._record.hear(status.why_blocked)
            self._line.drop()

    async def close(self) -> None:
        """Close the connection."""
        self._line.drop()

    async def _recover(self) -> Outcome | None:
        begun = await self._journal.begun(self.name)
        if begun is None:
            return None
        self.counts["recovered"] += 1
        return await self._settle(_Flight(begun))

    async def _ready(self) -> int:
        """Wait until the printer is idle; its counter then, on a connection that owes nothing."""
        give_up_s = time.monotonic() + self._address.reach_s
        self._line.drop()
        while True:
            try:
                status = await self._line.status()
                if status.idle and not status.partial_format:
                    counter = await self._line.counter()
                    self._record.hear("")
                    return counter
                self._record.hear(status.why_blocked)
                if status.partial_format:
                    await self._line.send(CANCEL_COMMAND)
            except DeviceError as error:
                self._record.interrupt(error)
            if time.monotonic() >= give_up_s:
                why = self.state.why or "prints something else"
                raise DeviceError(f"printer {self.name} cannot print now: {why}")
            await asyncio.sleep(self._address.reconnect_s)

    async def _settle(self, flight: "_Flight") -> Outcome:
        begun = flight.begun
        watch = _Watch(self._address)
        while True:
            try:
                counter = await self._line.counter()
                if counter != begun.counter:
                    return await self._finish(begun, _judge(begun.counter, counter))
                status = await self._line.status()
            except DeviceError as error:
                self._record.interrupt(error)
                watch.interrupt()
                await asyncio.sleep(self._address.reconnect_s)
            else:
                self._record.hear(status.why_blocked)
                if watch.is_quiet(status):
                    outcome = await self._try_again(flight, status.partial_format)
                    if outcome is not None:
                        return outcome
                    watch = _Watch(self._address)
                await asyncio.sleep(watch.poll_s())
            if watch.looks() and not await self._record.holds(begun.job.job_id):
                return await self._withdraw(begun)

    async def _try_again(self, flight: "_Flight", partial: bool) -> Outcome | None:
        """Send a label again that certainly was not printed; its outcome where that is over."""
        begun = flight.begun
        if not await self._record.holds(begun.job.job_id):
            return await self._withdraw(begun)
        try:
            # An answer that came twice looks like a counter that stands still; the first answer
            # on a new connection belongs to its question.
            self._line.drop()
            counter = await self._line.counter()
        except DeviceError as error:
            self._record.interrupt(error)
            return None
        if counter != begun.counter:
            return await self._finish(begun, _judge(begun.counter, counter))
        if flight.sends >= self._address.sends_max:
            # Should the printer come to its senses, it must not print what is printed elsewhere.
            await self._cancel()
            return await self._finish(begun, Outcome.NOT_PRINTED)
        self.counts["sent_again"] += flight.sends > 0
        await self._send(flight, first=CANCEL_COMMAND if partial else b"")
        return None

    async def _withdraw(self, begun: BegunJob) -> Outcome:
        outcome = self._record.withdraw(begun.job.job_id)
        await self._cancel()
        return outcome

    async def _cancel(self) -> None:
        try:
            await self._line.send(CANCEL_COMMAND)
        except DeviceError as error:
            self._record.interrupt(error)

    async def _finish(self, begun: BegunJob, outcome: Outcome) -> Outcome:
        await self._record.finish(begun.job.job_id, outcome)
        self._line.drop()
        return outcome

    async def _send(self, flight: "_Flight", first: bytes = b"") -> None:
        job = flight.begun.job
        flight.sends += 1
        try:
            await self._line.send(first + job.zpl.encode())
        except DeviceError as error:
            # What arrived of it is unknown here; the counter will tell.
            self._record.interrupt(error)
        await self._journal.sent(job.job_id)


@dataclass(slots=True)
class _Flight:
    """The job in flight, and how often it was sent from here."""

    begun: BegunJob
    sends: int = 0


class _Watch:
    """Watches one wait for a label: how long the printer was idle, and when to look where."""

    def __init__(self, address: PrinterAddress) -> None:
        self._address = address
        self._quiet_since_s: float | None = None
        self._looked_s = time.monotonic()
        self._poll_s = address.poll_s

    def interrupt(self) -> None:
        # Quiet before a cut proves nothing about what the printer does after it.
        self._quiet_since_s = None

    def is_quiet(self, status: HostStatus) -> bool:
        """Whether the printer has now been idle for long enough."""
        if not status.idle:
            self._quiet_since_s = None
        elif self._quiet_since_s is None:
            self._quiet_since_s = time.monotonic()
        else:
            return time.monotonic() - self._quiet_since_s >= self._address.settle_s
        return False

    def looks(self) -> bool:
        """Whether it is time to ask the journal."""
        if time.monotonic() - self._looked_s < self._address.look_s:
            return False
        self._looked_s = time.monotonic()
        return True

    def poll_s(self) -> float:
        """How long to wait until the next question; longer each time."""
        pause_s = self._poll_s
        self._poll_s = min(_POLL_GROWTH * pause_s, max(_POLL_S_MAX, self._address.poll_s))
        return pause_s


def _judge(before: int, after: int) -> Outcome:
    # By more than one, or backwards: somebody else printed, or it is another printer now.
    return Outcome.PRINTED if after == before + 1 else Outcome.UNSURE
