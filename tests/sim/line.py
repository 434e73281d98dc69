"""A sorter with its driver and without a house: whatever is read gets its lane at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devices.error import DeviceError
from devices.link.topic import DeviceName
from devices.sorter.driver import SorterDriver
from devices.sorter.exchange import SorterAddress
from devices.sorter.register import SEQUENCE_MAX, U32_MAX
from sim.belt import BeltPlan
from sim.cabling import Cabling
from sim.fault import Fault, FaultPlan
from sim.floor import Floor
from sim.mischief import Mischief
from sim.modbus import PlcServer
from sim.person.mender import Mender
from sim.plc import Plc
from sim.scanner import Scanner
from sim.scenario.place import PACKING_PLACES, Place
from sim.tally import Tally
from sim.world import World
from tests.devices.journal import MemoryEventJournal
from tests.port import own_port
from tests.sim.clock import HandClock, tick

HOST = "127.0.0.1"
# A fifth of a second from the induction to the decision.
PLAN = BeltPlan(speed_mm_s=300_000.0, recirculations_max=8)
MOMENT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


class Wire(Scanner):
    """A scanner that is wired to the house: it says at once what it read, as often as it does."""

    def __init__(self, line: "Line") -> None:
        name = DeviceName("main", "sort", "scanner", "SCN-01")
        super().__init__(name, "mqtt://127.0.0.1:1", boot=1, clock=lambda: MOMENT)
        self._line = line

    def read(self, code: str, track: int | None = None, *, sends: int = 1) -> None:
        assert track is not None
        for _ in range(max(sends, 1)):
            self._line.decide(code, track)


@dataclass
class Line:
    """A belt with its PLC, the faults of a plan, and our driver with a journal in memory."""

    faults: frozenset[Fault]
    seed: int = 1
    arrived: list[tuple[str, int]] = field(default_factory=list)
    journal: MemoryEventJournal = field(default_factory=MemoryEventJournal)

    def __post_init__(self) -> None:
        self.world = World([])
        wraps = Fault.SEQUENCE_WRAP in self.faults
        self.plc = Plc(
            PLAN,
            boot=41,
            scanned=lambda track, tote: self.mischief.scanned(track, tote),
            arrived=self._arrive,
            rejected=lambda tote: self.mender.bring([tote]),
            strayed=lambda tote, lane: self.mischief.strayed(tote, lane),
            assigned=lambda track, lane: self.mischief.assigned(track, lane),
            event_seq=SEQUENCE_MAX - 1 if wraps else 0,
            command_seq=SEQUENCE_MAX - 1 if wraps else 0,
            encoder=U32_MAX - 2_000 if Fault.ENCODER_WRAP in self.faults else None,
        )
        self.cabling = Cabling(HOST, self.faults)
        port = own_port()
        self.clock = HandClock()
        self.server = PlcServer(self.plc, HOST, self.cabling.behind(port), self.clock)
        places = {
            f"PACK-{lane:02d}": Place(f"PACK-{lane:02d}", "packing", lane=lane)
            for lane in range(1, PACKING_PLACES + 1)
        }
        floor = Floor(self.world, {}, places, [], 1.0, self.plc, self.server, {})
        self.mender = Mender(floor, Tally())
        self.mischief = Mischief(
            FaultPlan(self.faults, self.seed),
            floor,
            Wire(self),
            self.cabling,
            self.mender,
            lambda _line: None,
        )
        self.floor = floor
        address = SorterAddress(host=HOST, port=port, timeout_s=0.5, reconnect_s=0.2)
        self.driver = SorterDriver("PLC-1", address, self.journal, boot=7)
        self._deciding: set[asyncio.Task[None]] = set()

    def _arrive(self, tote: str, lane: int) -> None:
        self.arrived.append((tote, lane))
        self.world.stand(tote, self.floor.rack(lane))

    def decide(self, tote: str, track: int) -> None:
        """Send a tote to the lane of its number."""
        task = asyncio.ensure_future(self._assign(track, lane_of(tote)))
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)

    async def _assign(self, track: int, lane: int) -> None:
        status = self.driver.status
        deadline = ((status.encoder if status else 0) + 6_000) & U32_MAX
        try:
            await self.driver.assign(track, lane, deadline, wait_s=2.0)
        except DeviceError:
            # It comes round again, and is read anew.
            return

    def load(self, count: int) -> set[str]:
        """Put totes on the belt."""
        totes = {f"T-{number:05d}" for number in range(1, count + 1)}
        for tote in sorted(totes):
            self.floor.put_on_belt(tote)
        return totes

    def standing(self) -> set[str]:
        """The totes that stand where their number says."""
        return {
            tote
            for lane in range(1, PACKING_PLACES + 1)
            for tote in self.world.standing(self.floor.rack(lane))
            if lane_of(tote) == lane
        }

    def at_rest(self) -> bool:
        """Whether nothing moves any more, and all was acknowledged."""
        ring_empty = not self.plc.ring.read()
        return ring_empty and not self.plc.riding and not self._deciding


def lane_of(tote: str) -> int:
    return 1 + int(tote[2:]) % PACKING_PLACES


@asynccontextmanager
async def running(*faults: Fault, seed: int = 1) -> AsyncIterator[Line]:
    """A line at work."""
    line = Line(frozenset(faults), seed)
    await line.server.start()
    await line.cabling.start()
    tasks = [
        asyncio.create_task(work)
        for work in (
            line.server.run(),
            tick(line.clock, line.server.changed),
            line.mender.work(),
            line.driver.run(),
        )
    ]
    try:
        yield line
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await line.cabling.stop()
        await line.server.stop()
