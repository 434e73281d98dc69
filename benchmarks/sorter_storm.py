"""`python -m benchmarks.sorter_storm`: the belt at its pace, and every fault that a sorter has.

A `Storm` as JSON comes in on standard input. Standard output asks for a kill of the broker by a
line with `strike` in it; the last line is a `Weathered`.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.sorter_house import AREA, SCANNER, SITE, tote_code
from benchmarks.sorter_line import MM_PER_COUNT, belt_plan, heard
from devices.link.topic import DeviceName
from devices.sorter.register import SEQUENCE_MAX, U32_MAX
from sim.belt import BeltPlan
from sim.cabling import Cabling
from sim.fault import KILLS, Fault, FaultPlan
from sim.floor import Floor
from sim.mischief import Mischief
from sim.modbus import PlcServer
from sim.person.mender import Mender
from sim.plc import Plc
from sim.scanner import Scanner
from sim.scenario.crew import REJECT_LANE
from sim.tally import Tally
from sim.world import World

LANES = REJECT_LANE - 1
_HOST = "127.0.0.1"
_ROUNDS_MAX = 3
_LOOK_S = 0.1
_PRINTING = frozenset({Fault.PRINTER_CUT, Fault.MEDIA_OUT, Fault.AWAY}) | frozenset(
    fault for fault in Fault if fault.startswith("printer-")
)
# What befalls a sorter, its scanner and their cables; kills of our process are the parent's.
FAULTS = frozenset(Fault) - KILLS - _PRINTING


@dataclass(frozen=True, slots=True)
class Storm:
    """What runs over the sorter, how fast, and how long a decision may take at most."""

    mqtt_url: str
    plc_port: int
    count: int
    rate: float
    window_s: float
    seed: int
    patience_s: float = 60.0

    @property
    def plan(self) -> BeltPlan:
        """The belt, whose last lane takes what is rejected."""
        return belt_plan(self.rate, self.window_s, REJECT_LANE, rounds_max=_ROUNDS_MAX)

    @property
    def config(self) -> dict[str, object]:
        """What the house is told of the sorter."""
        return {
            "decision_mm": self.plan.decision_mm,
            "mm_per_count": MM_PER_COUNT,
            "reject_lane": REJECT_LANE,
            "rounds_max": _ROUNDS_MAX,
        }


@dataclass(frozen=True, slots=True)
class Weathered:
    """What came of it, as the hardware saw it."""

    seconds: float
    waits_ms: list[float]
    arrived: list[tuple[str, int]]
    missing: list[str]
    unacknowledged: int
    plc: dict[str, int]
    hands: dict[str, int]
    strikes: dict[str, int]


class _Yard(Floor):
    """A floor with nothing but a sorter on it."""

    def rack(self, lane: int) -> str:
        """Give the spot at the end of a lane."""
        return f"rack {lane}"


class _Sorting:
    """Totes that go round until each stands at the end of a lane that is somebody's."""

    def __init__(self, storm: Storm) -> None:
        self.storm = storm
        self.tally = Tally()
        self.standing: dict[str, int] = {}
        self.progressed_s = time.monotonic()
        self.totes = [tote_code(number) for number in range(1, storm.count + 1)]
        faults = FaultPlan(FAULTS, storm.seed)
        self.cabling = Cabling(_HOST, faults.faults)
        self.plc = Plc(
            storm.plan,
            boot=1,
            scanned=lambda track, tote: self.mischief.scanned(track, tote),
            arrived=self._arrived,
            rejected=lambda tote: self.mender.bring([tote]),
            strayed=lambda tote, lane: self.mischief.strayed(tote, lane),
            assigned=lambda track, lane: self.mischief.assigned(track, lane),
            event_seq=SEQUENCE_MAX - 4,
            command_seq=SEQUENCE_MAX - 1,
            encoder=U32_MAX - 1_000,
        )
        self.server = PlcServer(self.plc, _HOST, self.cabling.behind(storm.plc_port))
        self.scanner = Scanner(
            DeviceName(SITE, AREA, "scanner", SCANNER),
            self.cabling.before(storm.mqtt_url),
            boot=1,
            clock=lambda: (
                datetime.now(UTC) + timedelta(seconds=faults.skew_s(self.scanner.counts["read"]))
            ),
        )
        world = World(self.totes)
        self.floor = _Yard(world, {}, {}, (), storm.rate, self.plc, self.server, {})
        self.mender = Mender(self.floor, self.tally)
        self.mischief = Mischief(
            faults, self.floor, self.scanner, self.cabling, self.mender, self._tell
        )

    def _tell(self, line: str) -> None:
        print(line, flush=True)

    def _arrived(self, tote: str, lane: int) -> None:
        self.progressed_s = time.monotonic()
        if lane == REJECT_LANE:
            self.mender.bring([tote])
        else:
            self.standing[tote] = lane
            self.floor.world.stand(tote, self.floor.rack(lane))

    async def run(self) -> Weathered:
        """Puts everything on the belt and waits until it stands where it should."""
        await self.server.start()
        await self.cabling.start()
        async with asyncio.TaskGroup() as tasks:
            work = (self.server.run(), self.scanner.run(), self.mender.work())
            running = [tasks.create_task(one) for one in work]
            await heard(self.plc, self.scanner)
            began_s = time.monotonic()
            for tote in self.totes:
                self.floor.put_on_belt(tote)
            await self._settle()
            seconds = self.progressed_s - began_s
            for task in running:
                task.cancel()
        await self.cabling.stop()
        await self.server.stop()
        return self._result(seconds)

    async def _settle(self) -> None:
        self.progressed_s = time.monotonic()
        while time.monotonic() - self.progressed_s < self.storm.patience_s:
            if len(self.standing) == self.storm.count and not self.scanner.unacknowledged:
                return
            await asyncio.sleep(_LOOK_S)

    def _result(self, seconds: float) -> Weathered:
        return Weathered(
            seconds=seconds,
            waits_ms=[round(1_000 * wait_s, 3) for wait_s in self.plc.decision_waits_s],
            arrived=sorted(self.standing.items()),
            missing=sorted(set(self.totes) - self.standing.keys()),
            unacknowledged=self.scanner.unacknowledged,
            plc=dict(self.plc.counts),
            hands=dict(self.tally.counts),
            strikes=self.mischief.strikes(),
        )


if __name__ == "__main__":
    result = asyncio.run(_Sorting(Storm(**json.load(sys.stdin))).run())
    print(json.dumps(asdict(result)), flush=True)
