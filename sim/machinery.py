"""The machines of one day: PLC, scanner and printers, and the cables that lead to them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from devices.link.topic import DeviceName
from devices.sorter.register import SEQUENCE_MAX, U32_MAX, WORD_MAX
from sim.cabling import Cabling
from sim.fault import Fault, FaultPlan
from sim.floor import scaled_plan
from sim.mischief import Mischief
from sim.modbus import PlcServer
from sim.plc import Plc
from sim.printer import Printer
from sim.scanner import Scanner
from sim.scenario.crew import REJECT_LANE

LOOPBACK = "127.0.0.1"
Device = Mapping[str, object]
_PRINT_S = 0.8
_READ_RATE = 0.998
_BROKER_S = 30.0
# The house rejects earlier; this is for when nobody tells the PLC anything.
_RECIRCULATIONS_MAX = 8
# So close before the wrap a PLC stands that has run for long: the first totes meet it.
_EVENTS_LEFT, _COMMANDS_LEFT, _COUNTS_LEFT = 1, 1, 2_000
_OFF_S = 0.6
_MEND_S = 1.5


class Machinery:
    """All machines that a scenario names; `mischief` has to be there before they start."""

    mischief: Mischief

    def __init__(
        self,
        devices: Sequence[Device],
        mqtt_url: str,
        plan: FaultPlan,
        *,
        boot: int,
        speed: float,
        clock: Callable[[], datetime],
        arrived: Callable[[str, int], None],
    ) -> None:
        self._devices = devices
        self._plan = plan
        self._clock = clock
        self.cabling = Cabling(LOOPBACK, plan.faults)
        self.plc = self._make_plc(boot, speed, arrived)
        sorter_port = port_of(self._one("sorter")["address"])
        self.server = PlcServer(self.plc, LOOPBACK, self.cabling.behind(sorter_port))
        self.scanner = self._make_scanner(boot, mqtt_url)
        self._ports: dict[str, int] = {}
        self.printers: dict[str, Printer] = {}
        for number, one in enumerate(one for one in devices if one["class"] == "printer"):
            name = str(one["name"])
            self._ports[name] = self.cabling.behind(port_of(one["address"]))
            self.printers[name] = Printer(
                name,
                print_s=_PRINT_S / speed,
                cut=lambda _number: self.mischief.cut(),
                trouble=lambda _number: self.mischief.trouble(),
                off_s=_OFF_S,
                mend_s=_MEND_S,
                # Of real ones, too, some answer without media and some do not.
                silent=number % 2 == 0,
            )

    def _make_plc(self, boot: int, speed: float, arrived: Callable[[str, int], None]) -> Plc:
        wraps = Fault.SEQUENCE_WRAP in self._plan.faults
        winds = Fault.ENCODER_WRAP in self._plan.faults
        return Plc(
            replace(scaled_plan(speed), lanes=REJECT_LANE, recirculations_max=_RECIRCULATIONS_MAX),
            # A PLC counts its boots in 16 bits, and the house tells its runs apart by them.
            boot=boot % WORD_MAX + 1,
            scanned=lambda track, tote: self.mischief.scanned(track, tote),
            arrived=arrived,
            rejected=lambda tote: self.mischief.mender.bring_rejected(tote),
            strayed=lambda tote, lane: self.mischief.strayed(tote, lane),
            assigned=lambda track, lane: self.mischief.assigned(track, lane),
            event_seq=SEQUENCE_MAX - _EVENTS_LEFT if wraps else 0,
            command_seq=SEQUENCE_MAX - _COMMANDS_LEFT if wraps else 0,
            encoder=U32_MAX - _COUNTS_LEFT if winds else None,
        )

    def _make_scanner(self, boot: int, mqtt_url: str) -> Scanner:
        device = self._one("scanner")
        parts = (str(device[key]) for key in ("site", "area", "class", "name"))
        url = self.cabling.before(mqtt_url)
        return Scanner(
            DeviceName(*parts),
            url,
            boot=boot,
            clock=self._scanner_clock,
            read_rate=_READ_RATE,
            seed=self._plan.seed,
        )

    def _scanner_clock(self) -> datetime:
        events = self.scanner.counts["read"]
        return self._clock() + timedelta(seconds=self._plan.skew_s(events))

    def _one(self, device_class: str) -> Device:
        return next(one for one in self._devices if one["class"] == device_class)

    async def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start everything, and wait until the scanner is on the broker.

        Raises: OSError or RuntimeError when a port is taken; TimeoutError without a broker.
        """
        started = []
        for name, printer in self.printers.items():
            await printer.start(LOOPBACK, self._ports[name])
            started.append(tasks.create_task(printer.run()))
        await self.server.start()
        await self.cabling.start()
        started.append(tasks.create_task(self.server.run()))
        started.append(tasks.create_task(self.scanner.run()))
        async with asyncio.timeout(_BROKER_S):
            await self.scanner.connected.wait()
        return started

    async def stop(self) -> None:
        """Close the machines' sockets."""
        await self.cabling.stop()
        await self.server.stop()
        for printer in self.printers.values():
            await printer.stop()


def port_of(address: object) -> int:
    """Give the port at the end of an address or a URL."""
    return int(str(address).rpartition(":")[2])
