"""The one model from which every writer draws a label: millimetres from the top left corner."""

from dataclasses import dataclass

from devices.label.symbol import ModuleRange, Symbol

# Of the letter height that ZPL counts with: where capitals end, and how far all letters reach.
BASELINE = 0.75
ASCENT = 0.25
DESCENT = 0.25


@dataclass(frozen=True, slots=True)
class Text:
    """One line; `y` is the top of its capitals, `size` the letter height as ZPL counts it.

    `width` is what the line takes and no writer exceeds.
    """

    x: float
    y: float
    width: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar code in the middle of a box, which holds its quiet zones too."""

    x: float
    y: float
    width: float
    height: float
    symbol: Symbol
    span: ModuleRange


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: filled where `line` is 0, else its outline, `line` thick."""

    x: float
    y: float
    width: float
    height: float
    line: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon; its points are fractions of its width and height."""

    x: float
    y: float
    width: float
    height: float
    points: tuple[tuple[float, float], ...]


Mark = Text | Bars | Box | Shape


@dataclass(frozen=True, slots=True)
class Sheet:
    """A label's size and everything on it."""

    width: float
    height: float
    marks: tuple[Mark, ...]
