"""Barcodes: of one whole unit of an item, or of a number of its smallest units."""

from dataclasses import dataclass

from devices.gs1 import gtin14, is_gtin
from wms.error import Refused
from wms.items.unit import QUANTITY_MAX

BARCODE_MAX = 80
GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode that means `factor` smallest units of its item.

    Raises:
        Refused: `bad_barcode`.
    """

    code: str
    factor: int

    def __post_init__(self) -> None:
        check_barcode(self.code)
        if not 0 < self.factor <= QUANTITY_MAX:
            raise Refused("bad_barcode", f"{self.code}: a factor is 1 or more.", "/barcodes")


def check_barcode(code: str) -> None:
    """Nothing, where a text can be a barcode; digits as many as a GTIN's are a right GTIN.

    Raises:
        Refused: `bad_barcode`.
    """
    text = code.strip()
    if not text or len(text) > BARCODE_MAX or not text.isprintable() or ";" in text:
        raise Refused(
            "bad_barcode",
            f"{code[:BARCODE_MAX]!r}: a barcode has 1 to {BARCODE_MAX} printable characters "
            "and no semicolon.",
            "/barcodes",
        )
    looks_like_gtin = text.isascii() and text.isdecimal() and len(text) in GTIN_LENGTHS
    if looks_like_gtin and not is_gtin(text):
        raise Refused("bad_barcode", f"{text}: the check digit of this GTIN is wrong.", "/barcodes")


def canonical_barcode(barcode: str) -> str:
    """The one spelling of a barcode: a GTIN in 14 digits, anything else as it stands."""
    text = barcode.strip()
    return gtin14(text) if is_gtin(text) else text
