"""One day: everybody and every machine at work until all orders have left or nothing moves."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from sim.carrier import Carrier
from sim.chance import stream
from sim.fault import FaultPlan
from sim.floor import Floor
from sim.machinery import Machinery
from sim.mischief import Mischief
from sim.person.handheld import Handheld
from sim.person.loader import Loader
from sim.person.mender import Mender
from sim.person.packer import Packer
from sim.person.picker import Picker
from sim.person.work import Worker
from sim.printer import Printer
from sim.receiver import CARRIER_ACCEPTED, HANDED_OVER, PACKED, Receiver
from sim.scenario.crew import REJECT_LANE, Member
from sim.scenario.file import Scenario
from sim.shop import Shop
from sim.tally import Tally
from sim.world import World

TOTES = 1_500
_WRONG_BINS = 0.02
_BIGGER_CARTONS = 0.04
_PARCELS_A_VAN = 120
_LOADER_PATIENCE_S = 10.0
_PROGRESS_S = 0.5
_HOPELESS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOptions:
    """Where the house is, and how the day goes; `clock` is the wall clock, aware UTC."""

    api_url: str
    shop_key: str
    carrier_key: str
    mqtt_url: str
    seed: int
    speed: float
    faults: FaultPlan
    patience_s: float
    deadline_s: float
    clock: Callable[[], datetime]
    tell: Callable[[str], None]


class Day:
    """Everything that takes part in a day."""

    def __init__(
        self, scenario: Scenario, options: DayOptions, session: aiohttp.ClientSession
    ) -> None:
        self.tally = Tally()
        self.options = options
        self.scenario = scenario
        self.stopped = asyncio.Event()
        self._session = session
        self._boot = int(options.clock().timestamp())
        faults, seed = options.faults, options.seed
        self.receiver = Receiver(seed, faults.away, self.tally)
        self.shop = Shop(
            session, options.api_url, options.shop_key, seed, options.clock, self.tally
        )
        self.carrier = Carrier(
            session,
            options.api_url,
            options.carrier_key,
            seed,
            faults.away,
            options.clock,
            self.tally,
        )
        self.machinery = Machinery(
            scenario.devices,
            options.mqtt_url,
            faults,
            boot=self._boot,
            speed=options.speed,
            clock=options.clock,
            arrived=self._arrived,
        )
        self.scanner = self.machinery.scanner
        self.floor = self._make_floor()
        self.mender = Mender(self.floor, self.tally)
        self.mischief = self.machinery.mischief = Mischief(
            faults, self.floor, self.scanner, self.machinery.cabling, self.mender, options.tell
        )

    def _make_floor(self) -> Floor:
        scenario, machinery = self.scenario, self.machinery
        world = World(f"T-{number:05d}" for number in range(1, TOTES + 1))
        for one in scenario.stock:
            world.place(f"bin {one.place}", one.sku, one.physical)
        return Floor(
            world,
            scenario.items,
            {place.code: place for place in scenario.places},
            [carton.code for carton in scenario.cartons],
            self.options.speed,
            machinery.plc,
            machinery.server,
            machinery.printers,
            shop_numbers=self.shop.numbers,
        )

    def _arrived(self, tote: str, lane: int) -> None:
        if lane == REJECT_LANE:
            self.mender.bring_rejected(tote)
        else:
            self.floor.world.stand(tote, self.floor.rack(lane))

    def start_people(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Send everybody to work."""
        started = [tasks.create_task(self.mender.work())]
        packing = iter(self._packing_places())
        carts = iter(place.code for place in self.scenario.places if place.kind == "cart")
        for number, member in enumerate(one for one in self.scenario.crew if one.task):
            worker = self._worker(number, member)
            if member.task == "pick":
                chance = stream(self.options.seed, "picker", member.badge)
                # One of them, the first, is not careful.
                wrong_bins = _WRONG_BINS * (number == 0)
                work = Picker(worker, next(carts), chance, wrong_bins).work()
            elif member.task == "pack":
                place, printer = next(packing)
                packer = Packer(worker, place, printer, self.options.seed, _BIGGER_CARTONS)
                work = packer.work()
            else:
                work = self._loader(worker).work()
            started.append(tasks.create_task(work))
        return started

    def _loader(self, worker: Worker) -> Loader:
        dock = next(one.code for one in self.scenario.places if one.kind == "departure")
        return Loader(
            worker,
            dock,
            _PARCELS_A_VAN,
            _LOADER_PATIENCE_S,
            self._day_done,
            self.carrier.take_over,
        )

    def _worker(self, number: int, member: Member) -> Worker:
        handheld = Handheld(
            self._session,
            self.options.api_url,
            f"HH-{number + 1:02d}",
            self.tally,
            stream(self.options.seed, "handheld", member.badge, self._boot),
        )
        return Worker(member, handheld, self.floor)

    def _packing_places(self) -> list[tuple[str, Printer]]:
        return [
            (str(config["place"]), self.floor.printers[str(one["name"])])
            for one in self.scenario.devices
            if one["class"] == "printer" and isinstance(config := one["config"], dict)
        ]

    def _day_done(self) -> bool:
        packed = set(self.shop.accepted) <= self.receiver.came_for(PACKED)
        return self.shop.done and packed and not self.floor.world.stock("carton")

    @property
    def all_left(self) -> bool:
        """Whether every accepted order was handed over and the shop was told, of each parcel too.

        A shop that closed before that would leave the house with messages that nobody takes.
        """
        told = set(self.shop.accepted) <= self.receiver.came_for(HANDED_OVER)
        accepted = len(self.carrier.accepted)
        heard = self.tally.webhooks[CARRIER_ACCEPTED] >= accepted
        return self.shop.done and told and heard and accepted >= self.tally.counts["loaded"]

    def progress(self) -> dict[str, int]:
        """Give the figures that a person who waits wants to see."""
        names = ("accepted", "refused", "paid", "pickups", "scans", "units_picked")
        counts = self.tally.counts
        return {
            "orders_in": counts["orders_posted"],
            **{name: counts[name] for name in names},
            "diverts": self.floor.plc.counts["diverts"],
            **{name: counts[name] for name in ("parcels", "loaded")},
            "handed_over": len(self.receiver.came_for(HANDED_OVER)),
            "failures": len(self.tally.failures),
        }

    async def watch(self, started_s: float) -> bool:
        """Tell of the progress until the day is over; False when it came to a standstill."""
        moved_s, before = started_s, self.progress()
        while not self.stopped.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), _PROGRESS_S)
            now_s, now = time.monotonic(), self.progress()
            self.options.tell(json.dumps({"t_s": round(now_s - started_s, 1), **now}))
            if self.all_left:
                return True
            if now != before:
                moved_s, before = now_s, now
            options = self.options
            # When somebody gave up, a standstill has its reason, and waiting will not end it.
            patience_s = options.patience_s * (_HOPELESS if self.tally.failures else 1.0)
            if now_s - moved_s > patience_s or now_s - started_s > options.deadline_s:
                self.tally.fail(f"nothing moved any more, or the day was over: {now}")
                return False
        return False
