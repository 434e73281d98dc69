"""Where everything stands on a parcel's label, 100 × 150 mm."""

from devices.gs1 import Element
from devices.label.content import ParcelLabel
from devices.label.paragraph import SIZE_MIN_MM, Setter
from devices.label.sheet import Bars, Box, Mark, Sheet
from devices.label.symbol import INTERNAL, LOGISTIC, Symbol, Symbology

WIDTH_MM = 100.0
HEIGHT_MM = 150.0
_LEFT = 4.0
_ROOM = WIDTH_MM - 2 * _LEFT
_ADDRESS_SIZES = (7.0, 6.2, 5.4, 4.7, 4.1, 3.6, 3.1, 2.7, 2.4, SIZE_MIN_MM)
_RULE_MM = 0.5


def draw_parcel(label: ParcelLabel, setter: Setter) -> Sheet:
    """Lay out a parcel's label.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    marks: list[Mark] = []
    right = _facts(label)
    room = _ROOM * 0.62 if right else _ROOM
    marks += setter.line("sender", label.from_line, (_LEFT, 3.6, room), (SIZE_MIN_MM, 3.4))
    marks += setter.line(
        "number", right, (_LEFT + room + 2, 3.6, _ROOM - room - 2), (SIZE_MIN_MM, 3.4), 1.0
    )
    marks += setter.block("recipient", label.recipient, (_LEFT, 10, _ROOM, 44), _ADDRESS_SIZES)
    marks.append(_rule(55))
    marks += setter.line("service", label.service.upper(), (_LEFT, 58.5, _ROOM), (2.4, 8))
    marks += setter.line("routing_code", label.routing_code, (_LEFT, 68, _ROOM), (6, 18))
    marks.append(_rule(84))
    number = f"Tracking {label.tracking_number}"
    marks += setter.line("tracking_number", number, (_LEFT, 87, _ROOM), (SIZE_MIN_MM, 4.2))
    tracking = Symbol(Symbology.CODE_128, label.tracking_number)
    marks.append(Bars(0, 91.5, WIDTH_MM, 10, tracking, INTERNAL))
    marks += setter.line("reference", label.reference, (_LEFT, 103, _ROOM), (SIZE_MIN_MM, 3.2))
    marks.append(_rule(107.5))
    sscc = Symbol(Symbology.GS1_128, elements=(Element("00", label.sscc),))
    marks.append(Bars(0, 109.8, WIDTH_MM, 32, sscc, LOGISTIC))
    marks += setter.line("sscc", sscc.readable, (_LEFT, 143.8, _ROOM), (3, 4.6), 0.5)
    return Sheet(WIDTH_MM, HEIGHT_MM, tuple(marks))


def _facts(label: ParcelLabel) -> str:
    facts = []
    if label.edition > 1:
        facts.append(f"Print {label.edition}")
    if label.parcels:
        facts.append(f"{label.number}/{label.parcels}")
    if label.mass_g:
        facts.append(f"{label.mass_g / 1000:.2f} kg")
    return " · ".join(facts)


def _rule(y: float) -> Box:
    return Box(0, y, WIDTH_MM, _RULE_MM)
