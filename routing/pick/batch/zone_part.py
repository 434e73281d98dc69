"""Loads parted by the zones that their stops lie in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.pick.batch.demand import split_portable
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.split import split_loads
from routing.pick.floor.layout import Door, Layout, NodeStop, Stop


@dataclass(frozen=True, slots=True)
class Zone:
    """Aisles that belong together; doors and drops of its walks, empty for the layout's.

    With doors and without drops its walks end where they started.

    Raises: ValueError without a name or aisles, or when a part's id could be read in two ways.
    """

    name: str
    aisles: frozenset[int]
    doors: tuple[Door, ...] = ()
    drops: tuple[Door, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or "@" in self.name or "/" in self.name:
            raise ValueError(f"a zone's name must be a word without @ and /, not {self.name!r}")
        if not self.aisles:
            raise ValueError(f"zone {self.name} has no aisles")


@dataclass(frozen=True, slots=True)
class Parting:
    """The parts of loads by zone. owner: which load a part is of, by the part's id.

    left_out: loads that no zone begins with, and why.
    """

    parts: dict[str, tuple[Load, ...]]
    owner: dict[str, str]
    left_out: dict[str, str]

    def problem_of(self, problem: BatchProblem, zone: Zone) -> BatchProblem:
        """What a zone has to pick, from its own doors, without shifts."""
        return replace(_floor_of(problem, zone), loads=self.parts[zone.name], split=False)


def part_by_zone(problem: BatchProblem, zones: Sequence[Zone]) -> Parting:
    """Every load's part in every zone, called ID@ZONE; large parts are split where that is allowed.

    A part's volume and mass are what its stops tell, or its share by units where they do not tell
    all of the load's.

    Raises: ValueError when the floor is no layout, or the zones do not agree with it.
    """
    zone_of = _zone_of(problem, zones)
    parting = Parting({zone.name: () for zone in zones}, {}, {})
    for load in problem.loads:
        parted: dict[str, tuple[Load, ...]] = {}
        reason = _why_nowhere(load, zone_of)
        for zone in zones:
            stops = tuple(stop for stop in load.stops if zone_of.get(_aisle(stop)) == zone.name)
            if reason or not stops:
                continue
            alone = replace(_floor_of(problem, zone), loads=(_part_of(load, zone, stops),))
            pieces = split_loads(alone).problem
            parted[zone.name] = pieces.loads
            if refused := split_portable(pieces)[1]:
                reason = f"zone {zone.name}: {refused[0][1]}"
        if reason:
            parting.left_out[load.id] = reason
            continue
        for name, parts in parted.items():
            parting.parts[name] += parts
            parting.owner.update((part.id, load.id) for part in parts)
    return parting


def _zone_of(problem: BatchProblem, zones: Sequence[Zone]) -> dict[int, str]:
    if not isinstance(problem.floor, Layout):
        raise ValueError("zones are made of aisles, and this floor has none")
    if not zones:
        raise ValueError("there are no zones")
    if len({zone.name for zone in zones}) < len(zones):
        raise ValueError("two zones have the same name")
    found: dict[int, str] = {}
    for zone in zones:
        for aisle in sorted(zone.aisles):
            if not 0 <= aisle < problem.floor.aisles:
                raise ValueError(
                    f"aisle {aisle} of zone {zone.name} is not one of {problem.floor.aisles} aisles"
                )
            if aisle in found:
                raise ValueError(f"aisle {aisle} is in zones {found[aisle]} and {zone.name}")
            found[aisle] = zone.name
    return found


def _aisle(stop: Stop | NodeStop) -> int:
    assert isinstance(stop, Stop), "a layout's problem refuses stops of another kind of floor"
    return stop.aisle


def _why_nowhere(load: Load, zone_of: dict[int, str]) -> str:
    for stop in load.stops:
        if _aisle(stop) not in zone_of:
            return f"a stop in aisle {_aisle(stop)}, which is in no zone"
    return ""


def _part_of(load: Load, zone: Zone, stops: tuple[Stop | NodeStop, ...]) -> Load:
    units = sum(stop.units for stop in stops)
    volume_ml = sum(stop.volume_ml for stop in stops)
    mass_g = sum(stop.mass_g for stop in stops)
    if sum(stop.volume_ml for stop in load.stops) < load.volume_ml:
        volume_ml = -(-load.volume_ml * units // load.units)
    if sum(stop.mass_g for stop in load.stops) < load.mass_g:
        mass_g = -(-load.mass_g * units // load.units)
    return replace(
        load,
        id=f"{load.id}@{zone.name}",
        stops=stops,
        volume_ml=volume_ml,
        mass_g=mass_g,
        order=load.order or load.id,
    )


def _floor_of(problem: BatchProblem, zone: Zone) -> BatchProblem:
    """The problem without loads and shifts, on the layout with the zone's doors."""
    assert isinstance(problem.floor, Layout), "zones were checked against a layout"
    doors = zone.doors or problem.floor.doors
    drops = zone.drops or (() if zone.doors else problem.floor.drops)
    return replace(
        problem, floor=replace(problem.floor, doors=doors, drops=drops), loads=(), shifts=()
    )
