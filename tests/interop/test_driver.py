"""Our sorter's driver against a Modbus server that nobody here wrote."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.error import DeviceError
from devices.sorter.command import CommandRefused
from devices.sorter.driver import SorterDriver, SorterState
from devices.sorter.exchange import SorterAddress
from devices.sorter.message import CommandResult, EventType, RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.drive import HANGS_UP_S
from tests.interop.program import require_libmodbus
from tests.patience import PATIENCE_S
from tests.port import own_port

pytestmark = pytest.mark.asyncio
ROOT = Path(__file__).parents[2]


class Plc:
    """A child process with libmodbus's server in it."""

    def __init__(self) -> None:
        require_libmodbus()
        self.port = own_port()
        self.said: dict[str, Any] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self, boot: int, tracks: int, scan_ms: int = 0) -> None:
        self.said = {}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.interop.libmodbus_plc"),
            *map(str, (self.port, boot, tracks, scan_ms)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.create_task(self._listen())
        await until(lambda: "listening" in self.said)

    async def kill(self) -> None:
        if self._process is not None and self._listening is not None:
            self._process.kill()
            await self._process.wait()
            await self._listening
            self._process = None

    async def _listen(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for line in self._process.stdout:
            self.said |= json.loads(line)

    @property
    def lanes(self) -> dict[int, int]:
        return {int(track): lane for track, lane in self.said.get("lanes", {}).items()}


@asynccontextmanager
async def driving(plc: Plc, journal: MemoryEventJournal) -> AsyncIterator[SorterDriver]:
    address = SorterAddress(host="127.0.0.1", port=plc.port, timeout_s=HANGS_UP_S)
    driver = SorterDriver("sorter", address, journal, 4)
    task = asyncio.create_task(driver.run())
    try:
        yield driver
    finally:
        task.cancel()
        await asyncio.wait({task})
        await plc.kill()
        assert task.cancelled(), task.exception()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


def told(journal: MemoryEventJournal, boot: int) -> list[tuple[EventType, int, int]]:
    found = []
    for event in journal.events:
        assert isinstance(event.body, RingEvent)
        if event.boot == boot:
            found.append((event.body.type, event.body.track, event.body.actual))
    return found


@pytest.mark.parametrize("scan_ms", [0, 30])
async def test_totes_go_where_they_are_sent(scan_ms: int) -> None:
    plc, journal = Plc(), MemoryEventJournal()
    await plc.start(boot=3, tracks=20, scan_ms=scan_ms)
    async with driving(plc, journal) as driver:
        await until(lambda: len(journal.events) == 20)
        wanted = {track: track % 4 + 1 for track in range(1, 21)}
        async with asyncio.timeout(PATIENCE_S):
            results = await asyncio.gather(
                *(
                    driver.assign(track, lane, 10_000, wait_s=PATIENCE_S)
                    for track, lane in wanted.items()
                )
            )
        # NONE is one of several commands in a write, whose result a later one hid.
        assert set(results) <= {CommandResult.DONE, CommandResult.REPEATED, CommandResult.NONE}
        await until(lambda: len(journal.events) == 40)
        await until(lambda: plc.said["acknowledged"] == 40)
        assert plc.lanes == wanted
        assert plc.said["commands"] == list(range(1, 21))
    assert journal.sequence("sorter") == [(3, seq) for seq in range(1, 41)]
    inducted = [(EventType.INDUCTED, track, 0) for track in wanted]
    diverted = {(EventType.DIVERTED, track, lane) for track, lane in wanted.items()}
    events = told(journal, 3)
    assert events[:20] == inducted
    assert set(events[20:]) == diverted and len(events) == 40


async def test_a_refused_command_says_why_and_stops_no_other() -> None:
    plc, journal = Plc(), MemoryEventJournal()
    await plc.start(boot=3, tracks=2)
    async with driving(plc, journal) as driver:
        await until(lambda: len(journal.events) == 2)
        with pytest.raises(CommandRefused) as refusal:
            await driver.assign(1, 9, 10_000, wait_s=PATIENCE_S)
        assert refusal.value.result is CommandResult.UNKNOWN_LANE
        assert await driver.assign(2, 3, 10_000, wait_s=PATIENCE_S) is CommandResult.DONE
        await until(lambda: len(journal.events) == 3)
        await until(lambda: plc.lanes == {2: 3})


async def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    plc, journal = Plc(), MemoryEventJournal()
    journal.failing.add("sorter")
    await plc.start(boot=3, tracks=12)
    async with driving(plc, journal) as driver:
        await driver.wait_state(SorterState.RUN)
        beats = driver.counts["cycles"]
        await until(lambda: driver.counts["cycles"] > beats + 5)
        assert plc.said.get("acknowledged", 0) == 0
        journal.failing.clear()
        await until(lambda: plc.said.get("acknowledged") == 12)
    assert journal.sequence("sorter") == [(3, seq) for seq in range(1, 13)]


async def test_a_plc_that_dies_and_comes_back_under_another_boot_begins_anew() -> None:
    plc, journal = Plc(), MemoryEventJournal()
    await plc.start(boot=3, tracks=2)
    async with driving(plc, journal) as driver:
        await until(lambda: len(journal.events) == 2)
        await plc.kill()
        await driver.wait_state(SorterState.DOWN)
        with pytest.raises(DeviceError):
            await driver.assign(1, 1, 10_000, wait_s=0.2)
        await plc.start(boot=4, tracks=3)
        await driver.wait_state(SorterState.RUN)
        await until(lambda: len(journal.events) == 5)
        await driver.assign(3, 2, 10_000, wait_s=PATIENCE_S)
        await until(lambda: len(journal.events) == 6)
        await until(lambda: plc.lanes == {3: 2})
        assert plc.said["commands"] == [1]
    assert journal.sequence("sorter") == [(3, 1), (3, 2), *((4, seq) for seq in range(1, 5))]
    assert [boot for _, boot in journal.resumed] == [3, 4]
