"""What a PLC reports when something goes wrong on its belt, by the register map."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from devices.sorter.message import CommandResult, EventType, Mode, Op, Reason, Request
from devices.sorter.register import SEQUENCE_MAX, U32_MAX
from devices.sorter.wire import encode_request
from sim.belt import BeltPlan
from sim.plc import ALARM_EMERGENCY_STOP, ALARM_JAM, ALARM_RING_FULL, Plc
from tests.patience import PATIENCE_S
from tests.sim.test_plc import PLAN, Bench, driving


@dataclass
class Told:
    """What the PLC's people and its scanner hear of; `reads` are the codes of the next totes."""

    reads: list[int] = field(default_factory=list)
    arrived: list[tuple[str, int]] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    strayed: list[tuple[str, int]] = field(default_factory=list)
    assigned: list[tuple[int, int]] = field(default_factory=list)


@asynccontextmanager
async def running(
    plan: BeltPlan = PLAN, *, event_seq: int = 0, command_seq: int = 0, encoder: int | None = None
) -> AsyncIterator[tuple[Bench, Told]]:
    told = Told()
    plc = Plc(
        plan,
        boot=41,
        scanned=lambda _track, _tote: told.reads.pop(0) if told.reads else None,
        arrived=lambda tote, lane: told.arrived.append((tote, lane)),
        rejected=told.rejected.append,
        strayed=lambda tote, lane: told.strayed.append((tote, lane)),
        assigned=lambda track, lane: told.assigned.append((track, lane)),
        event_seq=event_seq,
        command_seq=command_seq,
        encoder=encoder,
    )
    async with driving(plc, []) as bench:
        bench.seq = command_seq
        yield bench, told


async def ride(bench: Bench, tote: str = "T-00001", lane: int = 2, other_lane: int = 0) -> int:
    """Put a tote on the belt and send it to a lane; its track."""
    bench.load(tote)
    track = (await bench.wait_event(EventType.INDUCTED)).track
    result = await bench.obey(Op.ASSIGN, track, lane, other_lane=other_lane)
    assert result is CommandResult.DONE
    return track


@pytest.mark.parametrize(
    ("codes", "kind"),
    [(0, EventType.NO_READ), (1, EventType.READ), (2, EventType.MULTI_READ)],
)
async def test_what_the_scanner_makes_of_a_tote_is_reported(codes: int, kind: EventType) -> None:
    async with running() as (bench, told):
        told.reads = [codes]
        bench.load("T-00001")
        inducted = await bench.wait_event(EventType.INDUCTED)
        assert (await bench.wait_event(kind)).track == inducted.track


async def test_a_jam_stops_the_belt_until_somebody_clears_it() -> None:
    async with running() as (bench, _told):
        track = await ride(bench)
        assert bench.plc.jam(track)
        jam = await bench.wait_event(EventType.JAM)
        assert jam.track == track
        status = await bench.cycle()
        assert (status.alarms, status.belt_speed_mm_s) == (ALARM_JAM, 0)
        stood = bench.plc.encoder
        bench.pass_time(0.05)
        assert bench.plc.encoder == stood
        assert bench.plc.clear_jam(track, take_off=False) is None
        bench.server.changed.set()
        await bench.wait_event(EventType.JAM_CLEARED)
        assert (await bench.wait_event(EventType.DIVERTED)).track == track
        assert (await bench.cycle()).alarms == 0


async def test_a_tote_that_was_taken_off_is_lost_to_the_next_eye() -> None:
    async with running() as (bench, _told):
        track = await ride(bench)
        bench.plc.jam(track)
        await bench.wait_event(EventType.JAM)
        assert bench.plc.clear_jam(track, take_off=True) == "T-00001"
        bench.server.changed.set()
        lost = await bench.wait_event(EventType.LOST)
        assert (lost.track, lost.reason) == (track, Reason.TRACK_LOST)
        assert bench.plc.riding == 0


