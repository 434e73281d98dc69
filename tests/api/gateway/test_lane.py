"""Lanes: full, faulty, balanced, given to the more urgent, and shut or purged by staff."""

from dataclasses import replace

import pytest

from devices.sorter.message import Command, Op
from tests.api.gateway.sorting import alarm, last, newest, plan, sorter_id, told, until, until_row
from tests.api.gateway.test_gateway import Line
from tests.api.gateway.test_gateway import now as _now
from wms.database.pool import staff_transaction
from wms.journey.wave.lane import order_lane

pytestmark = pytest.mark.asyncio


async def test_a_fault_after_the_assignment_gives_a_rider_the_other_lane_of_its_place(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1])
    await plan(line, lanes=[{"lane": 1}, {"lane": 5, "place": "PACK-01"}])
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [1])
        assert last(line, 11).other_lane == 5
        line.plc.status = replace(line.plc.status, lanes_fault=frozenset({1}))
        await told(line, 11, [1, 5])
        line.plc.divert(last(line, 11))
        await line.sorted(order)
        assert await line.floor.place_of(1) == "PACK-01"
        await until_row(line, alarm(line, "lane_fault", standing=True), 1)


async def test_totes_of_one_place_are_spread_over_its_lanes(line: Line) -> None:
    await line.floor.picked_order([1, 2, 3, 4])
    await plan(line, lanes=[{"lane": 1}, {"lane": 5, "place": "PACK-01"}])
    async with line.gateway():
        for track in (11, 12, 13, 14):
            await line.induct(track, track - 10)
            await until(lambda: len(line.plc.done) == line.plc.status.event_head, line)
    assert sorted(command.lane for command in line.plc.done) == [1, 1, 5, 5]


async def test_the_last_room_is_given_to_the_more_urgent_and_taken_from_the_less(
    line: Line,
) -> None:
    first = await line.floor.picked_order([1])
    await line.floor.picked_order([2])
    assert first
    await plan(line, lanes=[{"lane": 1, "capacity": 1}])
    async with line.gateway() as gateway:
        await line.induct(12, 2)
        await told(line, 12, [1])
        await line.induct(11, 1)
        await told(line, 11, [1])
        cancelled = [command.track for command in line.plc.obeyed if command.op is Op.CANCEL]
        assert cancelled == [12]
        assert gateway.counts["places_given_up"] == 1


async def test_staff_close_a_lane_for_house_and_plc_through_a_restart_of_both(line: Line) -> None:
    await line.floor.picked_order([1])
    device_id = await sorter_id(line)
    async with staff_transaction(line.floor.pool) as c:
        await order_lane(c, device_id, 1, "close", "rack full", "staff:ada", _now())
    closings = [Command(0, Op.CLOSE_LANE, lane=1)]

    def obeyed() -> list[Command]:
        return [replace(command, seq=0) for command in line.plc.obeyed]

    async with line.gateway("one"):
        await until(lambda: obeyed() == closings, line)
        await line.induct(11, 1)
        why = f"select decision ->> 'why' from ({newest(line)}) newest"
        await until_row(line, why, "No lane to PACK-01 is open: lane 1 closed: rack full")
        line.plc.restart(boot=6)
        line.plc.obeyed.clear()
        await until(lambda: obeyed() == closings, line)
    line.plc.obeyed.clear()
    async with line.gateway("two"):
        await until(lambda: obeyed() == closings, line)
        async with staff_transaction(line.floor.pool) as c:
            await order_lane(c, device_id, 1, "open", "emptied", "staff:ada", _now())
        await line.induct(12, 1)
        await told(line, 12, [1])
        orders = f"select string_agg(state, ' ') from lane_command where device_id = {device_id}"
        await until_row(line, orders, "done done")


async def test_a_purge_is_done_when_the_plc_says_so_and_not_before(line: Line) -> None:
    device_id = await sorter_id(line)
    line.plc.deaf = True
    async with line.gateway():
        async with staff_transaction(line.floor.pool) as c:
            number = await order_lane(c, device_id, 3, "purge", "wave 1 ended", "staff:ada", _now())
        state = f"select state from lane_command where id = {number}"
        await until(lambda: any(request.commands for request in line.plc.requests), line)
        assert await line.floor.value(state) == "queued"
        line.plc.deaf = False
        await until_row(line, state, "done")
    assert [(command.op, command.lane) for command in line.plc.obeyed] == [(Op.PURGE_LANE, 3)]
