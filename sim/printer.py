"""A label printer as Zebra makes them: ZPL and SGD over TCP, with an odometer and a tray.

What it received belongs to the printer and not to the connection: a label cut in the middle waits
for its end. `~HS`, `~JA` and `getvar` are answered at once, also in the middle of a label. Without
power it forgets all but its odometer. While a person is wanted it prints nothing, and where it is
`silent` it answers `~HS` only when that person has come.

Source: Zebra ZPL II Programming Guide, ~HS, ~JA, ^PQ and ^BC; SGD printer commands.
"""

import asyncio
import errno
import logging
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from sim.barcode import read_sscc

_log = logging.getLogger(__name__)
_BIND_AGAIN_S = 0.05
_COMMAND = re.compile(
    rb'~HS|~JA|! U1 getvar "([\w.]{1,60})"\r?\n|! U1 setvar "([\w.]{1,60})" "([^"]{0,80})"\r?\n'
    rb"|\^XA|\^XZ",
    re.DOTALL,
)
# The longest of these that may stand unfinished at the end of what has come so far.
_COMMAND_BYTES_MAX = 180
_COPIES = re.compile(rb"\^PQ(\d{1,4})")
_COUNTERS = ("odometer.total_label_count", "odometer.user_label_count")
_USER_VARIABLES = ("device.user_p1", "device.user_p2")


class Cut(Enum):
    """Where a fault cuts the connection; the printer itself goes on."""

    NONE = "none"
    BEFORE_PRINT = "before"
    AFTER_PRINT = "after"


class Trouble(Enum):
    """What befalls the printer itself at a label; one that was not printed by then is lost.

    MEDIA_OUT, HEAD_OPEN and PAUSED only delay a label: they last until a person comes. HALF_OPEN
    leaves every connection open and silent for good. SLOW ends by itself, after three `slow_s`.
    """

    NONE = "none"
    POWER_BEFORE = "power-before"
    POWER_AFTER = "power-after"
    HALF_OPEN_BEFORE = "half-open-before"
    HALF_OPEN_AFTER = "half-open-after"
    MEDIA_OUT = "media-out"
    HEAD_OPEN = "head-open"
    PAUSED = "paused"
    SLOW = "slow"


