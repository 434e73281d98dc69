"""Keyboard and serial wedges: a reader that types, with whatever it types around the code.

A wedge cannot type FNC1. What stands for it here is the group separator itself (Ctrl+], Alt-029,
F8: the handheld's page turns all three into it) or one of SEPARATORS, written out.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from devices.gs1 import FNC1
from devices.link.message import DeviceEvent
from devices.scan.reading import Reading

SEPARATORS = ("\u241d", "<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "[FNC1]")
LINE_BYTES_MAX = 4_096
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# Start and end of text, line ends, tabs and the NUL of a reader that counts its bytes. Not FNC1.
_EDGES = "\x00\x02\x03\r\n\t "
_LINE_ENDS = re.compile(rb"[\r\n\x03]")


@dataclass(frozen=True, slots=True)
class WedgeFormat:
    """What a reader is set up to type around a code, and for FNC1.

    Raises: ValueError for an empty separator, which would stand between all characters.
    """

    prefix: str = ""
    suffix: str = ""
    separators: tuple[str, ...] = SEPARATORS

    def __post_init__(self) -> None:
        if not all(self.separators):
            raise ValueError("a separator is a text that stands for FNC1, not an empty one")


PLAIN_WEDGE = WedgeFormat()


def read_wedge(text: str, wedge: WedgeFormat = PLAIN_WEDGE) -> Reading:
    """Read what was typed: line ends, prefix and suffix go, FNC1 and the symbology stay.

    The prefix may stand before or behind the symbology identifier. A code without prefix or suffix
    is taken as it is: somebody typed it by hand.
    """
    bare = text.strip(_EDGES)
    if wedge.prefix:
        bare = bare.removeprefix(wedge.prefix)
    if wedge.suffix:
        bare = bare.removesuffix(wedge.suffix).rstrip(_EDGES)
    aim = bare[:3] if _AIM.match(bare) else ""
    bare = bare[len(aim) :]
    if wedge.prefix and aim:
        bare = bare.removeprefix(wedge.prefix)
    for separator in wedge.separators:
        bare = bare.replace(separator, FNC1)
    return Reading(bare, aim)


class WedgeStream:
    """The bytes of a serial line as events, numbered from 1 within a boot.

    A line ends with CR, LF or ETX; an empty one is nothing. Bytes are UTF-8, else Latin-1. What is
    longer than LINE_BYTES_MAX without an end is thrown away up to the next end, and counted.
    """

    def __init__(self, boot: int, wedge: WedgeFormat = PLAIN_WEDGE) -> None:
        self.too_long = 0
        self._boot = boot
        self._wedge = wedge
        self._seq = 0
        self._kept = b""
        self._skipping = False

    def feed(self, data: bytes, at: datetime) -> list[DeviceEvent]:
        """The events of the lines that these bytes end; `at` is when they came, aware."""
        *lines, self._kept = _LINE_ENDS.split(self._kept + data)
        events = []
        for line in lines:
            skipped, self._skipping = self._skipping, False
            if skipped:
                continue
            if len(line) > LINE_BYTES_MAX:
                self.too_long += 1
            else:
                events += self._event(line, at)
        if len(self._kept) > LINE_BYTES_MAX:
            self.too_long += not self._skipping
            self._kept, self._skipping = b"", True
        return events

    def _event(self, line: bytes, at: datetime) -> list[DeviceEvent]:
        reading = read_wedge(_text(line), self._wedge)
        if not reading.text:
            return []
        self._seq += 1
        return [reading.event(self._boot, self._seq, at)]


def _text(line: bytes) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    # A NUL inside is noise of the line; no store keeps it.
    return text.replace("\0", "")
