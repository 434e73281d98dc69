"""Faults between scanner and house: each event is kept once and in order, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.link.client import BrokerAddress, DeviceLink
from devices.link.topic import DeviceName
from sim.fault import Fault, FaultPlan
from sim.proxy import Proxy, Way
from sim.scanner import Scanner
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import Broker
from tests.patience import PATIENCE_S

HOST = "127.0.0.1"
NAME = DeviceName("main", "sort", "scanner", "SCN-01")
MOMENT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
EVENTS = 30


@dataclass
class Hall:
    """A scanner, a broker with a cable to either side, and our link."""

    broker: Broker
    scanner: Scanner
    journal: MemoryEventJournal
    scanners_cable: Proxy
    links_cable: Proxy
    errands: list[asyncio.Task[None]] = field(default_factory=list)

    async def read_all(self, strike: Callable[[int], int]) -> None:
        """Read totes one after the other; `strike` says how often each is sent at first."""
        for number in range(1, EVENTS + 1):
            self.scanner.read(f"T-{number:05d}", number, sends=strike(number))
            await asyncio.sleep(0.01)
        async with asyncio.timeout(5 * PATIENCE_S):
            while self.scanner.unacknowledged:
                await asyncio.sleep(0.02)

    def each_once_in_order(self) -> None:
        assert self.journal.sequence(str(NAME)) == [(7, n) for n in range(1, EVENTS + 1)]


@asynccontextmanager
async def hall(folder: Path, plan: FaultPlan) -> AsyncIterator[Hall]:
    broker = Broker(folder)
    await broker.start()
    cables = [Proxy((HOST, broker.port)) for _ in range(2)]
    ports = [await cable.start(HOST) for cable in cables]
    journal = MemoryEventJournal()
    scanner = Scanner(
        NAME,
        f"mqtt://{HOST}:{ports[0]}",
        boot=7,
        clock=lambda: MOMENT + timedelta(seconds=plan.skew_s(scanner.counts["read"])),
    )
    address = BrokerAddress(host=HOST, port=ports[1])
    link = DeviceLink(address, "main", journal, client_id="house")
    tasks = [asyncio.create_task(one.run()) for one in (scanner, link)]
    try:
        async with asyncio.timeout(PATIENCE_S):
            await scanner.connected.wait()
            await link.connected.wait()
        yield Hall(broker, scanner, journal, cables[0], cables[1])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for cable in cables:
            await cable.stop()
        broker.kill()


@pytest.mark.parametrize(
    "fault", [Fault.DUPLICATE_SEQUENCE, Fault.SKIPPED_SEQUENCE, Fault.CLOCK_SKEW]
)
async def test_what_a_scanner_does_wrong_is_put_right(fault: Fault, tmp_path: Path) -> None:
    plan = FaultPlan(frozenset({fault}), 1)

    def strike(number: int) -> int:
        faults = plan.at_scanner(number)
        return 2 if Fault.DUPLICATE_SEQUENCE in faults else int(not faults)

    async with hall(tmp_path, plan) as house:
        await house.read_all(strike)
        house.each_once_in_order()
        moments = [event.body.at for event in house.journal.events]  # type: ignore[union-attr]
        assert (moments != sorted(moments)) == (fault is Fault.CLOCK_SKEW)


def kill_broker(house: Hall) -> None:
    """Kill the broker and start it again half a second later."""
    house.broker.kill()
    loop = asyncio.get_running_loop()
    loop.call_later(0.5, lambda: house.errands.append(loop.create_task(house.broker.start())))


def pull_both(house: Hall) -> None:
    for cable in (house.scanners_cable, house.links_cable):
        cable.pull()
        asyncio.get_running_loop().call_later(1.0, cable.heal)


def half_open(house: Hall) -> None:
    house.links_cable.half_open()
    asyncio.get_running_loop().call_later(1.0, house.links_cable.heal)


def slow_down(house: Hall) -> None:
    for cable in (house.scanners_cable, house.links_cable):
        cable.delay(0.7)
        asyncio.get_running_loop().call_later(1.5, cable.delay, 0.0)


@pytest.mark.parametrize(
    "strike",
    [
        kill_broker,
        pull_both,
        half_open,
        slow_down,
        lambda house: house.links_cable.reset(),
        lambda house: house.scanners_cable.cut(),
        lambda house: house.links_cable.duplicate(Way.DOWN, 5),
    ],
    ids=["broker-kill", "network-cut", "half-open", "slow-response", "reset", "cut", "duplicate"],
)
async def test_what_happens_to_broker_and_cables_costs_time_only(
    strike: Callable[[Hall], None], tmp_path: Path
) -> None:
    async with hall(tmp_path, FaultPlan(frozenset(), 1)) as house:

        def at_the_tenth(number: int) -> int:
            if number == 10:
                strike(house)
            return 1

        await house.read_all(at_the_tenth)
        house.each_once_in_order()
