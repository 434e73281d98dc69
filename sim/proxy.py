"""A cable between two sockets that can be pulled, stretched and tied in knots.

It passes bytes on and knows no protocol, so it fits between any two of ours: broker and device,
PLC and gateway, printer and gateway.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """Which way bytes go: UP to the machine that listens, DOWN to the one that called."""

    UP = "up"
    DOWN = "down"


@dataclass(slots=True, eq=False)
class _Cable:
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    dead: bool = False

    def close(self) -> None:
        self.near.close()
        self.far.close()

    def abort(self) -> None:
        self.near.transport.abort()
        self.far.transport.abort()


class Proxy:
    """Listens, and passes what comes on to `upstream`; `delay_s` holds every piece back so long."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self.delay_s: dict[Way, float] = {Way.UP: 0.0, Way.DOWN: 0.0}
        self.counts: Counter[str] = Counter()
        self._down = False
        self._twice = {Way.UP: 0, Way.DOWN: 0}
        self._cables: set[_Cable] = set()
        self._held: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int = 0) -> int:
        """Listen, and give the port. Raises: OSError when it is taken."""
        self._server = await asyncio.start_server(self._call, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        self.heal()
        self.reset()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections stand, dead ones too."""
        return len(self._cables)

    def delay(self, seconds: float) -> None:
        """Hold every piece back from now on, both ways; 0 ends it."""
        self.delay_s = {Way.UP: seconds, Way.DOWN: seconds}
        self.counts["delayed"] += seconds > 0

    def cut(self) -> None:
        """Close every connection at both ends, in good order."""
        self.counts["cut"] += 1
        for cable in list(self._cables):
            cable.close()

    def reset(self) -> None:
        """Reset every connection at both ends."""
        self.counts["reset"] += 1
        for cable in list(self._cables):
            cable.abort()

    def half_open(self) -> None:
        """Let every connection stand and carry nothing any more; new ones are well.

        `reset` ends them, as the time-out of somebody's operating system would.
        """
        self.counts["half_open"] += 1
        for cable in self._cables:
            cable.dead = True

    def pull(self) -> None:
        """Carry nothing at all, for old connections and new, until `heal`."""
        self.counts["pulled"] += 1
        self._down = True
        for cable in self._cables:
            cable.dead = True

    def heal(self) -> None:
        """Plug in again: who called meanwhile is turned away and has to call once more."""
        self._down = False
        for cable in [one for one in self._cables if one.dead]:
            cable.abort()
        for writer in list(self._held):
            writer.transport.abort()

    def duplicate(self, way: Way, pieces: int = 1) -> None:
        """Deliver the next pieces twice."""
        self._twice[way] += pieces

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        await asyncio.wait({serving})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            await self._hold(reader, writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.upstream)
        except OSError:
            self.counts["unreachable"] += 1
            writer.transport.abort()
            return
        cable = _Cable(writer, far_writer)
        self._cables.add(cable)
        self.counts["connections"] += 1
        try:
            # One end that hangs up hangs up both.
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, cable, far_writer, Way.UP))
                tasks.create_task(self._pump(far_reader, cable, writer, Way.DOWN))
        finally:
            self._cables.discard(cable)
            cable.abort()

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        try:
            while await reader.read(65_536):
                self.counts["swallowed"] += 1
        except ConnectionError:
            self.counts["held_lost"] += 1
        finally:
            self._held.discard(writer)
            writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, cable: _Cable, target: asyncio.StreamWriter, way: Way
    ) -> None:
        try:
            while piece := await reader.read(65_536):
                if self.delay_s[way]:
                    await asyncio.sleep(self.delay_s[way])
                if cable.dead:
                    self.counts["swallowed"] += 1
                    continue
                if self._twice[way]:
                    self._twice[way] -= 1
                    self.counts["duplicated"] += 1
                    piece += piece
                target.write(piece)
                await target.drain()
        except ConnectionError:
            self.counts["connections_lost"] += 1
            cable.abort()
        else:
            if not cable.dead:
                cable.close()
