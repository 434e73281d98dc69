"""Loads on carts: their file."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from api.plan.floor import Amount, AnyStop, DoorSaid, Index, OnFloor, Said, sensible
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.batch.zone_part import Zone

Seconds = Annotated[int, Field(ge=0, le=31_536_000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
HAND_OVER = ("merge", "pass")
EXAMPLE: JsonDict = {
    "layout": {"aisles": 6, "aisle_length_mm": 20000, "aisle_pitch_mm": 3500},
    "cart": {"slots": 4, "mass_g_max": 60000},
    "loads": [
        {"id": "A-1", "mass_g": 1500, "volume_ml": 4000, "stops": [{"aisle": 2, "position_mm": 5}]}
    ],
}


class LoadSaid(Said):
    """An order, or one tote of it."""

    id: Name = Field(description="The load's own name.")
    stops: tuple[AnyStop, ...] = Field(min_length=1, description="Where its goods are taken.")
    volume_ml: Amount | None = Field(
        default=None, description="In ml; by default that of its stops."
    )
    mass_g: Amount | None = Field(default=None, description="In g; by default that of its stops.")
    order: str = Field(default="", description="Which loads belong together.")
    release_s: Seconds = Field(
        default=0, description="Not begun before, in seconds from the start."
    )
    due_s: Seconds | None = Field(
        default=None, description="To be picked by, in seconds from the start."
    )

    def load(self) -> Load:
        """As routing knows it."""
        stops = tuple(stop.stop() for stop in self.stops)
        volume_ml = sum(stop.volume_ml for stop in stops)
        mass_g = sum(stop.mass_g for stop in stops)
        return Load(
            self.id,
            stops,
            volume_ml if self.volume_ml is None else self.volume_ml,
            mass_g if self.mass_g is None else self.mass_g,
            self.order,
            self.release_s,
            self.due_s,
        )


class CartSaid(Said):
    """What a cart holds."""

    slots: int = Field(default=12, ge=1, le=1000, description="Totes on the cart.")
    mass_g_max: int = Field(ge=1, le=1_000_000_000, description="All of them together, in g.")
    tote_volume_ml: int = Field(
        default=40_000, ge=1, le=1_000_000_000, description="Of a tote, in ml."
    )
    units_max: int | None = Field(
        default=None, ge=1, le=1_000_000_000, description="Units on the cart at most; null for any."
    )
    mixed: bool = Field(
        default=False, description="Loads lie together in all totes and are sorted afterwards."
    )

    def cart(self) -> Cart:
        """As routing knows it."""
        return Cart(**dict(self))


class ShiftSaid(Said):
    """When a picker is there, in seconds from the plan's start."""

    picker: Name = Field(description="Who.")
    start_s: Seconds = Field(description="From when.")
    end_s: Seconds = Field(description="Until when.")
    zone: str = Field(default="", description="Where; empty for anywhere.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sensible(self.shift)
        return self

    def shift(self) -> Shift:
        """As routing knows it."""
        return Shift(self.picker, self.start_s, self.end_s, self.zone)


class ZoneSaid(Said):
    """Aisles that are picked by walks of their own."""

    name: Name = Field(description="The zone's name.")
    aisles: tuple[Index, ...] = Field(min_length=1, description="Its aisles, counted from 0.")
    doors: tuple[DoorSaid, ...] = Field(default=(), description="By default the layout's.")
    drops: tuple[DoorSaid, ...] = Field(default=(), description="By default the layout's.")


class BatchInput(OnFloor):
    """Loads to be put on carts, for `stowline plan batch`."""

    model_config = ConfigDict(title="Batch, input", json_schema_extra={"examples": [EXAMPLE]})

    cart: CartSaid = Field(description="What a cart holds.")
    loads: tuple[LoadSaid, ...] = Field(
        max_length=100_000, description="In the order in which they came."
    )
    split: bool = Field(default=False, description="Loads larger than a cart may be parted.")
    shifts: tuple[ShiftSaid, ...] = Field(
        default=(), description="Who walks when; empty for nobody."
    )
    zones: tuple[ZoneSaid, ...] = Field(
        default=(), description="Empty where a walk may go anywhere."
    )
    hand_over: str = Field(
        default="merge",
        pattern="^(merge|pass)$",
        description="merge: all zones at once; pass: from each zone to the next.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for load in self.loads:
            self.refuse_strange(load.stops, f" of load {load.id}")
        if self.zones and self.layout is None:
            raise PydanticCustomError("zones", "zones are of aisles: they want a layout")
        sensible(self.problem)
        sensible(self.areas)
        return self

    def areas(self) -> tuple[Zone, ...]:
        """The zones as routing knows them."""
        return tuple(
            Zone(
                zone.name,
                frozenset(zone.aisles),
                tuple(door.door() for door in zone.doors),
                tuple(drop.door() for drop in zone.drops),
            )
            for zone in self.zones
        )

    def problem(self) -> BatchProblem:
        """As routing knows it; the zones come beside it."""
        return BatchProblem(
            self.floor,
            tuple(load.load() for load in self.loads),
            self.cart.cart(),
            self.pace.pace(),
            self.precedence,
            self.split,
            tuple(shift.shift() for shift in self.shifts),
        )
