"""What a printer does when something befalls it."""

import asyncio
import time

import pytest

from devices.printer.status import (
    COUNTER_COMMAND,
    STATUS_COMMAND,
    HostStatus,
    decode_counter,
    decode_host_status,
)
from sim.printer import Printer, Trouble
from tests.patience import PATIENCE_S
from tests.sim.clock import HandClock
from tests.sim.test_printer import Stream, label, running


def printer(trouble: Trouble, **more: object) -> Printer:
    """A printer whose first label is struck, and no other."""

    def strike(number: int) -> Trouble:
        return trouble if number == 1 else Trouble.NONE

    return Printer("PRN-01", print_s=0.0, trouble=strike, **more)  # type: ignore[arg-type]


async def ask_status(stream: Stream) -> HostStatus:
    reader, writer = stream
    writer.write(STATUS_COMMAND)
    return decode_host_status(b"".join([await reader.readuntil(b"\x03\r\n") for _ in range(3)]))


async def ask_counter(stream: Stream) -> int:
    reader, writer = stream
    writer.write(COUNTER_COMMAND)
    return decode_counter(await reader.readuntil(b'"') + await reader.readuntil(b'"'))


async def connect(port: int) -> Stream:
    """Reach a printer as soon as it has power."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("trouble", "printed"), [(Trouble.POWER_BEFORE, 0), (Trouble.POWER_AFTER, 1)]
)
async def test_without_power_all_is_forgotten_but_the_odometer(
    trouble: Trouble, printed: int
) -> None:
    machine = printer(trouble, off_s=None)
    async with running(machine) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(label() + label() + label()[:100])
        with pytest.raises((ConnectionError, EOFError)):
            await asyncio.wait_for(reader.readexactly(1), PATIENCE_S)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        machine.switch_on()
        again = await connect(port)
        status = await ask_status(again)
        assert (status.formats_waiting, status.partial_format) == (0, False)
        assert await ask_counter(again) == 1_000 + printed == 1_000 + len(machine.printed)
        again[1].close()


@pytest.mark.parametrize(
    ("trouble", "printed"), [(Trouble.HALF_OPEN_BEFORE, 0), (Trouble.HALF_OPEN_AFTER, 1)]
)
async def test_a_half_open_connection_stands_and_says_nothing(
    trouble: Trouble, printed: int
) -> None:
    machine = printer(trouble)
    async with running(machine) as port:
        old = await asyncio.open_connection("127.0.0.1", port)
        old[1].write(label())
        async with asyncio.timeout(PATIENCE_S):
            while not machine.counts[trouble.value.replace("-", "_")]:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask_counter(old), 0.2)
        new = await asyncio.open_connection("127.0.0.1", port)
        assert await ask_counter(new) == 1_000 + printed
        new[1].close()
        old[1].close()


@pytest.mark.parametrize(
    ("trouble", "field"),
    [
        (Trouble.MEDIA_OUT, "paper_out"),
        (Trouble.HEAD_OPEN, "head_open"),
        (Trouble.PAUSED, "paused"),
    ],
)
async def test_what_wants_a_person_is_said_and_only_delays_the_label(
    trouble: Trouble, field: str
) -> None:
    machine = printer(trouble, mend_s=None)
    async with running(machine) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label())
        async with asyncio.timeout(PATIENCE_S):
            while not (status := await ask_status(stream)).blocked:
                await asyncio.sleep(0.005)
        assert getattr(status, field)
        assert await ask_counter(stream) == 1_000
        machine.mend()
        await asyncio.wait_for(machine.tray.get(), PATIENCE_S)
        assert not (await ask_status(stream)).blocked
        assert await ask_counter(stream) == 1_001
        stream[1].close()


async def test_a_silent_printer_answers_status_only_when_somebody_has_come() -> None:
    machine = printer(Trouble.MEDIA_OUT, mend_s=None, silent=True)
    async with running(machine) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label())
        async with asyncio.timeout(PATIENCE_S):
            while machine.wants is not Trouble.MEDIA_OUT:
                await asyncio.sleep(0.005)
        stream[1].write(STATUS_COMMAND)
        # The counter is answered all the same: it overtakes.
        assert await ask_counter(stream) == 1_000
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stream[0].readexactly(1), 0.2)
        machine.mend()
        late = b"".join([await stream[0].readuntil(b"\x03\r\n") for _ in range(3)])
        assert not decode_host_status(late).blocked
        stream[1].close()


async def test_somebody_comes_by_after_a_while() -> None:
    machine = printer(Trouble.MEDIA_OUT, mend_s=0.1)
    async with running(machine) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label())
        await asyncio.wait_for(machine.tray.get(), PATIENCE_S)
        assert machine.wants is Trouble.NONE
        stream[1].close()


async def test_a_slow_printer_answers_late() -> None:
    machine = printer(Trouble.SLOW, slow_s=0.3, clock=HandClock())
    async with running(machine) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label())
        await asyncio.wait_for(machine.tray.get(), PATIENCE_S)
        began_s = time.monotonic()
        assert await ask_counter(stream) == 1_001
        assert time.monotonic() - began_s >= 0.3
        stream[1].close()


async def test_a_printer_is_slow_for_a_while() -> None:
    clock = HandClock()
    machine = printer(Trouble.SLOW, slow_s=3_600, clock=clock)
    async with running(machine) as port:
        first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        first[1].write(label())
        await asyncio.wait_for(machine.tray.get(), PATIENCE_S)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask_counter(first), 0.2)
        clock.move(3 * 3_600)
        assert await asyncio.wait_for(ask_counter(second), PATIENCE_S) == 1_001
        for _, writer in (first, second):
            writer.close()


async def test_a_users_variable_outlives_the_connection() -> None:
    machine = Printer("PRN-01", print_s=0.0)
    async with running(machine) as port:
        first = await asyncio.open_connection("127.0.0.1", port)
        first[1].write(b'! U1 setvar "device.user_p1" "job 7"\r\n')
        await ask_counter(first)
        first[1].close()
        second = await asyncio.open_connection("127.0.0.1", port)
        second[1].write(b'! U1 getvar "device.user_p1"\r\n')
        assert await second[0].readuntil(b'7"') == b'"job 7"'
        second[1].close()
