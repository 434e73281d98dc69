"""The spool of an office printer: every document once, proved by the printer's list of jobs.

A job's name holds our number of it. Where the answer to Print-Job is lost, that name tells whether
the printer has the job; only where the printer says that it has not, and keeps a list from which
that can be told, is the document sent again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from pyipp.enums import IppJobState

from devices.error import DeviceError
from devices.journal import BegunJob, Outcome, PrintJob, PrintJournal
from devices.printer.document import (
    NOT_FOUND,
    DocumentConnection,
    DocumentJob,
    Refused,
)
from devices.printer.record import Record
from devices.printer.status import PrinterState

_ENDED = (IppJobState.CANCELED, IppJobState.ABORTED, IppJobState.COMPLETED)
# Clocks of whole seconds on both sides.
_UP_SLACK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IppAddress:
    """Where a printer is, and how patient to be with it; as `PrinterAddress`.

    `settle_s` is how long its lists must not hold a job before that counts as not received.
    """

    host: str
    port: int = 631
    path: str = "/ipp/print"
    tls: bool = False
    timeout_s: float = 8.0
    reconnect_s: float = 0.5
    poll_s: float = 0.5
    settle_s: float = 2.0
    reach_s: float = 10.0
    sends_max: int = 4
    look_s: float = 2.0


@dataclass(slots=True)
class _Flight:
    """The job in flight: its number at the printer where that is known, and how often it left."""

    begun: BegunJob
    since_s: float
    number: int | None = None
    sends: int = 0
    absent_since_s: float | None = None

    @property
    def job_id(self) -> str:
        return self.begun.job.job_id

    @property
    def age_s(self) -> float:
        return self.begun.age_s + time.monotonic() - self.since_s


class IppSpool:
    """Prints documents on one printer, one job in flight; `on_state` hears how the printer is."""

    def __init__(
        self,
        name: str,
        address: IppAddress,
        journal: PrintJournal,
        on_state: Callable[[PrinterState], None] = lambda _state: None,
    ) -> None:
        self.name = name
        self._address = address
        self._journal = journal
        self._record = Record(name, journal, on_state)
        self._turn = asyncio.Lock()
        self._line = DocumentConnection(
            address.host, address.port, address.path, address.tls, address.timeout_s
        )

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
        """Print a document once, and return when its outcome is noted in the journal.

        Raises: DeviceError when the printer cannot print now; the job is then not begun.
        """
        async with self._turn:
            await self._recover()
            last = await self._ready()
            await self._journal.begin(self.name, job.job_id, last)
            flight = _Flight(BegunJob(job, last), time.monotonic())
            return await self._send(flight) or await self._settle(flight)

    async def look(self) -> None:
        """Ask a printer that has nothing to print how it is. Raises: DeviceError when it is not."""
        async with self._turn:
            try:
                self._record.hear((await self._line.printer()).why_blocked)
            except DeviceError as error:
                self._record.interrupt(error)
                raise

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _recover(self) -> Outcome | None:
        begun = await self._journal.begun(self.name)
        if begun is None:
            return None
        self.counts["recovered"] += 1
        return await self._settle(_Flight(begun, time.monotonic()))

    async def _ready(self) -> int:
        """Wait until the printer takes jobs; the highest number that it has given so far."""
        give_up_s = time.monotonic() + self._address.reach_s
        while True:
            try:
                self._record.hear((await self._line.printer()).why_blocked)
                if not self.state.needs_person:
                    return max((job.number for job in await self._all_jobs()), default=0)
            except DeviceError as error:
                self._record.interrupt(error)
            if time.monotonic() >= give_up_s:
                raise DeviceError(f"printer {self.name} cannot print now: {self.state.why}")
            await asyncio.sleep(self._address.reconnect_s)

    async def _all_jobs(self) -> list[DocumentJob]:
        # In this order, because a job may end between the two questions.
        return await self._line.jobs("not-completed") + await self._line.jobs("completed")

    async def _settle(self, flight: _Flight) -> Outcome:
        looked_s = time.monotonic()
        while True:
            try:
                outcome = await self._follow(flight)
            except DeviceError as error:
                self._record.interrupt(error)
                flight.absent_since_s = None
                await asyncio.sleep(self._address.reconnect_s)
            else:
                if outcome is not None:
                    return outcome
                await asyncio.sleep(self._address.poll_s)
            if time.monotonic() - looked_s >= self._address.look_s:
                looked_s = time.monotonic()
                if not await self._record.holds(flight.job_id):
                    return await self._withdraw(flight)

    async def _follow(self, flight: _Flight) -> Outcome | None:
        """Look once what became of the job; its outcome where that is known."""
        found = await self._find(flight)
        self._record.hear((await self._line.printer()).why_blocked)
        if len(found) > 1:
            return await self._record.finish(flight.job_id, Outcome.UNSURE)
        if not found:
            return await self._absent(flight)
        flight.absent_since_s = None
        flight.number = found[0].number
        if found[0].state not in _ENDED:
            return None
        return await self._record.finish(flight.job_id, _judge(found[0]))

    async def _find(self, flight: _Flight) -> list[DocumentJob]:
        if flight.number is not None:
            try:
                return [await self._line.job(flight.number)]
            except Refused as refusal:
                if refusal.status != NOT_FOUND:
                    raise
        name, last = _name(flight.begun.job), flight.begun.counter
        jobs = {job.number: job for job in await self._all_jobs()}
        return [job for job in jobs.values() if job.name == name and job.number > last]

    async def _absent(self, flight: _Flight) -> Outcome | None:
        """Judge a job that the printer does not list: received and forgotten, or never received."""
        if flight.absent_since_s is None:
            flight.absent_since_s = time.monotonic()
        if time.monotonic() - flight.absent_since_s < self._address.settle_s:
            return None
        up_s = (await self._line.printer()).up_s
        restarted = up_s is None or up_s + _UP_SLACK_S < flight.age_s
        remembers = bool(await self._line.jobs("completed"))
        if flight.number is not None or restarted or not remembers:
            return await self._record.finish(flight.job_id, Outcome.UNSURE)
        if flight.sends >= self._address.sends_max:
            return await self._record.finish(flight.job_id, Outcome.NOT_PRINTED)
        if not await self._record.holds(flight.job_id):
            return await self._withdraw(flight)
        self.counts["sent_again"] += flight.sends > 0
        return await self._send(flight)

    async def _send(self, flight: _Flight) -> Outcome | None:
        """Send the document; an outcome only where the printer refuses it for good."""
        job = flight.begun.job
        flight.sends += 1
        flight.absent_since_s = None
        refused = False
        try:
            flight.number = await self._line.print(_name(job), job.pdf)
        except DeviceError as error:
            # Whether it was received is unknown here, but for a refusal; its list will tell.
            refused = isinstance(error, Refused) and error.is_final
            self._record.interrupt(error)
        await self._journal.sent(job.job_id)
        return await self._record.finish(job.job_id, Outcome.NOT_PRINTED) if refused else None

    async def _withdraw(self, flight: _Flight) -> Outcome:
        outcome = self._record.withdraw(flight.job_id)
        if flight.number is not None:
            try:
                await self._line.cancel(flight.number)
            except DeviceError as error:
                self._record.interrupt(error)
        return outcome


def _name(job: PrintJob) -> str:
    return f"stowline label {job.job_id}"


def _judge(job: DocumentJob) -> Outcome:
    if job.state is IppJobState.COMPLETED:
        failed = any("with-errors" in reason for reason in job.reasons)
        return Outcome.UNSURE if failed else Outcome.PRINTED
    return Outcome.NOT_PRINTED if job.pages == 0 else Outcome.UNSURE
