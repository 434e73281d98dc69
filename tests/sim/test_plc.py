"""The PLC, driven over its socket by a client that knows the register map and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from pymodbus.client import AsyncModbusTcpClient

from devices.sorter.message import (
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    Reason,
    Request,
    RingEvent,
    Status,
)
from devices.sorter.register import REG_ALARM, RING_SLOTS
from devices.sorter.wire import decode_status, encode_request
from sim.belt import BeltPlan
from sim.modbus import PlcServer
from sim.plc import Plc
from tests.patience import PATIENCE_S
from tests.port import own_port
from tests.sim.clock import HandClock

FAR = 0x4000_0000
# How far the belt's clock goes on between two looks of somebody who waits.
LOOK_S = 0.005
# A tenth of a second from induction to the point of decision, by that clock.
PLAN = BeltPlan(
    speed_mm_s=200_000.0,
    decision_mm=20_000,
    first_gate_mm=22_000,
    lane_capacity=2,
    lane_roll_mm=None,
)


@dataclass
class Bench:
    """A PLC on the bench, and the client that drives it; the belt moves only while one waits."""

    plc: Plc
    server: PlcServer
    client: AsyncModbusTcpClient
    clock: HandClock
    scans: list[tuple[int, str]] = field(default_factory=list)
    seen: list[RingEvent] = field(default_factory=list)
    seq: int = 0

    def load(self, *totes: str) -> None:
        for tote in totes:
            self.plc.load(tote)
        self.server.changed.set()

    def pass_time(self, seconds: float = LOOK_S) -> None:
        """Let the belt move on."""
        self.clock.move(seconds)
        self.plc.advance(self.clock())
        self.server.changed.set()

    async def cycle(self, *commands: Command, ack: int = 0, mode: int = 0) -> Status:
        return await self.write(encode_request(Request(1, 9, ack, mode, commands)))

    async def write(self, words: list[int]) -> Status:
        reply = await self.client.readwrite_registers(
            read_address=0, read_count=112, write_address=200, values=words, device_id=1
        )
        assert not reply.isError()
        return decode_status(reply.registers)

    async def obey(self, op: Op, track: int = 0, lane: int = 0, **more: int) -> CommandResult:
        """Send the next command in sequence, and give its result."""
        self.seq += 1
        deadline = more.get("deadline", FAR)
        command = Command(self.seq, op, track, lane, more.get("other_lane", 0), deadline)
        status = await self.cycle(command)
        assert status.last_command == self.seq
        return status.command_result

    async def wait_event(self, kind: EventType, *, ack: bool = True) -> RingEvent:
        """Read, and acknowledge, until an event of this type comes."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                status = await self.cycle()
                fresh = sorted(status.events, key=lambda event: event.seq)
                for event in fresh:
                    if ack:
                        await self.cycle(ack=event.seq)
                    self.seen.append(event)
                    if event.type is kind:
                        return event
                self.pass_time()

    async def wait_until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not happened():
                self.pass_time()
                await asyncio.sleep(0)


@asynccontextmanager
async def running(plan: BeltPlan = PLAN, boot: int = 41) -> AsyncIterator[Bench]:
    scans: list[tuple[int, str]] = []
    plc = Plc(
        plan,
        boot=boot,
        scanned=lambda track, tote: scans.append((track, tote)),
        arrived=lambda _tote, _lane: None,
    )
    async with driving(plc, scans) as bench:
        yield bench


@asynccontextmanager
async def driving(plc: Plc, scans: list[tuple[int, str]]) -> AsyncIterator[Bench]:
    port = own_port()
    clock = HandClock()
    server = PlcServer(plc, "127.0.0.1", port, clock)
    await server.start()
    belt = asyncio.create_task(server.run())
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=port, timeout=PATIENCE_S, retries=0, reconnect_delay=0
    )
    assert await client.connect()
    try:
        yield Bench(plc, server, client, clock, scans)
    finally:
        client.close()
        belt.cancel()
        await asyncio.gather(belt, return_exceptions=True)
        await server.stop()


async def test_a_tote_is_inducted_scanned_decided_and_diverted() -> None:
    async with running() as bench:
        bench.load("T-00001")
        inducted = await bench.wait_event(EventType.INDUCTED)
        await bench.wait_until(lambda: bool(bench.scans))
        assert bench.scans == [(inducted.track, "T-00001")]
        assert await bench.obey(Op.ASSIGN, inducted.track, 3) is CommandResult.DONE
        diverted = await bench.wait_event(EventType.DIVERTED)
        assert (diverted.track, diverted.planned, diverted.actual) == (inducted.track, 3, 3)
        assert diverted.reason is Reason.NONE
        assert diverted.encoder - inducted.encoder == PLAN.gate_mm(3) // PLAN.mm_per_count
        assert bench.plc.lane_totes(3) == ["T-00001"]


