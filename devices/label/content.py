"""What stands on a label; nonsense is refused before anything is drawn.

Source: GS1 General Specifications 24, 3 (application identifiers) and 7.11 (character set 82).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from devices.gs1 import Element, ScanKind, is_gtin, is_sscc, parse_scan

TEXT_CHARS_MAX = 300
LINES_MAX = 12
COUNT_MAX = 99_999_999
_TRACKING = re.compile(r"[A-Z0-9][A-Z0-9-]{0,29}")
_LOT = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
_PRINTED = re.compile(r"[!-~]([ -~]{0,98}[!-~])?")


class LabelRefused(ValueError):
    """A label cannot show what it is given; `field` names the field at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Direction(StrEnum):
    """Where a bin is, seen from its label."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class ParcelLabel:
    """A parcel's address and waybill.

    `tracking_number` is 1 to 30 capitals, digits and hyphens, `routing_code` up to 14 characters.
    A `neutral` parcel shows `neutral_sender`, the shop's or none, and never `sender`, the house's.
    Raises: LabelRefused for any other.
    """

    recipient: tuple[str, ...]
    service: str
    routing_code: str
    tracking_number: str
    sscc: str
    sender: str = ""
    reference: str = ""
    neutral: bool = False
    neutral_sender: str = ""
    number: int = 0
    parcels: int = 0
    mass_g: int = 0
    edition: int = 1

    def __post_init__(self) -> None:
        _check_sscc(self.sscc)
        if not _TRACKING.fullmatch(self.tracking_number):
            raise LabelRefused(
                "tracking_number", f"{self.tracking_number!r} cannot be printed as a bar code"
            )
        if not 1 <= len(self.routing_code.strip()) <= 14:
            raise LabelRefused(
                "routing_code", f"{self.routing_code!r} cannot be printed as a routing code"
            )
        if not any(line.strip() for line in self.recipient):
            raise LabelRefused("recipient", "the address is empty")
        if len(self.recipient) > LINES_MAX:
            raise LabelRefused("recipient", f"the address has more than {LINES_MAX} lines")
        if not self.service.strip():
            raise LabelRefused("service", "the service is empty")
        for line in self.recipient:
            _check_text("recipient", line)
        for field in ("service", "sender", "reference", "neutral_sender"):
            _check_text(field, getattr(self, field))
        _check_count("mass_g", self.mass_g)
        _check_count("edition", self.edition, least=1)
        _check_count("number", self.number)
        _check_count("parcels", self.parcels)
        if self.parcels and not 1 <= self.number <= self.parcels:
            raise LabelRefused("number", f"parcel {self.number} of {self.parcels} is none")

    @property
    def from_line(self) -> str:
        """The sender that the label shows, empty where it shows none."""
        return self.neutral_sender if self.neutral else self.sender


@dataclass(frozen=True, slots=True)
class BinLabel:
    """A bin's or a place's code, as our own scanners read it.

    `direction` points at the bin where the label is not on it; `check` is what a voice or a
    careful picker reads back.
    Raises: LabelRefused for a code that would not be read as a bin or a place.
    """

    code: str
    note: str = ""
    check: str = ""
    direction: Direction = Direction.NONE

    def __post_init__(self) -> None:
        _check_own("code", self.code, ScanKind.BIN, ScanKind.PLACE)
        _check_text("note", self.note)
        _check_text("check", self.check, most=4)


@dataclass(frozen=True, slots=True)
class ToteLabel:
    """A tote's, cart's or carton's code, as our own scanners read it.

    Raises: LabelRefused for a code that would not be read as one of them.
    """

    code: str
    note: str = ""

    def __post_init__(self) -> None:
        _check_own("code", self.code, ScanKind.TOTE, ScanKind.CART, ScanKind.CARTON)
        _check_text("note", self.note)


@dataclass(frozen=True, slots=True)
class ItemLabel:
    """An item's number: its GTIN, or else the `sku`, which is 1 to 100 printable ASCII characters.

    Raises: LabelRefused for neither, for a wrong GTIN, or for a lot outside GS1's character set.
    """

    name: str
    gtin: str = ""
    sku: str = ""
    lot: str = ""
    expiry: date | None = None

    def __post_init__(self) -> None:
        _check_text("name", self.name)
        _check_text("sku", self.sku, most=100)
        if self.gtin:
            _check_gtin("gtin", self.gtin)
        elif not self.sku:
            raise LabelRefused("gtin", "an item's label needs a GTIN or a SKU")
        elif not _PRINTED.fullmatch(self.sku):
            raise LabelRefused("sku", f"{self.sku!r} cannot be printed as a bar code")
        _check_lot(self.lot)
        _check_date("expiry", self.expiry)


@dataclass(frozen=True, slots=True)
class PalletLabel:
    """A GS1 logistic label: the pallet's SSCC, and what is on it where that is one item.

    `gtin` is that of the trade items on the pallet and needs their `count`; `lot` and the dates
    need both. `compact` is for printers four inches wide.
    Raises: LabelRefused for any other.
    """

    sscc: str
    gtin: str = ""
    count: int = 0
    lot: str = ""
    best_before: date | None = None
    expiry: date | None = None
    produced: date | None = None
    name: str = ""
    sender: str = ""
    recipient: tuple[str, ...] = ()
    mass_g: int = 0
    compact: bool = False

    def __post_init__(self) -> None:
        _check_sscc(self.sscc)
        _check_count("count", self.count)
        _check_count("mass_g", self.mass_g)
        _check_lot(self.lot)
        for field in ("best_before", "expiry", "produced"):
            _check_date(field, getattr(self, field))
        if self.gtin:
            _check_gtin("gtin", self.gtin)
        if bool(self.gtin) != bool(self.count):
            raise LabelRefused("count", "a content's GTIN and its count go together")
        dated = self.lot or self.best_before or self.expiry or self.produced
        if dated and not self.gtin:
            raise LabelRefused("gtin", "a lot or a date needs the GTIN that it is of")
        if len(self.recipient) > LINES_MAX:
            raise LabelRefused("recipient", f"the address has more than {LINES_MAX} lines")
        for line in self.recipient:
            _check_text("recipient", line)
        _check_text("name", self.name)
        _check_text("sender", self.sender)

    @property
    def elements(self) -> tuple[Element, ...]:
        """The content's element strings, the SSCC left out: (02), (37), dates, lot."""
        if not self.gtin:
            return ()
        # An even number of digits packs best.
        count = str(self.count)
        count = count.zfill(len(count) + len(count) % 2)
        found = [Element("02", self.gtin.zfill(14)), Element("37", count)]
        dates = (("11", self.produced), ("15", self.best_before), ("17", self.expiry))
        found += [Element(ai, f"{day:%y%m%d}") for ai, day in dates if day is not None]
        return (*found, Element("10", self.lot)) if self.lot else tuple(found)


