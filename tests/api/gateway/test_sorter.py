"""The sorter's house: rounds, hands on, what is read, and what is booked of it.

Real PostgreSQL, MQTT and Modbus; the PLC does only what it is told.
"""

from dataclasses import replace

import pytest

from api.gateway import report
from devices.sorter.message import EventType, Mode, Op
from tests.api.gateway.sorting import (
    alarm,
    item,
    lanes_of,
    last,
    plan,
    rule_of,
    state_of,
    told,
    until,
    until_row,
)
from tests.api.gateway.test_gateway import Line
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio


async def test_every_decision_is_kept_with_its_item_and_says_why(line: Line) -> None:
    await line.floor.picked_order([1], lane=2)
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [2])
        await until_row(line, state_of(line), "acknowledged")
        line.plc.divert(last(line, 11))
        await line.stands_at(1, "PACK-02")
        await until_row(line, state_of(line), "diverted")
    assert await item(line, "decision ->> 'why'") == "Lane 2 is the one to PACK-02; load 0"
    assert await item(line, "decision ->> 'result'") == "done"
    assert await item(line, "unit") == line.floor.tote(1)


async def test_after_three_rounds_a_tote_goes_to_the_reject_lane_and_waits_there(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1])
    await plan(line, reject_lane=9)
    async with line.gateway():
        for track in (11, 12, 13):
            await line.induct(track, 1)
            await told(line, track, [1])
            line.plc.tell(EventType.RECIRCULATED, track)
            await until_row(line, state_of(line), "recirculated")
        await line.induct(14, 1)
        await told(line, 14, [9])
        line.plc.divert(last(line, 14))
        await until_row(line, state_of(line), "rejected")
        assert await item(line, "rounds") == 3
        assert await item(line, "decision ->> 'rule'") == "too_many_rounds"
        waiting = "select state from sort_route where fulfilment_order_id = "
        await until_row(line, f"{waiting}{order}", "rejected")
        # Somebody puts it on the belt again, and its rounds begin anew. A gateway that was just
        # reading what stood before puts it aside once more.
        for track in range(15, 30):
            await line.induct(track, 1)
            await until(lambda track=track: bool(lanes_of(line, track)), line)  # type: ignore[misc]
            line.plc.divert(last(line, track))
            if lanes_of(line, track) != [9]:
                break
            await until_row(line, state_of(line), "rejected")
        assert lanes_of(line, track) == [1]
        await line.sorted(order)


async def test_without_a_reject_lane_it_goes_on_round_and_an_alarm_stands_until_it_is_sorted(
    line: Line,
) -> None:
    order = await line.floor.picked_order([1])
    await plan(line, rounds_max=1)
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [1])
        line.plc.tell(EventType.RECIRCULATED, 11)
        await line.induct(12, 1)
        await told(line, 12, [1])
        await until_row(line, alarm(line, "rounds", standing=True), 1)
        line.plc.divert(last(line, 12))
        await line.sorted(order)
        await until_row(line, alarm(line, "rounds", standing=False), 1)


async def test_what_rode_while_hands_were_on_is_judged_anew(line: Line) -> None:
    order = await line.floor.picked_order([1])
    async with line.gateway() as gateway:
        await line.induct(11, 1)
        await told(line, 11, [1])
        line.plc.turn(Mode.EMERGENCY_STOP)
        await until_row(line, alarm(line, "mode", standing=True), 1)
        assert lanes_of(line, 11) == [1]
        line.plc.turn(Mode.AUTOMATIC)
        await told(line, 11, [1, 1])
        assert gateway.counts["judged_anew"] == 1
        await until_row(line, alarm(line, "mode", standing=False), 1)
        assert not any(request.mode_asked for request in line.plc.requests)
        line.plc.divert(last(line, 11))
        await line.sorted(order)


async def test_a_tote_scanned_in_manual_mode_waits_for_the_key(line: Line) -> None:
    await line.floor.picked_order([1])
    line.plc.turn(Mode.MANUAL)
    async with line.gateway():
        await line.induct(11, 1)
        await until_row(line, state_of(line), "assigned")
        assert lanes_of(line, 11) == []
        line.plc.turn(Mode.AUTOMATIC)
        await told(line, 11, [1])


