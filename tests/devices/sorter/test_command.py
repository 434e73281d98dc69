"""Commands to a PLC: in order, once, and each with the answer that the PLC gave."""

import asyncio
from dataclasses import replace

import pytest

from devices.error import DeviceError
from devices.sorter.command import CommandRefused
from devices.sorter.driver import SorterState
from devices.sorter.message import CommandResult
from tests.devices.journal import MemoryEventJournal
from tests.devices.sorter.drive import HANGS_UP_S, running, until
from tests.devices.sorter.plc import SmallPlc
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio


async def test_a_refused_command_says_why() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.refusals[7] = CommandResult.TOO_LATE
    async with running(plc, journal) as driver:
        with pytest.raises(CommandRefused) as refusal:
            await driver.assign(7, 1, 0, wait_s=PATIENCE_S)
        assert refusal.value.result is CommandResult.TOO_LATE
        assert await driver.assign(8, 1, 0, wait_s=PATIENCE_S) is CommandResult.DONE
        assert driver.counts["refused_too_late"] == 1


async def test_many_commands_at_once_are_each_carried_out_once_and_in_order() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        results = await asyncio.gather(
            *(driver.assign(track, 1, 0, wait_s=PATIENCE_S) for track in range(1, 61))
        )
    # Register 10 speaks of the last of each four that were written together.
    assert results == [*[CommandResult.NONE] * 3, CommandResult.DONE] * 15
    assert [command.track for command in plc.done] == list(range(1, 61))
    assert [command.seq for command in plc.done] == list(range(1, 61))


async def test_a_command_is_repeated_under_its_number_until_it_is_answered() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal, timeout_s=HANGS_UP_S) as driver:
        plc.deaf = True
        waiting = asyncio.create_task(driver.assign(1, 1, 0, wait_s=PATIENCE_S))
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
        given_up = asyncio.create_task(driver.assign(1, 1, 0, wait_s=PATIENCE_S))
        await until(lambda: any(request.commands for request in plc.requests))
        given_up.cancel()
        await asyncio.wait({given_up})
        plc.deaf = False
        assert await driver.assign(2, 2, 0, wait_s=PATIENCE_S) is CommandResult.DONE
    assert [(command.seq, command.track) for command in plc.done] == [(1, 1), (2, 2)]


async def test_a_command_without_an_answer_is_waited_for_no_longer_than_asked() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    async with running(plc, journal) as driver:
        plc.deaf = True
        with pytest.raises(DeviceError, match="did not answer"):
            await driver.assign(1, 1, 0, wait_s=0.1)


async def test_a_refused_command_in_the_middle_of_a_write_stops_none_of_the_others() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.refusals[2] = CommandResult.TOO_LATE
    async with running(plc, journal) as driver:
        results = await asyncio.gather(
            *(driver.assign(track, 1, 0, wait_s=PATIENCE_S) for track in range(1, 5))
        )
    assert [command.track for command in plc.done] == [1, 3, 4]
    assert results == [*[CommandResult.NONE] * 3, CommandResult.DONE]
    assert sorted({c.seq for request in plc.requests for c in request.commands}) == [1, 2, 3, 4]


async def test_a_plc_that_stops_at_a_refusal_tells_each_result() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.stops_at_refusal = True
    plc.refusals[2] = CommandResult.LANE_UNAVAILABLE
    async with running(plc, journal, stops_at_refusal=True) as driver:
        answers = [driver.assign(track, 1, 0, wait_s=PATIENCE_S) for track in range(1, 5)]
        results = await asyncio.gather(*answers, return_exceptions=True)
    assert [command.track for command in plc.done] == [1, 3, 4]
    assert [results[0], results[2], results[3]] == [CommandResult.DONE] * 3
    assert isinstance(results[1], CommandRefused)
    assert results[1].result is CommandResult.LANE_UNAVAILABLE


async def test_a_damaged_command_in_a_write_is_written_again_with_those_behind_it() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.bad_check_at = 3
    async with running(plc, journal) as driver:
        await asyncio.gather(
            *(driver.assign(track, 1, 0, wait_s=PATIENCE_S) for track in range(1, 5))
        )
    assert [(command.seq, command.track) for command in plc.done] == [(n, n) for n in range(1, 5)]


async def test_the_sequence_of_commands_wraps_and_skips_0() -> None:
    plc, journal = SmallPlc(), MemoryEventJournal()
    plc.status = replace(plc.status, last_command=65_533)
    async with running(plc, journal) as driver:
        await asyncio.gather(
            *(driver.assign(track, 1, 0, wait_s=PATIENCE_S) for track in range(1, 5))
        )
    assert [command.seq for command in plc.done] == [65_534, 65_535, 1, 2]
