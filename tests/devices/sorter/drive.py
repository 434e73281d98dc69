"""A driver that runs against a small PLC for as long as a block lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.message import RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.plc import SmallPlc
from tests.patience import PATIENCE_S

# A driver hears of a connection that ended under a request only when it waits no longer.
HANGS_UP_S = 5.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def driving(
    plc: SmallPlc,
    journal: MemoryEventJournal,
    *,
    stops_at_refusal: bool = False,
    timeout_s: float = PATIENCE_S,
) -> AsyncIterator[SorterDriver]:
    address = SorterAddress(
        host="127.0.0.1",
        port=plc.port,
        cycle_s=0.01,
        timeout_s=timeout_s,
        reconnect_s=0.05,
        stops_at_refusal=stops_at_refusal,
    )
    driver = SorterDriver("PLC-1", address, journal, 9)
    task = asyncio.create_task(driver.run())
    try:
        yield driver
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


@asynccontextmanager
async def running(
    plc: SmallPlc,
    journal: MemoryEventJournal,
    *,
    stops_at_refusal: bool = False,
    timeout_s: float = PATIENCE_S,
) -> AsyncIterator[SorterDriver]:
    await plc.start()
    options: dict[str, Any] = {"stops_at_refusal": stops_at_refusal, "timeout_s": timeout_s}
    try:
        async with driving(plc, journal, **options) as driver:
            async with asyncio.timeout(PATIENCE_S):
                await driver.wait_state(SorterState.RUN)
            yield driver
    finally:
        await plc.stop()


def tracks(journal: MemoryEventJournal) -> list[int]:
    return [event.body.track for event in journal.events if isinstance(event.body, RingEvent)]
