"""Aisles with cross aisles, and the places to pick from in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

Point = tuple[int, int]


class Side(StrEnum):
    """Which rack of an aisle, seen from the front."""

    LEFT = "left"
    RIGHT = "right"


class Way(StrEnum):
    """How an aisle may be walked: either way, or only away from the front, or only towards it."""

    BOTH = "both"
    UP = "up"
    DOWN = "down"


def refuse_below(name: str, value: int, least: int) -> None:
    """Raises: ValueError naming what is below its least."""
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")


@dataclass(frozen=True, slots=True)
class Door:
    """Where walks may start or end: the front or the back end of an aisle."""

    aisle: int
    at_back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Parallel aisles between a front and a back cross aisle, and cross aisles in between.

    Aisle `a` runs from (a * aisle_pitch_mm, 0), the front, to the same x at its length. Every
    walk starts at one of the doors and ends at one of the drops, whichever is best; without
    drops it ends where it started. Without doors there is one, at the front of depot_aisle.

    cross_aisles_mm: the y of the inner cross aisles, rising; with k of them there are k + 1
    blocks. lengths_mm: each aisle's own length where they differ, at most aisle_length_mm; the
    back cross aisle then follows the aisles' ends, so that from one end to the next one walks
    the pitch and the difference of the lengths. A shorter aisle meets the inner cross aisles
    that it reaches; those end at an aisle that does not reach them. ways: one an aisle, empty
    where all are walked both ways. aisle_width_mm: what a step from the left rack of an aisle
    to the right one costs; at a cross aisle one is at both at once.

    Raises: ValueError when a size, a door or a cross aisle makes no sense.
    """

    aisles: int
    aisle_length_mm: int
    aisle_pitch_mm: int
    depot_aisle: int = 0
    cross_aisles_mm: tuple[int, ...] = ()
    lengths_mm: tuple[int, ...] = ()
    ways: tuple[Way, ...] = ()
    aisle_width_mm: int = 0
    doors: tuple[Door, ...] = ()
    drops: tuple[Door, ...] = ()

    def __post_init__(self) -> None:
        refuse_below("aisles", self.aisles, 1)
        refuse_below("aisle_length_mm", self.aisle_length_mm, 1)
        refuse_below("aisle_pitch_mm", self.aisle_pitch_mm, 1)
        refuse_below("aisle_width_mm", self.aisle_width_mm, 0)
        for aisle in (self.depot_aisle, *(door.aisle for door in (*self.doors, *self.drops))):
            if not 0 <= aisle < self.aisles:
                raise ValueError(f"depot_aisle {aisle} is not one of {self.aisles} aisles")
        edges = (0, *self.cross_aisles_mm, self.aisle_length_mm)
        if any(high <= low for low, high in pairwise(edges)):
            raise ValueError(f"cross_aisles_mm must rise inside the aisles: {self.cross_aisles_mm}")
        if self.lengths_mm and len(self.lengths_mm) != self.aisles:
            raise ValueError(f"lengths_mm has {len(self.lengths_mm)} of {self.aisles} aisles")
        if any(not 1 <= mm <= self.aisle_length_mm for mm in self.lengths_mm):
            raise ValueError(f"lengths_mm must be from 1 to aisle_length_mm: {self.lengths_mm}")
        if self.ways and len(self.ways) != self.aisles:
            raise ValueError(f"ways has {len(self.ways)} of {self.aisles} aisles")

    @property
    def depot(self) -> Point:
        """The first door, as (x, y) in mm."""
        return self.point_of(self.starts[0])

    @property
    def starts(self) -> tuple[Door, ...]:
        """The doors, or the one at depot_aisle."""
        return self.doors or (Door(self.depot_aisle),)

    def length_of(self, aisle: int) -> int:
        """The length of one aisle in mm."""
        return self.lengths_mm[aisle] if self.lengths_mm else self.aisle_length_mm

    def point_of(self, door: Door) -> Point:
        """Where a door is, as (x, y) in mm."""
        y = self.length_of(door.aisle) if door.at_back else 0
        return door.aisle * self.aisle_pitch_mm, y

    @property
    def is_plain(self) -> bool:
        """One block of equal two-way aisles without width, walks from and to one front door."""
        return not (
            self.cross_aisles_mm
            or len(set(self.lengths_mm)) > 1
            or (self.lengths_mm and self.lengths_mm[0] != self.aisle_length_mm)
            or any(way is not Way.BOTH for way in self.ways)
            or self.aisle_width_mm
            or len(self.starts) > 1
            or self.starts[0].at_back
            or self.drops not in ((), self.starts)
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to pick from, an aisle and the way into it from the front, and what is taken.

    level: 0 is within reach from the floor. rank: where precedence counts, lower ranks are
    picked before higher ones (heavy 0, fragile 9). units, volume_ml and mass_g are what is taken
    here; they matter for time and for splitting a load.
    """

    aisle: int
    position_mm: int
    side: Side = Side.LEFT
    level: int = 0
    rank: int = 0
    units: int = 1
    volume_ml: int = 0
    mass_g: int = 0

    def __post_init__(self) -> None:
        refuse_below("aisle", self.aisle, 0)
        refuse_below("position_mm", self.position_mm, 0)
        _refuse_nonsense(self.level, self.units, self.volume_ml, self.mass_g)


@dataclass(frozen=True, slots=True)
class NodeStop:
    """A place to pick from at a node of walkways, and what is taken; fields as in `Stop`."""

    node: int
    level: int = 0
    rank: int = 0
    units: int = 1
    volume_ml: int = 0
    mass_g: int = 0

    def __post_init__(self) -> None:
        refuse_below("node", self.node, 0)
        _refuse_nonsense(self.level, self.units, self.volume_ml, self.mass_g)


def _refuse_nonsense(level: int, units: int, volume_ml: int, mass_g: int) -> None:
    refuse_below("level", level, 0)
    refuse_below("units", units, 1)
    refuse_below("volume_ml", volume_ml, 0)
    refuse_below("mass_g", mass_g, 0)


def refuse_outside(layout: Layout, stops: Iterable[Stop]) -> None:
    """Every stop lies in the layout.

    Raises: ValueError naming the first stop that does not.
    """
    for stop in stops:
        if reason := why_outside(layout, stop):
            raise ValueError(reason)


def why_outside(layout: Layout, stop: Stop) -> str:
    """Why a stop lies outside the layout; nothing when it lies in it."""
    if stop.aisle >= layout.aisles:
        return f"stop in aisle {stop.aisle}, but there are {layout.aisles} aisles"
    if stop.position_mm > (length_mm := layout.length_of(stop.aisle)):
        which = "aisles are" if not layout.lengths_mm else "that aisle is"
        return (
            f"stop at {stop.position_mm} mm in aisle {stop.aisle}, but {which} {length_mm} mm long"
        )
    return ""
