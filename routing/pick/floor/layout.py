"""A block of aisles, and the places to pick from in it."""

from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[int, int]


def refuse_below(name: str, value: int, least: int) -> None:
    """Raises: ValueError naming what is below its least."""
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")


@dataclass(frozen=True, slots=True)
class Layout:
    """One block of parallel aisles between a front and a back cross aisle.

    Aisle `a` runs from (a * aisle_pitch_mm, 0), the front, to the same x at aisle_length_mm.
    The depot stands at the front of depot_aisle.

    Raises: ValueError when a size or the depot makes no sense.
    """

    aisles: int
    aisle_length_mm: int
    aisle_pitch_mm: int
    depot_aisle: int = 0

    def __post_init__(self) -> None:
        refuse_below("aisles", self.aisles, 1)
        refuse_below("aisle_length_mm", self.aisle_length_mm, 1)
        refuse_below("aisle_pitch_mm", self.aisle_pitch_mm, 1)
        if not 0 <= self.depot_aisle < self.aisles:
            raise ValueError(f"depot_aisle {self.depot_aisle} is not one of {self.aisles} aisles")

    @property
    def depot(self) -> tuple[int, int]:
        """Where every walk starts and ends, as (x, y) in mm."""
        return self.depot_aisle * self.aisle_pitch_mm, 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to pick from: an aisle and the way into it from the front."""

    aisle: int
    position_mm: int

    def __post_init__(self) -> None:
        refuse_below("aisle", self.aisle, 0)
        refuse_below("position_mm", self.position_mm, 0)


def refuse_outside(layout: Layout, stops: Iterable[Stop]) -> None:
    """Every stop lies in the layout.

    Raises: ValueError naming the first stop that does not.
    """
    for stop in stops:
        if stop.aisle >= layout.aisles:
            raise ValueError(f"stop in aisle {stop.aisle}, but there are {layout.aisles} aisles")
        if stop.position_mm > layout.aisle_length_mm:
            raise ValueError(
                f"stop at {stop.position_mm} mm in aisle {stop.aisle}, "
                f"but aisles are {layout.aisle_length_mm} mm long"
            )
