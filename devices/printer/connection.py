"""One connection to a label printer: questions asked, answers read, a label's data sent.

A printer whose media is out or whose head is open may leave `~HS` unanswered until somebody has
seen to it; that is silence and no lost connection. A late answer would be taken for the answer to
the next question, so a connection that owes one, or has said something unasked, is given up.

Source: Zebra ZPL II Programming Guide, ~HS; SGD printer commands, getvar.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from devices.error import DecodeError, DeviceError
from devices.printer.status import (
    COUNTER_COMMAND,
    STATUS_COMMAND,
    STATUS_LINES,
    HostStatus,
    decode_counter,
    decode_host_status,
)

ANSWER_BYTES_MAX = 4_096
_Answer = TypeVar("_Answer")


class Silent(DeviceError):
    """A printer takes the connection and does not answer."""


class Gone(DeviceError):
    """A printer cannot be reached, or the connection to it broke."""


class PrinterConnection:
    """Speaks with one printer; opens a connection where there is none."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._open: _Open | None = None

    async def counter(self) -> int:
        """Ask how many labels were ever printed. Raises: Silent, Gone, DecodeError."""
        return await self._ask(COUNTER_COMMAND, b'"', 2, decode_counter)

    async def status(self) -> HostStatus:
        """Ask for the host status. Raises: Silent, Gone, DecodeError."""
        return await self._ask(STATUS_COMMAND, b"\x03\r\n", STATUS_LINES, decode_host_status)

    async def send(self, data: bytes) -> None:
        """Send what is not answered. Raises: Silent where nobody takes it, Gone."""
        opened = await self._opened()
        try:
            async with asyncio.timeout(self._timeout_s):
                await opened.write(data)
        except TimeoutError as error:
            self.drop()
            raise Silent("the printer takes no data") from error
        except OSError as error:
            self.drop()
            raise Gone(f"connection lost: {error!r}") from error

    def drop(self) -> None:
        """Give the connection up, with whatever it still owes."""
        if self._open is not None:
            self._open.close()
            self._open = None

    async def _ask(
        self, question: bytes, end: bytes, parts: int, decode: Callable[[bytes], _Answer]
    ) -> _Answer:
        opened = await self._opened()
        try:
            if opened.unread:
                raise DecodeError("the printer said something that it was not asked")
            async with asyncio.timeout(self._timeout_s):
                await opened.write(question)
                return decode(await opened.answer(end, parts))
        except TimeoutError as error:
            self.drop()
            raise Silent("the printer does not answer") from error
        except OSError as error:
            self.drop()
            raise Gone(f"connection lost: {error!r}") from error
        except DeviceError:
            self.drop()
            raise

    async def _opened(self) -> "_Open":
        if self._open is not None and self._open.ended:
            why = self._open.ended
            self.drop()
            raise Gone(why)
        if self._open is None:
            try:
                async with asyncio.timeout(self._timeout_s):
                    streams = await asyncio.open_connection(self._host, self._port)
            except (OSError, TimeoutError) as error:
                raise Gone(f"no connection: {error!r}") from error
            self._open = _Open(*streams)
        return self._open


class _Open:
    """An open connection that always listens, so that what comes unasked is noticed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.unread = b""
        self.ended = ""
        self._writer = writer
        self._heard = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(reader))

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, end: bytes, parts: int) -> bytes:
        while self.unread.count(end) < parts:
            if len(self.unread) > ANSWER_BYTES_MAX:
                raise DecodeError("the printer's answer has no end")
            if self.ended:
                raise Gone(self.ended)
            self._heard.clear()
            await self._heard.wait()
        answer, self.unread = self.unread, b""
        return answer

    def close(self) -> None:
        self._listening.cancel()
        self._writer.transport.abort()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        ended = "the printer closed the connection"
        try:
            while data := await reader.read(ANSWER_BYTES_MAX):
                self.unread += data
                self._heard.set()
                if len(self.unread) > 2 * ANSWER_BYTES_MAX:
                    ended = "the printer said too much unasked"
                    break
        except OSError as error:
            ended = f"connection lost: {error!r}"
        self.ended = ended
        self._heard.set()
