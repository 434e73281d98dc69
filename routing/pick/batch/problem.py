"""What a wave's carts are made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from routing.pick.floor.layout import Layout, NodeStop, Stop, refuse_below
from routing.pick.floor.pace import Pace
from routing.pick.floor.walkway import Walkways


@dataclass(frozen=True, slots=True)
class Load:
    """What goes onto a cart together: an order, or one tote of it.

    order: which loads belong together, empty for a load of its own. release_s, due_s: seconds
    from the plan's start before which it cannot be begun and until which it should be picked.
    """

    id: str
    stops: tuple[Stop | NodeStop, ...]
    volume_ml: int
    mass_g: int
    order: str = ""
    release_s: int = 0
    due_s: int | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a load needs an id")
        if not self.stops:
            raise ValueError(f"load {self.id} has no stops")
        refuse_below(f"volume_ml of load {self.id}", self.volume_ml, 0)
        refuse_below(f"mass_g of load {self.id}", self.mass_g, 0)
        refuse_below(f"release_s of load {self.id}", self.release_s, 0)

    @property
    def units(self) -> int:
        """How many units are taken for it."""
        return sum(stop.units for stop in self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Totes on wheels, and what all of them together may hold.

    Sorted while picking, a load has as many totes for itself as its volume needs, at least one.
    mixed: loads lie together in all totes and are sorted afterwards. units_max: None for any.
    """

    slots: int = 12
    mass_g_max: int
    tote_volume_ml: int = 40_000
    units_max: int | None = None
    mixed: bool = False

    def __post_init__(self) -> None:
        refuse_below("slots", self.slots, 1)
        refuse_below("mass_g_max", self.mass_g_max, 1)
        refuse_below("tote_volume_ml", self.tote_volume_ml, 1)
        if self.units_max is not None:
            refuse_below("units_max", self.units_max, 1)


@dataclass(frozen=True, slots=True)
class Shift:
    """When a picker is there, in seconds from the plan's start; zone: where, empty for anywhere."""

    picker: str
    start_s: int
    end_s: int
    zone: str = ""

    def __post_init__(self) -> None:
        if self.end_s <= self.start_s or self.start_s < 0:
            raise ValueError(f"the shift of {self.picker} ends before it starts")


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """Loads, in the order they came, to be put into carts.

    precedence: the stops' ranks count within each walk. split: a load larger than a cart is
    parted by its stops. shifts: who walks; empty where nobody asks who walks what when.

    Raises: ValueError when two loads share an id or a stop is of another kind of floor. A load
    that cannot be picked is not refused here: plans leave it out with the reason.
    """

    floor: Layout | Walkways
    loads: tuple[Load, ...]
    cart: Cart
    pace: Pace = field(default_factory=Pace)
    precedence: bool = False
    split: bool = False
    shifts: tuple[Shift, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        kind = Stop if isinstance(self.floor, Layout) else NodeStop
        for load in self.loads:
            if load.id in seen:
                raise ValueError(f"load {load.id} is listed twice")
            seen.add(load.id)
            if not all(isinstance(stop, kind) for stop in load.stops):
                raise ValueError(f"a stop of load {load.id} is not a {kind.__name__}")

    def stops_of(self, load_ids: Iterable[str]) -> tuple[Stop | NodeStop, ...]:
        """The stops of these loads, one load after the other."""
        by_id = {load.id: load for load in self.loads}
        return tuple(stop for load_id in load_ids for stop in by_id[load_id].stops)
