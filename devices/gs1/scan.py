"""Scans: what a scanner read, parsed once into a checked value.

Source: GS1 General Specifications 24, 5.1.3 (symbology identifiers) and 7.8 (element strings).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from devices.gs1.digital_link import is_address, read_digital_link
from devices.gs1.element import FNC1, Element, element_of, read_elements, together
from devices.gs1.fault import Fault, RunTogether
from devices.gs1.key import GTIN_LENGTHS, is_checked, is_digits
from devices.gs1.label import own_label

SCAN_CHARS_MAX = 512

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_MESSAGE_AIMS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_GTIN_AIMS = {
    "]E0": (12, 13),
    "]E1": (12, 13),
    "]E3": (12, 13),
    "]E4": (8,),
    "]I1": (14,),
}
# An EAN-13 or UPC-A and the two or five digits beside it, of a magazine's issue or a book's price.
_WITH_ADD_ON = "]E3"
_ADD_ON = {14: 12, 15: 13, 17: 12, 18: 13}
_BRACKETED = re.compile(r"(\(\d{2,4}\)[^()]+)+")
_BRACKET = re.compile(r"\((\d{2,4})\)([^()]+)")
_EDGES = "\r\n\t "
# Without FNC1 and without a symbology identifier, only a key whose check digit is right tells a
# message from a plain code; a lot such as 10D9T is none.
_LEADING_KEY = {"00": 18, "01": 14, "02": 14}


class ScanKind(StrEnum):
    """What a scan turned out to be."""

    GTIN = "gtin"
    SSCC = "sscc"
    ELEMENTS = "elements"
    BIN = "bin"
    TOTE = "tote"
    CARTON = "carton"
    CART = "cart"
    PLACE = "place"
    PLAIN = "plain"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan as a checked value.

    `value` is 14 digits for a GTIN, 18 for an SSCC, the code itself for our own labels and plain
    codes, empty for element strings without a key; for a FAULT it says what is wrong.
    """

    raw: str
    kind: ScanKind
    value: str
    elements: tuple[Element, ...] = ()

    def element(self, ai: str) -> str | None:
        """Give the data of an application identifier, e.g. `10` for the lot."""
        return next((element.value for element in self.elements if element.ai == ai), None)


def parse_scan(raw: str, aim: str = "") -> Scan:
    """Read a scan; whatever is wrong with it comes back as a FAULT, never as an exception.

    The symbology identifier comes beside the code or before it. Without one, 8, 12, 13, 14 and 18
    digits are taken as GTIN and SSCC; a text that begins with FNC1, holds one, or begins with (00),
    (01) or (02) and a right check digit as element strings; and (AI)data as typed from below a bar
    code. A web address is a Digital Link where it names a key.
    """
    try:
        return _parse(raw, aim)
    except Fault as fault:
        return Scan(raw, ScanKind.FAULT, str(fault))


def without_aim(raw: str) -> str:
    """Give a text without the symbology identifier that it begins with."""
    return raw[3:] if _AIM.match(raw) else raw


def _parse(raw: str, aim: str) -> Scan:
    if len(raw) > SCAN_CHARS_MAX:
        raise Fault(f"longer than {SCAN_CHARS_MAX} characters")
    text = raw.strip(_EDGES)
    if not aim and _AIM.match(text):
        aim = text[:3]
    # Some readers send it both beside the code and before it.
    text = text.removeprefix(aim)
    if not text:
        raise Fault("empty")
    if aim and not _AIM.fullmatch(aim):
        raise Fault("the symbology identifier is none")
    if aim in _GS1_MESSAGE_AIMS:
        return _message(raw, read_elements(text))
    if aim in _GTIN_AIMS:
        if aim == _WITH_ADD_ON:
            text = text[: _ADD_ON.get(len(text), len(text))]
        return _gtin(raw, text, _GTIN_AIMS[aim])
    if is_address(text):
        elements = read_digital_link(text)
        return _plain(raw, text) if elements is None else _message(raw, elements)
    if not aim and (text[0] == "(" or FNC1 in text or text[:2] in _LEADING_KEY):
        elements = _untagged(text)
        if elements is not None:
            return _message(raw, elements)
    return _digits(raw, text) if is_digits(text) else _label(raw, text)


def _untagged(text: str) -> tuple[Element, ...] | None:
    """The element strings of a text whose bar code nobody told; None where it is a plain code."""
    if text[0] == "(":
        close = "".join(text.split())
        if not _BRACKETED.fullmatch(close):
            return None
        return together([element_of(ai, data) for ai, data in _BRACKET.findall(close)])
    size = _LEADING_KEY.get(text[:2], 0)
    keyed = size > 0 and len(text) >= 2 + size and is_checked(text[2 : 2 + size])
    if FNC1 in text:
        return read_elements(text)
    if not keyed:
        # Twenty digits beginning with 00 are nothing else but an SSCC's element string.
        return read_elements(text) if _is_sscc_string(text) else None
    try:
        return read_elements(text)
    except RunTogether:
        raise
    except Fault:
        return None


def _is_sscc_string(text: str) -> bool:
    return len(text) == 20 and text.startswith("00") and is_digits(text)


def _message(raw: str, elements: tuple[Element, ...]) -> Scan:
    by_ai = {element.ai: element.value for element in elements}
    if "00" in by_ai:
        return Scan(raw, ScanKind.SSCC, by_ai["00"], elements)
    if "01" in by_ai:
        return Scan(raw, ScanKind.GTIN, by_ai["01"], elements)
    return Scan(raw, ScanKind.ELEMENTS, "", elements)


def _digits(raw: str, text: str) -> Scan:
    if len(text) == 18:
        return Scan(raw, ScanKind.SSCC, _checked(text, "SSCC"))
    if len(text) in GTIN_LENGTHS:
        return _gtin(raw, text, GTIN_LENGTHS)
    return Scan(raw, ScanKind.PLAIN, text)


def _gtin(raw: str, text: str, lengths: tuple[int, ...]) -> Scan:
    if len(text) not in lengths or not is_digits(text):
        wanted = " or ".join(map(str, lengths))
        raise Fault(f"a GTIN of {wanted} digits is wanted")
    return Scan(raw, ScanKind.GTIN, _checked(text, "GTIN").zfill(14))


def _label(raw: str, text: str) -> Scan:
    own = own_label(text)
    return _plain(raw, text) if own is None else Scan(raw, ScanKind(own[0]), own[1])


def _plain(raw: str, text: str) -> Scan:
    if not text.isprintable():
        raise Fault("holds control characters")
    return Scan(raw, ScanKind.PLAIN, text)


def _checked(code: str, name: str) -> str:
    if not is_checked(code):
        raise Fault(f"{name} {code}: wrong check digit")
    return code
