"""Where everything stands on an item's label, 60 × 40 mm."""

from devices.gs1 import Element
from devices.label.content import ItemLabel, LabelRefused
from devices.label.paragraph import SIZE_MIN_MM, Setter
from devices.label.sheet import Bars, Mark, Sheet
from devices.label.symbol import INTERNAL, MATRIX, RETAIL, Symbol, Symbology, fits

WIDTH_MM = 60.0
HEIGHT_MM = 40.0
_LEFT = 2.5
_ROOM = WIDTH_MM - 2 * _LEFT
_NAME_SIZES = (4.0, 3.6, 3.2, 2.8, 2.4, SIZE_MIN_MM)
_MATRIX_MM = 22.0


def item_symbol(label: ItemLabel) -> Symbol:
    """Choose the bar code that carries all that is given of an item.

    EAN for a GTIN alone, GS1 DataMatrix for one with a lot or a date or of a case, Code 128 for a
    number of the house, Data Matrix for one too long for that or with a letter that ZPL's ^BC
    takes for an order.
    """
    if not label.gtin:
        linear = Symbol(Symbology.CODE_128, label.sku)
        if fits(linear, WIDTH_MM, INTERNAL) and not set(label.sku) & set(">^~"):
            return linear
        return Symbol(Symbology.DATA_MATRIX, label.sku)
    if label.lot or label.expiry or len(label.gtin) == 14:
        elements = [Element("01", label.gtin.zfill(14))]
        if label.expiry:
            elements.append(Element("17", f"{label.expiry:%y%m%d}"))
        if label.lot:
            elements.append(Element("10", label.lot))
        return Symbol(Symbology.GS1_DATA_MATRIX, elements=tuple(elements))
    if len(label.gtin) == 8:
        return Symbol(Symbology.EAN_8, label.gtin)
    return Symbol(Symbology.EAN_13, label.gtin.zfill(13))


def draw_item(label: ItemLabel, setter: Setter) -> Sheet:
    """Lay out an item's label.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    symbol = item_symbol(label)
    marks: list[Mark] = []
    marks += setter.block("name", (label.name,), (_LEFT, 2.5, _ROOM, 8.5), _NAME_SIZES)
    marks += _beside(label, symbol, setter) if symbol.is_matrix else _below(label, symbol, setter)
    return Sheet(WIDTH_MM, HEIGHT_MM, tuple(marks))


def _below(label: ItemLabel, symbol: Symbol, setter: Setter) -> list[Mark]:
    dated = _dated(label) if not label.gtin else ()
    height = 20.0 if not dated else 15.5
    span = INTERNAL if symbol.symbology is Symbology.CODE_128 else RETAIL
    marks: list[Mark] = [Bars(0, 11.6, WIDTH_MM, height, symbol, span)]
    y = 11.6 + height + 0.9
    field = "gtin" if label.gtin else "sku"
    most = 3.4 if label.gtin or dated else 6.0
    marks += setter.line(field, symbol.readable, (_LEFT, y, _ROOM), (SIZE_MIN_MM, most), 0.5)
    if dated:
        marks += setter.line("lot", " · ".join(dated), (_LEFT, y + 4.4, _ROOM), (SIZE_MIN_MM, 3.4))
    elif label.gtin:
        marks += setter.line("sku", label.sku, (_LEFT, 36.6, _ROOM), (SIZE_MIN_MM, 2.6), 0.5)
    return marks


def _beside(label: ItemLabel, symbol: Symbol, setter: Setter) -> list[Mark]:
    if not fits(symbol, _MATRIX_MM, MATRIX):
        raise LabelRefused("sku", f"{symbol.readable!r} is too long for a bar code on the label")
    marks: list[Mark] = [Bars(1.5, 12.5, _MATRIX_MM, _MATRIX_MM, symbol, MATRIX)]
    x = 1.5 + _MATRIX_MM + 1.5
    room = WIDTH_MM - _LEFT - x
    number = f"GTIN {label.gtin}" if label.gtin else ""
    rows = [("gtin", number), *(("lot", line) for line in _dated(label))]
    for row, (field, text) in enumerate(rows):
        marks += setter.line(field, text, (x, 13.5 + row * 5.6, room), (SIZE_MIN_MM, 4.4))
    height = 36 - 13.5 - len(rows) * 5.6
    sizes = (3.4, 3.0, 2.6, SIZE_MIN_MM) if label.gtin else (5.0, 4.4, 3.8, 3.2, 2.6, SIZE_MIN_MM)
    marks += setter.block("sku", (label.sku,), (x, 13.5 + len(rows) * 5.6, room, height), sizes)
    return marks


def _dated(label: ItemLabel) -> tuple[str, ...]:
    lines = []
    if label.expiry:
        lines.append(f"Expiry {label.expiry:%Y-%m-%d}")
    if label.lot:
        lines.append(f"Lot {label.lot}")
    return tuple(lines)
