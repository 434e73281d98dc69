"""Quickest ways by customisable contraction hierarchies.

Source: J. Dibbelt, B. Strasser, D. Wagner (2016), Customizable Contraction Hierarchies, ACM JEA 21.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.road.graph import Graph
from routing.road.point import Floats, Ints
from routing.road.snap import Snaps
from routing.road.turn import Steps

# The library counts in 31 bits, and takes the highest of them for no way.
WEIGHT_MAX = 2**31 - 2
# Ways are compared by tenths of a second, and measured in tenths of a metre.
TENTHS = 10
# What seconds may take up of those bits; metres have the rest.
SECONDS_SHARE = 0.9
ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """How points are driven away from and driven up to; a point may have several rows.

    point, state, arc: (C,), at this state one has driven, or will drive, this arc of the point.
    part: (C,), how far along that arc the point lies.
    """

    point: Ints
    state: Ints
    arc: Ints
    part: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Toll:
    """What arcs cost, in whole units: `scale` for each tenth of a second, 1 for each decimetre.

    tenths, decimetres: (2E,).
    """

    tenths: Ints
    decimetres: Ints
    scale: int = 1

    def whole(self) -> Ints:
        """(2E,), what each arc costs."""
        return self.scale * self.tenths + self.decimetres

    def upto(self, arc: Ints, part: Floats) -> Ints:
        """What each arc costs from its beginning to a part of it."""
        tenths = np.rint(part * self.tenths[arc]).astype(np.int64)
        return self.scale * tenths + np.rint(part * self.decimetres[arc]).astype(np.int64)

    def rest(self, starts: Calls) -> Ints:
        """What it costs to come from each point to the end of its arc."""
        return self.whole()[starts.arc] - self.upto(starts.arc, starts.part)

    def last(self, ends: Calls) -> Ints:
        """What it costs to come from the beginning of each arc up to its point."""
        return self.upto(ends.arc, ends.part)


def toll_of(graph: Graph, share: Floats | None = None, *, scale: int | None = None) -> Toll:
    """Seconds alone, or with a scale seconds first and metres where they are equal.

    share: (3,), of the free pace, by surroundings.
    """
    seconds = np.where(graph.is_open(), graph.seconds(share), 0)
    tenths = np.rint(seconds * TENTHS).astype(np.int64)
    decimetres = np.rint(np.repeat(graph.length_m, 2) * 10).astype(np.int64)
    return Toll(tenths, decimetres * 0) if scale is None else Toll(tenths, decimetres, scale)


class Hierarchy:
    """Answers from everywhere to everywhere, after the order has been made once."""

    def __init__(self, graph: Graph, steps: Steps, order: Ints) -> None:
        from routingkit_cch import CCH

        self.graph, self.steps = graph, steps
        self._first_step, self._step = steps.by_arc()
        self._cch = CCH(order.tolist(), steps.tail.tolist(), steps.head.tolist(), False)

    def metric(self, toll: Toll) -> Any:
        """The hierarchy customised for a toll."""
        from routingkit_cch import CCHMetric

        weights = toll.whole()[self.steps.arc] + toll.scale * self.steps.extra
        return CCHMetric(self._cch, weights.tolist())

    def longest_tenths(self) -> int:
        """No quickest way takes more tenths of a second, from any part of an arc to any other.

        Every way is at most as long as the one through some state that all can reach.
        """
        from routingkit_cch import CCHManyToOne, CCHOneToMany

        toll = toll_of(self.graph)
        metric, states = self.metric(toll), list(range(len(self.steps.node)))
        away = np.array(CCHOneToMany(metric, states).distances_from(0), np.int64)
        back = np.array(CCHManyToOne(metric, states).distances_to(0), np.int64)
        arc = int(toll.tenths.max(initial=0) + self.steps.extra.max(initial=0))
        return int(away.max() + back.max()) + 2 * arc

    def scale(self) -> int:
        """How many decimetres a tenth of a second may outweigh within 31 bits.

        The longer the ways, the fewer: above 10 km in a town, some hundred metres in a country.
        """
        return max(int(WEIGHT_MAX * SECONDS_SHARE) // max(self.longest_tenths(), 1), 1)

    def table(self, toll: Toll, snaps: Snaps) -> Ints:
        """(P, P), the least toll from each point's road to each other's; 0 to itself."""
        from routingkit_cch import CCHOneToMany

        if not len(snaps.edge):
            return np.zeros((0, 0), np.int64)
        starts, ends = self.departures(snaps), self.arrivals(snaps)
        pins, at = np.unique(ends.state, return_inverse=True)
        last = toll.last(ends)
        first = np.searchsorted(ends.point, np.arange(len(snaps.edge)))
        begun = np.searchsorted(starts.point, np.arange(len(snaps.edge) + 1)).tolist()
        sources = list(zip(starts.state.tolist(), toll.rest(starts).tolist(), strict=True))
        sweep = CCHOneToMany(self.metric(toll), pins.tolist())
        table = np.empty((len(snaps.edge), len(snaps.edge)), np.int64)
        for row in range(0, len(table), ROWS_AT_ONCE):
            rows = range(row, min(row + ROWS_AT_ONCE, len(table)))
            found = [sweep.distances_from_multi(sources[begun[i] : begun[i + 1]]) for i in rows]
            reached = np.array(found, np.int64)[:, at] + last
            table[rows.start : rows.stop] = np.minimum.reduceat(reached, first, axis=1)
        self._stay_on_edge(toll, snaps, table)
        np.fill_diagonal(table, 0)
        return table

    def departures(self, snaps: Snaps) -> Calls:
        """Along which arcs one may leave each point, and the states they lead to."""
        point, arc = self._arcs(snaps)
        state = self.steps.arc_head[arc]
        return Calls(point, state, arc, _part(snaps, point, arc))

    def arrivals(self, snaps: Snaps) -> Calls:
        """Along which arcs one may come up to each point, and the states they are entered from."""
        point, arc = self._arcs(snaps)
        first, past = self._first_step[arc], self._first_step[arc + 1]
        sizes = past - first
        row = np.repeat(np.arange(len(arc)), sizes)
        at = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        step = self._step[first[row] + at]
        point, arc = point[row], arc[row]
        return Calls(point, self.steps.tail[step], arc, _part(snaps, point, arc))

    def _arcs(self, snaps: Snaps) -> tuple[Ints, Ints]:
        """The points, and the arcs past each that belong to the main part."""
        point = np.repeat(np.arange(len(snaps.edge)), 2)
        arc = np.stack((2 * snaps.edge, 2 * snaps.edge + 1), axis=1).ravel()
        driven = self.steps.arc_head[arc] >= 0
        return point[driven], arc[driven]

    def _stay_on_edge(self, toll: Toll, snaps: Snaps, table: Ints) -> None:
        """Lowers what is less when one just goes on along one edge."""
        for same in _groups(snaps.edge):
            part = snaps.part[same]
            for arc in (2 * snaps.edge[same[0]], 2 * snaps.edge[same[0]] + 1):
                if self.steps.arc_head[arc] < 0:
                    continue
                along = part if arc % 2 == 0 else 1 - part
                upto = toll.upto(np.full(len(same), arc), along)
                ahead = along[np.newaxis, :] >= along[:, np.newaxis]
                cost = np.where(ahead, upto[np.newaxis, :] - upto[:, np.newaxis], WEIGHT_MAX)
                block = np.ix_(same, same)
                table[block] = np.minimum(table[block], cost)


def _part(snaps: Snaps, point: Ints, arc: Ints) -> Floats:
    return np.where(arc % 2 == 0, snaps.part[point], 1 - snaps.part[point])


def _groups(edge: Ints) -> list[Ints]:
    """The points that share an edge with others, edge by edge."""
    order = np.argsort(edge, kind="stable")
    cuts = np.flatnonzero(np.diff(edge[order])) + 1
    return [group for group in np.split(order, cuts) if len(group) > 1]


def make_order(points: Floats, steps: Steps) -> Ints:
    """In which order states are contracted: cut by lines across the map, the cuts last.

    points: (S, 2), in degrees.

    Source: A. Schild, C. Sommer (2015), On Balanced Separators in Road Networks, SEA.
    """
    from routingkit_cch import compute_order_inertial

    latitude, longitude = points.T.tolist()
    order = compute_order_inertial(
        len(steps.node), steps.tail.tolist(), steps.head.tolist(), latitude, longitude
    )
    return np.array(order, np.int64)


def is_driven(steps: Steps) -> NDArray[np.bool_]:
    """(E,), whether an edge belongs to the main part, in any direction."""
    return np.asarray((steps.arc_head.reshape(-1, 2) >= 0).any(axis=1))
