"""One day: everybody and every machine at work until all orders have left or nothing moves."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import aiohttp

from devices.link.topic import DeviceName
from sim.carrier import Carrier
from sim.chance import stream
from sim.fault import FaultPlan
from sim.floor import Floor, scaled_plan
from sim.modbus import PlcServer
from sim.person.handheld import Handheld
from sim.person.loader import Loader
from sim.person.packer import Packer
from sim.person.picker import Picker
from sim.person.work import Worker
from sim.plc import Plc
from sim.printer import Printer
from sim.receiver import CARRIER_ACCEPTED, HANDED_OVER, PACKED, Receiver
from sim.scanner import Scanner
from sim.scenario.crew import Member
from sim.scenario.file import Scenario
from sim.shop import Shop
from sim.tally import Tally
from sim.world import World

LOOPBACK = "127.0.0.1"
TOTES = 1_500
_PRINT_S = 0.8
_WRONG_BINS = 0.02
_BIGGER_CARTONS = 0.04
_PARCELS_A_VAN = 120
_LOADER_PATIENCE_S = 10.0
_PROGRESS_S = 0.5
_BROKER_S = 30.0
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
        self._passes = 0
        self._lane_places = {one.lane: one.code for one in scenario.places if one.lane}
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
        self.floor = self._make_floor()
        self.scanner = self._make_scanner()

    def _make_floor(self) -> Floor:
        scenario, options = self.scenario, self.options
        world = World(f"T-{number:05d}" for number in range(1, TOTES + 1))
        for one in scenario.stock:
            world.place(f"bin {one.place}", one.sku, one.physical)
        # A PLC counts its boots in 16 bits, and the house tells its runs apart by them.
        plc = Plc(
            scaled_plan(options.speed),
            boot=self._boot % 0xFFFF + 1,
            scanned=self._scanned,
            arrived=self._arrived,
        )
        server = PlcServer(plc, LOOPBACK, port_of(self._device("sorter")["address"]))
        printers = {
            str(one["name"]): Printer(
                str(one["name"]),
                print_s=_PRINT_S / options.speed,
                cut=partial(options.faults.cut, str(one["name"])),
            )
            for one in scenario.devices
            if one["class"] == "printer"
        }
        places = {place.code: place for place in scenario.places}
        cartons = [carton.code for carton in scenario.cartons]
        return Floor(
            world,
            scenario.items,
            places,
            cartons,
            options.speed,
            plc,
            server,
            printers,
            shop_numbers=self.shop.numbers,
        )

    def _make_scanner(self) -> Scanner:
        device = self._device("scanner")
        parts = (str(device[key]) for key in ("site", "area", "class", "name"))
        return Scanner(
            DeviceName(*parts),
            self.options.mqtt_url,
            boot=self._boot,
            clock=self.options.clock,
        )

    def _device(self, device_class: str) -> dict[str, object]:
        return next(one for one in self.scenario.devices if one["class"] == device_class)

    def _scanned(self, track: int, tote: str) -> None:
        self._passes += 1
        for _ in range(self.options.faults.reads(self._passes)):
            self.scanner.read(tote, track)

    def _arrived(self, tote: str, lane: int) -> None:
        self.floor.world.stand(tote, f"rack {self._lane_places[lane]}")

    async def start_machines(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start PLC, scanner and printers, and wait until the scanner is on the broker.

        Raises: OSError or RuntimeError when a port is taken; TimeoutError without a broker.
        """
        started = []
        for one in self.scenario.devices:
            if one["class"] == "printer":
                printer = self.floor.printers[str(one["name"])]
                await printer.start(LOOPBACK, port_of(one["address"]))
                started.append(tasks.create_task(printer.run()))
        await self.floor.plc_server.start()
        started.append(tasks.create_task(self.floor.plc_server.run()))
        started.append(tasks.create_task(self.scanner.run()))
        async with asyncio.timeout(_BROKER_S):
            await self.scanner.connected.wait()
        return started

    async def stop_machines(self) -> None:
        """Close the machines' sockets."""
        await self.floor.plc_server.stop()
        for printer in self.floor.printers.values():
            await printer.stop()

    def start_people(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Send everybody to work."""
        started = []
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


def port_of(address: object) -> int:
    """Give the port at the end of an address or a URL."""
    return int(str(address).rpartition(":")[2])
