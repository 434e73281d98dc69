"""Roads as a graph: junctions, the edges between them, and the drawn line of each edge."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from routing.road.extract import Extract, Way
from routing.road.point import Arrays, Floats, Ints, straight_m
from routing.road.speed import SIGNAL_S

FORWARD, BACKWARD = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """E edges between N nodes; arc 2e runs along edge e, arc 2e + 1 against it.

    ends: (E, 2), the nodes an edge begins and ends at.
    length_m: (E,).
    kmh: (E, 2), the pace along and against; 0 where that direction is closed.
    signals: (E, 2), how many traffic lights are met along and against.
    surroundings: (E,), which hours slow it; see routing.road.speed.
    way: (E,), the id of the way that it is a part of.
    line_start: (E + 1,), edge e is drawn through points line_start[e] to line_start[e + 1].
    lat_e7, lon_e7: (L,), those points, in 1e-7 degrees.
    """

    ends: Ints
    length_m: Floats
    kmh: Floats
    signals: Ints
    surroundings: Ints
    way: Ints
    line_start: Ints
    lat_e7: NDArray[np.int32]
    lon_e7: NDArray[np.int32]

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.ends)

    def tails(self) -> Ints:
        """(2E,), the node that each arc leaves."""
        return self.ends.ravel()

    def heads(self) -> Ints:
        """(2E,), the node that each arc leads to."""
        return self.ends[:, ::-1].ravel()

    def is_open(self) -> NDArray[np.bool_]:
        """(2E,), whether an arc may be driven."""
        return np.asarray(self.kmh.ravel() > 0)

    def seconds(self, share: Floats | None = None) -> Floats:
        """(2E,), how long each arc takes; infinite where it is closed.

        share: (3,), of the free pace, by surroundings.
        """
        pace = self.kmh / 3.6
        if share is not None:
            pace = pace * share[self.surroundings][:, np.newaxis]
        with np.errstate(divide="ignore"):
            taken = self.length_m[:, np.newaxis] / pace + SIGNAL_S * self.signals
        return np.asarray(taken.ravel())

    def line(self, edge: int) -> Floats:
        """The points that an edge is drawn through, shape (points, 2), in degrees."""
        drawn = slice(self.line_start[edge], self.line_start[edge + 1])
        return np.stack((self.lat_e7[drawn], self.lon_e7[drawn]), axis=1) / 1e7

    def node_points(self) -> Floats:
        """(N, 2), where each node lies, in degrees."""
        points = np.zeros((int(self.ends.max(initial=-1)) + 1, 2))
        for side, at in ((0, self.line_start[:-1]), (1, self.line_start[1:] - 1)):
            points[self.ends[:, side], 0] = self.lat_e7[at] / 1e7
            points[self.ends[:, side], 1] = self.lon_e7[at] / 1e7
        return points

    def arrays(self) -> Arrays:
        """The graph as it is stored."""
        return {described.name: getattr(self, described.name) for described in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Graph":
        """The graph as it was stored."""
        return cls(**{described.name: arrays[described.name] for described in fields(cls)})


def graph_of(extract: Extract) -> tuple[Graph, dict[int, int]]:
    """The graph of an extract's roads, and the node of each of its junctions by OpenStreetMap's id.

    A road that leaves the extract ends at the last node inside it. A barrier ends the roads on
    both of its sides: neither leads on to the other.
    """
    ids = np.array(sorted(extract.places), np.int64)
    places = np.array([extract.places[id] for id in ids.tolist()], np.int64).reshape(-1, 2)
    runs = [run for way in extract.ways for run in _runs(way, ids)]
    refs = np.concatenate([nodes for _, nodes in runs] or [np.zeros(0, np.int64)])
    sizes = np.array([len(nodes) for _, nodes in runs], np.int64)
    last = np.cumsum(sizes) - 1
    first = last - sizes + 1
    barrier = np.isin(ids, np.array(sorted(extract.barriers), np.int64))
    signal = np.isin(ids, np.array(sorted(extract.signals), np.int64))
    cut = _cuts(refs, first, last, barrier)
    start = np.flatnonzero(cut & ~_flags(len(refs), last))
    end = np.flatnonzero(cut & ~_flags(len(refs), first))
    of_run = np.repeat(np.arange(len(runs)), sizes)[start]
    ways = [way for way, _ in runs]
    nodes, ends = _ends(refs, start, end, barrier)
    sizes = end - start + 1
    drawn = np.repeat(start - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    kmh = np.array([(way.forward_kmh, way.backward_kmh) for way in ways], np.float64)
    graph = Graph(
        ends,
        _lengths(places[refs], start, end),
        kmh.reshape(-1, 2)[of_run],
        _signals(signal[refs], start, end),
        np.array([way.surroundings for way in ways], np.int64)[of_run],
        np.array([way.id for way in ways], np.int64)[of_run],
        np.append(0, np.cumsum(sizes)),
        places[refs[drawn], 0].astype(np.int32),
        places[refs[drawn], 1].astype(np.int32),
    )
    return graph, {int(ids[ref]): at for at, ref in enumerate(nodes.tolist()) if ref >= 0}


def _runs(way: Way, known: Ints) -> list[tuple[Way, Ints]]:
    """The parts of a way whose nodes the extract has, as places in `known`.

    A node that is named twice running is a slip of the pen, and counts once.
    """
    ids = np.array(way.nodes, np.int64)
    ids = ids[np.append(True, ids[1:] != ids[:-1])]
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    missing = np.flatnonzero(known[at] != ids)
    parts = [part[1:] if cut else part for cut, part in enumerate(np.split(at, missing))]
    return [(way, part) for part in parts if len(part) >= 2]


def _flags(size: int, at: Ints) -> NDArray[np.bool_]:
    flags = np.zeros(size, bool)
    flags[at] = True
    return flags


def _cuts(refs: Ints, first: Ints, last: Ints, barrier: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where an edge ends: at both ends of a run, where roads meet, and at barriers."""
    met = np.bincount(refs, minlength=len(barrier)) > 1
    cut = met[refs] | barrier[refs]
    cut[first] = cut[last] = True
    return np.asarray(cut)


def _ends(refs: Ints, start: Ints, end: Ints, barrier: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The nodes of the graph, as places in the extract's or -1, and each edge's two ends."""
    ends = np.stack((refs[start], refs[end]), axis=1)
    stopped = barrier[ends]
    nodes, number = np.unique(ends[~stopped], return_inverse=True)
    numbered = np.empty(ends.shape, np.int64)
    numbered[~stopped] = number
    # Each road ends at a barrier of its own.
    apart = int(stopped.sum())
    numbered[stopped] = len(nodes) + np.arange(apart)
    return np.append(nodes, np.full(apart, -1)), numbered


def _lengths(points: Ints, start: Ints, end: Ints) -> Floats:
    degrees = points / 1e7
    steps = np.append(0.0, np.cumsum(straight_m(degrees[:-1], degrees[1:])))
    return np.asarray(steps[end] - steps[start]) if len(start) else np.zeros(0)


def _signals(signal: NDArray[np.bool_], start: Ints, end: Ints) -> Ints:
    """Lights on the way, without the one that is driven away from."""
    upto = np.append(0, np.cumsum(signal))
    along = upto[end + 1] - upto[start + 1]
    against = upto[end] - upto[start]
    return np.stack((along, against), axis=1)