async def test_a_tote_whose_lane_did_not_see_it_is_lost_and_lies_there() -> None:
    async with running() as (bench, told):
        bench.plc.lose_confirm()
        track = await ride(bench, lane=3)
        assert (await bench.wait_event(EventType.LOST)).track == track
        assert bench.plc.lane_totes(3) == ["T-00001"]
        assert told.strayed == [("T-00001", 3)]


async def test_what_came_round_too_often_is_put_out_at_the_end() -> None:
    async with running(replace(PLAN, recirculations_max=2)) as (bench, told):
        bench.load("T-00001")
        rejected = await bench.wait_event(EventType.REJECTED)
        assert rejected.reason is Reason.NO_DECISION
        kinds = [event.type for event in bench.seen]
        assert kinds.count(EventType.RECIRCULATED) == 2
        assert told.rejected == ["T-00001"]
        assert bench.plc.riding == 0


async def test_a_lane_that_fills_up_after_the_decision_turns_its_tote_away() -> None:
    async with running() as (bench, told):
        track = await ride(bench, lane=4)
        assert told.assigned == [(track, 4)]
        bench.plc.cover_lane(4)
        assert (await bench.wait_event(EventType.LANE_FULL)).actual == 4
        assert (await bench.cycle()).lanes_full == {4}
        assert (await bench.wait_event(EventType.RECIRCULATED)).reason is Reason.LANE_FULL
        bench.plc.uncover_lane(4)
        assert (await bench.wait_event(EventType.LANE_FREE)).actual == 4


async def test_a_lane_that_was_full_before_gives_way_to_the_other_one() -> None:
    async with running() as (bench, _told):
        bench.plc.cover_lane(2)
        await ride(bench, lane=2, other_lane=5)
        diverted = await bench.wait_event(EventType.DIVERTED)
        assert (diverted.planned, diverted.actual) == (2, 5)


async def test_a_lane_fault_refuses_what_comes_and_gives_what_rides_the_other_lane() -> None:
    async with running() as (bench, _told):
        track = await ride(bench, lane=2, other_lane=5)
        bench.plc.lanes.faulty.add(2)
        assert (await bench.cycle()).lanes_fault == {2}
        refused = await bench.obey(Op.ASSIGN, track, 2)
        assert refused is CommandResult.LANE_UNAVAILABLE
        diverted = await bench.wait_event(EventType.DIVERTED)
        assert (diverted.planned, diverted.actual) == (2, 5)


async def test_a_hanging_plc_answers_with_an_old_image_and_moves_nothing() -> None:
    async with running() as (bench, _told):
        await bench.cycle()
        bench.plc.hang(0.4)
        image = await bench.cycle()
        stood = bench.plc.encoder
        bench.pass_time(0.2)
        again = await bench.cycle()
        assert (again.heartbeat, again.encoder) == (image.heartbeat, image.encoder)
        assert bench.plc.encoder == stood
        # What was written last meanwhile is done when the program goes on.
        await bench.write(encode_request(Request(77, 9)))
        async with asyncio.timeout(PATIENCE_S):
            while (late := await bench.cycle()).heartbeat == image.heartbeat:
                bench.pass_time()
        assert late.encoder > image.encoder


async def test_a_torn_entry_is_whole_at_the_next_read() -> None:
    async with running() as (bench, _told):
        bench.plc.ring.tear()
        bench.load("T-00001")
        async with asyncio.timeout(PATIENCE_S):
            while not (torn := await bench.cycle()).torn:
                bench.pass_time()
        assert torn.event_head not in {event.seq for event in torn.events}
        whole = await bench.cycle()
        assert whole.torn == 0
        assert torn.event_head in {event.seq for event in whole.events}
        assert bench.plc.counts["torn_reads"] == 1


