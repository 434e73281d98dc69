"""GS1 keys and scans: what a scanner read, parsed once into a checked value.

Source: GS1 General Specifications 24, 3 (application identifiers), 5.1.3 (symbology
identifiers), 7.8 (element strings) and 7.9.1 (check digit).
"""

import calendar
import re
from dataclasses import dataclass
from enum import StrEnum

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString

FNC1 = "\x1d"
SCAN_CHARS_MAX = 512

_LABELS = (
    ("bin", re.compile(r"[A-Z]{1,3}-\d{2}-\d{2}-\d{1,2}")),
    ("tote", re.compile(r"T-\d{5,9}")),
    ("carton", re.compile(r"C-[A-Z0-9]{1,4}")),
    ("cart", re.compile(r"CART-\d{2,4}")),
    ("place", re.compile(r"CONVEYOR|[A-Z]{2,12}-\d{1,3}")),
)
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_MESSAGE_AIMS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_GTIN_AIMS = {
    "]E0": (12, 13),
    "]E1": (12, 13),
    "]E3": (12, 13),
    "]E4": (8,),
    "]I1": (14,),
}
_GTIN_LENGTHS = (8, 12, 13, 14)
_HRI = re.compile(r"(\(\d{2,4}\)[^()]+)+")
_DATE_AIS = frozenset({"11", "12", "13", "15", "16", "17"})
# biip places a year in a century by today's date; dates are checked here without a clock.
_PARSING = ParseConfig(gs1_element_strings_verify_date=False)


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
class Element:
    """One element string: application identifier and its data."""

    ai: str
    value: str


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


class _Fault(Exception):
    """The scan breaks a rule of GS1."""


def check_digit(digits: str) -> int:
    """Compute the modulo-10 check digit that follows these digits.

    Raises: ValueError for anything but digits.
    """
    if not _is_digits(digits):
        raise ValueError(f"{digits!r} is not all digits")
    weighted = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(digits[::-1]))
    return -weighted % 10


def is_sscc(code: str) -> bool:
    """Tell whether a code is 18 digits of which the last is the right check digit."""
    return len(code) == 18 and _is_checked(code)


def is_gtin(code: str) -> bool:
    """Tell whether a code is 8, 12, 13 or 14 digits of which the last is the right check digit."""
    return len(code) in _GTIN_LENGTHS and _is_checked(code)


def gtin14(code: str) -> str:
    """Give a GTIN in its 14-digit form.

    Raises: ValueError when the length or the check digit is wrong.
    """
    if not is_gtin(code):
        raise ValueError(f"{code!r} is no GTIN: wrong length or check digit")
    return code.zfill(14)


def sscc18(company_prefix: str, serial: int, extension: int = 0) -> str:
    """Build an SSCC-18 from a company prefix of 4 to 12 digits and a serial number.

    Raises: ValueError when they do not fit into the 17 digits before the check digit.
    """
    if not _is_digits(company_prefix) or not 4 <= len(company_prefix) <= 12:
        raise ValueError(f"{company_prefix!r} is no company prefix: 4 to 12 digits")
    if not 0 <= extension <= 9:
        raise ValueError(f"the extension digit {extension} is not 0 to 9")
    width = 16 - len(company_prefix)
    if not 0 <= serial < 10**width:
        raise ValueError(f"serial {serial} does not fit into {width} digits")
    digits = f"{extension}{company_prefix}{serial:0{width}d}"
    return f"{digits}{check_digit(digits)}"


def gs1_128_sscc_payload(sscc: str) -> str:
    """Give the element string of an SSCC as a GS1-128 symbol carries it after FNC1.

    Raises: ValueError when the SSCC's check digit is wrong.
    """
    if not is_sscc(sscc):
        raise ValueError(f"{sscc!r} is no SSCC: 18 digits with a check digit")
    return f"00{sscc}"


def parse_scan(raw: str, aim: str = "") -> Scan:
    """Read a scan; whatever is wrong with it comes back as a FAULT, never as an exception.

    The symbology identifier comes beside the code or before it. Without one, 8, 12, 13, 14 and 18
    digits are taken as GTIN and SSCC, 20 digits beginning with 00 as an SSCC's element string, and
    (AI)data as typed from below a bar code.
    """
    try:
        return _parse(raw, aim)
    except _Fault as fault:
        return Scan(raw, ScanKind.FAULT, str(fault))


