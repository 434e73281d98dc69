"""The rules of a read: from what a reader gave for one parcel to the one code that counts.

| what came | what it is |
| --- | --- |
| nothing, an empty code, the reader's own text for no read | NO_READ |
| the reader's own text for several codes in one field | MULTI_READ |
| one code, or the same code several times | READ of that code |
| several codes | the best kind counts: SSCC, our tote's label, tracking number, GTIN |
| two different codes of the best kind | MULTI_READ |
| only codes that name no parcel and no tote, or make no sense | NO_READ, with a reason |
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.gs1 import Scan, ScanKind, parse_scan
from devices.link.message import DeviceEvent

NO_READ_TEXTS = frozenset(
    {
        "NOREAD",
        "NR",
        "NOCODE",
        "NOBARCODE",
        "NODATA",
        "BADREAD",
        "ERROR",
        "FAIL",
        "FAILED",
        "TIMEOUT",
    }
)
MULTI_READ_TEXTS = frozenset({"MULTIREAD", "MULTIPLEREAD", "MULTIPLE", "MR", "MULTICODE"})
_BETWEEN = re.compile(r"[\s_\-.]+")
_EDGES = "\x00\x02\x03\r\n\t \x1d"
_PLACEHOLDER = re.compile(r"[?*#!]+|(?P<one>[09Xx])(?P=one){2,}")
_CODE_CHARS_SHOWN = 40


class Read(StrEnum):
    """What a pass under a reader came to; the names are those of the PLC's events."""

    READ = "read"
    NO_READ = "no_read"
    MULTI_READ = "multi_read"


class UnitKind(StrEnum):
    """What a code names on a belt, the best first."""

    SSCC = "sscc"
    TOTE = "tote"
    TRACKING = "tracking"
    GTIN = "gtin"


RANKS = tuple(UnitKind)


@dataclass(frozen=True, slots=True)
class ReadRules:
    """What one site's readers send.

    The texts for no read and for several codes are compared in capitals, without blanks, `_`, `-`
    and `.`. `joiner` stands between several codes in one field, where a reader joins them.
    `tracking` is the form of a carrier's tracking number, which is a plain code to GS1.
    """

    no_read: frozenset[str] = NO_READ_TEXTS
    multi_read: frozenset[str] = MULTI_READ_TEXTS
    joiner: str = ""
    tracking: re.Pattern[str] = re.compile(r"(?=.*\d)[A-Z0-9]{8,35}", re.IGNORECASE | re.ASCII)


DEFAULT_RULES = ReadRules()


@dataclass(frozen=True, slots=True)
class Decided:
    """What was read; `why` is for people and empty for a READ without a doubt."""

    read: Read
    kind: UnitKind | None = None
    code: str = ""
    why: str = ""


def judge(events: DeviceEvent | Sequence[DeviceEvent], rules: ReadRules = DEFAULT_RULES) -> Decided:
    """Decide what one parcel's codes are, those of all its events."""
    given = (events,) if isinstance(events, DeviceEvent) else events
    fields = [(field, event.aim) for event in given for field in _fields(event.raw, rules)]
    words = [_word(field) for field, _ in fields]
    if any(word in rules.multi_read for word in words):
        return Decided(Read.MULTI_READ, why="the reader saw several codes and chose none")
    codes = [
        parse_scan(field, aim)
        for (field, aim), word in zip(fields, words, strict=True)
        if not is_no_read(field, rules) and word
    ]
    if not codes:
        return Decided(Read.NO_READ, why="the reader saw no code")
    return _best(codes, rules)


def is_no_read(field: str, rules: ReadRules = DEFAULT_RULES) -> bool:
    """Tell whether a text is what a reader sends when it saw nothing, e.g. NO_READ, ??? or 000."""
    word = _word(field)
    return not word or word in rules.no_read or _PLACEHOLDER.fullmatch(word) is not None


def _fields(raw: str, rules: ReadRules) -> list[str]:
    return raw.split(rules.joiner) if rules.joiner else [raw]


def _word(field: str) -> str:
    return _BETWEEN.sub("", field.strip(_EDGES)).upper()


def _best(codes: list[Scan], rules: ReadRules) -> Decided:
    units = list(_units(codes, rules))
    for kind in RANKS:
        # A dictionary keeps the order in which they were seen, so that what is said is the same.
        named = list(dict.fromkeys(code for each, code in units if each is kind))
        if len(named) > 1:
            return Decided(Read.MULTI_READ, why=f"several codes of one kind: {_list(named)}")
        if named:
            return Decided(Read.READ, kind, named[0])
    return Decided(Read.NO_READ, why="; ".join(dict.fromkeys(map(_useless, codes))))


def _units(codes: Iterable[Scan], rules: ReadRules) -> Iterator[tuple[UnitKind, str]]:
    for scan in codes:
        if scan.kind is ScanKind.SSCC:
            yield UnitKind.SSCC, scan.value
        elif scan.kind is ScanKind.TOTE:
            yield UnitKind.TOTE, scan.value
        elif scan.kind is ScanKind.GTIN:
            yield UnitKind.GTIN, scan.value
        elif scan.kind is ScanKind.PLAIN and rules.tracking.fullmatch(scan.value):
            yield UnitKind.TRACKING, scan.value.upper()


def _useless(scan: Scan) -> str:
    if scan.kind is ScanKind.FAULT:
        return scan.value
    return f"{(scan.value or scan.raw)[:_CODE_CHARS_SHOWN]!r} names no parcel and no tote"


def _list(codes: list[str]) -> str:
    return ", ".join(code[:_CODE_CHARS_SHOWN] for code in codes[:4])
