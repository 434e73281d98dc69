"""Mischief: does to the machines what the plan of faults says, and counts what struck."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sim.cabling import Cabling
from sim.chance import fraction
from sim.fault import Fault, FaultPlan
from sim.floor import Floor
from sim.person.mender import Mender
from sim.printer import Cut, Trouble
from sim.proxy import Proxy
from sim.scanner import Scanner
from sim.scenario.crew import REJECT_LANE

_HANG_S = 0.8
_COVER_BEFORE_S = 0.4
_COVER_AFTER_S = 1.0
_CUT_S = 1.2
_HALF_OPEN_S = 2.5
_SLOW_S = 2.5
_SLOW_BY_S = 1.2
# These are armed at a tote, and counted where they strike.
_LATER = frozenset({Fault.JAM, Fault.LANE_FULL_AFTER, Fault.LOST_CONFIRM, Fault.TORN_READ})


@dataclass(slots=True)
class Mischief:
    """What goes wrong on one day; the moments are totes past the scanner and labels."""

    plan: FaultPlan
    floor: Floor
    scanner: Scanner
    cabling: Cabling
    mender: Mender
    tell: Callable[[str], None]
    struck: Counter[Fault] = field(default_factory=Counter)
    _passes: int = 0
    _labels: int = 0
    _cover_next: bool = False

    def scanned(self, track: int, tote: str) -> int:
        """Read a tote as often as the plan says; gives how many different codes were read."""
        self._passes += 1
        faults = self.plan.at_scanner(self._passes)
        self.struck[Fault.CLOCK_SKEW] += Fault.CLOCK_SKEW in self.plan.faults
        # The belt is in the middle of a step: what stops it waits until that is over.
        asyncio.get_running_loop().call_soon(self._strike, faults, track)
        if Fault.NO_READ in faults:
            return 0
        sends = 0 if Fault.SKIPPED_SEQUENCE in faults else 1
        if Fault.DUPLICATE_SEQUENCE in faults:
            sends = 2
        read = self.scanner.see(tote, track=track, sends=sends)
        if Fault.DOUBLE_READ in faults:
            self.scanner.read(tote, track)
        return read or int(Fault.DOUBLE_READ in faults)

    def assigned(self, _track: int, lane: int) -> None:
        """Take a lane that a tote was just sent to, and fill it up."""
        if self._cover_next:
            self._cover_next = False
            self.struck[Fault.LANE_FULL_AFTER] += 1
            asyncio.get_running_loop().call_soon(self._cover, [lane], _COVER_AFTER_S)

    def strayed(self, tote: str, lane: int) -> None:
        """Note that a tote lies in a lane and the PLC does not know it."""
        self.struck[Fault.LOST_CONFIRM] += 1
        if lane != REJECT_LANE:
            self.mender.search(tote, self.floor.rack(lane))

    def cut(self) -> Cut:
        """Say whether the next label's connection is cut."""
        self._labels += 1
        cut = self.plan.cut(self._labels)
        self.struck[Fault.PRINTER_CUT] += cut is not Cut.NONE
        return cut

    def trouble(self) -> Trouble:
        """Say what befalls the printer at that same label."""
        trouble = self.plan.trouble(self._labels)
        if trouble is not Trouble.NONE:
            fault = self.plan.at_printer(self._labels)
            assert fault is not None
            self.struck[fault] += 1
        return trouble

    def _strike(self, faults: frozenset[Fault], track: int) -> None:
        self.struck.update(faults - _LATER)
        plc = self.floor.plc
        if Fault.LANE_FULL_BEFORE in faults:
            self._cover(list(range(1, plc.lanes.count + 1)), _COVER_BEFORE_S)
        self._cover_next |= Fault.LANE_FULL_AFTER in faults
        if Fault.LOST_CONFIRM in faults:
            plc.lose_confirm()
        if Fault.TORN_READ in faults:
            plc.ring.tear()
        if Fault.DUPLICATE_SEQUENCE in faults:
            plc.ring.repeat()
        if Fault.SKIPPED_SEQUENCE in faults:
            plc.ring.skip()
        if Fault.JAM in faults and plc.jam(track):
            self.struck[Fault.JAM] += 1
            take_off = fraction(self.plan.seed, "take off", self._passes) < 0.5
            self.mender.free(track, take_off=take_off)
        if Fault.STALE_HEARTBEAT in faults:
            plc.hang(_HANG_S)
        if Fault.PLC_RESTART in faults:
            self._restart()
        self._strike_cables(faults)

    def _restart(self) -> None:
        plc = self.floor.plc
        self.mender.doubt(plc.unreported())
        self.mender.bring(plc.restart())
        self.floor.plc_server.changed.set()

    def _cover(self, lanes: list[int], for_s: float) -> None:
        for lane in lanes:
            self.floor.plc.cover_lane(lane)
            asyncio.get_running_loop().call_later(for_s, self.floor.plc.uncover_lane, lane)

    def _strike_cables(self, faults: frozenset[Fault]) -> None:
        later = asyncio.get_running_loop().call_later
        if Fault.NETWORK_CUT in faults:
            for cable in self.cabling.cables:
                cable.pull()
                later(_CUT_S, cable.heal)
        if Fault.HALF_OPEN in faults:
            cable = self._next_cable(Fault.HALF_OPEN)
            cable.half_open()
            later(_HALF_OPEN_S, cable.heal)
        if Fault.SLOW_RESPONSE in faults:
            cable = self._next_cable(Fault.SLOW_RESPONSE)
            cable.delay(_SLOW_BY_S)
            later(_SLOW_S, cable.delay, 0.0)
        if Fault.BROKER_KILL in faults:
            # The broker is the house's: whoever runs both is asked to end it.
            self.tell(json.dumps({"strike": Fault.BROKER_KILL}))

    def _next_cable(self, fault: Fault) -> Proxy:
        cables = self.cabling.cables
        return cables[(self.struck[fault] - 1) % len(cables)]

    def strikes(self) -> dict[str, int]:
        """Give how often each fault of the plan struck; kills are for their doer to count."""
        counts, tally = self.floor.plc.counts, self.mender.tally.counts
        seen = {
            Fault.TORN_READ: counts["torn_reads"],
            Fault.SEQUENCE_WRAP: counts["sequence_wraps"],
            Fault.ENCODER_WRAP: counts["encoder_wraps"],
            Fault.AWAY: tally["webhooks_turned_away"] + tally["carrier_turned_away"],
        }
        return {
            fault.value: seen.get(fault, self.struck[fault]) for fault in sorted(self.plan.faults)
        }
