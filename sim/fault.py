"""Faults that strike by plan: which ones, how often, and on what."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sim.chance import fraction, stream, whole
from sim.printer import Cut, Trouble

_AWAY_ALWAYS = 0.02
_AWAY_FAULT = 0.2


class Fault(StrEnum):
    """What can go wrong beside the everyday: wrong bins, short bins and odd cartons always do."""

    NO_READ = "no-read"
    DOUBLE_READ = "double-read"
    PRINTER_CUT = "printer-cut"
    AWAY = "away"
    JAM = "jam"
    LANE_FULL_BEFORE = "lane-full-before"
    LANE_FULL_AFTER = "lane-full-after"
    LOST_CONFIRM = "lost-confirm"
    STALE_HEARTBEAT = "stale-heartbeat"
    TORN_READ = "torn-read"
    PLC_RESTART = "plc-restart"
    DUPLICATE_SEQUENCE = "duplicate-sequence"
    SKIPPED_SEQUENCE = "skipped-sequence"
    SEQUENCE_WRAP = "sequence-wrap"
    ENCODER_WRAP = "encoder-wrap"
    CLOCK_SKEW = "clock-skew"
    BROKER_KILL = "broker-kill"
    NETWORK_CUT = "network-cut"
    HALF_OPEN = "half-open"
    SLOW_RESPONSE = "slow-response"
    PRINTER_POWER_BEFORE = "printer-power-before"
    PRINTER_POWER_AFTER = "printer-power-after"
    MEDIA_OUT = "media-out"
    KILL_BEFORE_ACCEPT = "kill-before-accept"
    KILL_AFTER_ACCEPT = "kill-after-accept"
    KILL_BEFORE_BEGIN = "kill-before-begin"
    KILL_AFTER_BEGIN = "kill-after-begin"
    KILL_AFTER_SENT = "kill-after-sent"
    KILL_BEFORE_FINISH = "kill-before-finish"
    KILL_AFTER_FINISH = "kill-after-finish"
    KILL_BEFORE_ASSIGN = "kill-before-assign"
    KILL_AFTER_ASSIGN = "kill-after-assign"


# The share of totes past the scanner, or of labels, that each of them strikes.
_AT_SCANNER = {
    Fault.NO_READ: 0.03,
    Fault.DOUBLE_READ: 0.05,
    Fault.JAM: 0.005,
    Fault.LANE_FULL_BEFORE: 0.01,
    Fault.LANE_FULL_AFTER: 0.01,
    Fault.LOST_CONFIRM: 0.01,
    Fault.STALE_HEARTBEAT: 0.005,
    Fault.TORN_READ: 0.03,
    Fault.PLC_RESTART: 0.003,
    Fault.DUPLICATE_SEQUENCE: 0.03,
    Fault.SKIPPED_SEQUENCE: 0.02,
    Fault.BROKER_KILL: 0.003,
    Fault.NETWORK_CUT: 0.003,
    Fault.HALF_OPEN: 0.004,
    Fault.SLOW_RESPONSE: 0.004,
}
_AT_PRINTER = {
    Fault.PRINTER_CUT: 0.04,
    Fault.PRINTER_POWER_BEFORE: 0.02,
    Fault.PRINTER_POWER_AFTER: 0.02,
    Fault.MEDIA_OUT: 0.02,
}
_TROUBLES = {
    Fault.PRINTER_POWER_BEFORE: Trouble.POWER_BEFORE,
    Fault.PRINTER_POWER_AFTER: Trouble.POWER_AFTER,
    Fault.MEDIA_OUT: Trouble.MEDIA_OUT,
}
# A tote that is not read is struck by nothing else, and so comes after the first strikes of all.
_LAST = (Fault.NO_READ,)
# So many of them strike the same tote at first, or a small day would end before the last one.
_TOGETHER = 2
KILLS = frozenset(fault for fault in Fault if fault.startswith("kill-"))


class UnknownFault(ValueError):
    """There is no fault of that name; the text lists those that there are."""


def parse_faults(text: str) -> frozenset[Fault]:
    """Read names between commas; `all` is all of them. Raises: UnknownFault."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return frozenset(Fault)
    known = [fault.value for fault in Fault]
    for name in names:
        if name not in known:
            raise UnknownFault(f"there is no fault {name!r}: there are {', '.join(known)} and all")
    return frozenset(Fault(name) for name in names)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Says for each thing that happens whether a fault strikes it.

    Every fault strikes one of the first totes or labels, and its share of those that follow.
    """

    faults: frozenset[Fault]
    seed: int

    @property
    def away(self) -> float:
        """The share of messages that find shop or carrier away at first."""
        return _AWAY_FAULT if Fault.AWAY in self.faults else _AWAY_ALWAYS

    def at_scanner(self, pass_number: int) -> frozenset[Fault]:
        """Give the faults that strike at the n-th tote past the scanner, counted from 1."""
        struck = self._strikes(_AT_SCANNER, _TOGETHER, pass_number)
        return struck & {*_LAST} or struck

    def at_printer(self, label_number: int) -> Fault | None:
        """Give the fault that strikes at the n-th label of all printers, counted from 1."""
        struck = self._strikes(_AT_PRINTER, 1, label_number)
        return min(struck, default=None)

    def cut(self, label_number: int) -> Cut:
        """Say whether a printer's connection is cut at the n-th label, before or after it."""
        if self.at_printer(label_number) is not Fault.PRINTER_CUT:
            return Cut.NONE
        before = fraction(self.seed, "cut before", label_number) < 0.5
        return Cut.BEFORE_PRINT if before else Cut.AFTER_PRINT

    def trouble(self, label_number: int) -> Trouble:
        """Say what befalls the printer itself at the n-th label."""
        fault = self.at_printer(label_number)
        return Trouble.NONE if fault is None else _TROUBLES.get(fault, Trouble.NONE)

    def skew_s(self, event_number: int) -> int:
        """Say how far the scanner's clock is off at its n-th event, in seconds."""
        if Fault.CLOCK_SKEW not in self.faults:
            return 0
        return whole(-90_000, 90_000, self.seed, "clock", event_number)

    def _strikes(self, shares: dict[Fault, float], together: int, number: int) -> frozenset[Fault]:
        first = self._first(shares, together)
        return frozenset(
            fault
            for fault, at in first.items()
            if number == at or (number > at and fraction(self.seed, fault, number) < shares[fault])
        )

    def _first(self, faults: Iterable[Fault], together: int) -> dict[Fault, int]:
        wanted = [fault for fault in faults if fault in self.faults and fault not in _LAST]
        stream(self.seed, "first strikes").shuffle(wanted)
        first = {fault: 1 + rank // together for rank, fault in enumerate(wanted)}
        last = max(first.values(), default=0) + 1
        return first | {fault: last for fault in faults if fault in self.faults & {*_LAST}}