async def test_a_decision_that_comes_too_late_lets_the_tote_come_round_again() -> None:
    async with running() as bench:
        bench.load("T-00001")
        first = await bench.wait_event(EventType.INDUCTED)
        round_again = await bench.wait_event(EventType.RECIRCULATED)
        assert (round_again.track, round_again.reason) == (first.track, Reason.NO_DECISION)
        assert await bench.obey(Op.ASSIGN, first.track, 1) is CommandResult.UNKNOWN_TRACK
        second = await bench.wait_event(EventType.INDUCTED)
        assert second.track != first.track
        assert await bench.obey(Op.ASSIGN, second.track, 1) is CommandResult.DONE
        await bench.wait_event(EventType.DIVERTED)


async def test_a_command_after_its_deadline_is_too_late() -> None:
    async with running() as bench:
        bench.load("T-00001")
        inducted = await bench.wait_event(EventType.INDUCTED)
        await bench.wait_until(lambda: bench.plc.encoder > inducted.encoder + 10)
        result = await bench.obey(Op.ASSIGN, inducted.track, 1, deadline=inducted.encoder)
        assert result is CommandResult.TOO_LATE


async def test_only_the_next_number_is_carried_out() -> None:
    async with running() as bench:
        done = await bench.cycle(Command(1, Op.CLOSE_LANE, lane=2))
        assert (done.last_command, done.command_result) == (1, CommandResult.DONE)
        again = await bench.cycle(Command(1, Op.CLOSE_LANE, lane=2))
        assert (again.last_command, again.command_result) == (1, CommandResult.REPEATED)
        skipped = await bench.cycle(Command(3, Op.OPEN_LANE, lane=2))
        assert (skipped.last_command, skipped.command_result) == (
            1,
            CommandResult.OUT_OF_SEQUENCE,
        )
        after = await bench.cycle(Command(2, Op.OPEN_LANE, lane=2))
        assert (after.last_command, after.command_result) == (2, CommandResult.DONE)


async def test_four_commands_of_one_write_are_carried_out_in_order() -> None:
    async with running() as bench:
        closing = [Command(seq, Op.CLOSE_LANE, lane=seq) for seq in range(1, 5)]
        status = await bench.cycle(*closing)
        assert (status.last_command, status.command_result) == (4, CommandResult.DONE)


async def test_a_bad_check_is_not_carried_out_and_nothing_after_it() -> None:
    async with running() as bench:
        words = encode_request(
            Request(1, 9, commands=(Command(1, Op.CLOSE_LANE, lane=1), Command(2, Op.OPEN_LANE)))
        )
        words[13] ^= 1
        status = await bench.write(words)
        assert (status.last_command, status.command_result) == (0, CommandResult.BAD_CHECK)
        words[13] ^= 1
        assert (await bench.write(words)).last_command == 2


async def test_a_full_ring_stops_induction_and_keeps_every_event() -> None:
    async with running() as bench:
        bench.load(*(f"T-{number:05d}" for number in range(1, 13)))
        async with asyncio.timeout(PATIENCE_S):
            while len((status := await bench.cycle()).events) < RING_SLOTS:
                bench.pass_time()
        bench.pass_time(0.3)
        again = await bench.cycle()
        assert again.events == status.events
        assert [event.seq for event in again.events] == list(range(1, RING_SLOTS + 1))
        assert bench.plc.counts["inducted"] == RING_SLOTS
        seen: list[int] = []
        async with asyncio.timeout(PATIENCE_S):
            while bench.plc.counts["inducted"] < 20:
                events = (await bench.cycle(ack=seen[-1] if seen else 0)).events
                seen += sorted(event.seq for event in events if event.seq not in seen)
                bench.pass_time()
        assert seen == list(range(1, len(seen) + 1))


async def test_acknowledging_what_was_never_sent_changes_nothing() -> None:
    async with running() as bench:
        bench.load("T-00001")
        event = await bench.wait_event(EventType.INDUCTED, ack=False)
        status = await bench.cycle(ack=event.seq + 100)
        assert event in status.events
        assert event not in (await bench.cycle(ack=event.seq)).events


async def test_a_restart_changes_the_boot_id_and_forgets_everything() -> None:
    async with running(boot=41) as bench:
        bench.load("T-00001")
        inducted = await bench.wait_event(EventType.INDUCTED)
        await bench.obey(Op.CLOSE_LANE, lane=1)
        assert bench.plc.restart() == ["T-00001"]
        status = await bench.cycle()
        assert status.boot == 42
        assert (status.last_command, status.event_head, status.events) == (0, 0, ())
        bench.seq = 0
        assert await bench.obey(Op.ASSIGN, inducted.track, 2) is CommandResult.UNKNOWN_TRACK