def _parse(raw: str, aim: str) -> Scan:
    if len(raw) > SCAN_CHARS_MAX:
        raise _Fault(f"longer than {SCAN_CHARS_MAX} characters")
    text = raw.strip("\r\n\t ")
    if not aim and _AIM.match(text):
        aim, text = text[:3], text[3:]
    if not text:
        raise _Fault("empty")
    if aim and not _AIM.fullmatch(aim):
        raise _Fault("the symbology identifier is none")
    if aim in _GS1_MESSAGE_AIMS:
        return _message(raw, text)
    if aim in _GTIN_AIMS:
        return _gtin(raw, text, _GTIN_AIMS[aim])
    if _is_digits(text):
        return _digits(raw, text, typed=not aim)
    if not aim and (FNC1 in text or _HRI.fullmatch("".join(text.split()))):
        return _message(raw, _from_hri(text) if text.startswith("(") else text)
    return _label(raw, text)


def _digits(raw: str, text: str, *, typed: bool) -> Scan:
    if typed and len(text) == 20 and text.startswith("00"):
        return _message(raw, text)
    if len(text) == 18:
        return Scan(raw, ScanKind.SSCC, _checked(text, "SSCC"))
    if len(text) in _GTIN_LENGTHS:
        return _gtin(raw, text, _GTIN_LENGTHS)
    return Scan(raw, ScanKind.PLAIN, text)


def _gtin(raw: str, text: str, lengths: tuple[int, ...]) -> Scan:
    if len(text) not in lengths or not _is_digits(text):
        wanted = " or ".join(map(str, lengths))
        raise _Fault(f"a GTIN of {wanted} digits is wanted")
    return Scan(raw, ScanKind.GTIN, _checked(text, "GTIN").zfill(14))


def _label(raw: str, text: str) -> Scan:
    if not text.isprintable():
        raise _Fault("holds control characters")
    label = text.upper()
    for kind, pattern in _LABELS:
        if pattern.fullmatch(label) and label.isascii():
            return Scan(raw, ScanKind(kind), label)
    return Scan(raw, ScanKind.PLAIN, text)


def _message(raw: str, text: str) -> Scan:
    if not text.isascii():
        raise _Fault("an element string holds ASCII characters only")
    elements = _elements(text.strip(FNC1))
    by_ai = {element.ai: element.value for element in elements}
    if "00" in by_ai:
        return Scan(raw, ScanKind.SSCC, by_ai["00"], elements)
    if "01" in by_ai:
        return Scan(raw, ScanKind.GTIN, by_ai["01"], elements)
    return Scan(raw, ScanKind.ELEMENTS, "", elements)


def _elements(text: str) -> tuple[Element, ...]:
    found: list[Element] = []
    rest = text
    while rest:
        try:
            part = GS1ElementString.extract(rest, config=_PARSING)
        except (ParseError, ValueError, ArithmeticError) as error:
            raise _Fault("no element string of a known application identifier") from error
        rest = rest[len(part) :]
        if rest and part.ai.separator_required and not rest.startswith(FNC1):
            raise _Fault(f"({part.ai.ai}) is longer than allowed, or FNC1 is missing after it")
        rest = rest.lstrip(FNC1)
        found.append(_verified(part.ai.ai, part.value))
    ais = [element.ai for element in found]
    if not found or len(set(ais)) != len(ais):
        raise _Fault("no application identifier, or one of them twice")
    return tuple(found)


def _verified(ai: str, value: str) -> Element:
    # biip reports a wrong check digit beside a message that it still calls valid.
    if ai == "00":
        _checked(value, "SSCC")
    elif ai in ("01", "02", "03"):
        _checked(value, "GTIN")
    elif ai.startswith("41"):
        _checked(value, "GLN")
    elif ai in _DATE_AIS and not _is_date(value):
        raise _Fault(f"({ai}) {value} is no date")
    return Element(ai, value)


def _is_date(value: str) -> bool:
    if len(value) != 6:
        return False
    year, month, day = 2000 + int(value[:2]), int(value[2:4]), int(value[4:])
    return 1 <= month <= 12 and day <= calendar.monthrange(year, month)[1]


def _from_hri(text: str) -> str:
    return "".join(text.split()).replace("(", FNC1).replace(")", "").removeprefix(FNC1)


def _checked(code: str, name: str) -> str:
    if not _is_checked(code):
        raise _Fault(f"{name} {code}: wrong check digit")
    return code


def _is_checked(code: str) -> bool:
    return _is_digits(code) and len(code) > 1 and check_digit(code[:-1]) == int(code[-1])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
