"""Labels in ZPL II.

Source: Zebra ZPL II Programming Guide, ^BC, ^BY, ^CI, ^FD, ^FH, ^GB and ^PQ.
"""

from devices.label.code128 import gs1_field
from devices.label.content import Label
from devices.label.layout import PRINTER_SCRIPTS, lay_out
from devices.label.raster import graphic_field, matrix_ink, shape_ink, text_ink
from devices.label.script import Script, is_right_to_left, scripts_of
from devices.label.sheet import Bars, Box, Mark, Shape, Text
from devices.label.symbol import (
    MM_PER_INCH,
    Symbol,
    Symbology,
    dark_runs,
    module_dots,
    module_rows,
    resolution,
)

# The widest module that ^BY takes. Wider bars are drawn as boxes, and EAN's are too: printers
# lengthen its guard bars into the line below.
_BY_DOTS_MAX = 10


def render_zpl(label: Label, dpi: int = 203, fonts: frozenset[Script] = PRINTER_SCRIPTS) -> str:
    """Give the label as ZPL that prints exactly once and holds no foreign command.

    `fonts` are the scripts that the printer's font 0 draws; any other goes as a picture.
    Raises: LabelRefused, something does not fit or cannot be drawn; ValueError for a resolution
    other than 203, 300 and 600 dpi.
    """
    true_dpi = resolution(dpi)
    sheet = lay_out(label, fonts)
    per_mm = true_dpi / MM_PER_INCH
    width, height = round(sheet.width * per_mm), round(sheet.height * per_mm)
    lines = [f"^XA^CI28^PW{width}^LL{height}^LH0,0^FWN^PON^PQ1"]
    lines += [line for mark in sheet.marks for line in _fields(mark, true_dpi, fonts)]
    return "\n".join([*lines, "^XZ"]) + "\n"


def escape_field(text: str, kept: str = "") -> str:
    """Write outside text for a field after `^FH`: whatever is not a letter or a digit in hex.

    Control characters become spaces; the bytes are UTF-8, as ^CI28 wants.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    encoded = printable.encode("utf-8", "replace")
    return "".join(
        chr(byte)
        if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in kept)
        else f"_{byte:02X}"
        for byte in encoded
    )


def _fields(mark: Mark, dpi: float, fonts: frozenset[Script]) -> list[str]:
    per_mm = dpi / MM_PER_INCH
    if isinstance(mark, Text):
        if _is_printed(mark.text, fonts):
            return [_text(mark, per_mm)]
        ink = text_ink(mark, per_mm)
        return [] if ink is None else [graphic_field(ink)]
    if isinstance(mark, Bars):
        return _bars(mark, dpi)
    if isinstance(mark, Shape):
        ink = shape_ink(mark, per_mm)
        return [] if ink is None else [graphic_field(ink)]
    return [_box(mark, per_mm)]


def _is_printed(text: str, fonts: frozenset[Script]) -> bool:
    """Whether the printer's own font draws a text as it is."""
    # What reads ZPL may take a backslash and what follows for a new line.
    return scripts_of(text) <= fonts and not is_right_to_left(text) and "\\" not in text


def _text(mark: Text, per_mm: float) -> str:
    x, y, size = (round(value * per_mm) for value in (mark.x, mark.y, mark.size))
    return f"^FO{x},{y}^A0N,{size},{size}^FH_^FD{escape_field(mark.text)}^FS"


def _box(mark: Box, per_mm: float) -> str:
    x, y, width, height = (
        round(value * per_mm) for value in (mark.x, mark.y, mark.width, mark.height)
    )
    line = round(mark.line * per_mm) if mark.line else min(width, height)
    return f"^FO{x},{y}^GB{width},{height},{max(1, line)}^FS"


def _bars(mark: Bars, dpi: float) -> list[str]:
    symbol = mark.symbol
    if symbol.is_matrix:
        return [graphic_field(matrix_ink(mark, dpi))]
    per_mm = dpi / MM_PER_INCH
    dots = module_dots(symbol, mark.width, mark.span, dpi)
    assert dots is not None, f"{symbol.readable} is wider than its place"
    x = round(mark.x * per_mm + (mark.width * per_mm - symbol.modules * dots) / 2)
    y, height = round(mark.y * per_mm), round(mark.height * per_mm)
    begin = f"^FO{x},{y}^BY{dots}"
    if dots > _BY_DOTS_MAX or symbol.symbology in (Symbology.EAN_8, Symbology.EAN_13):
        return [_drawn_bars(symbol, x, y, height, dots)]
    if symbol.is_gs1:
        data = escape_field(gs1_field(symbol.message), kept=">;")
        return [f"{begin}^BCN,{height},N,N,N,N^FH_^FD{data}^FS"]
    return [f"{begin}^BCN,{height},N,N,N,A^FH_^FD{escape_field(symbol.data)}^FS"]


def _drawn_bars(symbol: Symbol, x: int, y: int, height: int, dots: int) -> str:
    fields = []
    (row,) = module_rows(symbol)
    for begin, end in dark_runs(row):
        width = (end - begin) * dots
        fields.append(f"^FO{x + begin * dots},{y}^GB{width},{height},{min(width, height)}^FS")
    return "".join(fields)
