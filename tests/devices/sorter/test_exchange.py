"""One transaction at a time: an answer that is none, or of another request, is not used."""

import asyncio
from dataclasses import replace

import pytest
from pymodbus.constants import ExcCodes

from devices.sorter.driver import SorterState
from devices.sorter.message import CommandResult, EventType, Request
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.drive import driving, running, tracks, until
from tests.devices.sorter.plc import SmallPlc
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio


async def test_a_modbus_exception_takes_the_driver_down_until_it_ends() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.exception = ExcCodes.DEVICE_BUSY
        await until(lambda: driver.state is SorterState.DOWN)
        plc.exception = None
        await until(lambda: driver.state is SorterState.RUN)


async def test_a_server_that_never_answers_leaves_the_driver_down() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    plc = SmallPlc()
    server = await asyncio.start_server(swallow, "127.0.0.1", plc.port)
    async with server, driving(plc, MemoryEventJournal(), timeout_s=0.3) as driver:
        await until(lambda: driver.counts["sessions_lost"] >= 2)
        assert driver.state is not SorterState.RUN


async def test_an_answer_to_another_request_is_counted_and_not_used() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.tell(EventType.INDUCTED, 1)
        await until(lambda: tracks(journal) == [1])
        plc.echoes = {len(plc.requests) + 1: 40_000}
        plc.tell(EventType.INDUCTED, 2)
        await until(lambda: tracks(journal) == [1, 2])
        assert driver.counts["answers_astray"] >= 1
        assert driver.counts["sessions_lost"] == 0


async def test_a_plc_that_copies_its_registers_once_a_scan_echoes_the_last_heartbeat() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.echo_late = 1
    async with running(plc, journal) as driver:
        assert await driver.assign(1, 1, 0, wait_s=PATIENCE_S) is CommandResult.DONE
        assert driver.counts["answers_astray"] <= 1


async def test_a_plc_that_never_echoes_our_heartbeat_does_not_run() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.echo_late = 1_000
    plc.requests = [Request(40_000, 1)] * 1_000
    await plc.start()
    async with driving(plc, journal) as driver:
        await until(lambda: driver.counts["sessions_lost"] >= 1)
        assert "register 11" in driver.fault
        assert driver.status is None
    await plc.stop()


async def test_an_unknown_map_version_is_refused_and_harms_no_other_sorter() -> None:
    strange, journal = SmallPlc(), MemoryEventJournal()
    strange.status = replace(strange.status, map_version=2)
    await strange.start()
    plc, other = SmallPlc(), MemoryEventJournal()
    async with driving(strange, journal) as refused, running(plc, other) as driver:
        await until(lambda: refused.counts["map_versions_refused"] >= 1)
        assert "map version 2" in refused.fault
        assert refused.state is SorterState.DOWN
        assert await driver.assign(1, 1, 0, wait_s=PATIENCE_S) is CommandResult.DONE
        assert refused.counts["map_versions_refused"] == 1
    assert strange.done == [] and not any(request.commands for request in strange.requests)
    await strange.stop()
