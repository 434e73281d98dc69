"""Goods in bins, the walks that visited them, and how many moves may be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.pick.floor.layout import Layout, Stop, refuse_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A bin; a limit of None is none, no classes are all."""

    id: int
    stop: Stop
    volume_mm3: int | None = None
    mass_g: int | None = None
    units: int | None = None
    classes: frozenset[str] = frozenset()
    open: bool = True

    def __post_init__(self) -> None:
        for name in ("volume_mm3", "mass_g", "units"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} of slot {self.id} must be at least 0, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Goods of one kind in one bin; what is not movable stays where it is."""

    id: int
    slot_id: int
    volume_mm3: int
    mass_g: int
    units: int
    storage_class: str = ""
    movable: bool = True

    def __post_init__(self) -> None:
        for name in ("volume_mm3", "mass_g", "units"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} of holding {self.id} must be at least 0")


@dataclass(frozen=True, slots=True)
class Walk:
    """One cart's walk: the holdings it picked from, and stops whose goods are no longer there."""

    holding_ids: tuple[int, ...]
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotProblem:
    """Which goods should lie where, judged by walks that were really made.

    Raises: ValueError when ids repeat or point nowhere, or a stop lies outside the layout.
    """

    layout: Layout
    slots: tuple[Slot, ...]
    holdings: tuple[Holding, ...]
    walks: tuple[Walk, ...]
    moves_max: int

    def __post_init__(self) -> None:
        if self.moves_max < 0:
            raise ValueError(f"moves_max must be at least 0, not {self.moves_max}")
        slots = {slot.id for slot in self.slots}
        holdings = {holding.id for holding in self.holdings}
        if len(slots) != len(self.slots) or len(holdings) != len(self.holdings):
            raise ValueError("a slot or a holding is listed twice")
        for holding in self.holdings:
            if holding.slot_id not in slots:
                raise ValueError(f"holding {holding.id} lies in no slot")
        refuse_outside(self.layout, [slot.stop for slot in self.slots])
        for walk in self.walks:
            refuse_outside(self.layout, walk.stops)
            if unknown := set(walk.holding_ids) - holdings:
                raise ValueError(f"a walk visits holdings that are none: {sorted(unknown)}")

    def picks(self) -> dict[int, int]:
        """How many walks visited each holding."""
        picks = {holding.id: 0 for holding in self.holdings}
        for walk in self.walks:
            for holding_id in set(walk.holding_ids):
                picks[holding_id] += 1
        return picks

    def crowd(self) -> dict[int, int]:
        """How many holdings lie in each slot."""
        crowd = {slot.id: 0 for slot in self.slots}
        for holding in self.holdings:
            crowd[holding.slot_id] += 1
        return crowd


def fits(holding: Holding, slot: Slot) -> bool:
    """Whether a holding may lie in a slot that holds nothing else."""
    limits = (
        (holding.volume_mm3, slot.volume_mm3),
        (holding.mass_g, slot.mass_g),
        (holding.units, slot.units),
    )
    return (
        slot.open
        and (not slot.classes or holding.storage_class in slot.classes)
        and all(most is None or size <= most for size, most in limits)
    )


def way_mm(layout: Layout, stop: Stop) -> int:
    """The way from the depot to a stop and back, for this stop alone."""
    along = abs(stop.aisle - layout.depot_aisle) * layout.aisle_pitch_mm
    return 2 * (along + stop.position_mm)


def stops_of(problem: SlotProblem, walk: Walk, slot_of: dict[int, int]) -> Sequence[Stop]:
    """Where a walk would go if each holding lay in the slot that is said for it."""
    stops = {slot.id: slot.stop for slot in problem.slots}
    return [stops[slot_of[holding_id]] for holding_id in walk.holding_ids] + list(walk.stops)
