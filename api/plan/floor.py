"""Floors, stops and paces as files say them; lengths in mm, times in seconds."""

from collections.abc import Callable
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop, Way
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Arc, Walkways

T = TypeVar("T")
LENGTH_MAX_MM = 10_000_000
COUNT_MAX = 1_000_000
AMOUNT_MAX = 1_000_000_000

LengthMm = Annotated[int, Field(ge=0, le=LENGTH_MAX_MM)]
Index = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
PointMm = tuple[int, int]


class Said(BaseModel):
    """A part of a file; a field of another name is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def sensible(make: Callable[[], T]) -> T:
    """What `make` makes; a value that makes no sense is an error of the part it stands in."""
    try:
        return make()
    except ValueError as error:
        raise PydanticCustomError("senseless", "{why}", {"why": str(error)}) from error


class DoorSaid(Said):
    """An end of an aisle at which walks may start or end."""

    aisle: Index = Field(description="Number of the aisle, counted from 0.")
    at_back: bool = Field(default=False, description="At its back end; else at its front.")

    def door(self) -> Door:
        """As routing knows it."""
        return Door(self.aisle, self.at_back)


class LayoutSaid(Said):
    """Parallel aisles between a front and a back cross aisle, with more of them in between."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"aisles": 10, "aisle_length_mm": 30000, "aisle_pitch_mm": 4000}]
        }
    )

    aisles: int = Field(ge=1, le=10_000, description="How many aisles there are.")
    aisle_length_mm: int = Field(ge=1, le=LENGTH_MAX_MM, description="From front to back, in mm.")
    aisle_pitch_mm: int = Field(
        ge=1, le=LENGTH_MAX_MM, description="From the middle of an aisle to the next one's, in mm."
    )
    depot_aisle: Index = Field(
        default=0, description="Walks start at its front where no door is named."
    )
    cross_aisles_mm: tuple[LengthMm, ...] = Field(
        default=(), description="How far from the front each inner cross aisle is, rising, in mm."
    )
    lengths_mm: tuple[LengthMm, ...] = Field(
        default=(), description="Each aisle's own length in mm, where they differ."
    )
    ways: tuple[Way, ...] = Field(
        default=(), description="How each aisle may be walked: up is away from the front."
    )
    aisle_width_mm: LengthMm = Field(
        default=0, description="What a step from the left rack to the right one costs, in mm."
    )
    doors: tuple[DoorSaid, ...] = Field(default=(), description="Where walks may start.")
    drops: tuple[DoorSaid, ...] = Field(
        default=(), description="Where walks may end; where none is named, where they started."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sensible(self.layout)
        return self

    def layout(self) -> Layout:
        """As routing knows it."""
        told: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        told["doors"] = tuple(door.door() for door in self.doors)
        told["drops"] = tuple(door.door() for door in self.drops)
        return Layout(**told)


class ArcSaid(Said):
    """A stretch of walkway between two nodes."""

    a: Index = Field(description="The node at one end.")
    b: Index = Field(description="The node at the other end.")
    length_mm: LengthMm = Field(description="How long it is, in mm.")
    one_way: bool = Field(default=False, description="It is walked from a to b only.")


class WalkwaysSaid(Said):
    """Any floor as a graph of walkways."""

    nodes: int = Field(ge=1, le=100_000, description="How many nodes there are, numbered from 0.")
    arcs: tuple[ArcSaid, ...] = Field(description="The stretches between them.")
    doors: tuple[Index, ...] = Field(min_length=1, description="Nodes at which walks may start.")
    drops: tuple[Index, ...] = Field(
        default=(),
        description="Nodes at which walks may end; where none is named, where they started.",
    )
    points: tuple[PointMm, ...] = Field(
        default=(), description="Where each node is, as [x, y] in mm; needed for pictures only."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sensible(self.walkways)
        if any(abs(mm) > LENGTH_MAX_MM for point in self.points for mm in point):
            raise PydanticCustomError("far", "a point is more than 10 km away")
        return self

    def walkways(self) -> Walkways:
        """As routing knows it."""
        arcs = tuple(Arc(arc.a, arc.b, arc.length_mm, arc.one_way) for arc in self.arcs)
        return Walkways(self.nodes, arcs, self.doors, self.drops, self.points)


class _Taken(Said):
    """What is taken at a stop."""

    level: int = Field(default=0, ge=0, le=100, description="0 is within reach from the floor.")
    rank: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="Lower ranks are picked first where precedence counts.",
    )
    units: int = Field(default=1, ge=1, le=COUNT_MAX, description="How many units are taken.")
    volume_ml: Amount = Field(default=0, description="The volume of all of them, in ml.")
    mass_g: Amount = Field(default=0, description="The mass of all of them, in g.")


class StopSaid(_Taken):
    """A place to pick from in an aisle."""

    aisle: Index = Field(description="Number of the aisle, counted from 0.")
    position_mm: LengthMm = Field(description="How far from the front, in mm.")
    side: Side = Field(default=Side.LEFT, description="Which rack, seen from the front.")

    def stop(self) -> Stop:
        """As routing knows it."""
        return Stop(**dict(self))


class NodeStopSaid(_Taken):
    """A place to pick from at a node of walkways."""

    node: Index = Field(description="Number of the node, counted from 0.")

    def stop(self) -> NodeStop:
        """As routing knows it."""
        return NodeStop(**dict(self))


def _kind(value: object) -> str:
    told = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "at_node" if "node" in told else "in_aisle"


# The tags stand in the path of an error; a pointer leaves them out.
TAGS = ("at_node", "in_aisle")
AnyStop = Annotated[
    Annotated[StopSaid, Tag("in_aisle")] | Annotated[NodeStopSaid, Tag("at_node")],
    Discriminator(_kind),
]


class PaceSaid(Said):
    """How fast pickers are; a turn, a stop and each level up cost their own seconds."""

    speed_mm_s: int = Field(default=1_200, ge=1, le=100_000, description="Walking, in mm a second.")
    setup_s: float = Field(
        default=60.0, ge=0, le=86_400, description="Before and after a walk, once."
    )
    turn_s: float = Field(default=1.0, ge=0, le=3_600, description="For each change of direction.")
    stop_s: float = Field(default=5.0, ge=0, le=3_600, description="For each halt.")
    reach_s: float = Field(
        default=2.0, ge=0, le=3_600, description="For each level above the floor's."
    )
    pick_s: float = Field(default=3.0, ge=0, le=3_600, description="For each unit taken.")

    def pace(self) -> Pace:
        """As routing knows it."""
        return Pace(**dict(self))


class OnFloor(Said):
    """A file that says its floor: a layout of aisles, or walkways."""

    layout: LayoutSaid | None = Field(default=None, description="The floor, where it has aisles.")
    walkways: WalkwaysSaid | None = Field(default=None, description="The floor as a graph instead.")
    pace: PaceSaid = Field(default=PaceSaid(), description="How fast pickers are.")
    precedence: bool = Field(
        default=False,
        description="Stops of a lower rank come before all of a higher one in each walk.",
    )

    @model_validator(mode="after")
    def _has_one_floor(self) -> Self:
        if (self.layout is None) == (self.walkways is None):
            raise PydanticCustomError("floor", "a floor is wanted: either layout or walkways")
        return self

    @property
    def floor(self) -> Layout | Walkways:
        """As routing knows it."""
        if self.layout is not None:
            return self.layout.layout()
        assert self.walkways is not None
        return self.walkways.walkways()

    def refuse_strange(self, stops: tuple[AnyStop, ...], where: str) -> None:
        """Every stop is of the floor's kind."""
        kind = StopSaid if self.layout is not None else NodeStopSaid
        for at, stop in enumerate(stops):
            if not isinstance(stop, kind):
                said = "an aisle" if kind is StopSaid else "a node"
                why = f"stop {at}{where} names no place on this floor: {said} is wanted"
                raise PydanticCustomError("strange", "{why}", {"why": why})
