"""What a picker's walk and a wave's carts are made of."""

from collections.abc import Iterable
from dataclasses import dataclass


def _refuse_below(name: str, value: int, least: int) -> None:
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
        _refuse_below("aisles", self.aisles, 1)
        _refuse_below("aisle_length_mm", self.aisle_length_mm, 1)
        _refuse_below("aisle_pitch_mm", self.aisle_pitch_mm, 1)
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
        _refuse_below("aisle", self.aisle, 0)
        _refuse_below("position_mm", self.position_mm, 0)


@dataclass(frozen=True, slots=True)
class Load:
    """What goes into one tote, of one order."""

    id: str
    stops: tuple[Stop, ...]
    volume_ml: int
    mass_g: int

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a load needs an id")
        if not self.stops:
            raise ValueError(f"load {self.id} has no stops")
        _refuse_below(f"volume_ml of load {self.id}", self.volume_ml, 0)
        _refuse_below(f"mass_g of load {self.id}", self.mass_g, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Totes on wheels: each slot holds one load, and all loads together stay under a mass."""

    slots: int = 12
    mass_g_max: int
    tote_volume_ml: int = 40_000

    def __post_init__(self) -> None:
        _refuse_below("slots", self.slots, 1)
        _refuse_below("mass_g_max", self.mass_g_max, 1)
        _refuse_below("tote_volume_ml", self.tote_volume_ml, 1)


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """Loads, in the order they came, to be put into carts.

    Raises: ValueError when two loads share an id or a stop lies outside the layout.
    """

    layout: Layout
    loads: tuple[Load, ...]
    cart: Cart

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for load in self.loads:
            if load.id in seen:
                raise ValueError(f"load {load.id} is listed twice")
            seen.add(load.id)
            refuse_outside(self.layout, load.stops)

    def stops_of(self, load_ids: Iterable[str]) -> tuple[Stop, ...]:
        """The stops of these loads, one load after the other."""
        by_id = {load.id: load for load in self.loads}
        return tuple(stop for load_id in load_ids for stop in by_id[load_id].stops)


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
