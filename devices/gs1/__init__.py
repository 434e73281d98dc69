"""GS1 keys, element strings and scans; our own labels and plain codes as well.

Source: GS1 General Specifications 24, GS1 Digital Link URI Syntax 1.5, GS1 Barcode Syntax
Dictionary.
"""

from devices.gs1.dictionary import Identifier, identifiers
from devices.gs1.element import FNC1, Element, lacking, read_elements, write_elements
from devices.gs1.fault import Fault, RunTogether
from devices.gs1.key import (
    check_digit,
    gs1_128_sscc_payload,
    gtin14,
    is_gtin,
    is_sscc,
    sscc18,
)
from devices.gs1.meaning import Meaning, meaning_of, symbology_of
from devices.gs1.scan import SCAN_CHARS_MAX, Scan, ScanKind, parse_scan, without_aim

__all__ = [
    "FNC1",
    "SCAN_CHARS_MAX",
    "Element",
    "Fault",
    "Identifier",
    "Meaning",
    "RunTogether",
    "Scan",
    "ScanKind",
    "check_digit",
    "gs1_128_sscc_payload",
    "gtin14",
    "identifiers",
    "is_gtin",
    "is_sscc",
    "lacking",
    "meaning_of",
    "parse_scan",
    "read_elements",
    "sscc18",
    "symbology_of",
    "without_aim",
    "write_elements",
]
