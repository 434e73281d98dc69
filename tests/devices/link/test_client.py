"""The link against a real broker: each event once, in order, acknowledged when it is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.link.client import BrokerAddress, DeviceLink
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from tests.devices.journal import MemoryEventJournal
from tests.devices.link.broker import Broker, Scanner
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio
SCANNER = DeviceName("main", "sort", "scanner", "SCN-01")
OTHER = DeviceName("main", "sort", "scanner", "SCN-02")


async def until(true: Callable[[], bool], also: Callable[[], None] = lambda: None) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            also()
            await asyncio.sleep(0.05)


@asynccontextmanager
async def linked(
    broker: Broker, journal: MemoryEventJournal, *scanners: Scanner
) -> AsyncIterator[DeviceLink]:
    address = BrokerAddress(host="127.0.0.1", port=broker.port)
    link = DeviceLink(address, "main", journal, client_id="gateway-test")
    task = asyncio.create_task(link.run())
    try:
        await until(lambda: len(link.devices) == len(scanners))
        yield link
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


@asynccontextmanager
async def broker_with(
    folder: Path, *names: tuple[DeviceName, int]
) -> AsyncIterator[tuple[Broker, list[Scanner]]]:
    broker = Broker(folder)
    await broker.start()
    scanners = [Scanner(broker, name, boot) for name, boot in names]
    try:
        yield broker, scanners
    finally:
        for scanner in scanners:
            scanner.stop()
        broker.kill()


def raws(journal: MemoryEventJournal, name: DeviceName = SCANNER) -> list[str]:
    found = []
    for event in journal.events:
        assert isinstance(event.body, DeviceEvent)
        if event.device == str(name):
            found.append(event.body.raw)
    return found


async def test_a_scan_arrives_and_is_acknowledged(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner) as link,
    ):
        scanner.scan("T-00042")
        await until(lambda: not scanner.kept)
        view = link.devices[SCANNER]
        assert view.birth is not None and view.birth.capabilities == ("code128",)
        assert view.state is not None and view.state.online
    (event,) = journal.events
    assert (event.device, event.boot, event.seq) == ("main/sort/scanner/SCN-01", 7, 1)
    assert isinstance(event.body, DeviceEvent) and event.body.trigger == 1


async def test_doubles_are_dropped_and_a_gap_waits_for_what_is_missing(
    tmp_path: Path,
) -> None:
    journal = MemoryEventJournal()
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner) as link,
    ):
        scanner.scan("one")
        scanner.scan("two", publish=False)
        for _ in range(3):
            scanner.scan("three")
        await until(lambda: journal.sequence(str(SCANNER)) == [(7, 1)])
        await until(lambda: min(scanner.kept) == 2)
        scanner.send_again()
        scanner.send_again()
        await until(lambda: not scanner.kept)
        await until(lambda: link.counts["doubles"] >= 4)
    assert raws(journal) == ["one", "two", "three", "three", "three"]


async def test_a_killed_broker_loses_and_doubles_no_event(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner) as link,
    ):
        for number in range(600):
            scanner.scan(f"T-{number:05d}")
            if number == 300:
                broker.kill()
                await until(lambda: not link.connected.is_set())
            if number == 350:
                await broker.start()
            await asyncio.sleep(0.001)
        await until(lambda: not scanner.kept, scanner.send_again)
        assert link.counts["connected"] >= 2
    assert raws(journal) == [f"T-{number:05d}" for number in range(600)]


async def test_an_event_the_journal_refused_is_offered_again_and_not_acknowledged(
    tmp_path: Path,
) -> None:
    journal = MemoryEventJournal()
    journal.fail_once[str(SCANNER), 2] = 2
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner),
    ):
        for number in range(4):
            scanner.scan(str(number))
        await until(lambda: not scanner.kept)
    assert raws(journal) == ["0", "1", "2", "3"]


async def test_a_device_whose_events_cannot_be_kept_does_not_stop_another(
    tmp_path: Path,
) -> None:
    journal = MemoryEventJournal()
    journal.failing.add(str(SCANNER))
    async with (
        broker_with(tmp_path, (SCANNER, 7), (OTHER, 1)) as (
            broker,
            [scanner, other],
        ),
        linked(broker, journal, scanner, other),
    ):
        scanner.scan("stuck")
        for number in range(20):
            other.scan(str(number))
        await until(lambda: not other.kept)
        assert list(scanner.kept) == [1]
        journal.failing.clear()
        await until(lambda: not scanner.kept)
    assert raws(journal) == ["stuck"]


async def test_bad_messages_are_kept_and_counted_and_harm_nothing_else(
    tmp_path: Path,
) -> None:
    journal = MemoryEventJournal()
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner) as link,
    ):
        for payload in (
            b"",
            b"\xff\xfe",
            b"[" * 9_000,
            b'{"boot":7,"seq":0}',
            b"x" * 20_000,
        ):
            scanner.send(payload)
        scanner.scan("good")
        await until(lambda: not scanner.kept)
        assert link.counts["bad"] == 5
        assert [bad.payload for bad in link.bad][1] == b"\xff\xfe"
        assert all(len(bad.payload) <= 512 for bad in link.bad)
    assert raws(journal) == ["good"]


async def test_a_new_gateway_goes_on_where_the_journal_stands(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    async with broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]):
        async with linked(broker, journal, scanner):
            scanner.scan("one")
            await until(lambda: not scanner.kept)
            scanner.scan("two", publish=False)
            scanner.scan("three")
        async with linked(broker, journal, scanner):
            await until(lambda: not scanner.kept, scanner.send_again)
    assert raws(journal) == ["one", "two", "three"]


async def test_a_restarted_device_begins_a_new_sequence(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    async with (
        broker_with(tmp_path, (SCANNER, 7)) as (broker, [scanner]),
        linked(broker, journal, scanner),
    ):
        scanner.scan("before")
        await until(lambda: not scanner.kept)
        scanner.boot, scanner.seq = 8, 0
        scanner.scan("after")
        await until(lambda: not scanner.kept)
    assert journal.sequence(str(SCANNER)) == [(7, 1), (8, 1)]


async def test_a_link_that_listens_to_some_devices_leaves_the_others_alone(tmp_path: Path) -> None:
    journal = MemoryEventJournal()
    seen: list[str] = []
    async with broker_with(tmp_path, (SCANNER, 7), (OTHER, 1)) as (broker, [scanner, other]):
        address = BrokerAddress(host="127.0.0.1", port=broker.port)
        link = DeviceLink(
            address,
            "main",
            journal,
            client_id="gateway-test",
            only=frozenset({SCANNER}),
            on_event=lambda _name, event: seen.append(event.raw),
        )
        task = asyncio.create_task(link.run())
        await until(link.connected.is_set)
        other.scan("not ours")
        scanner.scan("ours")
        await until(lambda: not scanner.kept, scanner.send_again)
        assert list(other.kept) == [1]
        task.cancel()
        await asyncio.wait({task})
    assert raws(journal) == seen == ["ours"]
