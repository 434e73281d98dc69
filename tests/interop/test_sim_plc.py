"""Our simulated PLC, read and written by Modbus clients that nobody here wrote."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from sim.belt import BeltPlan
from sim.modbus import PlcServer
from sim.plc import Plc
from tests.interop import map as registers
from tests.interop.libmodbus import ILLEGAL_ADDRESS, Client, ModbusFault
from tests.interop.program import mbpoll, require_libmodbus, require_program
from tests.patience import PATIENCE_S
from tests.port import own_port
from tests.sim.clock import HandClock, tick

pytestmark = pytest.mark.asyncio
PLAN = BeltPlan(speed_mm_s=2_000.0, decision_mm=4_000, first_gate_mm=5_000, lanes=3)


@dataclass
class Sorter:
    port: int
    plc: Plc
    server: PlcServer
    scanned: list[tuple[int, str]] = field(default_factory=list)
    arrived: list[tuple[str, int]] = field(default_factory=list)

    def load(self, *totes: str) -> None:
        for tote in totes:
            self.plc.load(tote)
        self.server.changed.set()


@asynccontextmanager
async def sorter(plan: BeltPlan = PLAN) -> AsyncIterator[Sorter]:
    port = own_port()
    scanned: list[tuple[int, str]] = []
    arrived: list[tuple[str, int]] = []
    plc = Plc(
        plan,
        boot=7,
        scanned=lambda track, tote: scanned.append((track, tote)),
        arrived=lambda tote, lane: arrived.append((tote, lane)),
    )
    clock = HandClock()
    server = PlcServer(plc, "127.0.0.1", port, clock)
    await server.start()
    moving = {asyncio.create_task(work) for work in (server.run(), tick(clock, server.changed))}
    try:
        yield Sorter(port, plc, server, scanned, arrived)
    finally:
        for task in moving:
            task.cancel()
        await asyncio.wait(moving)
        await server.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


async def test_mbpoll_reads_what_the_map_says() -> None:
    require_program("mbpoll", "mbpoll")
    async with sorter() as one:
        whole = await mbpoll(one.port, 0, count=registers.READ_COUNT)
        assert whole.code == 0, whole.text
        assert len(whole.registers) == registers.READ_COUNT
        assert [whole.registers[at] for at in (0, 1, 3)] == [1, 7, 1]
        assert [whole.registers[at] for at in range(12, 16)] == [0, 0, 0, 0]
        assert registers.events(list(whole.registers.values())) == {}
        one.load("T-00001")
        await until(lambda: one.plc.counts["inducted"] == 1)
        ring = await mbpoll(one.port, registers.RING, count=registers.SLOT)
        seq, kind, track = (ring.registers[registers.RING + at] for at in range(3))
        assert (seq, kind, track) == (1, registers.INDUCTED, 1)
        assert ring.registers[registers.RING + registers.SLOT - 1] == seq


async def test_mbpoll_sees_the_plcs_heartbeat_move() -> None:
    require_program("mbpoll", "mbpoll")
    beats: set[int] = set()
    async with sorter() as one, asyncio.timeout(PATIENCE_S):
        while len(beats) < 3:
            beats.add((await mbpoll(one.port, 2)).registers[2])


async def test_mbpoll_sends_a_tote_to_its_lane() -> None:
    require_program("mbpoll", "mbpoll")
    async with sorter(BeltPlan(speed_mm_s=2_000.0, lanes=3)) as one:
        one.load("T-00001")
        await until(lambda: bool(one.scanned))
        assign = registers.command(1, registers.ASSIGN, 1, 2, 6_200)
        sent = await mbpoll(one.port, registers.WRITE, *registers.request(3, 1, assign))
        assert sent.code == 0, sent.text
        answer = await mbpoll(one.port, registers.LAST_COMMAND, count=3)
        assert list(answer.registers.values()) == [1, registers.DONE, 3]
        again = await mbpoll(one.port, registers.WRITE, *registers.request(4, 1, assign))
        assert again.code == 0, again.text
        answer = await mbpoll(one.port, registers.LAST_COMMAND, count=2)
        assert list(answer.registers.values()) == [1, registers.REPEATED]
        ring = await mbpoll(one.port, 0, count=registers.READ_COUNT)
        assert registers.events(list(ring.registers.values())) == {}


@pytest.mark.parametrize(("start", "values"), [(3, (2,)), (0, (1, 1)), (112, (5,)), (238, (1, 2))])
async def test_mbpoll_cannot_write_what_is_the_plcs(start: int, values: tuple[int, ...]) -> None:
    require_program("mbpoll", "mbpoll")
    async with sorter() as one:
        refused = await mbpoll(one.port, start, *values)
        assert refused.code != 0
        assert "Illegal data address" in refused.text
        assert (await mbpoll(one.port, registers.MODE)).registers == {registers.MODE: 1}


async def test_libmodbus_runs_a_tote_through_the_sorter_in_single_transactions() -> None:
    require_libmodbus()

    async with sorter() as one:
        one.load("T-00001")
        await until(lambda: bool(one.scanned))
        track, _ = one.scanned[0]

        def work() -> tuple[list[int], list[int]]:
            with Client(one.port) as client:
                first = registers.command(1, registers.ASSIGN, track, 3, 400)
                return (
                    client.write_and_read(200, registers.request(5, 0, first), 0, 112),
                    client.write_and_read(200, registers.request(6, 1), 0, 112),
                )

        answered, after = await asyncio.to_thread(work)
        assert answered[registers.LAST_COMMAND : registers.HEARD + 1] == [1, registers.DONE, 5]
        assert registers.events(answered)[1][1:3] == [registers.INDUCTED, track]
        assert registers.events(after) == {}
        await until(lambda: bool(one.arrived))
        assert one.arrived == [("T-00001", 3)]

        def last() -> list[int]:
            with Client(one.port) as client:
                return client.read(registers.READ, registers.READ_COUNT)

        (event,) = registers.events(await asyncio.to_thread(last)).values()
        assert event[1:5] == [registers.DIVERTED, track, 3, 3]


async def test_libmodbus_is_refused_what_a_command_may_not_be() -> None:
    require_libmodbus()

    def work(port: int) -> list[int]:
        close = registers.command(1, registers.CLOSE_LANE, 0, 2)
        spoilt = [*close[:-1], close[-1] ^ 1]
        skipped = registers.command(3, registers.CLOSE_LANE, 0, 2)
        results = []
        with Client(port) as client:
            for heartbeat, one in enumerate((spoilt, skipped, close, close)):
                client.write(registers.WRITE, registers.request(heartbeat, 0, one))
                results.append(client.read(registers.RESULT, 1)[0])
        return results

    async with sorter() as one:
        assert await asyncio.to_thread(work, one.port) == [
            registers.BAD_CHECK,
            registers.OUT_OF_SEQUENCE,
            registers.DONE,
            registers.REPEATED,
        ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda c: c.read(100, 20), id="read over the end"),
        pytest.param(lambda c: c.read(150, 1), id="read between the blocks"),
        pytest.param(lambda c: c.read(1_000, 1), id="read far away"),
        pytest.param(lambda c: c.write(3, [1]), id="write the mode"),
        pytest.param(lambda c: c.write(230, [0] * 12), id="write over the end"),
        pytest.param(lambda c: c.write_and_read(3, [1], 0, 112), id="write the mode and read"),
        pytest.param(lambda c: c.write_and_read(200, [1], 100, 20), id="write and read too far"),
    ],
)
async def test_libmodbus_gets_an_exception_for_a_wrong_address(
    wrong: Callable[[Client], object],
) -> None:
    require_libmodbus()

    def work(port: int) -> tuple[int | None, list[int]]:
        with Client(port) as client:
            with pytest.raises(ModbusFault) as fault:
                wrong(client)
            return fault.value.code, client.read(0, 4)

    async with sorter() as one:
        code, head = await asyncio.to_thread(work, one.port)
    assert code == ILLEGAL_ADDRESS
    assert (head[0], head[1], head[3]) == (1, 7, 1)


async def test_two_clients_read_while_one_writes() -> None:
    require_libmodbus()

    def watch(port: int) -> set[int]:
        with Client(port) as client:
            return {client.read(registers.HEARD, 1)[0] for _ in range(50)}

    def beat(port: int) -> None:
        with Client(port) as client:
            for heartbeat in range(1, 51):
                client.write_and_read(200, registers.request(heartbeat), 0, 112)

    async with sorter() as one:
        seen, _ = await asyncio.gather(
            asyncio.to_thread(watch, one.port), asyncio.to_thread(beat, one.port)
        )
        assert seen <= set(range(51))
        assert one.plc.read(0.0)[registers.HEARD] == 50
