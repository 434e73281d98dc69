"""Where everything stands on the labels of bins and totes, 100 × 50 mm."""

from devices.label.content import BinLabel, Direction, ToteLabel
from devices.label.paragraph import SIZE_MIN_MM, Setter
from devices.label.sheet import Bars, Mark, Shape, Sheet
from devices.label.symbol import INTERNAL, Symbol, Symbology

WIDTH_MM = 100.0
HEIGHT_MM = 50.0
_LEFT = 4.0
_ROOM = WIDTH_MM - 2 * _LEFT
_ARROW_MM = 14.0
_ARROWS = {
    Direction.UP: (
        (0.5, 0),
        (1, 0.55),
        (0.68, 0.55),
        (0.68, 1),
        (0.32, 1),
        (0.32, 0.55),
        (0, 0.55),
    ),
    Direction.DOWN: (
        (0.5, 1),
        (1, 0.45),
        (0.68, 0.45),
        (0.68, 0),
        (0.32, 0),
        (0.32, 0.45),
        (0, 0.45),
    ),
    Direction.LEFT: (
        (0, 0.5),
        (0.55, 1),
        (0.55, 0.68),
        (1, 0.68),
        (1, 0.32),
        (0.55, 0.32),
        (0.55, 0),
    ),
    Direction.RIGHT: (
        (1, 0.5),
        (0.45, 1),
        (0.45, 0.68),
        (0, 0.68),
        (0, 0.32),
        (0.45, 0.32),
        (0.45, 0),
    ),
}


def draw_bin(label: BinLabel, setter: Setter) -> Sheet:
    """Lay out a bin's label.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    marks: list[Mark] = []
    room = _ROOM
    if label.direction is not Direction.NONE:
        room -= _ARROW_MM + 3
        x = WIDTH_MM - _LEFT - _ARROW_MM
        marks.append(Shape(x, 4.5, _ARROW_MM, _ARROW_MM, _ARROWS[label.direction]))
    marks += setter.line("code", label.code, (_LEFT, 4.5, room), (7, 19))
    marks.append(_bars(label.code, below=bool(label.note.strip() or label.check.strip())))
    marks += setter.line("note", label.note, (_LEFT, 43.5, _ROOM * 0.75), (SIZE_MIN_MM, 4.2))
    marks += setter.line("check", label.check, (_LEFT, 42.5, _ROOM), (4, 6), 1.0)
    return Sheet(WIDTH_MM, HEIGHT_MM, tuple(marks))


def draw_tote(label: ToteLabel, setter: Setter) -> Sheet:
    """Lay out a tote's label.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    marks: list[Mark] = [_bars(label.code, below=bool(label.note.strip()))]
    marks += setter.line("code", label.code, (_LEFT, 4.5, _ROOM), (7, 19), 0.5)
    marks += setter.line("note", label.note, (_LEFT, 43.5, _ROOM), (SIZE_MIN_MM, 4.2), 0.5)
    return Sheet(WIDTH_MM, HEIGHT_MM, tuple(marks))


def _bars(code: str, *, below: bool) -> Bars:
    symbol = Symbol(Symbology.CODE_128, code)
    return Bars(0, 21.5, WIDTH_MM, 19 if below else 25, symbol, INTERNAL)