async def test_two_totes_on_one_track_get_no_lane_and_what_was_given_is_taken_back(
    line: Line,
) -> None:
    await line.floor.picked_order([1], lane=1)
    await line.floor.picked_order([2], lane=2)
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [1])
        line.scanner.scan_on(11, line.floor.tote(2))
        await until_row(line, state_of(line), "multi_read")
        await until(lambda: any(c.op is Op.CANCEL for c in line.plc.obeyed), line)
        await until_row(line, rule_of(line), "several_read")
    assert lanes_of(line, 11) == [1]


async def test_what_nobody_can_read_goes_to_the_reject_lane_where_the_house_wants_it(
    line: Line,
) -> None:
    await plan(line, reject_lane=9, reject_no_read=True)
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, "NOREAD")
        await told(line, 11, [9])
        line.plc.divert(last(line, 11))
        await until_row(line, state_of(line), "rejected")
    assert await item(line, "decision ->> 'rule'") == "not_read"


async def test_a_divert_for_a_track_twice_is_booked_once(line: Line) -> None:
    order = await line.floor.picked_order([1])
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [1])
        line.plc.divert(last(line, 11))
        line.plc.divert(last(line, 11))
        await line.sorted(order)
        await until(lambda: line.plc.acknowledged == line.plc.status.event_head, line)
    moved = "select count(*) from movement where kind = 'sort' and tenant_id = $1"
    assert await line.floor.value(moved, line.floor.tenant_id) == 1


async def test_a_divert_that_came_before_its_late_scan_is_booked_for_its_tote(line: Line) -> None:
    order = await line.floor.picked_order([1], lane=2)
    async with line.gateway("one"):
        assert line.plc.tell(EventType.INDUCTED, 11)
        await until(lambda: line.plc.acknowledged == line.plc.status.event_head, line)
    # The one gateway gave the lane from memory, and was killed before the scan was kept.
    line.plc.tell(EventType.DIVERTED, 11, planned=2, actual=2)
    async with line.gateway("two"):
        await until(lambda: line.plc.acknowledged == line.plc.status.event_head, line)
        line.scanner.scan_on(11, line.floor.tote(1))
        await line.sorted(order)
        await until_row(line, state_of(line), "diverted")
    assert await line.floor.place_of(1) == "PACK-02"
    assert await item(line, "unit") == line.floor.tote(1)
    assert await item(line, "count(*) over ()") == 1


async def test_a_tote_carried_back_to_the_induction_gets_its_lane_again(line: Line) -> None:
    order = await line.floor.picked_order([1], lane=2)
    async with line.gateway():
        for track in (11, 12):
            await line.induct(track, 1)
            await told(line, track, [2])
            line.plc.divert(last(line, track))
            await line.sorted(order)
            await until_row(line, state_of(line), "diverted")
    assert await line.floor.place_of(1) == "PACK-02"


async def test_an_alarm_of_the_plc_is_raised_when_it_stands_and_not_when_it_flickers(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_HELD_S", 10 * PATIENCE_S)
    async with line.gateway():
        for _ in range(3):
            line.plc.status = replace(line.plc.status, alarms=2)
            await until_row(line, _alarms_of(line), 2)
            line.plc.status = replace(line.plc.status, alarms=0)
            await until_row(line, _alarms_of(line), 0)
        monkeypatch.setattr(report, "_HELD_S", 0.1)
        line.plc.status = replace(line.plc.status, alarms=4)
        await until_row(line, alarm(line, "plc", standing=True), 1)
        subject = "select subject from sorter_alarm a join device d on d.id = a.device_id "
        standing = f"{subject} where d.site = '{line.floor.site}' and cleared_at is null"
        assert await line.floor.value(standing) == "2"
        line.plc.status = replace(line.plc.status, alarms=0)
        await until_row(line, alarm(line, "plc", standing=False), 1)


def _alarms_of(line: Line) -> str:
    return (
        "select (s.detail ->> 'alarms')::int from device_state s join device d on d.id = "
        f"s.device_id where d.site = '{line.floor.site}' and d.name = 'PLC-1'"
    )
