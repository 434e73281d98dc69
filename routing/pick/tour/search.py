"""Tours on any floor: one-way aisles, ranks, arbitrary walkways, any doors and drops."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isinf
from typing import Final

import numpy as np
import numpy.typing as npt

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.floor.distance import FAR, distances, graph_of, way_between
from routing.pick.floor.lattice import Lattice, lattice_of
from routing.pick.floor.layout import Layout, NodeStop, Stop, why_outside
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.chain import longest_chain
from routing.pick.tour.order import Order, best_order, web_of
from routing.pick.tour.plan import Tour
from routing.pick.tour.trail import tour_of_nodes

Ints = npt.NDArray[np.int64]

BRIEF: Final = Effort(iterations=5_000)

NO_WAY_OUT: Final = "no way leads there from a door"
NO_WAY_HOME: Final = "no way leads from there to where the walk ends"
NOT_TOGETHER: Final = "one-way ways let no walk pass it and all the others"


@dataclass(frozen=True, slots=True)
class _Site:
    """The places to go to on a floor's walkways, and all distances between them.

    stops_at: for each place the stops there. mm: between places, then doors, then drops.
    """

    walkways: Walkways
    lattice: Lattice | None
    nodes: tuple[int, ...]
    ranks: tuple[int, ...]
    stops_at: tuple[tuple[int, ...], ...]
    mm: Ints


@dataclass(frozen=True, slots=True)
class _Entry:
    """Doors and drops of a walk, and how far each place is from them.

    doors, drops: rows of the site's distances. parts: the places that the walk can pass, in the
    order in which one-way ways and ranks let it. beside: the others, with the reason.
    """

    doors: tuple[int, ...]
    drops: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]
    beside: tuple[tuple[int, str], ...]
    out_mm: Ints
    home_mm: Ints


def search_tour(
    floor: Layout | Walkways,
    stops: Sequence[Stop | NodeStop],
    *,
    precedence: bool = False,
    effort: Effort = BRIEF,
) -> Tour:
    """A short tour past all stops, exact for a few places, always with a bound.

    precedence: stops of a lower rank come before all of a higher one.

    Raises: ValueError when a stop is not on the floor; NoPlan naming the stops that no walk
    can pass, see `unreachable`.
    """
    seconds_left = effort.left()
    _refuse_foreign(floor, stops)
    site = _site_of(floor, stops, precedence)
    entries = _entries(site)
    served = [entry for entry in entries if not entry.beside]
    if not served:
        reasons = _reasons(site, min(entries, key=lambda entry: _weight(site, entry)))
        raise NoPlan("; ".join(f"stop {index}: {why}" for index, why in reasons))
    found = []
    for k, entry in enumerate(served):
        share = _share(seconds_left, len(served) - k)
        found.append((_order_in(site, entry, effort, share), entry))
    order, entry = min(found, key=lambda pair: pair[0].length_mm)
    tour = _written(floor, stops, site, entry, order)
    bound_mm = min(other.bound_mm for other, _ in found)
    return replace(tour, bound_mm=bound_mm, optimal=bound_mm == tour.distance_mm)


def unreachable(
    floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], *, precedence: bool = False
) -> tuple[tuple[int, str], ...]:
    """Each stop that the walk past most of the stops cannot pass, with the reason.

    A walk past all the others exists.
    """
    foreign = {k: why for k, stop in enumerate(stops) if (why := _why_foreign(floor, stop))}
    inside = [k for k in range(len(stops)) if k not in foreign]
    site = _site_of(floor, [stops[k] for k in inside], precedence)
    entry = min(_entries(site), key=lambda entry: _weight(site, entry))
    foreign.update((inside[k], why) for k, why in _reasons(site, entry))
    return tuple(sorted(foreign.items()))


def _why_foreign(floor: Layout | Walkways, stop: Stop | NodeStop) -> str:
    if isinstance(floor, Layout):
        if isinstance(stop, NodeStop):
            return f"stop at node {stop.node}, but the floor has aisles"
        return why_outside(floor, stop)
    if isinstance(stop, Stop):
        return f"stop in aisle {stop.aisle}, but the floor has nodes"
    if stop.node >= floor.nodes:
        return f"stop at node {stop.node}, but there are {floor.nodes} nodes"
    return ""


def _refuse_foreign(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop]) -> None:
    for stop in stops:
        if why := _why_foreign(floor, stop):
            raise ValueError(why)


def _site_of(floor: Layout | Walkways, stops: Sequence[Stop | NodeStop], precedence: bool) -> _Site:
    lattice = None
    if isinstance(floor, Layout):
        lattice = lattice_of(floor, [stop for stop in stops if isinstance(stop, Stop)])
        walkways, stop_nodes = lattice.walkways, lattice.stop_nodes
    else:
        walkways = floor
        stop_nodes = tuple(stop.node for stop in stops if isinstance(stop, NodeStop))
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (stop, node) in enumerate(zip(stops, stop_nodes, strict=True)):
        groups[stop.rank if precedence else 0, node].append(index)
    keys = sorted(groups)
    nodes = tuple(node for _, node in keys)
    return _Site(
        walkways,
        lattice,
        nodes,
        tuple(rank for rank, _ in keys),
        tuple(tuple(groups[key]) for key in keys),
        distances(walkways, (*nodes, *walkways.doors, *walkways.drops)),
    )


def _entries(site: _Site) -> list[_Entry]:
    """All doors with all drops, or each door with itself where there are no drops."""
    places, doors = len(site.nodes), len(site.walkways.doors)
    starts = range(places, places + doors)
    if site.walkways.drops:
        return [_entry(site, starts, range(places + doors, len(site.mm)))]
    return [_entry(site, [k], [k]) for k in starts]


def _entry(site: _Site, doors: Sequence[int], drops: Sequence[int]) -> _Entry:
    places = len(site.nodes)
    out_mm = site.mm[doors, :places].min(axis=0)
    home_mm = site.mm[:places, drops].min(axis=1)
    beside = []
    for place in np.flatnonzero((out_mm >= FAR) | (home_mm >= FAR)).tolist():
        why = NO_WAY_OUT if out_mm[place] >= FAR else NO_WAY_HOME
        beside.append((place, why))
    inside = np.flatnonzero((out_mm < FAR) & (home_mm < FAR))
    chain = longest_chain(
        site.mm[np.ix_(inside, inside)] < FAR,
        [site.ranks[place] for place in inside],
        [len(site.stops_at[place]) for place in inside],
    )
    beside += [(int(inside[k]), NOT_TOGETHER) for k in chain.beside]
    return _Entry(
        tuple(doors),
        tuple(drops),
        tuple(tuple(inside[list(part)].tolist()) for part in chain.parts),
        tuple(beside),
        out_mm,
        home_mm,
    )


def _weight(site: _Site, entry: _Entry) -> int:
    return sum(len(site.stops_at[place]) for place, _ in entry.beside)


def _reasons(site: _Site, entry: _Entry) -> list[tuple[int, str]]:
    return sorted((k, why) for place, why in entry.beside for k in site.stops_at[place])


def _share(seconds_left: Callable[[], float], parts: int) -> Callable[[], float]:
    """The same clock with one of so many parts of what is left."""
    if parts == 1 or isinf(left := seconds_left()):
        return seconds_left
    kept = left - left / parts
    return lambda: seconds_left() - kept


def _order_in(
    site: _Site, entry: _Entry, effort: Effort, seconds_left: Callable[[], float]
) -> Order:
    """The order of all places, or none of them with the way from a door to a drop."""
    if not entry.parts:
        between_mm = int(site.mm[np.ix_(entry.doors, entry.drops)].min())
        return Order((), between_mm, between_mm, "held_karp")
    places = np.array([place for part in entry.parts for place in part], np.int64)
    layer = np.repeat(np.arange(len(entry.parts)), [len(part) for part in entry.parts])
    web = web_of(
        site.mm[np.ix_(places, places)], entry.out_mm[places], entry.home_mm[places], layer
    )
    order = best_order(web, effort, seconds_left)
    return replace(order, places=tuple(int(places[k - 1]) for k in order.places))


def _written(
    floor: Layout | Walkways,
    stops: Sequence[Stop | NodeStop],
    site: _Site,
    entry: _Entry,
    order: Order,
) -> Tour:
    """The order as a tour, with every node or corner passed.

    Raises: NoPlan when there is no stop and no way leads from a door to a drop.
    """
    if order.length_mm >= FAR:
        raise NoPlan("no way leads from a door to where the walk ends")
    ends = (*site.nodes, *site.walkways.doors, *site.walkways.drops)
    visits = [index for place in order.places for index in site.stops_at[place]]
    targets = [ends[place] for place in _with_ends(site, entry, order)]
    graph = graph_of(site.walkways)
    nodes = targets[:1]
    for start, end in pairwise(targets):
        nodes += way_between(graph, start, end)[1:]
    return tour_of_nodes(floor, site.lattice, stops, nodes, order.length_mm, visits, order.method)


def _with_ends(site: _Site, entry: _Entry, order: Order) -> list[int]:
    """The places in order, between the door and the drop nearest to them."""
    if not order.places:
        pairs = [(int(site.mm[a, b]), a, b) for a in entry.doors for b in entry.drops]
        return list(min(pairs)[1:])
    first, last = order.places[0], order.places[-1]
    door = min(entry.doors, key=lambda k: int(site.mm[k, first]))
    drop = min(entry.drops, key=lambda k: int(site.mm[last, k]))
    return [door, *order.places, drop]
