"""Parcel labels in ZPL II, 100 × 150 mm at 203 dpi.

Source: Zebra ZPL II Programming Guide, ^BC, ^CI, ^FH and ^FD; GS1 General Specifications, 6.
"""

import re
import textwrap
from dataclasses import dataclass

from devices.gs1 import gs1_128_sscc_payload

WIDTH_DOTS = 812
HEIGHT_DOTS = 1218
ROUTING_CHARS_MAX = 14
_LEFT_DOTS = 40
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,29}")
# Lines, characters a line and letter height that fill the same block of the label.
_ADDRESS_SIZES = ((7, 34, 40), (9, 44, 31), (13, 62, 22))


@dataclass(frozen=True, slots=True)
class ParcelLabel:
    """What stands on a parcel's label.

    `tracking_number` is 1 to 30 capitals, digits and hyphens, `routing_code` up to 14 characters.
    Raises: ValueError for any other, for a wrong SSCC, or for an address that does not fit.
    """

    recipient: tuple[str, ...]
    service: str
    routing_code: str
    tracking_number: str
    sscc: str
    sender: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        gs1_128_sscc_payload(self.sscc)
        if not _CODE.fullmatch(self.tracking_number):
            raise ValueError(f"{self.tracking_number!r} cannot be printed as a bar code")
        if not 1 <= len(self.routing_code) <= ROUTING_CHARS_MAX:
            raise ValueError(f"{self.routing_code!r} cannot be printed as a routing code")
        _address(self.recipient)


def render_label(label: ParcelLabel) -> str:
    """Give the label as ZPL that prints exactly once and holds no foreign command."""
    lines, height = _address(label.recipient)
    step = height + height // 4
    # The bar code starts in subset C (>;) with FNC1 (>8), which makes it GS1-128.
    bars = gs1_128_sscc_payload(label.sscc)
    parts = [
        f"^XA^CI28^PW{WIDTH_DOTS}^LL{HEIGHT_DOTS}^LH0,0^PQ1",
        _text(_LEFT_DOTS, 36, 26, label.sender[:60]),
        *(_text(_LEFT_DOTS, 90 + row * step, height, line) for row, line in enumerate(lines)),
        f"^FO0,470^GB{WIDTH_DOTS},4,4^FS",
        _text(_LEFT_DOTS, 492, 54, label.service[:24]),
        _text(_LEFT_DOTS, 566, 90, label.routing_code),
        _text(_LEFT_DOTS, 680, 30, f"Tracking {label.tracking_number}"),
        f"^FO{_LEFT_DOTS},716^BY2^BCN,110,N,N,N,A^FD{label.tracking_number}^FS",
        _text(_LEFT_DOTS, 836, 24, label.reference[:60]),
        f"^FO0,872^GB{WIDTH_DOTS},4,4^FS",
        f"^FO{_LEFT_DOTS},900^BY3^BCN,220,N,N,N,N^FD>;>8{bars}^FS",
        _text(_LEFT_DOTS, 1136, 36, f"(00) {label.sscc}"),
        "^XZ",
    ]
    return "\n".join(parts) + "\n"


def escape_field(text: str) -> str:
    """Write outside text for a field after `^FH`: whatever is not a letter or a digit in hex.

    Control characters become spaces; the bytes are UTF-8, as ^CI28 wants.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    encoded = printable.encode("utf-8")
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"_{byte:02X}"
        for byte in encoded
    )


def _text(x_dots: int, y_dots: int, height_dots: int, text: str) -> str:
    return f"^FO{x_dots},{y_dots}^A0N,{height_dots},{height_dots}^FH_^FD{escape_field(text)}^FS"


def _address(recipient: tuple[str, ...]) -> tuple[list[str], int]:
    for lines_max, width, height in _ADDRESS_SIZES:
        lines = [part for line in recipient for part in textwrap.wrap(line, width)]
        if 1 <= len(lines) <= lines_max:
            return lines, height
    raise ValueError("an empty or too long address does not fit on the label")
