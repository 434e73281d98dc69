"""The spool: every label exactly once, proved by the printer's own counter."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from devices.error import DecodeError, DeviceError
from devices.journal import BegunJob, Outcome, PrintJob, PrintJournal
from devices.printer.connection import Gone, PrinterConnection, Silent
from devices.printer.status import CANCEL_COMMAND, Condition, HostStatus, PrinterState

_log = logging.getLogger(__name__)
_POLL_GROWTH = 1.5
_POLL_S_MAX = 0.1


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
        self.counts: Counter[str] = Counter()
        self.state = PrinterState(Condition.READY)
        self._address = address
        self._journal = journal
        self._on_state = on_state
        self._turn = asyncio.Lock()
        self._line = PrinterConnection(address.host, address.port, address.timeout_s)

    @property
    def blocked(self) -> bool:
        """Whether a person has to see to the printer."""
        return self.state.needs_person

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
                self._interrupted(error)
                raise
            self._note_status(status)
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
                    self._note(Condition.READY)
                    return counter
                self._note_status(status)
                if status.partial_format:
                    await self._line.send(CANCEL_COMMAND)
            except DeviceError as error:
                self._interrupted(error)
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
                self._interrupted(error)
                watch.interrupt()
                await asyncio.sleep(self._address.reconnect_s)
            else:
                self._note_status(status)
                if watch.is_quiet(status):
                    outcome = await self._try_again(flight, status.partial_format)
                    if outcome is not None:
                        return outcome
                    watch = _Watch(self._address)
                await asyncio.sleep(watch.poll_s())
            if watch.looks() and not await self._is_mine(begun):
                return await self._withdraw(begun)

    async def _try_again(self, flight: "_Flight", partial: bool) -> Outcome | None:
        """Send a label again that certainly was not printed; its outcome where that is over."""
        begun = flight.begun
        if not await self._is_mine(begun):
            return await self._withdraw(begun)
        try:
            # An answer that came twice looks like a counter that stands still; the first answer
            # on a new connection belongs to its question.
            self._line.drop()
            counter = await self._line.counter()
        except DeviceError as error:
            self._interrupted(error)
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

    async def _is_mine(self, begun: BegunJob) -> bool:
        now = await self._journal.begun(self.name)
        return now is not None and now.job.job_id == begun.job.job_id

    async def _withdraw(self, begun: BegunJob) -> Outcome:
        self.counts[Outcome.WITHDRAWN.value] += 1
        _log.warning("printer %s: a person decided on job %s", self.name, begun.job.job_id)
        await self._cancel()
        return Outcome.WITHDRAWN

    async def _cancel(self) -> None:
        try:
            await self._line.send(CANCEL_COMMAND)
        except DeviceError as error:
            self._interrupted(error)

    async def _finish(self, begun: BegunJob, outcome: Outcome) -> Outcome:
        await self._journal.finish(begun.job.job_id, outcome)
        self.counts[outcome.value] += 1
        if outcome is not Outcome.PRINTED:
            _log.error("printer %s: job %s is %s", self.name, begun.job.job_id, outcome)
        self._line.drop()
        return outcome

    async def _send(self, flight: "_Flight", first: bytes = b"") -> None:
        job = flight.begun.job
        flight.sends += 1
        try:
            await self._line.send(first + job.zpl.encode())
        except DeviceError as error:
            # What arrived of it is unknown here; the counter will tell.
            self._interrupted(error)
        await self._journal.sent(job.job_id)

    def _interrupted(self, error: DeviceError) -> None:
        if isinstance(error, Silent):
            self.counts["silences"] += 1
            self._note(Condition.SILENT, f"{error}: paper, head or ribbon?")
        elif isinstance(error, Gone):
            self.counts["connections_lost"] += 1
            self._note(Condition.GONE, str(error))
        elif isinstance(error, DecodeError):
            self.counts["bad_answers"] += 1
            self._note(Condition.SILENT, str(error))
        _log.info("printer %s: %r", self.name, error)

    def _note_status(self, status: HostStatus) -> None:
        if status.blocked:
            self._note(Condition.BLOCKED, status.why_blocked)
        else:
            self._note(Condition.READY)

    def _note(self, condition: Condition, why: str = "") -> None:
        state = PrinterState(condition, why)
        if state == self.state:
            return
        if condition in (Condition.BLOCKED, Condition.SILENT):
            _log.warning("printer %s needs a person: %s", self.name, why)
        self.state = state
        self._on_state(state)


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
