"""Kill points: where a test may end this process, at the moments that hurt most.

Nothing here does anything unless two settings are given: which points, and the file in which each
kill is written down before it happens. That file also keeps a point from striking twice, because
the process that is started again has the same settings.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from api.gateway.decision import Assigner
from api.settings import Settings
from devices.journal import BegunJob, EventJournal, InboundEvent, Outcome, PrintJournal
from devices.sorter.message import CommandResult, Status

_log = structlog.get_logger(__name__)
_Body = TypeVar("_Body")


class KillPoint(StrEnum):
    """Before and after what must survive: an event, a label, a lane."""

    BEFORE_ACCEPT = "before-accept"
    AFTER_ACCEPT = "after-accept"
    BEFORE_BEGIN = "before-begin"
    AFTER_BEGIN = "after-begin"
    AFTER_SENT = "after-sent"
    BEFORE_FINISH = "before-finish"
    AFTER_FINISH = "after-finish"
    BEFORE_ASSIGN = "before-assign"
    AFTER_ASSIGN = "after-assign"


@dataclass(frozen=True, slots=True)
class Kill:
    """Ends the process when it comes to a point for the n-th time since its start."""

    point: KillPoint
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.point}:{self.nth}"


def read_kills(text: str) -> tuple[Kill, ...]:
    """Read `point[:nth],…`. Raises: ValueError, which lists the points."""
    return tuple(_read_kill(part.strip()) for part in text.split(",") if part.strip())


def _read_kill(text: str) -> Kill:
    name, colon, nth = text.partition(":")
    if name not in [point.value for point in KillPoint] or (colon and not nth.isdecimal()):
        raise ValueError(
            f"{text!r} is no kill point: {', '.join(KillPoint)}, each with :nth or not"
        )
    kill = Kill(KillPoint(name), int(nth or 1))
    if kill.nth < 1:
        raise ValueError(f"{text!r}: the first time is 1")
    return kill


def kills_done(log: Path) -> list[str]:
    """Give the kills that were written down, as `point:nth`, in their order."""
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def _kill_this_process() -> None:
    # Nothing of ours runs any more after this: no handler, no `finally`, no buffer.
    os.kill(os.getpid(), signal.SIGKILL)


class Killer:
    """Wraps journals and sorters so that their kill points are noticed; without kills, it gives
    them back as they are.
    """

    def __init__(
        self,
        kills: tuple[Kill, ...] = (),
        log: Path | None = None,
        *,
        end: Callable[[], None] = _kill_this_process,
    ) -> None:
        if kills and log is None:
            raise ValueError("kills have to be written down somewhere")
        self._log = log
        self._end = end
        self._reached: Counter[KillPoint] = Counter()
        done = Counter(kills_done(log) if log is not None else [])
        self._armed = [kill for kill in kills if not _take_one(done, str(kill))]

    @property
    def armed(self) -> list[Kill]:
        """The kills that are still to come."""
        return list(self._armed)

    def reach(self, point: KillPoint) -> None:
        """Note that a point is reached, and end the process where it is wanted there."""
        self._reached[point] += 1
        kill = Kill(point, self._reached[point])
        if kill not in self._armed:
            return
        assert self._log is not None
        self._armed.remove(kill)
        with self._log.open("a", encoding="utf-8") as file:
            file.write(f"{kill}\n")
            file.flush()
            os.fsync(file.fileno())
        _log.critical("this process kills itself, as it was told", kill=str(kill))
        self._end()

    def events(self, journal: EventJournal[_Body]) -> EventJournal[_Body]:
        """Give a journal of events that notices its kill points."""
        return _Events(journal, self) if self._armed else journal

    def labels(self, journal: PrintJournal) -> PrintJournal:
        """Give a journal of labels that notices its kill points."""
        return _Labels(journal, self) if self._armed else journal

    def sorter(self, sorter: Assigner) -> Assigner:
        """Give a sorter that notices its kill points."""
        return _Sorter(sorter, self) if self._armed else sorter


def killer_of(settings: Settings) -> Killer:
    """Give the killer that the settings ask for; half a wish is none, and is said loudly.

    Raises: ValueError, a point that there is not.
    """
    if settings.kill_at is None:
        return Killer()
    kills = read_kills(settings.kill_at)
    if settings.kill_log is None:
        _log.error("STOWLINE_KILL_AT is not honoured without STOWLINE_KILL_LOG")
        return Killer()
    killer = Killer(kills, settings.kill_log)
    if killer.armed:
        armed = [str(kill) for kill in killer.armed]
        _log.warning("this gateway will kill itself: a test asked for it", points=armed)
    return killer


def _take_one(done: "Counter[str]", kill: str) -> bool:
    done[kill] -= 1
    return done[kill] >= 0


class _Events(Generic[_Body]):
    def __init__(self, journal: EventJournal[_Body], killer: Killer) -> None:
        self._journal = journal
        self._killer = killer

    async def resume(self, device: str, boot: int) -> int:
        return await self._journal.resume(device, boot)

    async def accept_all(self, events: Sequence[InboundEvent[_Body]]) -> None:
        for _ in events:
            self._killer.reach(KillPoint.BEFORE_ACCEPT)
        await self._journal.accept_all(events)
        for _ in events:
            self._killer.reach(KillPoint.AFTER_ACCEPT)


class _Labels:
    def __init__(self, journal: PrintJournal, killer: Killer) -> None:
        self._journal = journal
        self._killer = killer

    async def begun(self, printer: str) -> BegunJob | None:
        return await self._journal.begun(printer)

    async def begin(self, printer: str, job_id: str, counter: int) -> None:
        self._killer.reach(KillPoint.BEFORE_BEGIN)
        await self._journal.begin(printer, job_id, counter)
        self._killer.reach(KillPoint.AFTER_BEGIN)

    async def sent(self, job_id: str) -> None:
        await self._journal.sent(job_id)
        self._killer.reach(KillPoint.AFTER_SENT)

    async def finish(self, job_id: str, outcome: Outcome) -> None:
        self._killer.reach(KillPoint.BEFORE_FINISH)
        await self._journal.finish(job_id, outcome)
        self._killer.reach(KillPoint.AFTER_FINISH)


class _Sorter:
    def __init__(self, sorter: Assigner, killer: Killer) -> None:
        self._sorter = sorter
        self._killer = killer

    @property
    def status(self) -> Status | None:
        return self._sorter.status

    @status.setter
    def status(self, status: Status | None) -> None:
        self._sorter.status = status

    async def assign(
        self, track: int, lane: int, deadline: int, *, other_lane: int = 0, wait_s: float = 5.0
    ) -> CommandResult:
        self._killer.reach(KillPoint.BEFORE_ASSIGN)
        result = await self._sorter.assign(
            track, lane, deadline, other_lane=other_lane, wait_s=wait_s
        )
        self._killer.reach(KillPoint.AFTER_ASSIGN)
        return result
