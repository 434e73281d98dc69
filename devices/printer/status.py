"""A Zebra printer's answers: host status and label counter.

Source: Zebra ZPL II Programming Guide, ~HS, ~JA and the SGD variable odometer.total_label_count.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from devices.error import DecodeError

STATUS_COMMAND = b"~HS"
COUNTER_COMMAND = b'! U1 getvar "odometer.total_label_count"\r\n'
# A cut label waits inside for its end: it is thrown away before the label is sent again.
CANCEL_COMMAND = b"~JA"
STATUS_LINES = 3
COUNT_DIGITS_MAX = 12
_LINE = re.compile(rb"\x02([0-9A-Za-z,]*)\x03\r\n")
_COUNTER = re.compile(rb'"(\d{1,12})"')


class Condition(StrEnum):
    """How a printer is, as far as can be told from here."""

    READY = "ready"
    BLOCKED = "blocked"
    SILENT = "silent"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A printer's condition, and in words what a person would have to do about it."""

    condition: Condition
    why: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether it prints nothing until somebody has seen to it."""
        return self.condition is not Condition.READY


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What ~HS says; `formats_waiting` labels are received, `labels_left` of a batch to print."""

    paper_out: bool
    paused: bool
    head_open: bool
    ribbon_out: bool
    formats_waiting: int
    labels_left: int
    partial_format: bool

    @property
    def blocked(self) -> bool:
        """Whether a person has to do something at the printer."""
        return self.paper_out or self.paused or self.head_open or self.ribbon_out

    @property
    def why_blocked(self) -> str:
        """What a person has to see to, or nothing."""
        wants = (
            (self.head_open, "head open"),
            (self.paper_out, "paper out"),
            (self.ribbon_out, "ribbon out"),
            (self.paused, "paused"),
        )
        return ", ".join(word for wanted, word in wants if wanted)

    @property
    def idle(self) -> bool:
        """Whether nothing whole is left inside that could still be printed."""
        return not self.blocked and self.formats_waiting == 0 and self.labels_left == 0


def decode_host_status(answer: bytes) -> HostStatus:
    """Read the three lines of ~HS. Raises: DecodeError."""
    found = _LINE.findall(answer)
    if len(found) != STATUS_LINES or sum(len(line) + 4 for line in found) != len(answer):
        raise DecodeError("~HS: three lines between STX and ETX are wanted")
    first, second = (line.decode("ascii").split(",") for line in found[:2])
    if len(first) != 12 or len(second) != 11:
        raise DecodeError("~HS: 12 and 11 fields are wanted")
    return HostStatus(
        paper_out=_flag(first[1]),
        paused=_flag(first[2]),
        formats_waiting=_count(first[4]),
        partial_format=_flag(first[7]),
        head_open=_flag(second[2]),
        ribbon_out=_flag(second[3]),
        labels_left=_count(second[8]),
    )


def decode_counter(answer: bytes) -> int:
    """Read the label counter, a number in quotes. Raises: DecodeError."""
    found = _COUNTER.fullmatch(answer.strip())
    if found is None:
        raise DecodeError("the printer has no counter odometer.total_label_count")
    return int(found.group(1))


def _flag(field: str) -> bool:
    if field not in ("0", "1"):
        raise DecodeError(f"~HS: {field!r} is neither 0 nor 1")
    return field == "1"


def _count(field: str) -> int:
    # Python refuses to make a number of some thousand digits, and a printer counts to 9,999.
    if not field.isdecimal() or len(field) > COUNT_DIGITS_MAX:
        raise DecodeError(f"~HS: {field[:COUNT_DIGITS_MAX]!r} is no number")
    return int(field)
