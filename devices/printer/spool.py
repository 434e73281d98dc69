"""The spool: every label exactly once, proved by the printer's own counter."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from devices.error import DecodeError, DeviceError
from devices.journal import BegunJob, Outcome, PrintJob, PrintJournal
from devices.printer.status import (
    CANCEL_COMMAND,
    COUNTER_COMMAND,
    STATUS_COMMAND,
    STATUS_LINES,
    HostStatus,
    decode_counter,
    decode_host_status,
)

_log = logging.getLogger(__name__)
_ANSWER_BYTES_MAX = 4_096
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterAddress:
    """Where a printer is, and how patient to be with it.

    `settle_s` is how long a printer must say it is idle, its counter unmoved, before a label
    counts as not printed. `reach_s` is how long to try to reach it before a job is begun.
    """

    host: str
    port: int = 9100
    timeout_s: float = 2.0
    reconnect_s: float = 0.2
    poll_s: float = 0.02
    settle_s: float = 1.0
    reach_s: float = 10.0
    sends_max: int = 10


class Spool:
    """Prints on one printer, one job in flight."""

    def __init__(self, name: str, address: PrinterAddress, journal: PrintJournal) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()
        self.blocked = False
        self._address = address
        self._journal = journal
        self._turn = asyncio.Lock()
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def recover(self) -> Outcome | None:
        """Bring the job that was in flight at a crash to its end; None when there was none."""
        async with self._turn:
            return await self._recover()

    async def print(self, job: PrintJob) -> Outcome:
        """Print a label once, and return when its outcome is noted in the journal.

        Raises: DeviceError when the printer cannot be reached before the job is begun. Later it
        is waited for, because only its counter can tell what became of the label.
        """
        async with self._turn:
            await self._recover()
            counter = await self._first_counter()
            await self._journal.begin(self.name, job.job_id, counter)
            begun = BegunJob(job, counter)
            await self._send(begun)
            return await self._settle(begun, sends=1)

    async def close(self) -> None:
        """Close the connection."""
        self._drop()

    async def _recover(self) -> Outcome | None:
        begun = await self._journal.begun(self.name)
        if begun is None:
            return None
        self.counts["recovered"] += 1
        return await self._settle(begun, sends=0)

    async def _settle(self, begun: BegunJob, sends: int) -> Outcome:
        quiet: tuple[float, int] | None = None
        partial = False
        while True:
            counter = await self._ask_until_answered(self._counter)
            if counter != begun.counter:
                printed = counter == begun.counter + 1
                return await self._finish(begun, Outcome.PRINTED if printed else Outcome.UNSURE)
            if quiet is not None and self._settled(quiet):
                if sends >= self._address.sends_max:
                    return await self._finish(begun, Outcome.NOT_PRINTED)
                self.counts["sent_again"] += sends > 0
                sends += 1
                quiet = None
                await self._send(begun, first=CANCEL_COMMAND if partial else b"")
                continue
            status = await self._ask_until_answered(self._status)
            self._note_blocked(status.blocked)
            partial = status.partial_format
            if not status.idle:
                quiet = None
            elif quiet is None or quiet[1] != self._losses:
                quiet = (time.monotonic(), self._losses)
            await asyncio.sleep(self._address.poll_s)

    def _settled(self, quiet: tuple[float, int]) -> bool:
        # Quiet before a cut proves nothing about what the printer does after it.
        since_s, losses = quiet
        waited_s = time.monotonic() - since_s
        return losses == self._losses and waited_s >= self._address.settle_s

    @property
    def _losses(self) -> int:
        return self.counts["connections_lost"]

    async def _finish(self, begun: BegunJob, outcome: Outcome) -> Outcome:
        await self._journal.finish(begun.job.job_id, outcome)
        self.counts[outcome.value] += 1
        if outcome is not Outcome.PRINTED:
            _log.error("printer %s: job %s is %s", self.name, begun.job.job_id, outcome)
        return outcome

    async def _first_counter(self) -> int:
        give_up_s = time.monotonic() + self._address.reach_s
        while True:
            try:
                return await self._counter()
            except (OSError, EOFError, TimeoutError) as error:
                self._drop()
                if time.monotonic() >= give_up_s:
                    raise DeviceError(f"printer {self.name} cannot be reached") from error
            await asyncio.sleep(self._address.reconnect_s)

    async def _send(self, begun: BegunJob, first: bytes = b"") -> None:
        try:
            _, writer = await self._connection()
            writer.write(first + begun.job.zpl.encode())
            async with asyncio.timeout(self._address.timeout_s):
                await writer.drain()
        except (OSError, TimeoutError) as error:
            # What arrived of it is unknown here; the counter will tell.
            self._lost(error)
        await self._journal.sent(begun.job.job_id)

    async def _ask_until_answered(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        while True:
            try:
                return await question()
            except (OSError, EOFError, TimeoutError, DecodeError) as error:
                self._lost(error)
            await asyncio.sleep(self._address.reconnect_s)

    async def _counter(self) -> int:
        reader, writer = await self._connection()
        writer.write(COUNTER_COMMAND)
        async with asyncio.timeout(self._address.timeout_s):
            await writer.drain()
            answer = await reader.readuntil(b'"') + await reader.readuntil(b'"')
        return decode_counter(answer)

    async def _status(self) -> HostStatus:
        reader, writer = await self._connection()
        writer.write(STATUS_COMMAND)
        async with asyncio.timeout(self._address.timeout_s):
            await writer.drain()
            answer = b"".join([await reader.readuntil(b"\x03\r\n") for _ in range(STATUS_LINES)])
        return decode_host_status(answer)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._stream is None:
            async with asyncio.timeout(self._address.timeout_s):
                self._stream = await asyncio.open_connection(
                    self._address.host, self._address.port, limit=_ANSWER_BYTES_MAX
                )
        return self._stream

    def _lost(self, error: BaseException) -> None:
        self.counts["connections_lost"] += 1
        _log.info("printer %s: connection lost: %r", self.name, error)
        self._drop()

    def _drop(self) -> None:
        # A late answer on an old connection would be taken for the answer to another question.
        if self._stream is not None:
            self._stream[1].transport.abort()
            self._stream = None

    def _note_blocked(self, blocked: bool) -> None:
        if blocked and not self.blocked:
            _log.warning("printer %s needs a person: paper, head, ribbon or pause", self.name)
        self.blocked = blocked
