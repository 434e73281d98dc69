"""The desk decides in memory: deadlines across a wrap, codes of one pass, hands on the belt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from api.gateway.decision import DecisionDesk
from api.gateway.lane import LaneTable
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from devices.sorter.command import CommandRefused
from devices.sorter.message import (
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    RingEvent,
    Status,
)
from devices.sorter.register import U32_MAX
from wms.sorting.lane import Way
from wms.sorting.plan import SorterPlan, read_plan

pytestmark = pytest.mark.asyncio
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SCANNER = DeviceName("main", "sort", "scanner", "SCN-01")
WINDOW = 6_000


class Told:
    """What a sorter was told, and what it answers."""

    def __init__(self) -> None:
        self.status: Status | None = Status(5, 1, Mode.AUTOMATIC)
        self.lanes: list[tuple[int, int, int]] = []
        self.cancelled: list[int] = []
        self.refusals: list[CommandResult] = []

    async def assign(
        self, track: int, lane: int, deadline: int, *, other_lane: int = 0, wait_s: float = 5.0
    ) -> CommandResult:
        self.lanes.append((track, lane, deadline))
        if self.refusals:
            command = Command(1, Op.ASSIGN, track, lane)
            raise CommandRefused(command, self.refusals.pop(0))
        return CommandResult.DONE

    async def command(self, command: Command, *, wait_s: float = 5.0) -> CommandResult:
        self.cancelled.append(command.track)
        return CommandResult.DONE


@asynccontextmanager
async def desk_over(
    *ways: Way, plan: SorterPlan | None = None
) -> AsyncIterator[tuple[DecisionDesk, Told]]:
    table, told = LaneTable(plan), Told()
    table.replace((way, "") for way in ways)
    desk = DecisionDesk(table, WINDOW, lambda: None)
    desk.sorter, desk.commander = told, told
    task = asyncio.create_task(desk.run())
    try:
        yield desk, told
    finally:
        task.cancel()
        await asyncio.wait({task})


def way(unit: str, *lanes: int) -> Way:
    return Way(unit, "PACK-01", lanes or (1,))


def scan(seq: int, track: int, raw: str, after_s: float = 0.0) -> DeviceEvent:
    return DeviceEvent(7, seq, AT + timedelta(seconds=after_s), raw, "]C0", track)


def inducted(track: int, encoder: int = 0) -> RingEvent:
    return RingEvent(1, EventType.INDUCTED, track, encoder=encoder)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_deadline_wraps_with_the_encoder() -> None:
    async with desk_over(way("T-00001")) as (desk, told):
        told.status = Status(5, 1, Mode.AUTOMATIC, encoder=U32_MAX - 5)
        desk.happened(inducted(11, U32_MAX - 10))
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        await settled()
    assert told.lanes == [(11, 1, WINDOW - 11)]


async def test_what_passed_its_last_moment_is_told_nothing_more() -> None:
    async with desk_over(way("T-00001")) as (desk, told):
        told.status = Status(5, 1, Mode.AUTOMATIC, encoder=100)
        desk.happened(inducted(11, U32_MAX - WINDOW))
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        await settled()
    assert told.lanes == []


async def test_a_double_read_is_decided_once() -> None:
    async with desk_over(way("T-00001")) as (desk, told):
        for seq in (1, 2, 3):
            desk.scanned(SCANNER, scan(seq, 11, "T-00001", after_s=0.1 * seq))
        await settled()
    assert [lane for _, lane, _ in told.lanes] == [1]


async def test_two_units_within_a_moment_are_a_multi_read_and_the_lane_is_taken_back() -> None:
    async with desk_over(way("T-00001"), way("T-00002", 2)) as (desk, told):
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        await settled()
        desk.scanned(SCANNER, scan(2, 11, "T-00002", after_s=0.2))
        await settled()
        assert told.cancelled == [11]
        assert desk.kept[11].told["rule"] == "several_read"


async def test_a_scan_kept_from_a_pass_before_does_not_outlive_the_next_one() -> None:
    async with desk_over(way("T-00001"), way("T-00002", 2)) as (desk, told):
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        desk.scanned(SCANNER, scan(2, 11, "T-00002", after_s=60))
        await settled()
        assert desk.tote_on(11) == "T-00002"
    assert told.lanes[-1][:2] == (11, 2)


async def test_a_scanner_whose_clock_is_days_off_decides_like_any_other() -> None:
    async with desk_over(way("T-00001")) as (desk, told):
        desk.scanned(SCANNER, scan(1, 11, "T-00001", after_s=-10 * 86_400))
        await settled()
    assert [lane for _, lane, _ in told.lanes] == [1]


async def test_a_refused_lane_is_not_asked_for_again_while_there_is_another() -> None:
    async with desk_over(way("T-00001", 1, 2)) as (desk, told):
        told.refusals = [CommandResult.LANE_UNAVAILABLE]
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        await settled()
        assert desk.kept[11].lane == 2
    assert [lane for _, lane, _ in told.lanes] == [1, 2]


async def test_too_late_is_not_tried_again_in_this_round() -> None:
    async with desk_over(way("T-00001")) as (desk, told):
        told.refusals = [CommandResult.TOO_LATE]
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        await settled()
        desk.reconsider()
        await settled()
        assert desk.kept[11].told["result"] == "too_late"
    assert len(told.lanes) == 1


async def test_nothing_is_told_while_hands_are_on_and_all_of_it_afterwards() -> None:
    async with desk_over(way("T-00001"), way("T-00002")) as (desk, told):
        desk.changed(Status(5, 1, Mode.EMERGENCY_STOP))
        for track in (1, 2):
            desk.scanned(SCANNER, scan(track, track, f"T-0000{track}"))
        await settled()
        assert told.lanes == []
        desk.changed(Status(5, 1, Mode.AUTOMATIC))
        await settled()
    assert [track for track, _, _ in told.lanes] == [1, 2]


async def test_a_track_inducted_again_before_its_end_is_stored_is_not_forgotten() -> None:
    async with desk_over(way("T-00001")) as (desk, _told):
        over = RingEvent(2, EventType.RECIRCULATED, 11)
        desk.happened(inducted(11))
        desk.scanned(SCANNER, scan(1, 11, "T-00001"))
        desk.happened(over)
        desk.happened(inducted(11, 500))
        desk.settle(over)
        assert desk.riding == 1


async def test_a_stranger_goes_round_three_times_and_is_then_put_aside() -> None:
    plan = read_plan({"reject_lane": 9})
    async with desk_over(plan=plan) as (desk, told):
        for track in range(1, 5):
            desk.happened(inducted(track))
            desk.scanned(SCANNER, scan(track, track, "T-00099"))
            desk.happened(RingEvent(track, EventType.RECIRCULATED, track))
            desk.settle(RingEvent(track, EventType.RECIRCULATED, track))
        await settled()
    assert [(track, lane) for track, lane, _ in told.lanes] == [(4, 9)]


async def test_a_tracking_number_leads_to_the_same_parcel_as_its_sscc() -> None:
    async with desk_over() as (desk, told):
        sscc = "376123450000000017"
        table = LaneTable()
        table.replace([(way(sscc, 4), "SL00001GB")])
        desk = DecisionDesk(table, WINDOW, lambda: None)
        desk.sorter, desk.commander = told, told
        desk.scanned(SCANNER, scan(1, 11, "SL00001GB"))
        assert desk.tote_on(11) == sscc
        assert desk.kept[11].lane == 4
