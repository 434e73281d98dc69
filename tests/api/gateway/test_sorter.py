"""The sorter's house: rounds, hands on, shut lanes, orders of staff, and parcels to departures.

Real PostgreSQL, MQTT and Modbus; the PLC does only what it is told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from devices.link.topic import DeviceName
from devices.sorter.register import Command, EventType, Mode, Op
from tests.api.gateway.floor import PLACED, build_floor
from tests.api.gateway.test_gateway import PATIENCE_S, Line
from tests.api.gateway.test_gateway import now as _now
from tests.devices.link.broker import Broker, Scanner
from tests.devices.sorter.plc import SmallPlc
from wms.database.pool import staff_transaction
from wms.journey.wave.lane import order_lane
from wms.stock import commands as stock
from wms.stock import queries as stock_rows
from wms.stock.ledger import Goods
from wms.stock.ledger import Line as Move

pytestmark = pytest.mark.asyncio


async def until(true: Callable[[], bool], line: Line) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            line.scanner.send_again()
            await asyncio.sleep(0.03)


async def told(line: Line, track: int, lanes: list[int]) -> None:
    """Until the PLC was told these lanes for a track, one after the other."""
    await until(lambda: lanes_of(line, track) == lanes, line)


async def until_row(line: Line, query: str, wanted: object) -> None:
    """Until a question to the database has this answer."""
    async with asyncio.timeout(PATIENCE_S):
        while await line.floor.value(query) != wanted:
            line.scanner.send_again()
            await asyncio.sleep(0.05)


@pytest.fixture
async def line(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Line]:
    """A floor with a sorter that diverts when the test says so."""
    broker, plc, floor = Broker(tmp_path), SmallPlc(), await build_floor(pool)
    plc.diverting = False
    await broker.start()
    await plc.start()
    scanner = Scanner(broker, DeviceName(floor.site, "sort", "scanner", "SCN-01"), 7)
    await floor.enter_device("SCN-01", "scanner", None, {"sorter": "PLC-1"})
    config: dict[str, object] = {"decision_mm": 60_000, "mm_per_count": 10}
    await floor.enter_device("PLC-1", "sorter", f"127.0.0.1:{plc.port}", config)
    try:
        yield Line(floor, broker, scanner, plc)
    finally:
        scanner.stop()
        await plc.stop()
        broker.kill()
        async with staff_transaction(pool) as connection:
            assert await stock_rows.check_ledger(connection) == []


async def plan(line: Line, **plan: object) -> None:
    """Lays the sorter's lanes out, before a gateway reads it."""
    async with staff_transaction(line.floor.pool) as c:
        await c.execute(
            "update device set config = config || $2 where site = $1 and name = 'PLC-1'",
            line.floor.site,
            plan,
        )


async def sorter_id(line: Line) -> int:
    found = await line.floor.value(
        f"select id from device where site = '{line.floor.site}' and name = 'PLC-1'"
    )
    assert isinstance(found, int)
    return found


def lanes_of(line: Line, track: int) -> list[int]:
    return [command.lane for command in line.plc.done if command.track == track]


def last(line: Line, track: int) -> Command:
    return [command for command in line.plc.done if command.track == track][-1]


async def item(line: Line, column: str) -> object:
    return await line.floor.value(
        f"select {column} from sort_item i join device d on d.id = i.device_id "
        f"where d.site = '{line.floor.site}' order by i.id desc limit 1"
    )


def alarm(line: Line, kind: str, *, standing: bool) -> str:
    state = "is null" if standing else "is not null"
    return (
        "select count(*) from sorter_alarm a join device d on d.id = a.device_id "
        f"where d.site = '{line.floor.site}' and a.kind = '{kind}' and cleared_at {state}"
    )


async def test_every_decision_is_kept_with_its_item_and_says_why(line: Line) -> None:
    await line.floor.picked_order([1], lane=2)
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [2])
        await until_row(line, _state_of(line), "acknowledged")
        line.plc.divert(last(line, 11))
        await line.stands_at(1, "PACK-02")
        await until_row(line, _state_of(line), "diverted")
    assert await item(line, "decision ->> 'why'") == "Lane 2 is the one to PACK-02; load 0"
    assert await item(line, "decision ->> 'result'") == "done"
    assert await item(line, "unit") == line.floor.tote(1)


def _newest(line: Line) -> str:
    return (
        "select i.* from sort_item i join device d on d.id = i.device_id "
        f"where d.site = '{line.floor.site}' order by i.id desc limit 1"
    )


def _state_of(line: Line) -> str:
    return f"select state from ({_newest(line)}) newest"


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
            await until_row(line, _state_of(line), "recirculated")
        await line.induct(14, 1)
        await told(line, 14, [9])
        line.plc.divert(last(line, 14))
        await until_row(line, _state_of(line), "rejected")
        assert await item(line, "rounds") == 3
        assert await item(line, "decision ->> 'rule'") == "too_many_rounds"
        waiting = "select state from sort_route where fulfilment_order_id = "
        await until_row(line, f"{waiting}{order}", "rejected")
        # Somebody puts it on the belt again, and its rounds begin anew.
        await line.induct(15, 1)
        await told(line, 15, [1])
        line.plc.divert(last(line, 15))
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
        await until_row(line, _state_of(line), "assigned")
        assert lanes_of(line, 11) == []
        line.plc.turn(Mode.AUTOMATIC)
        await told(line, 11, [1])


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
        why = f"select decision ->> 'why' from ({_newest(line)}) newest"
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


