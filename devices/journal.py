"""What devices need kept for good, declared here and stored elsewhere."""

import asyncio
import logging
from collections import abc
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

_log = logging.getLogger(__name__)
_PAUSE_S = 0.02
_PAUSE_S_MAX = 2.0
_Result = TypeVar("_Result")
_Body = TypeVar("_Body")
_BodyOut = TypeVar("_BodyOut", covariant=True)
_BodyIn = TypeVar("_BodyIn", contravariant=True)


@dataclass(frozen=True, slots=True)
class InboundEvent(Generic[_BodyOut]):
    """One event of a device, known by (device, boot, seq); `seq` has no gaps and never wraps."""

    device: str
    boot: int
    seq: int
    body: _BodyOut


class Outcome(StrEnum):
    """What became of a print job; UNSURE asks a person to look, WITHDRAWN is a person's word."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A label to print: `zpl` is what is sent, and prints exactly one label.

    `pdf` is the same label for a printer that takes documents, and goes instead.
    """

    job_id: str
    zpl: str
    pdf: bytes = b""


@dataclass(frozen=True, slots=True)
class BegunJob:
    """A print job that was begun and not finished; `counter` is the printer's before it.

    It was begun `age_s` ago. For a printer that takes documents, `counter` is the highest job
    number that it had given away.
    """

    job: PrintJob
    counter: int
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OpenCommand:
    """A command to a device that is neither settled nor expired; `number` is its place in line."""

    number: int
    device: str
    op: str
    args: dict[str, object]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a device knows a command by; `seq` grows within an epoch."""

    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What a device said of our commands: those of the epoch up to `upto` are settled.

    `seq` is the one whose result this is, None where it only acknowledges.
    """

    device: str
    epoch: int
    upto: int
    seq: int | None = None
    ok: bool = True
    reason: str = ""
    data: dict[str, object] = field(default_factory=dict)


class CommandJournal(Protocol):
    """Where commands to devices are kept; a Protocol for the same reason as EventJournal.

    What it answers is committed when it returns. It settles what has expired by itself.
    """

    async def waiting(self) -> list[OpenCommand]:
        """Give the oldest open command of each device."""
        ...

    async def begin(self, number: int) -> Sequence | None:
        """Note that a command is about to be sent, and number it for good; None if it is over."""
        ...

    async def settle(self, answer: CommandAnswer) -> bool:
        """Note what a device answered; whether what is open is numbered anew. Idempotent."""
        ...


class EventJournal(Protocol[_BodyIn]):
    """Where events of devices are kept.

    A Protocol because devices know no database: wms/outbox stores, api/gateway adapts, and tests
    keep it in memory.
    """

    async def resume(self, device: str, boot: int) -> int:
        """Note that a device runs with this boot, and give the highest seq accepted of it, or 0.

        A boot that differs from the one noted before means that what was in flight is unknown:
        the journal quarantines it before it returns.
        """
        ...

    async def accept_all(self, events: abc.Sequence[InboundEvent[_BodyIn]]) -> None:
        """Keep events of one device and boot for good, in their order.

        Their rows and effects are committed when this returns. Idempotent by (device, boot, seq).
        Raising means: do not acknowledge any, offer all again.
        """
        ...


class BootJournal(Protocol):
    """Where it is known which boots of a device were heard; a Protocol as EventJournal is."""

    async def latest_boot(self, device: str) -> int | None:
        """Give the highest boot of which an event was accepted, or None."""
        ...


class PrintJournal(Protocol):
    """Where print jobs are kept; a Protocol for the same reason as EventJournal.

    What it answers is committed when it returns.
    """

    async def begun(self, printer: str) -> BegunJob | None:
        """Give the job that this printer began and never finished."""
        ...

    async def begin(self, printer: str, job_id: str, counter: int) -> None:
        """Note that a job is about to be sent, and the printer's counter before it."""
        ...

    async def sent(self, job_id: str) -> None:
        """Note that a job's data has left."""
        ...

    async def finish(self, job_id: str, outcome: Outcome) -> None:
        """Note what became of a job."""
        ...


async def deliver_all(
    journal: EventJournal[_Body], events: abc.Sequence[InboundEvent[_Body]]
) -> None:
    """Offer events of one device until the journal accepts them, with growing pauses up to 2 s."""
    await _until_done(lambda: journal.accept_all(events), events[0].device)


async def latest_boot(journal: BootJournal, device: str) -> int | None:
    """Ask for a device's highest boot until the journal answers, with growing pauses up to 2 s."""
    return await _until_done(lambda: journal.latest_boot(device), device)


async def resume(journal: EventJournal[_Body], device: str, boot: int) -> int:
    """Ask the journal where a boot stands until it answers, with growing pauses up to 2 s."""
    return await _until_done(lambda: journal.resume(device, boot), device)


async def waiting(journal: CommandJournal) -> list[OpenCommand]:
    """Ask for the open commands until the journal answers, with growing pauses up to 2 s."""
    return await _until_done(journal.waiting, "commands")


async def begin(journal: CommandJournal, command: OpenCommand) -> Sequence | None:
    """Note a command as sent until the journal has it, with growing pauses up to 2 s."""
    return await _until_done(lambda: journal.begin(command.number), command.device)


async def settle(journal: CommandJournal, answer: CommandAnswer) -> bool:
    """Offer an answer until the journal has it, with growing pauses up to 2 s."""
    return await _until_done(lambda: journal.settle(answer), answer.device)


async def _until_done(call: Callable[[], Coroutine[Any, Any, _Result]], device: str) -> _Result:
    pause_s = _PAUSE_S
    while True:
        # The journal's failures are not ours to name: a task keeps any of them apart and readable.
        attempt = asyncio.create_task(call())
        try:
            await asyncio.wait({attempt})
        finally:
            attempt.cancel()
        error = attempt.exception()
        if error is None:
            return attempt.result()
        _log.warning("%s: the journal failed: %r", device, error)
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _PAUSE_S_MAX)
