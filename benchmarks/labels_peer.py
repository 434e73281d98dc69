"""The plain way to print: send, ask until the printer is idle, and send again where it dies."""

import asyncio
from collections.abc import Iterable

from devices.label import ParcelLabel, render_zpl
from devices.printer.status import decode_host_status

_PATIENCE_S = 2.0
_POLL_S = 0.02
_STATUS_END = b"1234,0\x03\r\n"


class Sender:
    """Sends to one printer; killed in the middle it begins with the same label again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._killed = asyncio.Event()
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def kill(self) -> None:
        """End the process that sends, as far as it matters here."""
        self._killed.set()

    async def print_all(self, ssccs: Iterable[str]) -> None:
        """Send one label after the other."""
        for number, sscc in enumerate(ssccs):
            zpl = _zpl(number, sscc)
            while not await self._lives_through(zpl):
                self._drop()
        self._drop()

    async def _lives_through(self, zpl: bytes) -> bool:
        self._killed.clear()
        sending = asyncio.create_task(self._send_until_heard(zpl))
        killing = asyncio.create_task(self._killed.wait())
        await asyncio.wait({sending, killing}, return_when=asyncio.FIRST_COMPLETED)
        heard = sending.done()
        for task in (sending, killing):
            task.cancel()
        await asyncio.wait({sending, killing})
        return heard

    async def _send_until_heard(self, zpl: bytes) -> None:
        while True:
            try:
                answer = await self._ask(zpl + b"~HS")
                while not decode_host_status(answer).idle:
                    await asyncio.sleep(_POLL_S)
                    answer = await self._ask(b"~HS")
                return
            except (OSError, EOFError, TimeoutError):
                self._drop()
                await asyncio.sleep(_POLL_S)

    async def _ask(self, data: bytes) -> bytes:
        async with asyncio.timeout(_PATIENCE_S):
            if self._stream is None:
                self._stream = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._stream
            writer.write(data)
            await writer.drain()
            return await reader.readuntil(_STATUS_END)

    def _drop(self) -> None:
        if self._stream is not None:
            self._stream[1].transport.abort()
            self._stream = None


def _zpl(number: int, sscc: str) -> bytes:
    label = ParcelLabel(("Ada Merton", "Luton"), "STANDARD", "GB-LU1-S", f"SL{number:010d}GB", sscc)
    return render_zpl(label).encode()
