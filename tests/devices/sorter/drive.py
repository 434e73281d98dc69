"""A driver that runs against a small PLC for as long as a block lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.message import RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.plc import SmallPlc

PATIENCE_S = 10.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def driving(
    plc: SmallPlc, journal: MemoryEventJournal, *, boot: int = 9, stops_at_refusal: bool = False
) -> AsyncIterator[SorterDriver]:
    address = SorterAddress(
        host="127.0.0.1",
        port=plc.port,
        cycle_s=0.01,
        timeout_s=0.3,
        reconnect_s=0.05,
        stops_at_refusal=stops_at_refusal,
    )
    driver = SorterDriver("PLC-1", address, journal, boot)
    task = asyncio.create_task(driver.run())
    try:
        yield driver
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


@asynccontextmanager
async def running(
    plc: SmallPlc, journal: MemoryEventJournal, *, stops_at_refusal: bool = False
) -> AsyncIterator[SorterDriver]:
    await plc.start()
    try:
        async with driving(plc, journal, stops_at_refusal=stops_at_refusal) as driver:
            async with asyncio.timeout(PATIENCE_S):
                await driver.wait_state(SorterState.RUN)
            yield driver
    finally:
        await plc.stop()


def tracks(journal: MemoryEventJournal) -> list[int]:
    return [event.body.track for event in journal.events if isinstance(event.body, RingEvent)]
