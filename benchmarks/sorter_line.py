"""`python -m benchmarks.sorter_line`: belt, PLC and scanner in a process of their own.

A `Line` as JSON comes in on standard input, a `Ran` as JSON goes out on standard output.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from benchmarks.sorter_house import AREA, SCANNER, SITE, tote_code
from devices.link.topic import DeviceName
from devices.sorter.register import REG_HEARTBEAT_SEEN, REG_RING, RING_SLOT_WORDS
from sim.belt import BeltPlan
from sim.modbus import PlcServer
from sim.plc import Plc
from sim.scanner import Scanner

_SCANNER_MM = 2_000
_SPACING_MM = 1_200
MM_PER_COUNT = 10
_TICK_S = 0.05
_START_S = 60.0


def belt_plan(
    rate: float, window_s: float, lanes: int, *, rounds_max: int | None = None
) -> BeltPlan:
    """A belt that brings so many totes a second, each `window_s` from the scanner to the last
    moment for its lane.
    """
    speed_mm_s = rate * _SPACING_MM
    decision_mm = _SCANNER_MM + round(window_s * speed_mm_s)
    return BeltPlan(
        speed_mm_s=speed_mm_s,
        mm_per_count=MM_PER_COUNT,
        spacing_mm=_SPACING_MM,
        scanner_mm=_SCANNER_MM,
        decision_mm=decision_mm,
        first_gate_mm=decision_mm + _SCANNER_MM,
        lanes=lanes,
        recirculations_max=rounds_max,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What runs over the sorter; `window_s` is the time from the scanner to the last moment."""

    mqtt_url: str
    plc_port: int
    first: int
    count: int
    rate: float
    warm_up: int = 0
    window_s: float = 0.5
    lanes: int = 8
    patience_s: float = 60.0
    boot: int = 1

    @property
    def plan(self) -> BeltPlan:
        """The belt that brings totes at that rate."""
        return belt_plan(self.rate, self.window_s, self.lanes)

    @property
    def config(self) -> dict[str, object]:
        """What the house is told of the sorter."""
        return {"decision_mm": self.plan.decision_mm, "mm_per_count": MM_PER_COUNT}


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of it, as the hardware saw it."""

    seconds: float
    waits_ms: list[float]
    arrived: int
    twice: int
    scans: int
    sent_again: int
    unacknowledged: int
    plc: dict[str, int]


async def heard(plc: Plc, scanner: Scanner) -> None:
    """Returns when somebody listens to both. Raises: TimeoutError."""
    async with asyncio.timeout(_START_S):
        await scanner.connected.wait()
        while not plc.read(time.monotonic())[REG_HEARTBEAT_SEEN]:
            await asyncio.sleep(_TICK_S)


class _Floor:
    """Totes on the belt until each has stood at the end of a lane."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.arrivals: Counter[str] = Counter()
        self.progressed_s = time.monotonic()
        name = DeviceName(SITE, AREA, "scanner", SCANNER)
        self.scanner = Scanner(name, line.mqtt_url, boot=line.boot, clock=lambda: datetime.now(UTC))
        self.plc = Plc(line.plan, boot=line.boot, scanned=self._scanned, arrived=self._arrived)
        self.server = PlcServer(self.plc, "127.0.0.1", line.plc_port)

    def _scanned(self, track: int, tote: str) -> None:
        self.scanner.read(tote, track)

    def _arrived(self, tote: str, _lane: int) -> None:
        self.arrivals[tote] += 1
        self.progressed_s = time.monotonic()

    async def run(self) -> Ran:
        """Puts everything on the belt as soon as somebody listens, and waits for its end."""
        await self.server.start()
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self.server.run()), tasks.create_task(self.scanner.run())]
            await self._heard()
            began_s = time.monotonic()
            for number in range(self.line.first, self.line.first + self.line.count):
                self.plc.load(tote_code(number))
            self.server.changed.set()
            await self._until(lambda: len(self.arrivals) == self.line.count)
            seconds = time.monotonic() - began_s
            await self._until(lambda: not self.scanner.unacknowledged and self._ring_empty())
            for task in running:
                task.cancel()
        await self.server.stop()
        return self._result(seconds)

    def _ring_empty(self) -> bool:
        return not any(self.plc.read(time.monotonic())[REG_RING::RING_SLOT_WORDS])

    async def _heard(self) -> None:
        await heard(self.plc, self.scanner)
        # The house's first look at what is expected is over by then.
        await asyncio.sleep(1.0)

    async def _until(self, true: Callable[[], bool]) -> None:
        self.progressed_s = time.monotonic()
        while not true() and time.monotonic() - self.progressed_s < self.line.patience_s:
            await asyncio.sleep(_TICK_S)

    def _result(self, seconds: float) -> Ran:
        waits_ms = [round(1_000 * wait_s, 3) for wait_s in self.plc.decision_waits_s]
        return Ran(
            seconds=seconds,
            waits_ms=waits_ms[self.line.warm_up :],
            arrived=len(self.arrivals),
            twice=sum(count - 1 for count in self.arrivals.values()),
            scans=self.scanner.counts["read"],
            sent_again=self.scanner.counts["sent_again"],
            unacknowledged=self.scanner.unacknowledged,
            plc=dict(self.plc.counts),
        )


def main() -> None:
    """Runs one line."""
    line = Line(**json.load(sys.stdin))
    print(json.dumps(asdict(asyncio.run(_Floor(line).run()))))


if __name__ == "__main__":
    main()
