"""Millimetres of a floor, put onto a sheet."""

from dataclasses import dataclass

from routing.pick.drawing.lane import Place


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the floor lies on the sheet: its front is below, and a mm is `scale` wide and high."""

    scale: float
    left: float
    top: float
    width_mm: float
    depth_mm: float
    x_mm: float = 0.0
    y_mm: float = 0.0

    def at(self, place: Place) -> Place:
        """A place of the floor on the sheet."""
        x = self.left + (place[0] - self.x_mm) * self.scale
        y = self.top + (self.y_mm + self.depth_mm - place[1]) * self.scale
        return x, y

    @property
    def right(self) -> float:
        """Where the floor ends on the right."""
        return self.left + self.width_mm * self.scale

    @property
    def bottom(self) -> float:
        """Where the floor ends below."""
        return self.top + self.depth_mm * self.scale


def number(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".removesuffix(".0")


def polygon(places: list[Place]) -> str:
    """The points of an SVG polygon or polyline."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)
