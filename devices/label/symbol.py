"""Bar codes: what a symbol carries, how wide it is, and how large its modules are printed.

Source: GS1 General Specifications 24, 5.12.3 (symbol specification tables), 7.8 (element strings).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import floor

from devices.gs1 import FNC1, Element
from devices.label.code128 import gs1_count, plain_count

MM_PER_INCH = 25.4
# Printers' resolutions as they are called, and as they are: eight dots a millimetre are 203.2.
RESOLUTIONS = {203: 203.2, 300: 300.0, 600: 600.0}
_VARIABLE_LENGTH = frozenset({"10", "37"})


class Symbology(StrEnum):
    """A kind of bar code."""

    CODE_128 = "code 128"
    GS1_128 = "gs1-128"
    EAN_13 = "ean-13"
    EAN_8 = "ean-8"
    DATA_MATRIX = "data matrix"
    GS1_DATA_MATRIX = "gs1 data matrix"


_GS1 = frozenset({Symbology.GS1_128, Symbology.GS1_DATA_MATRIX})
_MATRIX = frozenset({Symbology.DATA_MATRIX, Symbology.GS1_DATA_MATRIX})
_QUIET = {
    Symbology.CODE_128: 10,
    Symbology.GS1_128: 10,
    Symbology.EAN_13: 11,
    Symbology.EAN_8: 7,
    Symbology.DATA_MATRIX: 2,
    Symbology.GS1_DATA_MATRIX: 2,
}


@dataclass(frozen=True, slots=True)
class ModuleRange:
    """The module widths in mm within which a scanner of its kind reads a symbol."""

    least: float
    most: float


INTERNAL = ModuleRange(0.25, 0.65)
LOGISTIC = ModuleRange(0.495, 0.94)
RETAIL = ModuleRange(0.264, 0.66)
MATRIX = ModuleRange(0.375, 0.99)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A bar code: plain `data`, or the `elements` of a GS1 message."""

    symbology: Symbology
    data: str = ""
    elements: tuple[Element, ...] = ()

    @property
    def is_matrix(self) -> bool:
        """Whether it has modules in two directions."""
        return self.symbology in _MATRIX

    @property
    def is_gs1(self) -> bool:
        """Whether it carries element strings."""
        return self.symbology in _GS1

    @property
    def message(self) -> str:
        """What a scanner gives: FNC1 stands after an element of variable length only."""
        if not self.is_gs1:
            return self.data
        last = len(self.elements) - 1
        return "".join(
            f"{element.ai}{element.value}"
            + (FNC1 if element.ai in _VARIABLE_LENGTH and place < last else "")
            for place, element in enumerate(self.elements)
        )

    @property
    def readable(self) -> str:
        """The element strings as they stand below a bar code, or the plain data."""
        if not self.is_gs1:
            return self.data
        return " ".join(f"({element.ai}) {element.value}" for element in self.elements)

    @property
    def modules(self) -> int:
        """The width in modules without the quiet zones; of Code 128 as printers pack it."""
        if self.symbology is Symbology.EAN_13:
            return 95
        if self.symbology is Symbology.EAN_8:
            return 67
        if self.is_matrix:
            return len(module_rows(self)[0])
        count = gs1_count(self.message) if self.is_gs1 else plain_count(self.data)
        return 11 * count + 13

    @property
    def modules_max(self) -> int:
        """The width in modules when a printer packs no two digits into one."""
        if self.symbology is Symbology.CODE_128:
            return 11 * (len(self.data) + 2) + 13
        return self.modules

    @property
    def quiet(self) -> int:
        """The width of the quiet zone on each side, in modules."""
        return _QUIET[self.symbology]


def resolution(dpi: int) -> float:
    """Give a printer's true resolution. Raises: ValueError for one that no printer has."""
    if dpi not in RESOLUTIONS:
        known = ", ".join(map(str, RESOLUTIONS))
        raise ValueError(f"{dpi} dpi is no printer's resolution: {known}")
    return RESOLUTIONS[dpi]


def module_dots(symbol: Symbol, width_mm: float, span: ModuleRange, dpi: float) -> int | None:
    """Give the widest module in dots with which a symbol and its quiet zones fit; None for none."""
    dot_mm = MM_PER_INCH / dpi
    room = floor(width_mm / dot_mm / (symbol.modules_max + 2 * symbol.quiet) + 1e-6)
    dots = min(room, floor(span.most / dot_mm + 1e-6))
    return dots if dots >= 1 and dots * dot_mm >= span.least - 1e-3 else None


def fits(symbol: Symbol, width_mm: float, span: ModuleRange) -> bool:
    """Tell whether printers of every resolution print a symbol within a width."""
    return all(module_dots(symbol, width_mm, span, dpi) for dpi in RESOLUTIONS.values())


@lru_cache(maxsize=256)
def module_rows(symbol: Symbol) -> tuple[tuple[bool, ...], ...]:
    """Give a symbol's modules, dark is True, without quiet zones; a linear one is one row."""
    import zxingcpp

    formats = {
        Symbology.CODE_128: zxingcpp.BarcodeFormat.Code128,
        Symbology.GS1_128: zxingcpp.BarcodeFormat.Code128,
        Symbology.EAN_13: zxingcpp.BarcodeFormat.EAN13,
        Symbology.EAN_8: zxingcpp.BarcodeFormat.EAN8,
        Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
        Symbology.GS1_DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    }
    written = formats[symbol.symbology]
    if symbol.is_gs1:
        text = "".join(f"[{element.ai}]{element.value}" for element in symbol.elements)
        made = zxingcpp.create_barcode(text, written, gs1=True, forceSquare=True)
    else:
        made = zxingcpp.create_barcode(symbol.data, written, forceSquare=True)
    drawn = zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)
    image = memoryview(drawn)  # type: ignore[arg-type]  # it is a buffer and its stub is silent
    assert image.shape is not None
    height, width = image.shape
    rows = range(height) if symbol.is_matrix else (0,)
    return tuple(tuple(image[row, column] < 128 for column in range(width)) for row in rows)


def dark_runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Give where each bar of a row begins and ends."""
    edges = [
        place
        for place in range(len(row) + 1)
        if (place < len(row) and row[place]) != (place > 0 and row[place - 1])
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))
