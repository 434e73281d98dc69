"""Where everything stands on a pallet's label: 148 × 210 mm, or 100 × 150 mm where compact.

Source: GS1 Logistic Label Guideline 1.3, 4 (building blocks: free text, titles, bar codes).
"""

from dataclasses import dataclass
from datetime import date

from devices.gs1 import Element
from devices.label.content import PalletLabel
from devices.label.paragraph import SIZE_MIN_MM, Setter
from devices.label.sheet import Bars, Box, Mark, Sheet
from devices.label.symbol import LOGISTIC, MATRIX, Symbol, Symbology, fits

_BARS_MM = 32.0
_SIZES = (6.0, 5.2, 4.5, 3.9, 3.4, 3.0, 2.6, SIZE_MIN_MM)


@dataclass(frozen=True, slots=True)
class _Form:
    """A size of label; `linear_max` is how many bar codes of 32 mm it has room for."""

    width: float
    height: float
    left: float
    linear_max: int
    matrix: float


_FULL = _Form(148, 210, 6, 3, 28)
_COMPACT = _Form(100, 150, 4, 2, 22)


def content_symbols(label: PalletLabel) -> tuple[tuple[Symbol, ...], Symbol | None]:
    """Choose what carries the content: GS1-128 symbols, and a GS1 DataMatrix for what is left."""
    form = _COMPACT if label.compact else _FULL
    elements = label.elements
    if not elements:
        return (), None
    whole = _linear(elements)
    if _fits(whole, form):
        return (whole,), None
    first, second = elements[:2], elements[2:]
    counted = _linear(first)
    if not second:
        return ((counted,), None) if _fits(counted, form) else ((), _matrix(elements))
    dated = _linear(second)
    if form.linear_max > 2 and _fits(counted, form) and _fits(dated, form):
        return (counted, dated), None
    return ((counted,), _matrix(second)) if _fits(counted, form) else ((), _matrix(elements))


def draw_pallet(label: PalletLabel, setter: Setter) -> Sheet:
    """Lay out a pallet's label: free text, what is on it, bar codes with the SSCC lowest.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    form = _COMPACT if label.compact else _FULL
    linear, matrix = content_symbols(label)
    sscc = Symbol(Symbology.GS1_128, elements=(Element("00", label.sscc),))
    step = _BARS_MM + (7.0 if label.compact else 8.5)
    bars_from = form.height - step * (len(linear) + 1)
    marks = _words(label, form, bars_from, matrix, setter)
    for row, symbol in enumerate((*linear, sscc)):
        y = bars_from + row * step
        marks.append(Bars(0, y + 1.0, form.width, _BARS_MM, symbol, LOGISTIC))
        field = "sscc" if symbol is sscc else "gtin"
        room = form.width - 2 * form.left
        box = (form.left, y + _BARS_MM + 2.0, room)
        marks += setter.line(field, symbol.readable, box, (SIZE_MIN_MM, 4.8), 0.5)
    return Sheet(form.width, form.height, tuple(marks))


def _words(
    label: PalletLabel, form: _Form, end: float, matrix: Symbol | None, setter: Setter
) -> list[Mark]:
    marks: list[Mark] = []
    room = form.width - 2 * form.left
    small = 3.2 if label.compact else 4.4
    marks += setter.line("sender", label.sender, (form.left, 3.4, room), (SIZE_MIN_MM, small))
    top = 3.4 + (small * 1.5 if label.sender.strip() else 0)
    if matrix is not None:
        side = form.matrix
        marks.append(Bars(form.width - form.left - side, top, side, side, matrix, MATRIX))
        room -= side + 2
    if any(line.strip() for line in label.recipient):
        height = (end - 2 - top) * 0.42
        sizes = _SIZES[1:] if label.compact else _SIZES
        marks += setter.block("recipient", label.recipient, (form.left, top, room, height), sizes)
        across = form.width if matrix is None else form.left + room
        marks.append(Box(0, top + height + 0.6, across, 0.5))
        top += height + 2.6
    if label.name.strip():
        height = (end - 2 - top) * 0.25
        marks += setter.block("name", (label.name,), (form.left, top, room, height), _SIZES)
        top += height + 0.6
    marks += _grid(label, (form.left, top, room, end - 1.5 - top), setter)
    marks.append(Box(0, end - 0.9, form.width, 0.5))
    return marks


def _grid(label: PalletLabel, box: tuple[float, float, float, float], setter: Setter) -> list[Mark]:
    """Titles with what they are the titles of below them, two beside each other."""
    x, y, width, height = box
    facts = _facts(label)
    rows = [facts[at : at + 2] for at in range(0, len(facts), 2)]
    step = height / len(rows)
    title, value = min(2.6, step * 0.3), min(8.0, step * 0.62)
    marks: list[Mark] = []
    for row, cells in enumerate(rows):
        room = width / len(cells)
        for column, (field, name, text) in enumerate(cells):
            at, top = x + column * room, y + row * step
            marks += setter.line(field, name, (at, top, room - 2), (1.0, title))
            below = top + title * 1.15
            marks += setter.line(field, text, (at, below, room - 2), (SIZE_MIN_MM, value))
    return marks


def _facts(label: PalletLabel) -> list[tuple[str, str, str]]:
    """Field, title and value, as far as they are given."""
    mass = f"{label.mass_g / 1000:.1f} kg" if label.mass_g else ""
    facts = [
        ("gtin", "CONTENT", label.gtin),
        ("count", "COUNT", str(label.count) if label.count else ""),
        ("lot", "BATCH/LOT", label.lot),
        ("best_before", "BEST BEFORE", _day(label.best_before)),
        ("expiry", "EXPIRY", _day(label.expiry)),
        ("produced", "PROD DATE", _day(label.produced)),
        ("mass_g", "GROSS WEIGHT", mass),
    ]
    # The SSCC, which is long, stands alone or beside one other.
    return [*(fact for fact in facts if fact[2]), ("sscc", "SSCC", label.sscc)]


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y-%m-%d}"


def _linear(elements: tuple[Element, ...]) -> Symbol:
    return Symbol(Symbology.GS1_128, elements=elements)


def _matrix(elements: tuple[Element, ...]) -> Symbol:
    return Symbol(Symbology.GS1_DATA_MATRIX, elements=elements)


def _fits(symbol: Symbol, form: _Form) -> bool:
    # A GS1-128 holds at most 48 characters of data.
    return len(symbol.message) <= 48 and fits(symbol, form.width, LOGISTIC)
