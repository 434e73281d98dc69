"""A label printer behind a real socket, whose power fails now and then."""

import asyncio
import random
import re
from collections import Counter

_COMMAND = re.compile(rb'\s*(?:(\^XA.*?\^XZ)|(~HS)|(~JA)|(! U1 getvar "[\w.]+"\r\n))', re.DOTALL)
_SSCC = re.compile(rb">;>800(\d{18})")


class Zebra:
    """Prints labels one after the other; its counter survives a power cut, its memory does not.

    `before` and `after` are the chances that the power fails before or after a label is printed.
    While it is `paused` or `paper_out` it prints nothing; with `silent` it then leaves `~HS`
    unanswered. `garbage` and `twice` are how many of its next answers are nonsense, or come twice;
    at its next labels, as many as `half_open` says, the connection stays open and says no more.
    With `runs_out` the paper ends in the middle of the next label.
    """

    def __init__(self, rng: random.Random, *, before: float = 0.0, after: float = 0.0) -> None:
        self.printed: Counter[str] = Counter()
        self.received = 0
        self.cancelled = 0
        self.counter = 1_000
        self.paused = False
        self.paper_out = False
        self.runs_out = False
        self.silent = False
        self.stuck = False
        self.garbage = 0
        self.twice = 0
        self.half_open = 0
        self.port = 0
        self.print_s = 0.002
        self._rng = rng
        self._before, self._after = before, after
        self._inside = 0
        self._partial = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        waiting = b""
        try:
            while data := await reader.read(4_096):
                waiting += data
                while found := _COMMAND.match(waiting):
                    waiting = waiting[found.end() :]
                    if not await self._obey(found, writer):
                        return
                self._partial = b"^XA" in waiting
        except ConnectionError:
            return
        finally:
            self._partial = False
            self._open.discard(writer)
            writer.transport.abort()

    async def _obey(self, found: re.Match[bytes], writer: asyncio.StreamWriter) -> bool:
        label, status, cancel, _counter = found.groups()
        if label:
            self.received += 1
            goes_on = await self._print(label)
            while self.half_open and writer in self._open:
                self.half_open -= 1
                await asyncio.Event().wait()
            return goes_on
        if cancel:
            self.cancelled += 1
            return True
        if status and self.silent and (self.paused or self.paper_out):
            return True
        answer = self._host_status() if status else b'"%d"' % self.counter
        if self.garbage:
            self.garbage -= 1
            answer = self._rng.randbytes(80)
        if self.twice:
            self.twice -= 1
            answer *= 2
        writer.write(answer)
        await writer.drain()
        return True

    async def _print(self, label: bytes) -> bool:
        fate = self._rng.random()
        if fate < self._before:
            return False
        self._inside += 1
        self.paper_out |= self.runs_out
        self.runs_out = False
        await asyncio.sleep(self.print_s)
        while self.paused or self.paper_out:
            await asyncio.sleep(0.005)
        self._inside -= 1
        if not self.stuck:
            self.counter += 1
            found = _SSCC.search(label)
            assert found is not None
            self.printed[found.group(1).decode()] += 1
        return fate >= self._before + self._after

    def _host_status(self) -> bytes:
        first = b"\x02030,%d,%d,1218,%03d,0,0,%d,000,0,0,0\x03\r\n"
        second = b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
        facts = (self.paper_out, self.paused, self._inside, self._partial)
        return first % facts + second