Label = ParcelLabel | BinLabel | ToteLabel | ItemLabel | PalletLabel


def _check_sscc(sscc: str) -> None:
    if not is_sscc(sscc):
        raise LabelRefused("sscc", f"{sscc!r} is no SSCC: 18 digits with a check digit")


def _check_gtin(field: str, gtin: str) -> None:
    if not is_gtin(gtin):
        raise LabelRefused(field, f"{gtin!r} is no GTIN: wrong length or check digit")


def _check_lot(lot: str) -> None:
    if lot and not _LOT.fullmatch(lot):
        raise LabelRefused("lot", f"{lot!r} is no lot: 1 to 20 characters of GS1's set, no space")


def _check_date(field: str, day: date | None) -> None:
    # Two digits of the year are read in a century from 49 years back to 50 years ahead.
    if day is not None and not 2000 <= day.year <= 2099:
        raise LabelRefused(field, f"{day} cannot be written with two digits of the year")


def _check_count(field: str, count: int, least: int = 0) -> None:
    if not least <= count <= COUNT_MAX:
        raise LabelRefused(field, f"{count} is not {least} to {COUNT_MAX}")


def _check_text(field: str, text: str, most: int = TEXT_CHARS_MAX) -> None:
    if len(text) > most:
        raise LabelRefused(field, f"longer than {most} characters")


def _check_own(field: str, code: str, *kinds: ScanKind) -> None:
    scan = parse_scan(code, "]C0")
    if scan.kind not in kinds or scan.value != code:
        wanted = " or ".join(kinds)
        raise LabelRefused(field, f"{code!r} would not be read as a {wanted}")
