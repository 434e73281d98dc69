"""The decision: a scan on a track becomes a lane, in memory and before anything is stored."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from api.gateway.equipment import DECISION_COUNTS
from api.gateway.lane import LaneTable, Route
from devices.error import DeviceError
from devices.gs1 import ScanKind, parse_scan
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from devices.sorter.command import CommandRefused
from devices.sorter.register import (
    U32_MAX,
    CommandResult,
    EventType,
    RingEvent,
    Status,
)

_log = structlog.get_logger(__name__)
_OVER = (EventType.DIVERTED, EventType.RECIRCULATED, EventType.REJECTED, EventType.LOST)


class Assigner(Protocol):
    """What the desk needs of a sorter; a Protocol because driver and desk know each other."""

    status: Status | None

    async def assign(
        self, track: int, lane: int, deadline: int, *, other_lane: int = 0, wait_s: float = 5.0
    ) -> CommandResult:
        """Send a track to a lane."""
        ...


@dataclass(frozen=True, slots=True)
class _Decision:
    track: int
    route: Route
    since_s: float


class DecisionDesk:
    """Remembers what rides on which track, and tells the sorter where it goes.

    A track's last scan counts: numbers are used again after the PLC restarts, and a scan that was
    kept from before must not outlive the one that follows it. A tote that is not in the table is
    asked for with `unknown`, and decided as soon as it is there.
    """

    def __init__(self, lanes: LaneTable, decision_counts: int, unknown: Callable[[], None]) -> None:
        self.counts: Counter[str] = Counter()
        self.sorter: Assigner | None = None
        self._lanes = lanes
        self._decision_counts = decision_counts
        self._totes: dict[int, str] = {}
        self._inducted_at: dict[int, int] = {}
        self._unknown = unknown
        self._decided: set[int] = set()
        self._waiting: asyncio.Queue[_Decision] = asyncio.Queue()

    def scanned(self, scanner: DeviceName, event: DeviceEvent) -> None:
        """Take a scan; a tote that is expected is given its lane at once."""
        tote = tote_of(event)
        if event.trigger is None or tote is None:
            self.counts["scans_without_tote"] += 1
            return
        track = event.trigger
        if self._totes.get(track) == tote and track in self._decided:
            return
        self._totes[track] = tote
        self._decided.discard(track)
        if not self._decide(track, tote):
            self.counts["unknown_totes"] += 1
            _log.warning("tote not expected", tote=tote, track=track, scanner=str(scanner))
            self._unknown()

    def reconsider(self) -> None:
        """Decide for what rides undecided, after the table changed."""
        for track, tote in self._totes.items():
            if track not in self._decided:
                self._decide(track, tote)

    def _decide(self, track: int, tote: str) -> bool:
        route = self._lanes.find(tote)
        if route is None:
            return False
        self._decided.add(track)
        self._waiting.put_nowait(_Decision(track, route, time.monotonic()))
        return True

    def happened(self, event: RingEvent) -> None:
        """Take what the sorter reports, as soon as it is read."""
        # The scan may have come before: the broker is quicker than a cycle.
        if event.type is EventType.INDUCTED:
            self._inducted_at[event.track] = event.encoder

    def tote_on(self, track: int) -> str | None:
        """Give the tote that rides on a track."""
        return self._totes.get(track)

    def settle(self, event: RingEvent) -> None:
        """Forget a track whose end is stored."""
        if event.type in _OVER:
            self.finish(event.track)

    def finish(self, track: int) -> None:
        """Forget a track."""
        self._totes.pop(track, None)
        self._inducted_at.pop(track, None)
        self._decided.discard(track)

    def recall(self, totes: dict[int, str]) -> None:
        """Take up what was decided before this process began."""
        self._totes |= totes
        self._decided |= totes.keys()

    def forget(self) -> None:
        """Forget every track, because the PLC did."""
        self._totes.clear()
        self._inducted_at.clear()
        self._decided.clear()

    async def run(self) -> None:
        """Carry decisions out until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                decision = await self._waiting.get()
                tasks.create_task(self._assign(decision))

    async def _assign(self, decision: _Decision) -> None:
        assert self.sorter is not None, "the desk has a sorter before it runs"
        route, track = decision.route, decision.track
        log = _log.bind(tote=route.tote, track=track, lane=route.lane, order_id=route.order_id)
        try:
            result = await self.sorter.assign(track, route.lane, self._deadline(track))
        except CommandRefused as refusal:
            self.counts[f"refused_{refusal.result.name.lower()}"] += 1
            log.warning("lane refused", result=refusal.result.name)
        except DeviceError as error:
            self.counts["unanswered"] += 1
            log.warning("lane not confirmed", error=str(error))
        else:
            self.counts["assigned"] += 1
            took_ms = round(1_000 * (time.monotonic() - decision.since_s), 1)
            log.info("lane assigned", result=result.name, decision_ms=took_ms)

    def _deadline(self, track: int) -> int:
        inducted_at = self._inducted_at.get(track)
        if inducted_at is not None:
            return (inducted_at + self._decision_counts) & U32_MAX
        status = self.sorter.status if self.sorter is not None else None
        return ((status.encoder if status else 0) + DECISION_COUNTS) & U32_MAX


def tote_of(event: DeviceEvent) -> str | None:
    """Give the tote that a scan names."""
    scan = parse_scan(event.raw, event.aim)
    return scan.value if scan.kind is ScanKind.TOTE else None
