"""The sorter's driver against a PLC on real Modbus TCP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pymodbus.constants import ExcCodes

from devices.error import DeviceError
from devices.sorter.breaker import Circuit
from devices.sorter.command import CommandRefused
from devices.sorter.driver import SorterAddress, SorterDriver, SorterState
from devices.sorter.register import CommandResult, EventType, Mode, Request, RingEvent
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
    # Register 10 speaks of the last of each four that were written together.
    assert results == [*[CommandResult.NONE] * 3, CommandResult.DONE] * 15
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


async def test_a_refused_command_in_the_middle_of_a_write_stops_none_of_the_others() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.refusals[2] = CommandResult.TOO_LATE
    async with running(plc, journal) as driver:
        results = await asyncio.gather(*(driver.assign(track, 1, 0) for track in range(1, 5)))
    assert [command.track for command in plc.done] == [1, 3, 4]
    assert results == [*[CommandResult.NONE] * 3, CommandResult.DONE]
    assert sorted({c.seq for request in plc.requests for c in request.commands}) == [1, 2, 3, 4]


async def test_a_plc_that_stops_at_a_refusal_tells_each_result() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.stops_at_refusal = True
    plc.refusals[2] = CommandResult.LANE_UNAVAILABLE
    async with running(plc, journal, stops_at_refusal=True) as driver:
        answers = [driver.assign(track, 1, 0) for track in range(1, 5)]
        results = await asyncio.gather(*answers, return_exceptions=True)
    assert [command.track for command in plc.done] == [1, 3, 4]
    assert [results[0], results[2], results[3]] == [CommandResult.DONE] * 3
    assert isinstance(results[1], CommandRefused)
    assert results[1].result is CommandResult.LANE_UNAVAILABLE


async def test_a_damaged_command_in_a_write_is_written_again_with_those_behind_it() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.bad_check_at = 3
    async with running(plc, journal) as driver:
        await asyncio.gather(*(driver.assign(track, 1, 0) for track in range(1, 5)))
    assert [(command.seq, command.track) for command in plc.done] == [(n, n) for n in range(1, 5)]


async def test_the_sequence_of_commands_wraps_and_skips_0() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.status = replace(plc.status, last_command=65_533)
    async with running(plc, journal) as driver:
        await asyncio.gather(*(driver.assign(track, 1, 0) for track in range(1, 5)))
    assert [command.seq for command in plc.done] == [65_534, 65_535, 1, 2]


async def test_an_answer_to_another_request_is_counted_and_not_used() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.tell(EventType.INDUCTED, 1)
        await until(lambda: tracks(journal) == [1])
        count = len(plc.requests)
        plc.echoes = dict.fromkeys(range(count, count + 3), 40_000)
        plc.tell(EventType.INDUCTED, 2)
        await until(lambda: tracks(journal) == [1, 2])
        assert driver.counts["answers_astray"] >= 1
        assert driver.counts["sessions_lost"] == 0


async def test_a_plc_that_copies_its_registers_once_a_scan_echoes_the_last_heartbeat() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.echo_late = 1
    async with running(plc, journal) as driver:
        assert await driver.assign(1, 1, 0) is CommandResult.DONE
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
        assert await driver.assign(1, 1, 0) is CommandResult.DONE
        assert refused.counts["map_versions_refused"] == 1
    assert strange.done == [] and not any(request.commands for request in strange.requests)
    await strange.stop()


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
            await driver.assign(1, 1, 0)
        await plc.start()
        await until(lambda: driver.state is SorterState.RUN)
        assert driver.circuit is Circuit.CLOSED
        assert await driver.assign(1, 1, 0) is CommandResult.DONE
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
    async with running(plc, journal):
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
