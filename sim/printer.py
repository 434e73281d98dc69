"""A label printer as Zebra makes them: ZPL and SGD over TCP, with an odometer and a tray.

What it received belongs to the printer and not to the connection: a label cut in the middle waits
for its end. `~HS`, `~JA` and `getvar` are answered at once, also in the middle of a label.

Source: Zebra ZPL II Programming Guide, ~HS, ~JA, ^PQ and ^BC; SGD printer commands.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

_COMMAND = re.compile(rb'~HS|~JA|! U1 getvar "([\w.]{1,60})"\r?\n|\^XA|\^XZ', re.DOTALL)
# The longest of these that may stand unfinished at the end of what has come so far.
_COMMAND_BYTES_MAX = 80
_COPIES = re.compile(rb"\^PQ(\d{1,4})")
_BARS = re.compile(rb"\^BC[^^]*(?:\^FH(.)?)?\^FD(.*?)\^FS", re.DOTALL)
_SSCC = re.compile(r"00(\d{18})")
_COUNTERS = ("odometer.total_label_count", "odometer.user_label_count")


class Cut(Enum):
    """Where a fault cuts the power of a connection."""

    NONE = "none"
    BEFORE_PRINT = "before"
    AFTER_PRINT = "after"


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label in the tray; `sscc` is what a scanner reads from its GS1-128, if there is one."""

    serial: int
    zpl: str
    sscc: str | None


class Printer:
    """One printer; `cut` says for each label, by its number, whether a fault strikes."""

    def __init__(
        self,
        name: str,
        *,
        print_s: float,
        odometer: int = 1_000,
        cut: Callable[[int], Cut] = lambda _number: Cut.NONE,
    ) -> None:
        self.name = name
        self.odometer = odometer
        self.tray: asyncio.Queue[PrintedLabel] = asyncio.Queue()
        self.printed: list[PrintedLabel] = []
        self.counts: Counter[str] = Counter()
        self._print_s = print_s
        self._cut = cut
        self._pending = b""
        self._format: bytes | None = None
        self._formats: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._copies_left = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and give the port. Raises: OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close every connection and the port."""
        self._drop_connections()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def run(self) -> None:
        """Print what arrives, one label after the other, until cancelled."""
        while True:
            while not self._formats:
                self._arrived.clear()
                await self._arrived.wait()
            zpl = self._formats[0]
            self.counts["formats"] += 1
            cut = self._cut(self.counts["formats"])
            if cut is Cut.BEFORE_PRINT:
                self._formats.popleft()
                self.counts["cut_before"] += 1
                self._drop_connections()
                continue
            await self._print(zpl)
            if cut is Cut.AFTER_PRINT:
                self.counts["cut_after"] += 1
                self._drop_connections()

    async def _print(self, zpl: bytes) -> None:
        asked = _COPIES.search(zpl)
        self._copies_left = int(asked.group(1)) if asked else 1
        while self._copies_left and self._formats and self._formats[0] is zpl:
            await asyncio.sleep(self._print_s)
            if not self._copies_left:
                return
            self._copies_left -= 1
            self.odometer += 1
            label = PrintedLabel(self.odometer, zpl.decode(errors="replace"), read_sscc(zpl))
            self.printed.append(label)
            self.tray.put_nowait(label)
        if self._formats and self._formats[0] is zpl:
            self._formats.popleft()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while data := await reader.read(65_536):
                for answer in self._receive(data):
                    writer.write(answer)
                await writer.drain()
        except ConnectionError:
            self.counts["connections_lost"] += 1
        finally:
            self._writers.discard(writer)
            writer.close()

    def _drop_connections(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def _receive(self, data: bytes) -> list[bytes]:
        self._pending += data
        answers: list[bytes] = []
        while found := _COMMAND.search(self._pending):
            self._keep(self._pending[: found.start()])
            self._pending = self._pending[found.end() :]
            answers.extend(self._obey(found))
        if len(self._pending) > _COMMAND_BYTES_MAX:
            self._keep(self._pending[:-_COMMAND_BYTES_MAX])
            self._pending = self._pending[-_COMMAND_BYTES_MAX:]
        return answers

    def _keep(self, text: bytes) -> None:
        if self._format is not None:
            self._format += text

    def _obey(self, found: re.Match[bytes]) -> list[bytes]:
        command = found.group(0)
        if command == b"~HS":
            return [self._host_status()]
        if command.startswith(b"!"):
            return [self._variable(found.group(1).decode())]
        if command == b"~JA":
            self._cancel_all()
        elif command == b"^XA":
            self._format = b"^XA"
        elif self._format is not None:
            self._formats.append(self._format + b"^XZ")
            self._format = None
            self._arrived.set()
        return []

    def _cancel_all(self) -> None:
        self.counts["cancelled"] += len(self._formats) + (self._format is not None)
        self._format = None
        self._formats.clear()
        self._copies_left = 0

    def _variable(self, name: str) -> bytes:
        if name in _COUNTERS:
            return f'"{self.odometer}"'.encode()
        return f'"{self.name}"'.encode() if name == "device.friendly_name" else b'"?"'

    def _host_status(self) -> bytes:
        partial = int(self._format is not None)
        lines = (
            f"030,0,0,1218,{len(self._formats):03d},0,0,{partial},000,0,0,0",
            f"000,0,0,0,1,2,4,0,{self._copies_left:08d},1,000",
            "1234,0",
        )
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)


def read_sscc(zpl: bytes) -> str | None:
    """Read a label's SSCC as a scanner would: from a bar code that says it is GS1-128."""
    for escape, data in _BARS.findall(zpl):
        text = data.decode("latin-1")
        sign = escape.decode("latin-1") or "_"
        if b"^FH" in zpl and sign in text:
            text = re.sub(
                re.escape(sign) + r"([0-9A-Fa-f]{2})", lambda hit: chr(int(hit[1], 16)), text
            )
        # FNC1 in first position, after the start code, is what makes a Code 128 a GS1-128.
        marked = re.fullmatch(r"(?:>[9:;])?>8(.*)", text)
        found = _SSCC.match(re.sub(r">[5678]", "", marked[1])) if marked else None
        if found:
            return found[1]
    return None