async def test_two_totes_on_one_track_get_no_lane_and_what_was_given_is_taken_back(
    line: Line,
) -> None:
    await line.floor.picked_order([1], lane=1)
    await line.floor.picked_order([2], lane=2)
    async with line.gateway():
        await line.induct(11, 1)
        await told(line, 11, [1])
        line.scanner.scan_on(11, line.floor.tote(2))
        await until_row(line, _state_of(line), "multi_read")
        await until(lambda: any(c.op is Op.CANCEL for c in line.plc.obeyed), line)
        await until_row(line, _rule_of(line), "several_read")
    assert lanes_of(line, 11) == [1]


def _rule_of(line: Line) -> str:
    return f"select decision ->> 'rule' from ({_newest(line)}) newest"


async def test_what_nobody_can_read_goes_to_the_reject_lane_where_the_house_wants_it(
    line: Line,
) -> None:
    await plan(line, reject_lane=9, reject_no_read=True)
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, "NOREAD")
        await told(line, 11, [9])
        line.plc.divert(last(line, 11))
        await until_row(line, _state_of(line), "rejected")
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


async def parcel_on_belt(line: Line, *, packed_at: object = PLACED) -> str:
    """A closed parcel with a printed label and goods in it; its SSCC."""
    floor = line.floor
    (sscc,) = await floor.label_jobs(1, "nobody")
    async with staff_transaction(floor.pool) as c:
        await c.execute("update waybill set label_printed_at = now() where sscc = $1", sscc)
        place_id = floor.packing_ids[0]
        unit_id = await c.fetchval(
            "insert into handling_unit (warehouse_id, code, kind, place_id) "
            "values ($1, $2, 'parcel', $3) returning id",
            floor.warehouse_id,
            sscc,
            place_id,
        )
        goods = Goods(floor.owner_id, floor.item_id)
        move = Move(goods, 3, floor.supplier_id, place_id, 0, unit_id)
        await stock.post(
            c, floor.tenant_id, "receive", [move], command_id="", actor="test", now=PLACED
        )
        await c.execute(
            "update parcel set handling_unit_id = $2, closed_at = $3 "
            "where id = (select parcel_id from waybill where sscc = $1)",
            sscc,
            unit_id,
            packed_at,
        )
        await c.execute(
            "update fulfilment_order set state = 'sorted' where id = (select fulfilment_order_id "
            "from parcel p join waybill w on w.parcel_id = p.id where w.sscc = $1)",
            sscc,
        )
        await c.execute(
            "insert into place (warehouse_id, code, kind) values ($1, 'DOCK-1', 'departure') "
            "on conflict do nothing",
            floor.warehouse_id,
        )
    return sscc


async def test_a_parcel_is_put_out_at_the_departure_into_whose_lane_it_falls(line: Line) -> None:
    sscc = await parcel_on_belt(line)
    await plan(line, lanes=[{"lane": 7, "place": "DOCK-1"}])
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, sscc)
        await told(line, 11, [7])
        line.plc.divert(last(line, 11))
        parcel = "select p.state from parcel p join waybill w on w.parcel_id = p.id where w.sscc = "
        await until_row(line, f"{parcel}'{sscc}'", "staged")
    stands = (
        "select p.code from handling_unit u join place p on p.id = u.place_id where u.code = $1"
    )
    assert await line.floor.value(stands, sscc) == "DOCK-1"
    packed = "select f.state from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id "
    joined = "join waybill w on w.parcel_id = p.id where w.sscc = $1"
    assert await line.floor.value(packed + joined, sscc) == "packed"
    assert await item(line, "state") == "diverted"


async def test_a_parcel_whose_departure_has_left_goes_to_the_late_lane_with_the_reason(
    line: Line,
) -> None:
    sscc = await parcel_on_belt(line)
    await plan(line, lanes=[{"lane": 7, "place": "DOCK-1"}], late_lane=8, reject_lane=9)
    async with staff_transaction(line.floor.pool) as c:
        await c.execute(
            "insert into departure (warehouse_id, carrier_id, place_id, state, opened_at, "
            "closed_at) select p.warehouse_id, w.carrier_id, p.id, 'closed', $2, $2 "
            "from place p, waybill w where p.warehouse_id = $1 and p.code = 'DOCK-1' "
            "and w.sscc = $3",
            line.floor.warehouse_id,
            _now(),
            sscc,
        )
    async with line.gateway():
        line.plc.tell(EventType.INDUCTED, 11)
        line.scanner.scan_on(11, sscc)
        await told(line, 11, [8])
        line.plc.divert(last(line, 11))
        await until_row(line, _state_of(line), "rejected")
    assert await item(line, "decision ->> 'rule'") == "departure_left"
    assert "left at 12:00 UTC" in str(await item(line, "decision ->> 'why'"))


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
        await until_row(line, _state_of(line), "diverted")
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
            await until_row(line, _state_of(line), "diverted")
    assert await line.floor.place_of(1) == "PACK-02"


async def test_an_alarm_of_the_plc_is_raised_when_it_stands_and_not_when_it_flickers(
    line: Line,
) -> None:
    async with line.gateway():
        for _ in range(3):
            line.plc.status = replace(line.plc.status, alarms=2)
            await until_row(line, _alarms_of(line), 2)
            line.plc.status = replace(line.plc.status, alarms=0)
            await until_row(line, _alarms_of(line), 0)
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
