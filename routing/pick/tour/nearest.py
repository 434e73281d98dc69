"""The rule that needs no plan: always to the nearest stop that is left."""

from collections import defaultdict
from collections.abc import Sequence

from routing.error import NoPlan
from routing.pick.floor.lattice import lattice_of
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walk import Steps, nearest_of, steps_of
from routing.pick.floor.walkway import Walkways, refuse_unknown
from routing.pick.tour.plan import Tour
from routing.pick.tour.trail import tour_of_nodes


def nearest(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """From the nearest door on, always to the nearest stop that is left, and to the nearest drop.

    Works on any floor, one-way aisles and walkways too.

    Raises: ValueError when a stop is not on the floor; NoPlan where the next stop or the way
    home cannot be reached from where the walk has come.
    """
    if isinstance(floor, Layout):
        lattice = lattice_of(floor, [stop for stop in stops if isinstance(stop, Stop)])
        walkways, stop_nodes = lattice.walkways, lattice.stop_nodes
    else:
        known = tuple(stop for stop in stops if isinstance(stop, NodeStop))
        refuse_unknown(floor, known)
        lattice, walkways, stop_nodes = None, floor, tuple(stop.node for stop in known)
    if len(stop_nodes) < len(stops):
        raise ValueError("a stop is of another kind of floor")
    at_node: dict[int, list[int]] = defaultdict(list)
    for index, node in enumerate(stop_nodes):
        at_node[node].append(index)
    steps = steps_of(walkways)
    nodes: list[int] = []
    length_mm = 0
    left = dict(at_node)
    visits: list[int] = []
    starts: Sequence[int] = walkways.doors
    while left:
        leg_mm, way = _leg(steps, starts, list(left), "a stop that is left")
        visits += left.pop(way[-1])
        length_mm, nodes = length_mm + leg_mm, nodes + way[1 if nodes else 0 :]
        starts = nodes[-1:]
    ends = walkways.drops or nodes[:1] or walkways.doors
    leg_mm, way = _leg(steps, starts, ends, "where the walk ends")
    length_mm, nodes = length_mm + leg_mm, nodes + way[1 if nodes else 0 :]
    return tour_of_nodes(floor, lattice, stops, nodes, length_mm, visits, "nearest")


def _leg(
    steps: Steps, starts: Sequence[int], ends: Sequence[int], what: str
) -> tuple[int, list[int]]:
    found = nearest_of(steps, starts, frozenset(ends))
    if found is None:
        raise NoPlan(f"the rule nearest finds no way to {what}")
    return found
