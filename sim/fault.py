"""Faults that strike by plan: which ones, how often, and on what."""

from dataclasses import dataclass
from enum import StrEnum

from sim.chance import fraction
from sim.printer import Cut

_AWAY_ALWAYS = 0.02
_AWAY_FAULT = 0.2
_NO_READ = 0.03
_DOUBLE_READ = 0.05
_CUT = 0.04


class Fault(StrEnum):
    """What can go wrong beside the everyday: wrong bins, short bins and odd cartons always do."""

    NO_READ = "no-read"
    DOUBLE_READ = "double-read"
    PRINTER_CUT = "printer-cut"
    AWAY = "away"


def parse_faults(text: str) -> frozenset[Fault]:
    """Read names between commas; `all` is all of them. Raises: ValueError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return frozenset(Fault)
    known = [fault.value for fault in Fault]
    for name in names:
        if name not in known:
            raise ValueError(f"there is no fault {name!r}: there are {', '.join(known)} and all")
    return frozenset(Fault(name) for name in names)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Says for each thing that happens whether a fault strikes it."""

    faults: frozenset[Fault]
    seed: int

    @property
    def away(self) -> float:
        """The share of messages that find shop or carrier away at first."""
        return _AWAY_FAULT if Fault.AWAY in self.faults else _AWAY_ALWAYS

    def reads(self, pass_number: int) -> int:
        """Say how often the scanner reads the code on a pass: 0, 1 or 2 times."""
        if self._strikes(Fault.NO_READ, _NO_READ, pass_number):
            return 0
        return 2 if self._strikes(Fault.DOUBLE_READ, _DOUBLE_READ, pass_number) else 1

    def cut(self, printer: str, label_number: int) -> Cut:
        """Say whether the connection is cut at a printer's n-th label, before or after it."""
        if not self._strikes(Fault.PRINTER_CUT, _CUT, printer, label_number):
            return Cut.NONE
        before = fraction(self.seed, "cut before", printer, label_number) < 0.5
        return Cut.BEFORE_PRINT if before else Cut.AFTER_PRINT

    def _strikes(self, fault: Fault, share: float, *key: str | int) -> bool:
        return fault in self.faults and fraction(self.seed, fault, *key) < share
