"""How walks are told apart: by colour, and in grey by dashes and by the shape of their marks."""

from dataclasses import dataclass
from enum import StrEnum

# Told apart by most colour-blind people too, and dark enough for white numbers.
COLOURS = ("#1f6fc4", "#c4500c", "#0b7f5e", "#a83a72", "#6d4bb8", "#8a6d00", "#0f7f95", "#b3352a")
DASHES = ("", "14 2.5", "6 2", "16 2.5 4 2.5", "3.5 1.8", "10 2 3 2 3 2", "24 4", "8 4")


class Shape(StrEnum):
    """The outline of a walk's marks."""

    CIRCLE = "circle"
    SQUARE = "square"
    DIAMOND = "diamond"
    HEXAGON = "hexagon"


@dataclass(frozen=True, slots=True)
class Ink:
    """What a walk is drawn with; hollow marks are white with a coloured number."""

    colour: str
    dash: str
    shape: Shape
    hollow: bool


def ink_of(walk: int) -> Ink:
    """The ink of a walk, counted from 0."""
    shapes = tuple(Shape)
    return Ink(
        COLOURS[walk % len(COLOURS)],
        DASHES[walk % len(DASHES)],
        shapes[walk // 2 % len(shapes)],
        hollow=walk % 2 == 1,
    )
