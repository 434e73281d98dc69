"""`python -m benchmarks.sorter_bare`: link and sorter's driver alone, with nothing kept for good.

A `Bare` as JSON comes in on standard input; on SIGTERM the waits go out on standard output.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.gateway.gateway import broker_address
from benchmarks.sorter_house import AREA, SCANNER, SITE, SORTER, tote_lane
from benchmarks.sorter_poller import Poller
from devices.error import DeviceError
from devices.journal import InboundEvent
from devices.link.client import DeviceLink
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from devices.sorter.driver import SorterDriver
from devices.sorter.exchange import SorterAddress
from devices.sorter.message import EventType, RingEvent


@dataclass(frozen=True, slots=True)
class Bare:
    """Where broker and PLC are; `decision_counts` is how long a track can be given a lane.

    `polled` is the way without our driver: one transaction every 50 ms, whatever waits.
    """

    mqtt_url: str
    plc_port: int
    decision_counts: int
    lanes: int
    polled: bool = False


class Memory:
    """A journal that forgets everything but how far it came."""

    def __init__(self) -> None:
        self._upto: dict[tuple[str, int], int] = {}

    async def resume(self, device: str, boot: int) -> int:
        return self._upto.get((device, boot), 0)

    async def accept_all(self, events: Sequence[InboundEvent[object]]) -> None:
        for event in events:
            self._upto[event.device, event.boot] = event.seq


class _Desk:
    """Decides by the tote's number, as soon as it is read."""

    def __init__(self, bare: Bare) -> None:
        self.waits_ms: list[float] = []
        self.refused = 0
        self._bare = bare
        self._inducted_at: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        memory = Memory()
        self.driver: SorterDriver | Poller = (
            Poller(bare.plc_port)
            if bare.polled
            else SorterDriver(
                SORTER,
                SorterAddress(host="127.0.0.1", port=bare.plc_port),
                memory,
                1,
                on_event=self._happened,
            )
        )
        self.link = DeviceLink(
            broker_address(bare.mqtt_url),
            SITE,
            memory,
            client_id="bare",
            only=frozenset({DeviceName(SITE, AREA, "scanner", SCANNER)}),
            on_event=self._scanned,
        )

    def _happened(self, event: RingEvent) -> None:
        if event.type is EventType.INDUCTED:
            self._inducted_at[event.track] = event.encoder

    def _scanned(self, _scanner: DeviceName, event: DeviceEvent) -> None:
        task = asyncio.ensure_future(self._assign(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _assign(self, event: DeviceEvent) -> None:
        track = event.trigger or 0
        status = self.driver.status
        since = self._inducted_at.get(track, status.encoder if status else 0)
        lane = tote_lane(event.raw, self._bare.lanes)
        try:
            await self.driver.assign(track, lane, since + self._bare.decision_counts)
        except DeviceError:
            self.refused += 1
        else:
            self.waits_ms.append(1_000 * (datetime.now(UTC) - event.at).total_seconds())

    async def run(self) -> None:
        """Works until SIGTERM."""
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        work: tuple[Coroutine[Any, Any, None], ...] = (self.driver.run(), self.link.run())
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one) for one in work]
            await ended.wait()
            for task in running:
                task.cancel()


def main() -> None:
    """Runs link and driver."""
    desk = _Desk(Bare(**json.load(sys.stdin)))
    asyncio.run(desk.run())
    print(json.dumps({"waits_ms": desk.waits_ms, "refused": desk.refused}))


if __name__ == "__main__":
    main()
