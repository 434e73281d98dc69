"""The sorter's driver against a PLC on real Modbus TCP."""

import asyncio
from dataclasses import replace

import pytest

from devices.error import DeviceError
from devices.sorter.breaker import Circuit
from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.message import CommandResult, EventType, Mode, RingEvent
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.drive import HANGS_UP_S, driving, running, tracks, until
from tests.devices.sorter.plc import SmallPlc
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio


async def test_a_tote_is_read_assigned_and_confirmed() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        assert plc.tell(EventType.INDUCTED, 4711)
        await until(lambda: tracks(journal) == [4711])
        assert await driver.assign(4711, 3, 123_456, wait_s=PATIENCE_S) is CommandResult.DONE
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


async def test_a_lost_connection_loses_and_doubles_nothing() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal, timeout_s=HANGS_UP_S) as driver:
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
        waiting = asyncio.create_task(driver.assign(1, 1, 0, wait_s=PATIENCE_S))
        await until(lambda: any(request.commands for request in plc.requests))
        plc.restart(boot=6)
        with pytest.raises(DeviceError, match="restarted"):
            await waiting
        plc.deaf = False
        plc.tell(EventType.INDUCTED, 2)
        await until(lambda: len(journal.events) == 2)
        assert await driver.assign(2, 1, 0, wait_s=PATIENCE_S) is CommandResult.DONE
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
        waiting = asyncio.create_task(driver.assign(1, 1, 0, wait_s=PATIENCE_S))
        await until(lambda: len(plc.requests) > written + 3)
        assert plc.done == []
        plc.beating = True
        assert await waiting is CommandResult.DONE
        assert driver.state is SorterState.RUN


async def test_a_program_that_hangs_behind_its_registers_is_stale_and_not_down() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.hangs = True
        async with asyncio.timeout(PATIENCE_S):
            await driver.wait_state(SorterState.STALE)
        waiting = asyncio.create_task(driver.assign(1, 1, 0, wait_s=PATIENCE_S))
        await asyncio.sleep(0.6)
        assert driver.state is SorterState.STALE
        assert (driver.counts["sessions_lost"], plc.done) == (0, [])
        plc.hangs = False
        await until(lambda: driver.state is SorterState.RUN)
        assert await waiting is CommandResult.DONE


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


async def test_an_event_that_the_map_does_not_have_is_kept_and_stops_nothing() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal):
        plc.strange_next = (77, 99)
        plc.tell(EventType.READ, 1)
        plc.tell(EventType.READ, 2)
        await until(lambda: tracks(journal) == [1, 2])
    strange = journal.events[0].body
    assert isinstance(strange, RingEvent)
    assert (strange.type, strange.strange) == (EventType.UNKNOWN, (77, 99))


async def test_a_dead_plc_refuses_work_at_once_and_is_found_again() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with driving(plc, journal) as driver:
        await until(lambda: driver.circuit is not Circuit.CLOSED)
        with pytest.raises(DeviceError, match="is away"):
            await driver.assign(1, 1, 0, wait_s=PATIENCE_S)
        await plc.start()
        await until(lambda: driver.state is SorterState.RUN)
        assert driver.circuit is Circuit.CLOSED
        assert await driver.assign(1, 1, 0, wait_s=PATIENCE_S) is CommandResult.DONE
    await plc.stop()


async def test_a_changed_mode_or_lane_is_told_at_once() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    told: list[tuple[SorterState, Mode | None, frozenset[int]]] = []

    def changed() -> None:
        status = driver.status
        if status is None:
            told.append((driver.state, None, frozenset()))
        else:
            told.append((driver.state, status.mode, status.lanes_full))

    await plc.start()
    address = SorterAddress(host="127.0.0.1", port=plc.port, cycle_s=0.01)
    driver = SorterDriver("PLC-1", address, journal, 9, on_change=changed)
    task = asyncio.create_task(driver.run())
    await until(lambda: bool(told) and told[-1][0] is SorterState.RUN)
    plc.turn(Mode.EMERGENCY_STOP)
    await until(lambda: told[-1][1] is Mode.EMERGENCY_STOP)
    plc.status = replace(plc.status, mode=Mode.AUTOMATIC, lanes_full=frozenset({3}))
    await until(lambda: told[-1][1:] == (Mode.AUTOMATIC, frozenset({3})))
    task.cancel()
    await asyncio.wait({task})
    await plc.stop()


async def test_a_new_connection_acknowledges_nothing_before_it_has_read_the_boot() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal, timeout_s=HANGS_UP_S):
        for track in (1, 2, 3):
            plc.tell(EventType.INDUCTED, track)
        await until(lambda: plc.acknowledged == 3)
        await plc.stop()
        plc.restart(boot=6)
        plc.requests.clear()
        for track in (11, 12, 13, 14):
            plc.tell(EventType.INDUCTED, track)
        await plc.start()
        await until(lambda: plc.acknowledged == 4)
    assert plc.requests[0].acknowledged == 0
    assert tracks(journal) == [1, 2, 3, 11, 12, 13, 14]


async def test_what_waits_is_offered_together_and_acknowledged_by_its_last() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    for track in range(1, 9):
        assert plc.tell(EventType.INDUCTED, track)
    async with running(plc, journal):
        await until(lambda: plc.acknowledged == 8)
    acknowledged = [request.acknowledged for request in plc.requests]
    assert sorted(set(acknowledged)) == [0, 8]
    assert tracks(journal) == list(range(1, 9))
