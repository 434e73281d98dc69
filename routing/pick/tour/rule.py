"""Walks that pickers know by heart.

In several blocks they go to the farthest block with anything to take and come home block by
block. Every walk starts at any of the doors and ends at any of the drops, whichever is shortest;
that stops lie left or right is no matter to a rule, but every step from rack to rack counts.

Source: K. J. Roodbergen and R. de Koster (2001), Routing Methods for Warehouses with Multiple
Cross Aisles, International Journal of Production Research 39(9); R. W. Hall (1993), Distance
Approximations for Routing Manual Pickers in a Warehouse, IIE Transactions 25(4).
"""

from collections.abc import Callable, Sequence
from typing import Final

from routing.error import NoPlan
from routing.pick.floor.lattice import place_of_door
from routing.pick.floor.layout import Layout, NodeStop, Stop, refuse_outside
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.aisle_by_aisle import walk_aisle_by_aisle
from routing.pick.tour.nearest import nearest
from routing.pick.tour.perimeter import around_gap, around_middle, walk_around
from routing.pick.tour.plan import Tour
from routing.pick.tour.section import Sections
from routing.pick.tour.serpentine import walk_combined, walk_through
from routing.pick.tour.stride import Stride
from routing.pick.tour.trail import tour_of_places

Rule = Callable[[Layout | Walkways, Sequence[Stop | NodeStop]], Tour]
Walk = Callable[[Sections], None]


def s_shape(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """From the leftmost aisle with a pick on, each one is walked from end to end.

    If the last of a block is entered from the near side, the picker turns round at its farthest
    pick.

    Raises: ValueError when a stop is not on the floor; NoPlan where it has no aisles, or one
    that is one-way against the rule. So do all rules.
    """
    return _by_rule(floor, stops, "s_shape", walk_through)


def return_rule(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """Each aisle with a pick is entered and left on the side where the walk ends."""
    return _by_rule(floor, stops, "return", _walk_returning)


def largest_gap(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """The outer aisles are walked through, the others from both ends up to their largest gap."""
    return _by_rule(floor, stops, "largest_gap", lambda sections: walk_around(sections, around_gap))


def midpoint(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """The outer aisles are walked through, the others from both ends up to their middle."""
    return _by_rule(floor, stops, "midpoint", lambda sections: walk_around(sections, around_middle))


def combined(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """Each aisle is walked through or returned from, whichever makes its block's walk shortest."""
    return _by_rule(floor, stops, "combined", walk_combined)


def aisle_by_aisle(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> Tour:
    """Each aisle is finished before the next, which is entered by whichever cross aisle is best.

    Source: T. S. Vaughan and C. G. Petersen (1999), The Effect of Warehouse Cross Aisles on Order
    Picking Efficiency, International Journal of Production Research 37(4).
    """
    return _by_rule(floor, stops, "aisle_by_aisle", walk_aisle_by_aisle)


RULES: Final[dict[str, Rule]] = {
    "s_shape": s_shape,
    "return": return_rule,
    "largest_gap": largest_gap,
    "midpoint": midpoint,
    "combined": combined,
    "aisle_by_aisle": aisle_by_aisle,
    "nearest": nearest,
}


def _by_rule(
    floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], name: str, walk: Walk
) -> Tour:
    """The shortest of the rule's walks from any door to any drop."""
    if isinstance(floor, Walkways):
        raise NoPlan(f"the rule {name} needs aisles, and the floor is a graph of walkways")
    inside = [stop for stop in stops if isinstance(stop, Stop)]
    if len(inside) < len(stops):
        raise ValueError("a stop of a layout lies in an aisle, not at a node")
    refuse_outside(floor, inside)
    tours, reasons = [], []
    for door in floor.starts:
        for drop in floor.drops or (door,):
            end = place_of_door(floor, drop)
            stride = Stride(floor, inside, place_of_door(floor, door), name)
            try:
                walk(Sections(stride, end))
                stride.go(*end[:2])
                tours.append(tour_of_places(floor, inside, stride.places, name))
            except NoPlan as refusal:
                reasons.append(str(refusal))
    if not tours:
        raise NoPlan(reasons[0])
    return min(tours, key=lambda tour: tour.distance_mm)


def _walk_returning(sections: Sections) -> None:
    stride = sections.stride
    for aisle in sorted(stride.waiting):
        stride.go(aisle, sections.home(aisle))
        stride.dip(sections.farthest(stride.rows(aisle, 0, sections.layout.length_of(aisle))))
