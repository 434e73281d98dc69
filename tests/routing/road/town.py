"""Towns drawn by hand: nodes by letter at metres east and north, written as a map is."""

from collections import defaultdict
from heapq import heappop, heappush
from math import cos, radians
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from routing.road.graph import Graph
from routing.road.network import RoadNetwork
from routing.road.point import EARTH_RADIUS_M, Ints, Point
from routing.road.profile import VAN, Profile
from routing.road.snap import Snaps

Flags = NDArray[np.bool_]
SOUTH_WEST = (50.0, 8.0)
DEGREE_M = EARTH_RADIUS_M * np.pi / 180
ROAD = {"highway": "residential"}


def at(east_m: float, north_m: float) -> Point:
    """The place so far from the town's south-west corner."""
    latitude = SOUTH_WEST[0] + north_m / DEGREE_M
    return latitude, SOUTH_WEST[1] + east_m / DEGREE_M / cos(radians(latitude))


class Town:
    """A map in the making."""

    def __init__(self) -> None:
        self._nodes: dict[str, str] = {}
        self._ways: list[str] = []
        self._limits: list[str] = []

    def node(self, name: str, east_m: float, north_m: float, **tags: str) -> None:
        """A node; its name is a letter."""
        latitude, longitude = at(east_m, north_m)
        self._nodes[name] = (
            f'<node id="{ord(name)}" version="1" lat="{latitude:.7f}" lon="{longitude:.7f}">'
            f"{_tags(tags)}</node>"
        )

    def way(self, names: str, tags: dict[str, str] = ROAD, **more: str) -> int:
        """A way through the nodes of these letters; its id."""
        nodes = "".join(f'<nd ref="{ord(name)}"/>' for name in names)
        way = len(self._ways) + 1
        self._ways.append(f'<way id="{way}" version="1">{nodes}{_tags({**tags, **more})}</way>')
        return way

    def limit(
        self, rule: str, start: int, via: str | int, end: int, tags: dict[str, str] | None = None
    ) -> None:
        """A limit of turns from a way by way of a node, or of another way, into a way."""
        kind, ref = ("node", ord(via)) if isinstance(via, str) else ("way", via)
        members = (("way", start, "from"), (kind, ref, "via"), ("way", end, "to"))
        told = "".join(f'<member type="{t}" ref="{r}" role="{role}"/>' for t, r, role in members)
        all_tags = _tags({"type": "restriction", "restriction": rule, **(tags or {})})
        number = len(self._limits) + 1
        self._limits.append(f'<relation id="{number}" version="1">{told}{all_tags}</relation>')

    def write(self, folder: Path) -> Path:
        """The town as a file."""
        path = folder / "town.osm"
        things = [*self._nodes.values(), *self._ways, *self._limits]
        path.write_text(
            '<?xml version="1.0"?><osm version="0.6">' + "".join(things) + "</osm>", "utf-8"
        )
        return path


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def square() -> Town:
    """Four corners, a kilometre from each to the next: A, B to its east, C to the north, D."""
    town = Town()
    for name, east_m, north_m in (("A", 0, 0), ("B", 1000, 0), ("C", 1000, 1000), ("D", 0, 1000)):
        town.node(name, east_m, north_m)
    return town


def metres(town: Town, folder: Path, start: str, end: str, profile: Profile = VAN) -> int:
    """How far it is between two of the square's corners, to ten metres."""
    places = {"A": (0, 0), "B": (1000, 0), "C": (1000, 1000), "D": (0, 1000), "E": (2000, 0)}
    network = RoadNetwork.open(town.write(folder), profile)
    travel = network.travel([at(*places[start]), at(*places[end])])
    return round(int(travel.distance_m[0, 1]) / 10) * 10


def plain_search(
    graph: Graph,
    driven: Flags,
    turns: tuple[Ints, Ints, int],
    snaps: Snaps,
    start: int,
) -> list[tuple[int, int]]:
    """Tenths of a second and decimetres from a point to all, the least of both in this order.

    Arc after arc, by E. W. Dijkstra (1959): without states, hierarchies or tables.

    driven: (2E,), the arcs that may be gone along. turns: pairs of arcs that must not follow each
        other, those that are dear, and the tenths of a second that they cost.
    """
    tenths, decimetres = _costs(graph)
    banned, dear = ({tuple(pair) for pair in pairs.tolist()} for pairs in turns[:2])

    def after(arc: int) -> list[tuple[int, int]]:
        """What may follow an arc, and tenths of a second for the turn."""
        onward = out_of[int(graph.heads()[arc])]
        allowed = [other for other in onward if driven[other] and (arc, other) not in banned]
        return [(other, turns[2] * ((arc, other) in dear)) for other in allowed]

    out_of: dict[int, list[int]] = defaultdict(list)
    for arc in np.flatnonzero(graph.is_open()).tolist():
        out_of[int(graph.tails()[arc])].append(arc)
    best: list[tuple[int, int]] = [(2**60, 2**60)] * len(snaps.edge)
    # Arcs are taken in the order in which one comes to their beginning.
    queue: list[tuple[int, int, int]] = []
    for arc, share in _past(driven, snaps, start):
        gone = round(share * tenths[arc]), round(share * decimetres[arc])
        for other, end in enumerate(snaps.edge.tolist()):
            for onward, there in _past(driven, snaps, other):
                if end == arc // 2 and onward == arc and there >= share:
                    upto = round(there * tenths[arc]), round(there * decimetres[arc])
                    ahead = upto[0] - gone[0], upto[1] - gone[1]
                    best[other] = min(best[other], ahead)
        rest = tenths[arc] - gone[0], decimetres[arc] - gone[1]
        for onward, extra in after(arc):
            heappush(queue, (rest[0] + extra, rest[1], onward))
    points_on = defaultdict(list)
    for other in range(len(snaps.edge)):
        for arc, part in _past(driven, snaps, other):
            points_on[arc].append((other, part))
    done: set[int] = set()
    while queue:
        time, length, arc = heappop(queue)
        if arc in done:
            continue
        done.add(arc)
        for other, part in points_on[arc]:
            here = time + round(part * tenths[arc]), length + round(part * decimetres[arc])
            best[other] = min(best[other], here)
        for onward, extra in after(arc):
            heappush(queue, (time + tenths[arc] + extra, length + decimetres[arc], onward))
    best[start] = (0, 0)
    return best


def _costs(graph: Graph) -> tuple[list[int], list[int]]:
    seconds = [taken if np.isfinite(taken) else 0.0 for taken in graph.seconds().tolist()]
    lengths = np.repeat(graph.length_m, 2).tolist()
    return [round(10 * taken) for taken in seconds], [round(10 * length) for length in lengths]


def _past(driven: Flags, snaps: Snaps, point: int) -> list[tuple[int, float]]:
    """The arcs past a point, and how far along each it lies."""
    edge, part = int(snaps.edge[point]), float(snaps.part[point])
    return [(a, x) for a, x in ((2 * edge, part), (2 * edge + 1, 1 - part)) if driven[a]]
