"""What devices need kept for good, declared here and stored elsewhere."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
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
    """What became of a print job; UNSURE asks a person to look."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A label to print: `zpl` is what is sent, and prints exactly one label."""

    job_id: str
    zpl: str


@dataclass(frozen=True, slots=True)
class BegunJob:
    """A print job that was begun and not finished; `counter` is the printer's before it."""

    job: PrintJob
    counter: int


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

    async def accept(self, event: InboundEvent[_BodyIn]) -> None:
        """Keep an event for good: its row and its effect are committed when this returns.

        Idempotent by (device, boot, seq). Raising means: do not acknowledge, offer it again.
        """
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


async def deliver(journal: EventJournal[_Body], event: InboundEvent[_Body]) -> None:
    """Offer an event until the journal accepts it, with growing pauses up to 2 s."""
    await _until_done(lambda: journal.accept(event), event.device)


async def resume(journal: EventJournal[_Body], device: str, boot: int) -> int:
    """Ask the journal where a boot stands until it answers, with growing pauses up to 2 s."""
    return await _until_done(lambda: journal.resume(device, boot), device)


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