async def test_a_lane_that_is_full_says_so_and_turns_totes_away() -> None:
    async with running() as bench:
        for tote in ("T-00001", "T-00002", "T-00003"):
            bench.load(tote)
            inducted = await bench.wait_event(EventType.INDUCTED)
            assert await bench.obey(Op.ASSIGN, inducted.track, 2) is CommandResult.DONE
            if tote != "T-00003":
                await bench.wait_event(EventType.DIVERTED)
        turned = await bench.wait_event(EventType.RECIRCULATED)
        assert turned.reason is Reason.LANE_FULL
        assert [event.actual for event in bench.seen if event.type is EventType.LANE_FULL] == [2]
        assert (await bench.cycle()).lanes_full == {2}
        bench.plc.take(2)
        assert (await bench.cycle()).lanes_full == set()
        await bench.wait_event(EventType.LANE_FREE)


async def test_a_full_lane_gives_way_to_the_other_lane_further_down() -> None:
    async with running() as bench:
        actual = []
        for tote in ("T-00001", "T-00002", "T-00003"):
            bench.load(tote)
            track = (await bench.wait_event(EventType.INDUCTED)).track
            await bench.obey(Op.ASSIGN, track, 2, other_lane=5)
            actual.append((await bench.wait_event(EventType.DIVERTED)).actual)
        assert actual == [2, 2, 5]


async def test_lanes_that_are_not_there_or_closed_are_refused() -> None:
    async with running() as bench:
        bench.load("T-00001")
        track = (await bench.wait_event(EventType.INDUCTED)).track
        assert await bench.obey(Op.ASSIGN, track, 9) is CommandResult.UNKNOWN_LANE
        assert await bench.obey(Op.CLOSE_LANE, lane=64) is CommandResult.UNKNOWN_LANE
        assert await bench.obey(Op.CLOSE_LANE, lane=4) is CommandResult.DONE
        assert await bench.obey(Op.ASSIGN, track, 4) is CommandResult.LANE_UNAVAILABLE
        assert await bench.obey(Op.OPEN_LANE, lane=4) is CommandResult.DONE
        assert await bench.obey(Op.ASSIGN, track, 4) is CommandResult.DONE
        assert await bench.obey(Op.CANCEL, track) is CommandResult.DONE
        turned = await bench.wait_event(EventType.RECIRCULATED)
        assert turned.reason is Reason.NO_DECISION


@pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.EMERGENCY_STOP])
async def test_nothing_of_ours_ends_an_emergency_stop_or_manual_mode(mode: Mode) -> None:
    async with running() as bench:
        bench.load("T-00001")
        track = (await bench.wait_event(EventType.INDUCTED)).track
        bench.plc.set_mode_by_hand(mode)
        assert await bench.obey(Op.ASSIGN, track, 1) is CommandResult.WRONG_MODE
        for asked in (Mode.AUTOMATIC, Mode.DRAINING):
            assert (await bench.cycle(mode=asked)).mode is mode
        before = bench.plc.encoder
        bench.pass_time(0.05)
        assert bench.plc.encoder == before
        bench.plc.set_mode_by_hand(Mode.STOPPED)
        assert (await bench.cycle(mode=Mode.EMERGENCY_STOP)).mode is Mode.STOPPED
        assert (await bench.cycle(mode=Mode.AUTOMATIC)).mode is Mode.AUTOMATIC


async def test_a_draining_sorter_inducts_nothing_more() -> None:
    async with running() as bench:
        assert (await bench.cycle(mode=Mode.DRAINING)).mode is Mode.DRAINING
        bench.load("T-00001")
        bench.pass_time(0.1)
        assert bench.plc.counts["inducted"] == 0
        await bench.cycle(mode=Mode.AUTOMATIC)
        await bench.wait_event(EventType.INDUCTED)


async def test_the_heartbeat_goes_on_and_ours_is_seen() -> None:
    async with running() as bench:
        first = await bench.write(encode_request(Request(77, 9)))
        assert first.heartbeat_seen == 77
        bench.pass_time(0.25)
        assert (await bench.cycle()).heartbeat != first.heartbeat


async def test_the_plcs_own_registers_cannot_be_written() -> None:
    async with running() as bench:
        reply = await bench.client.write_register(REG_ALARM, 1, device_id=1)
        assert reply.isError()
        gap = await bench.client.read_holding_registers(150, count=2, device_id=1)
        assert gap.isError()


async def test_totes_that_roll_off_leave_their_lane() -> None:
    plan = BeltPlan(speed_mm_s=200_000.0, decision_mm=20_000, first_gate_mm=22_000)
    async with running(plan) as bench:
        bench.load("T-00001")
        track = (await bench.wait_event(EventType.INDUCTED)).track
        await bench.obey(Op.ASSIGN, track, 1)
        await bench.wait_event(EventType.DIVERTED)
        await bench.wait_until(lambda: not bench.plc.lane_totes(1))
