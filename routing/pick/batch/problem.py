"""What a wave's carts are made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from routing.pick.floor.layout import Layout, Stop, refuse_below, refuse_outside


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
        refuse_below(f"volume_ml of load {self.id}", self.volume_ml, 0)
        refuse_below(f"mass_g of load {self.id}", self.mass_g, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Totes on wheels: each slot holds one load, and all loads together stay under a mass."""

    slots: int = 12
    mass_g_max: int
    tote_volume_ml: int = 40_000

    def __post_init__(self) -> None:
        refuse_below("slots", self.slots, 1)
        refuse_below("mass_g_max", self.mass_g_max, 1)
        refuse_below("tote_volume_ml", self.tote_volume_ml, 1)


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
