"""Points brought onto the nearest road."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.road.graph import Graph
from routing.road.point import EARTH_RADIUS_M, Floats, Ints, named, straight_m

LIMIT_M = 500.0
# Long enough that a street crosses few cells, short enough that a cell holds few streets.
CELL_M = 100.0
METRES_A_DEGREE = EARTH_RADIUS_M * np.pi / 180
# How many cells around a point's own are looked through, until one finds something.
RINGS = (1, 2, 4, 8, 16, 32, 64, 128)
LIMIT_M_MAX = 5000.0
# Points looked up at once, so that their candidates fit into memory.
AT_ONCE = 256


class Unreachable(ValueError):
    """Points lie so far from every road that nobody can be sent there.

    at: their numbers.
    """

    def __init__(self, text: str, at: tuple[int, ...]) -> None:
        super().__init__(text)
        self.at = at


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """Where P points meet the roads.

    edge: (P,), the nearest edge; -1 where none lies within the limit.
    part: (P,), how far along that edge, from 0 to 1.
    distance_m: (P,), the straight line to it; infinite beyond the limit.
    road: (P, 2), the place on the road, in degrees; the point itself beyond the limit.
    limit_m: beyond it a point has no road.
    """

    edge: Ints
    part: Floats
    distance_m: Floats
    road: Floats
    limit_m: float

    @property
    def apart(self) -> tuple[int, ...]:
        """The points that have no road."""
        return tuple(np.flatnonzero(self.edge < 0).tolist())

    def refuse_apart(self, names: Sequence[str] | None = None) -> None:
        """Every point must have a road.

        Raises: Unreachable naming those that have none.
        """
        if self.apart:
            told = ", ".join(named(at, names) for at in self.apart[:10])
            more = f" and {len(self.apart) - 10} more" if len(self.apart) > 10 else ""
            verb = "lies" if len(self.apart) == 1 else "lie"
            text = f"{told}{more} {verb} over {self.limit_m:g} m from every road"
            raise Unreachable(text, self.apart)


class Grid:
    """Finds the road nearest to a point: streets lie in a grid of square cells."""

    def __init__(self, graph: Graph, edges: NDArray[np.bool_]) -> None:
        """Lays the edges that are meant, of shape (E,), into cells."""
        self._graph = graph
        self._points = np.stack((graph.lat_e7, graph.lon_e7), axis=1) / 1e7
        of_edge = np.repeat(np.arange(graph.edges), np.diff(graph.line_start))
        inner = np.flatnonzero(of_edge[:-1] == of_edge[1:])
        self._segment = inner[edges[of_edge[inner]]]
        self._edge = of_edge[self._segment]
        steps = np.zeros(len(of_edge))
        steps[1:] = np.where(
            of_edge[:-1] == of_edge[1:], straight_m(self._points[:-1], self._points[1:]), 0
        )
        total = np.cumsum(steps)
        # Metres along its edge, for each point that edges are drawn through.
        self._along_m = total - total[graph.line_start[:-1]][of_edge]
        latitude = float(self._points[self._segment, 0].mean()) if len(self._segment) else 0.0
        shrunk = max(np.cos(np.radians(latitude)), 0.01)
        self._cell = np.array([CELL_M, CELL_M / shrunk]) / METRES_A_DEGREE
        self._lay()

    def _lay(self) -> None:
        """Sorts pieces of segments, none longer than a cell, by the cells that they touch."""
        start, end = self._points[self._segment], self._points[self._segment + 1]
        pieces = np.ceil(np.abs((end - start) / self._cell).max(axis=1, initial=0)).astype(np.int64)
        pieces = np.maximum(pieces, 1)
        of_segment = np.repeat(np.arange(len(self._segment)), pieces)
        place = np.arange(len(of_segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = (np.stack((place, place + 1)) / pieces[of_segment])[..., np.newaxis]
        piece_ends = start[of_segment] + share * (end - start)[of_segment]
        cells = np.floor(piece_ends / self._cell).astype(np.int64)
        low, high = cells.min(axis=0), cells.max(axis=0)
        corners = [(low, low), (low, high), (high, low), (high, high)]
        keys = np.concatenate([_key(row[:, 0], column[:, 1]) for row, column in corners])
        pairs = np.unique(np.stack((keys, np.tile(of_segment, 4)), axis=1), axis=0)
        self._keys, self._of_key = pairs[:, 0], pairs[:, 1]

    def nearest(self, points: Floats, limit_m: float = LIMIT_M) -> Snaps:
        """The nearest place on a road for each of the points, of shape (P, 2) in degrees.

        Raises: ValueError for a limit that is none, or farther than anyone goes on foot.
        """
        if not 0 < limit_m <= LIMIT_M_MAX:
            raise ValueError(f"a snap reaches from 0 to {LIMIT_M_MAX:g} m, not {limit_m}")
        many = len(points)
        inside = self._inside(points, limit_m)
        best_m = np.full(many, np.inf)
        segment = np.full(many, -1, np.int64)
        share = np.zeros(many)
        for first in range(0, many, AT_ONCE):
            open_ones = np.arange(first, min(first + AT_ONCE, many))
            open_ones = open_ones[inside[open_ones]]
            for ring in RINGS:
                if not len(open_ones):
                    break
                self._look(points, open_ones, ring, best_m, segment, share)
                # No nearer road lies outside the cells that were looked through.
                sure_m = ring * self._cell[1] * METRES_A_DEGREE
                sure_m = np.minimum(
                    sure_m * np.cos(np.radians(points[open_ones, 0])), ring * CELL_M
                )
                open_ones = open_ones[np.minimum(best_m[open_ones], limit_m) > sure_m]
        return self._snaps(points, best_m, segment, share, limit_m)

    def _inside(self, points: Floats, limit_m: float) -> NDArray[np.bool_]:
        """Whether points lie so near the map's frame that a road may be within the limit."""
        if not len(self._segment):
            return np.zeros(len(points), bool)
        drawn = np.concatenate((self._points[self._segment], self._points[self._segment + 1]))
        low, high = drawn.min(axis=0), drawn.max(axis=0)
        shrunk = max(np.cos(np.radians(np.abs(drawn[:, 0]).max())), 0.01)
        margin = np.array([limit_m, 2 * limit_m / shrunk]) / METRES_A_DEGREE
        return np.asarray(((points >= low - margin) & (points <= high + margin)).all(axis=1))

    def _look(
        self,
        points: Floats,
        which: Ints,
        ring: int,
        best_m: Floats,
        segment: Ints,
        share: Floats,
    ) -> None:
        """Looks for each point through the cells around its own."""
        cell = np.floor(points[which] / self._cell).astype(np.int64)
        reach = np.arange(-ring, ring + 1)
        row, column = np.meshgrid(reach, reach, indexing="ij")
        keys = _key(cell[:, :1] + row.ravel(), cell[:, 1:] + column.ravel())
        first = np.searchsorted(self._keys, keys.ravel())
        sizes = np.searchsorted(self._keys, keys.ravel(), side="right") - first
        found = np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        of_point = np.repeat(np.repeat(which, keys.shape[1]), sizes)
        candidate = self._of_key[found]
        gap_m, at = self._project(points[of_point], candidate)
        order = np.lexsort((candidate, gap_m, of_point))
        chosen = order[np.unique(of_point[order], return_index=True)[1]]
        who = of_point[chosen]
        best_m[who], segment[who], share[who] = gap_m[chosen], candidate[chosen], at[chosen]

    def _project(self, points: Floats, candidate: Ints) -> tuple[Floats, Floats]:
        """Metres to each segment, and how far along it the nearest place lies, from 0 to 1.

        The globe is taken to be flat around a point: right to a millimetre within the limit.
        """
        line = self._segment[candidate]
        scale = np.stack((np.ones(len(points)), np.cos(np.radians(points[:, 0]))), axis=1)
        scale *= METRES_A_DEGREE
        start = (self._points[line] - points) * scale
        along = (self._points[line + 1] - points) * scale - start
        length = np.maximum((along**2).sum(axis=1), 1e-12)
        share = np.clip(-(start * along).sum(axis=1) / length, 0, 1)
        return np.asarray(np.hypot(*(start + share[:, np.newaxis] * along).T)), share

    def _snaps(
        self, points: Floats, best_m: Floats, segment: Ints, share: Floats, limit_m: float
    ) -> Snaps:
        near = (segment >= 0) & (best_m <= limit_m)
        edge = np.full(len(points), -1, np.int64)
        part, road = np.zeros(len(points)), points.copy()
        line = self._segment[segment[near]]
        edge[near] = self._edge[segment[near]]
        at_m = self._along_m[line]
        at_m = at_m + share[near] * (self._along_m[line + 1] - at_m)
        length_m = np.maximum(self._graph.length_m[edge[near]], 1e-9)
        part[near] = np.clip(at_m / length_m, 0, 1)
        start, end = self._points[line], self._points[line + 1]
        road[near] = start + share[near, np.newaxis] * (end - start)
        return Snaps(edge, part, np.where(near, best_m, np.inf), road, limit_m)


def _key(row: Ints, column: Ints) -> Ints:
    # A column is below 2 ** 31 wherever a cell is wider than a metre.
    return np.asarray(row * 2**32 + column)
