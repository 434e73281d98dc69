"""`python -m benchmarks.sorter_crowd`: scanners in a process of their own that read at a pace.

A `Crowd` as JSON comes in on standard input, a `Told` as JSON goes out on standard output.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.sorter_house import AREA, SITE
from devices.link.topic import DeviceName
from sim.scanner import Scanner

_TICK_S = 0.002


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many scanners read how many codes in all, so many a second, and wait for what is due.

    They give up after `patience_s` without any acknowledgement. When all are on the broker, the
    file `ready` is made, and they are silent for a while.
    """

    mqtt_url: str
    scanners: int
    events: int
    rate: float
    patience_s: float = 30.0
    ready: str = ""
    silent_s: float = 0.0
    first: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What they read; times are of the system's monotonic clock, which all processes share."""

    read_s: list[float]
    acknowledged_s: list[float]
    sent_again: int
    connections: int


def scanner_name(number: int) -> DeviceName:
    """The scanner of that number, from 1."""
    return DeviceName(SITE, AREA, "scanner", f"SCN-{number:03d}")


class _Watch:
    """One scanner, and when each of its events was read and acknowledged."""

    def __init__(self, number: int, mqtt_url: str) -> None:
        self.number = number
        name = scanner_name(number)
        self.scanner = Scanner(name, mqtt_url, boot=1, clock=lambda: datetime.now(UTC))
        self.read_s: list[float] = []
        self.acknowledged_s: list[float] = []
        self.progressed_s = 0.0

    def read(self) -> None:
        self.progressed_s = time.monotonic()
        self.read_s.append(self.progressed_s)
        self.scanner.read(f"T-{self.number:03d}{len(self.read_s):05d}")

    def look(self) -> None:
        known = self.scanner.counts["acknowledged"] - len(self.acknowledged_s)
        if known:
            self.progressed_s = time.monotonic()
            self.acknowledged_s += [self.progressed_s] * known


def _numbers(crowd: Crowd) -> range:
    return range(crowd.first, crowd.first + crowd.scanners)


async def _run(crowd: Crowd) -> Told:
    watches = [_Watch(number, crowd.mqtt_url) for number in _numbers(crowd)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.scanner.run()) for watch in watches]
        for watch in watches:
            await watch.scanner.connected.wait()
        if crowd.ready:
            Path(crowd.ready).touch()
        await asyncio.sleep(crowd.silent_s)
        await _read(crowd, watches)
        await _look_until(watches, lambda: _settled(watches) or _is_stuck(crowd, watches))
        for task in running:
            task.cancel()
    return Told(
        read_s=[at_s for watch in watches for at_s in watch.read_s],
        acknowledged_s=[at_s for watch in watches for at_s in _padded(watch)],
        sent_again=sum(watch.scanner.counts["sent_again"] for watch in watches),
        connections=sum(watch.scanner.counts["connected"] for watch in watches),
    )


async def _read(crowd: Crowd, watches: list[_Watch]) -> None:
    began_s = time.monotonic()
    for number in range(crowd.events):
        await _look_until(watches, partial(_is_past, began_s + number / crowd.rate))
        watches[number % len(watches)].read()


async def _look_until(watches: list[_Watch], true: Callable[[], bool]) -> None:
    while True:
        for watch in watches:
            watch.look()
        if true():
            return
        await asyncio.sleep(_TICK_S)


def _is_stuck(crowd: Crowd, watches: list[_Watch]) -> bool:
    last_s = max(watch.progressed_s for watch in watches)
    return time.monotonic() - last_s > crowd.patience_s


def _is_past(at_s: float) -> bool:
    return time.monotonic() >= at_s


def _settled(watches: list[_Watch]) -> bool:
    return not any(watch.scanner.unacknowledged for watch in watches)


def _padded(watch: _Watch) -> list[float]:
    """An event that was never acknowledged has the time -1."""
    missing = len(watch.read_s) - len(watch.acknowledged_s)
    return watch.acknowledged_s + [-1.0] * missing


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_run(Crowd(**json.load(sys.stdin)))))))
