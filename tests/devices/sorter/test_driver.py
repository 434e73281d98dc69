"""The sorter's driver against a PLC on real Modbus TCP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pymodbus.constants import ExcCodes

from devices.error import DeviceError
from devices.sorter.command import CommandRefused
from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.register import CommandResult, EventType, Mode, RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.plc import SmallPlc

pytestmark = pytest.mark.asyncio
PATIENCE_S = 10.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def driving(
    plc: SmallPlc, journal: MemoryEventJournal, *, boot: int = 9
) -> AsyncIterator[SorterDriver]:
    address = SorterAddress(
        host="127.0.0.1", port=plc.port, cycle_s=0.01, timeout_s=0.3, reconnect_s=0.05
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
async def running(plc: SmallPlc, journal: MemoryEventJournal) -> AsyncIterator[SorterDriver]:
    await plc.start()
    try:
        async with driving(plc, journal) as driver:
            async with asyncio.timeout(PATIENCE_S):
                await driver.wait_state(SorterState.RUN)
            yield driver
    finally:
        await plc.stop()


def tracks(journal: MemoryEventJournal) -> list[int]:
    return [event.body.track for event in journal.events if isinstance(event.body, RingEvent)]


async def test_a_tote_is_read_assigned_and_confirmed() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        assert plc.tell(EventType.INDUCTED, 4711)
        await until(lambda: tracks(journal) == [4711])
        assert await driver.assign(4711, 3, 123_456) is CommandResult.DONE
        await until(lambda: len(journal.events) == 2)
    (command,) = plc.done
    assert (command.track, command.lane, command.deadline) == (4711, 3, 123_456)
    confirmed = journal.events[1].body
    assert isinstance(confirmed, RingEvent) and confirmed.type is EventType.DIVERTED


async def test_events_are_acknowledged_only_after_the_journal_took_them() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    journal.failing.add("PLC-1")
    async with running(plc, journal):
        for track in range(1, 9):
            assert plc.tell(EventType.INDUCTED, track)
        await asyncio.sleep(0.2)
        assert plc.acknowledged == 0
        assert not plc.tell(EventType.INDUCTED, 9)
        journal.failing.clear()
        await until(lambda: plc.acknowledged == 8)
    assert tracks(journal) == list(range(1, 9))


async def test_a_thousand_events_pass_the_ring_once_and_in_order_across_the_wrap() -> None:
    plc, journal = SmallPlc(head=65_000), MemoryEventJournal()
    async with running(plc, journal):
        for track in range(1_000):
            await until(lambda: plc.free > 0)
            plc.tell(EventType.READ, track)
        await until(lambda: len(journal.events) == 1_000)
    assert tracks(journal) == list(range(1_000))
    positions = [event.seq for event in journal.events]
    assert positions == list(range(65_001, 66_001))


async def test_a_torn_ring_is_read_again() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal):
        plc.torn_reads = 3
        plc.tell(EventType.INDUCTED, 1)
        await until(lambda: tracks(journal) == [1])
        assert plc.torn_reads == 0


async def test_a_refused_command_says_why() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.refusals[7] = CommandResult.TOO_LATE
    async with running(plc, journal) as driver:
        with pytest.raises(CommandRefused) as refusal:
            await driver.assign(7, 1, 0)
        assert refusal.value.result is CommandResult.TOO_LATE
        assert await driver.assign(8, 1, 0) is CommandResult.DONE
        assert driver.counts["refused_too_late"] == 1


async def test_many_commands_at_once_are_each_carried_out_once_and_in_order() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        results = await asyncio.gather(*(driver.assign(track, 1, 0) for track in range(1, 61)))
    assert set(results) == {CommandResult.DONE}
    assert [command.track for command in plc.done] == list(range(1, 61))
    assert [command.seq for command in plc.done] == list(range(1, 61))


async def test_a_command_is_repeated_under_its_number_until_it_is_answered() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.deaf = True
        waiting = asyncio.create_task(driver.assign(1, 1, 0))
        await until(lambda: sum(bool(request.commands) for request in plc.requests) >= 3)
        await plc.stop()
        await driver.wait_state(SorterState.DOWN)
        plc.deaf = False
        await plc.start()
        assert await waiting is CommandResult.DONE
    assert [(command.seq, command.track) for command in plc.done] == [(1, 1)]
    assert {c.seq for request in plc.requests for c in request.commands} == {1}


async def test_a_command_given_up_unanswered_does_not_lend_its_number_to_another() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.deaf = True
        with pytest.raises(DeviceError, match="did not answer"):
            await driver.assign(1, 1, 0, wait_s=0.1)
        plc.deaf = False
        assert await driver.assign(2, 2, 0) is CommandResult.DONE
    assert [(command.seq, command.track) for command in plc.done] == [(1, 1), (2, 2)]


async def test_a_lost_connection_loses_and_doubles_nothing() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        for track in range(30):
            if track in (10, 20):
                await plc.stop()
                await until(lambda: driver.state is SorterState.DOWN)
                await plc.start()
            await until(lambda: plc.free > 0)
            plc.tell(EventType.READ, track)
        await until(lambda: len(journal.events) == 30)
    assert tracks(journal) == list(range(30))
    assert journal.resumed == [("PLC-1", 5)]


async def test_a_restarted_plc_is_resynchronised_and_its_commands_fail() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.tell(EventType.INDUCTED, 1)
        await until(lambda: len(journal.events) == 1)
        plc.deaf = True
        waiting = asyncio.create_task(driver.assign(1, 1, 0))
        await until(lambda: any(request.commands for request in plc.requests))
        plc.restart(boot=6)
        with pytest.raises(DeviceError, match="restarted"):
            await waiting
        plc.deaf = False
        plc.tell(EventType.INDUCTED, 2)
        await until(lambda: len(journal.events) == 2)
        assert await driver.assign(2, 1, 0) is CommandResult.DONE
    assert journal.resumed == [("PLC-1", 5), ("PLC-1", 6)]
    assert journal.sequence("PLC-1")[:2] == [(5, 1), (6, 1)]


async def test_a_new_driver_goes_on_where_the_journal_stands() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal):
        plc.tell(EventType.INDUCTED, 1)
        await until(lambda: len(journal.events) == 1)
    plc.tell(EventType.INDUCTED, 2)
    async with running(plc, journal):
        await until(lambda: len(journal.events) == 2)
    assert tracks(journal) == [1, 2]


async def test_a_heart_that_stands_still_is_stale_and_not_down() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.beating = False
        async with asyncio.timeout(PATIENCE_S):
            await driver.wait_state(SorterState.STALE)
        written = len(plc.requests)
        waiting = asyncio.create_task(driver.assign(1, 1, 0))
        await until(lambda: len(plc.requests) > written + 3)
        assert plc.done == []
        plc.beating = True
        assert await waiting is CommandResult.DONE
        assert driver.state is SorterState.RUN


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
    async with server, driving(plc, MemoryEventJournal()) as driver:
        await until(lambda: driver.counts["sessions_lost"] >= 2)
        assert driver.state is not SorterState.RUN


async def test_automatic_is_not_asked_for_again_after_a_person_took_over() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        with pytest.raises(ValueError, match="MANUAL"):
            driver.ask_mode(Mode.MANUAL)
        driver.ask_mode(Mode.DRAINING)
        await until(lambda: plc.requests[-1].mode_asked == Mode.DRAINING)
        plc.status = type(plc.status)(5, 1, Mode.EMERGENCY_STOP)
        await until(lambda: plc.requests[-1].mode_asked == 0)


async def test_our_heartbeat_moves_with_every_cycle() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal):
        await until(lambda: len(plc.requests) > 5)
        beats = [request.heartbeat for request in plc.requests]
    assert beats == list(range(beats[0], beats[0] + len(beats)))
    assert {request.boot for request in plc.requests} == {9}


async def test_a_driver_stops_whenever_it_is_told_to() -> None:
    plc = SmallPlc()
    await plc.start()
    address = SorterAddress(host="127.0.0.1", port=plc.port, cycle_s=0.0)
    try:
        for number in range(60):
            driver = SorterDriver("PLC-1", address, MemoryEventJournal(), 9)
            task = asyncio.create_task(driver.run())
            await driver.wait_state(SorterState.RUN)
            for _ in range(number):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
            assert done
    finally:
        await plc.stop()