_WANTS_PERSON = (Trouble.MEDIA_OUT, Trouble.HEAD_OPEN, Trouble.PAUSED)


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label in the tray; `sscc` is what a scanner reads from its GS1-128, if there is one."""

    serial: int
    zpl: str
    sscc: str | None


class Printer:
    """One printer; `cut` and `trouble` say for each label, by its number, what strikes.

    Numbers count what the printer begins to print, from 1: a label sent again has another one.
    Power comes back after `off_s`, a person after `mend_s`; with None, `switch_on` and `mend` are
    theirs to call. `clock` is any that does not go back.
    """

    def __init__(
        self,
        name: str,
        *,
        print_s: float,
        odometer: int = 1_000,
        cut: Callable[[int], Cut] = lambda _number: Cut.NONE,
        trouble: Callable[[int], Trouble] = lambda _number: Trouble.NONE,
        off_s: float | None = 0.5,
        mend_s: float | None = 0.5,
        slow_s: float = 3.0,
        silent: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.odometer = odometer
        self.tray: asyncio.Queue[PrintedLabel] = asyncio.Queue()
        self.printed: list[PrintedLabel] = []
        self.counts: Counter[str] = Counter()
        self.wants: Trouble = Trouble.NONE
        self._print_s = print_s
        self._cut, self._trouble = cut, trouble
        self._off_s, self._mend_s, self._slow_s = off_s, mend_s, slow_s
        self._silent = silent
        self._clock = clock
        self._variables: dict[str, str] = dict.fromkeys(_USER_VARIABLES, "")
        self._address = ("", 0)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._mute: set[asyncio.StreamWriter] = set()
        self._asked: list[asyncio.StreamWriter] = []
        self._mended = asyncio.Event()
        self._switched_on = asyncio.Event()
        self._arrived = asyncio.Event()
        self._slow_until_s = 0.0
        self._forget()

    def _forget(self) -> None:
        self._pending = b""
        self._format: bytes | None = None
        self._formats: deque[bytes] = deque()
        self._copies_left = 0

    async def start(self, host: str, port: int) -> int:
        """Listen, and give the port. Raises: OSError when it is taken."""
        await self._listen(host, port)
        return self._address[1]

    async def _listen(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, host, port)
        self._address = (host, int(self._server.sockets[0].getsockname()[1]))

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
            await self._next_format(self._formats[0])

    async def _next_format(self, zpl: bytes) -> None:
        self.counts["formats"] += 1
        number = self.counts["formats"]
        cut, trouble = self._cut(number), self._trouble(number)
        if trouble is Trouble.SLOW:
            self._slow_until_s = self._clock() + 3 * self._slow_s
        if trouble is not Trouble.NONE:
            self.counts[trouble.value.replace("-", "_")] += 1
        if cut is Cut.BEFORE_PRINT:
            self._formats.popleft()
            self.counts["cut_before"] += 1
            self._drop_connections()
        elif trouble is Trouble.POWER_BEFORE:
            await self.lose_power()
        elif trouble is Trouble.HALF_OPEN_BEFORE:
            self._formats.popleft()
            self.fall_silent()
        else:
            await self._to_the_end(zpl, cut, trouble)

    async def _to_the_end(self, zpl: bytes, cut: Cut, trouble: Trouble) -> None:
        if trouble in _WANTS_PERSON:
            await self.want(trouble)
        await self._print(zpl)
        if cut is Cut.AFTER_PRINT:
            self.counts["cut_after"] += 1
            self._drop_connections()
        if trouble is Trouble.POWER_AFTER:
            await self.lose_power()
        elif trouble is Trouble.HALF_OPEN_AFTER:
            self.fall_silent()

    async def lose_power(self) -> None:
        """Be off for `off_s`: all that was received is gone, and only the odometer stays.

        Where another process has taken the port meanwhile, it is off until the port is free.
        """
        if self._server is not None:
            self._server.close()
        self._drop_connections()
        self._forget()
        self._switched_on.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._off_s):
                await self._switched_on.wait()
        while not await self._listens_again():
            await asyncio.sleep(_BIND_AGAIN_S)

    def switch_on(self) -> None:
        """Give it power again."""
        self._switched_on.set()

    async def _listens_again(self) -> bool:
        try:
            await self._listen(*self._address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            if not self.counts["port_taken"]:
                _log.warning("%s waits for its port: %s", self.name, error)
            self.counts["port_taken"] += 1
            return False
        return True

    def fall_silent(self) -> None:
        """Leave every connection open and neither read nor answer it any more."""
        self._mute |= self._writers

    async def want(self, trouble: Trouble) -> None:
        """Print nothing until a person comes."""
        self.wants = trouble
        self._mended.clear()
        try:
            async with asyncio.timeout(self._mend_s):
                await self._mended.wait()
        except TimeoutError:
            self.mend()

    def mend(self) -> None:
        """Put media in, close the head, press the button; what was asked meanwhile is answered."""
        self.wants = Trouble.NONE
        self._mended.set()
        for writer in self._asked:
            if writer in self._writers and not writer.is_closing():
                writer.write(self._host_status())
        self._asked = []

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
                if writer in self._mute:
                    continue
                for answer in self._receive(data, writer):
                    if self._clock() < self._slow_until_s:
                        await asyncio.sleep(self._slow_s)
                    writer.write(answer)
                await writer.drain()
        except ConnectionError:
            self.counts["connections_lost"] += 1
        finally:
            self._writers.discard(writer)
            self._mute.discard(writer)
            writer.close()

    def _drop_connections(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def _receive(self, data: bytes, writer: asyncio.StreamWriter) -> list[bytes]:
        self._pending += data
        answers: list[bytes] = []
        while found := _COMMAND.search(self._pending):
            self._keep(self._pending[: found.start()])
            self._pending = self._pending[found.end() :]
            if found.group(0) == b"~HS" and self._silent and self.wants is not Trouble.NONE:
                self._asked.append(writer)
            else:
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
        if command.startswith(b"! U1 getvar"):
            return [self._variable(found.group(1).decode())]
        if command.startswith(b"! U1 setvar"):
            name = found.group(2).decode()
            if name in self._variables:
                self._variables[name] = found.group(3).decode("latin-1")
        elif command == b"~JA":
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
        if name in self._variables:
            return f'"{self._variables[name]}"'.encode()
        return f'"{self.name}"'.encode() if name == "device.friendly_name" else b'"?"'

    def _host_status(self) -> bytes:
        partial = int(self._format is not None)
        paper, paused = (int(self.wants is one) for one in (Trouble.MEDIA_OUT, Trouble.PAUSED))
        head = int(self.wants is Trouble.HEAD_OPEN)
        lines = (
            f"030,{paper},{paused},1218,{len(self._formats):03d},0,0,{partial},000,0,0,0",
            f"000,0,{head},0,1,2,4,0,{self._copies_left:08d},1,000",
            "1234,0",
        )
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)