async def test_an_acknowledged_event_is_shown_once_more() -> None:
    async with running() as (bench, _told):
        bench.load("T-00001")
        first = await bench.wait_event(EventType.INDUCTED)
        bench.plc.ring.repeat()
        again = await bench.cycle()
        assert first in again.events
        assert first not in (await bench.cycle()).events
        assert bench.plc.counts["events_repeated"] == 1


async def test_a_number_that_is_left_out_belongs_to_no_event() -> None:
    async with running() as (bench, _told):
        bench.plc.ring.skip()
        bench.load("T-00001")
        assert (await bench.wait_event(EventType.INDUCTED)).seq == 2
        assert bench.plc.counts["numbers_skipped"] == 1


async def test_numbers_of_events_and_commands_wrap_and_skip_0() -> None:
    start = SEQUENCE_MAX - 1
    async with running(event_seq=start, command_seq=start) as (bench, _told):
        assert (await bench.cycle()).event_head == start
        await ride(bench)
        await bench.wait_event(EventType.DIVERTED)
        assert [event.seq for event in bench.seen] == [SEQUENCE_MAX, 1]
        assert bench.plc.counts["sequence_wraps"] == 1
        bench.seq = 0
        assert await bench.obey(Op.CLOSE_LANE, lane=1) is CommandResult.DONE


async def test_the_encoder_wraps_between_induction_and_decision() -> None:
    async with running(encoder=U32_MAX - 100) as (bench, _told):
        bench.load("T-00001")
        inducted = await bench.wait_event(EventType.INDUCTED)
        assert inducted.encoder >= U32_MAX - 100
        deadline = (inducted.encoder + PLAN.decision_mm // PLAN.mm_per_count) & U32_MAX
        assert deadline < inducted.encoder
        result = await bench.obey(Op.ASSIGN, inducted.track, 1, deadline=deadline)
        assert result is CommandResult.DONE
        diverted = await bench.wait_event(EventType.DIVERTED)
        moved = (diverted.encoder - inducted.encoder) & U32_MAX
        assert moved == PLAN.gate_mm(1) // PLAN.mm_per_count
        assert bench.plc.counts["encoder_wraps"] == 1


async def test_a_restart_keeps_what_is_real() -> None:
    plan = replace(PLAN, lane_roll_mm=6_000)
    async with running(plan) as (bench, told):
        bench.plc.set_mode_by_hand(Mode.STOPPED)
        bench.load("T-00001", "T-00002")
        bench.plc.set_mode_by_hand(Mode.AUTOMATIC)
        bench.server.changed.set()
        track = (await bench.wait_event(EventType.INDUCTED)).track
        await bench.obey(Op.ASSIGN, track, 1)
        await bench.wait_event(EventType.DIVERTED, ack=False)
        assert bench.plc.unreported() == ["T-00001"]
        bench.plc.restart()
        assert bench.plc.unreported() == []
        bench.server.changed.set()
        await bench.wait_until(lambda: ("T-00001", 1) in told.arrived)


async def test_alarms_name_an_emergency_stop_and_a_full_ring() -> None:
    async with running() as (bench, _told):
        bench.load(*(f"T-{number:05d}" for number in range(1, 13)))
        async with asyncio.timeout(PATIENCE_S):
            while not (await bench.cycle()).alarms & ALARM_RING_FULL:
                bench.pass_time()
        bench.plc.set_mode_by_hand(Mode.EMERGENCY_STOP)
        assert (await bench.cycle()).alarms & ALARM_EMERGENCY_STOP


async def test_reserved_registers_stay_0_whatever_is_written() -> None:
    async with running() as (bench, _told):
        words = encode_request(Request(1, 9))
        words[5] = 0xBEEF
        await bench.write(words)
        reply = await bench.client.read_holding_registers(200, count=38, device_id=1)
        assert (reply.registers[0], reply.registers[5]) == (1, 0)
        reply = await bench.client.read_holding_registers(12, count=4, device_id=1)
        assert reply.registers == [0, 0, 0, 0]
