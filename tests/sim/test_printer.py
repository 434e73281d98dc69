"""The printer, over its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from devices.label import ParcelLabel, render_zpl
from devices.printer.status import (
    COUNTER_COMMAND,
    STATUS_COMMAND,
    decode_counter,
    decode_host_status,
)
from sim.barcode import read_sscc
from sim.printer import Cut, Printer
from tests.patience import PATIENCE_S

SSCC = "040123450000000016"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def label(sscc: str = SSCC) -> bytes:
    recipient = ("Ada Abbot", "1 Mill Road", "Coventry")
    return render_zpl(ParcelLabel(recipient, "STANDARD", "CV1", "TRK-1", sscc)).encode()


@asynccontextmanager
async def running(printer: Printer) -> AsyncIterator[int]:
    port = await printer.start("127.0.0.1", 0)
    work = asyncio.create_task(printer.run())
    try:
        yield port
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await printer.stop()


async def ask_counter(stream: Stream) -> int:
    reader, writer = stream
    writer.write(COUNTER_COMMAND)
    answer = await reader.readuntil(b'"') + await reader.readuntil(b'"')
    return decode_counter(answer)


async def ask_status(stream: Stream) -> tuple[int, bool]:
    reader, writer = stream
    writer.write(STATUS_COMMAND)
    answer = b"".join([await reader.readuntil(b"\x03\r\n") for _ in range(3)])
    status = decode_host_status(answer)
    return status.formats_waiting, status.partial_format


async def test_each_label_moves_the_odometer_by_one_and_falls_into_the_tray() -> None:
    printer = Printer("PRN-01", print_s=0.0, odometer=500)
    async with running(printer) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        assert await ask_counter(stream) == 500
        stream[1].write(label() + label())
        first = await asyncio.wait_for(printer.tray.get(), PATIENCE_S)
        second = await asyncio.wait_for(printer.tray.get(), PATIENCE_S)
        assert await ask_counter(stream) == 502
        assert [first.serial, second.serial] == [501, 502]
        assert first.sscc == second.sscc == SSCC
        stream[1].close()


async def test_copies_are_printed_as_often_as_asked() -> None:
    printer = Printer("PRN-01", print_s=0.0, odometer=0)
    async with running(printer) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(b"^XA^PQ3^FO10,10^FDHELLO^FS^XZ")
        labels = [await asyncio.wait_for(printer.tray.get(), PATIENCE_S) for _ in range(3)]
        assert [one.sscc for one in labels] == [None] * 3
        assert await ask_counter(stream) == 3
        stream[1].close()


async def test_a_label_in_pieces_is_partial_until_its_end_comes_on_a_new_connection() -> None:
    printer = Printer("PRN-01", print_s=0.0, odometer=0)
    async with running(printer) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        text = label()
        stream[1].write(text[:200])
        assert await ask_status(stream) == (0, True)
        stream[1].close()
        again = await asyncio.open_connection("127.0.0.1", port)
        assert await ask_counter(again) == 0
        again[1].write(text[200:])
        printed = await asyncio.wait_for(printer.tray.get(), PATIENCE_S)
        assert printed.sscc == SSCC
        again[1].close()


async def test_what_was_cut_is_thrown_away_on_command() -> None:
    printer = Printer("PRN-01", print_s=0.0, odometer=0)
    async with running(printer) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label()[:200])
        assert await ask_status(stream) == (0, True)
        stream[1].write(b"~JA")
        assert await ask_status(stream) == (0, False)
        stream[1].write(label())
        await asyncio.wait_for(printer.tray.get(), PATIENCE_S)
        assert printer.odometer == 1
        stream[1].close()


async def test_waiting_labels_are_counted_while_one_is_printed() -> None:
    printer = Printer("PRN-01", print_s=3_600.0)
    async with running(printer) as port:
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label() + label())
        assert (await ask_status(stream))[0] == 2
        assert await ask_counter(stream) == 1_000
        stream[1].close()


@pytest.mark.parametrize(("cut", "printed"), [(Cut.BEFORE_PRINT, 0), (Cut.AFTER_PRINT, 1)])
async def test_a_cut_closes_the_connection_before_or_after_the_label(
    cut: Cut, printed: int
) -> None:
    printer = Printer("PRN-01", print_s=0.0, cut=lambda _number: cut)
    async with running(printer) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(label())
        with pytest.raises((ConnectionError, EOFError)):
            await asyncio.wait_for(reader.readexactly(1), PATIENCE_S)
        assert len(printer.printed) == printed
        assert printer.odometer == 1_000 + printed


def test_only_a_gs1_128_with_an_sscc_is_read_as_one() -> None:
    assert read_sscc(label()) == SSCC
    bars = "^XA^FO1,1^BCN,100,N,N,N,N^FD{}^FS^XZ"
    assert read_sscc(bars.format(f">;>800{SSCC}").encode()) == SSCC
    assert read_sscc(bars.format(f">800{SSCC}").encode()) == SSCC
    assert read_sscc(bars.format(f">;00{SSCC}").encode()) is None
    assert read_sscc(bars.format(f">;>801{SSCC}").encode()) is None
    assert read_sscc(f"^XA^FO1,1^A0N,30,30^FD(00){SSCC}^FS^XZ".encode()) is None


async def test_a_port_that_is_taken_while_the_power_is_off_is_listened_on_when_it_is_free() -> None:
    printer = Printer("PRN-01", print_s=0.0, odometer=500, off_s=None)
    async with running(printer) as port:
        losing = asyncio.create_task(printer.lose_power())
        await asyncio.sleep(0)
        other = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", port)
        printer.switch_on()
        async with asyncio.timeout(PATIENCE_S):
            while printer.counts["port_taken"] < 2:
                assert not losing.done()
                await asyncio.sleep(0.01)
            other.close()
            await losing
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(label())
        async with asyncio.timeout(PATIENCE_S):
            await printer.tray.get()
        assert await ask_counter(stream) == 501
        stream[1].close()
