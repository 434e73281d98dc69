"""A layout's aisles and cross aisles as walkways."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.pick.floor.layout import Door, Layout, Point, Side, Stop, Way, refuse_outside
from routing.pick.floor.walkway import Arc, Walkways

# An aisle, the way into it in mm, and the lane along one of its racks. None is both at once: at a
# cross aisle, and everywhere where aisles have no width.
Place = tuple[int, int, Side | None]


def crossings_of(layout: Layout, aisle: int) -> tuple[int, ...]:
    """Where an aisle meets cross aisles, in mm from the front; the last is its back end."""
    length_mm = layout.length_of(aisle)
    inner = layout.cross_aisles_mm[: bisect_left(layout.cross_aisles_mm, length_mm)]
    return (0, *inner, length_mm)


def place_of(layout: Layout, aisle: int, mm: int, side: Side | None) -> Place:
    """The place, without a lane where one is at both racks at once."""
    if side is None or not layout.aisle_width_mm or mm in crossings_of(layout, aisle):
        return aisle, mm, None
    return aisle, mm, side


def place_of_stop(layout: Layout, stop: Stop) -> Place:
    """Where a picker stands for a stop."""
    return place_of(layout, stop.aisle, stop.position_mm, stop.side)


def place_of_door(layout: Layout, door: Door) -> Place:
    """The end of the aisle at which a door is."""
    return door.aisle, layout.length_of(door.aisle) if door.at_back else 0, None


def point_of(layout: Layout, place: Place) -> Point:
    """Where a place is, in mm: lanes lie a width apart, around the middle of the aisle."""
    aisle, mm, side = place
    x = aisle * layout.aisle_pitch_mm
    if side is not None:
        x -= layout.aisle_width_mm // 2
        x += layout.aisle_width_mm if side is Side.RIGHT else 0
    return x, mm


@dataclass(frozen=True, slots=True)
class Lattice:
    """Walkways made of a layout, with the place of each node and the node of each stop."""

    walkways: Walkways
    places: tuple[Place, ...]
    stop_nodes: tuple[int, ...]


def walkways_of(layout: Layout, stops: Sequence[Stop]) -> tuple[Walkways, tuple[int, ...]]:
    """The layout as walkways, and the node of each stop.

    Raises: ValueError when a stop lies outside the layout.
    """
    lattice = lattice_of(layout, stops)
    return lattice.walkways, lattice.stop_nodes


def lattice_of(layout: Layout, stops: Sequence[Stop]) -> Lattice:
    """The layout as walkways over its crossings and the stops, with their places.

    Raises: ValueError when a stop lies outside the layout.
    """
    refuse_outside(layout, stops)
    nodes: dict[Place, int] = {}
    arcs: list[Arc] = []
    rows_mm: dict[int, set[int]] = defaultdict(set)
    for stop in stops:
        rows_mm[stop.aisle].add(stop.position_mm)
    for aisle in range(layout.aisles):
        for place in _places_in(layout, aisle, rows_mm[aisle]):
            nodes[place] = len(nodes)
        arcs += _aisle_arcs(layout, aisle, rows_mm[aisle], nodes)
    arcs += _cross_arcs(layout, nodes)

    def doors(ends: Iterable[Door]) -> tuple[int, ...]:
        return tuple(nodes[place_of_door(layout, door)] for door in ends)

    points = tuple(point_of(layout, place) for place in nodes)
    walkways = Walkways(len(nodes), tuple(arcs), doors(layout.starts), doors(layout.drops), points)
    stop_nodes = tuple(nodes[place_of_stop(layout, stop)] for stop in stops)
    return Lattice(walkways, tuple(nodes), stop_nodes)


def _lanes(layout: Layout) -> tuple[Side | None, ...]:
    return (Side.LEFT, Side.RIGHT) if layout.aisle_width_mm else (None,)


def _places_in(layout: Layout, aisle: int, rows_mm: Iterable[int]) -> list[Place]:
    crossings = crossings_of(layout, aisle)
    inside = sorted(set(rows_mm).difference(crossings))
    places: list[Place] = [(aisle, mm, None) for mm in crossings]
    return places + [(aisle, mm, lane) for mm in inside for lane in _lanes(layout)]


def _aisle_arcs(
    layout: Layout, aisle: int, rows_mm: Iterable[int], nodes: dict[Place, int]
) -> list[Arc]:
    """Each lane from row to row, and a step from lane to lane at each row."""
    arcs: list[Arc] = []
    crossings = crossings_of(layout, aisle)
    inside = sorted(set(rows_mm).difference(crossings))
    way = layout.ways[aisle] if layout.ways else Way.BOTH
    for low_mm, high_mm in pairwise(crossings):
        rows = inside[bisect_right(inside, low_mm) : bisect_left(inside, high_mm)]
        for lane in _lanes(layout) if rows else (None,):
            for a_mm, b_mm in pairwise((low_mm, *rows, high_mm)):
                a = nodes[place_of(layout, aisle, a_mm, lane)]
                b = nodes[place_of(layout, aisle, b_mm, lane)]
                if way is Way.DOWN:
                    a, b = b, a
                arcs.append(Arc(a, b, b_mm - a_mm, one_way=way is not Way.BOTH))
    if layout.aisle_width_mm:
        for mm in inside:
            left, right = nodes[aisle, mm, Side.LEFT], nodes[aisle, mm, Side.RIGHT]
            arcs.append(Arc(left, right, layout.aisle_width_mm))
    return arcs


def _cross_arcs(layout: Layout, nodes: dict[Place, int]) -> list[Arc]:
    """Along the front, the inner cross aisles as far as both aisles reach, and the back."""
    arcs: list[Arc] = []
    for a in range(layout.aisles - 1):
        for mm in (0, *layout.cross_aisles_mm):
            if mm < min(layout.length_of(a), layout.length_of(a + 1)):
                arcs.append(Arc(nodes[a, mm, None], nodes[a + 1, mm, None], layout.aisle_pitch_mm))
        ends = [(b, layout.length_of(b), None) for b in (a, a + 1)]
        step_mm = layout.aisle_pitch_mm + abs(ends[0][1] - ends[1][1])
        arcs.append(Arc(nodes[ends[0]], nodes[ends[1]], step_mm))
    return arcs
