"""A network of roads: points snapped to it, tables of travel, and ways to draw on a map."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from routing.delivery.travel import Travel, whole_table
from routing.road.build import About, Built, build
from routing.road.extract import ExtractError
from routing.road.hierarchy import TENTHS, Hierarchy, Toll, is_driven, toll_of
from routing.road.path import path_between, stretch
from routing.road.point import Floats, Point, checked_points
from routing.road.profile import Profile
from routing.road.shelf import Shelf, code_digest, digest_of, file_digest
from routing.road.snap import LIMIT_M, Grid, Snaps
from routing.road.speed import DAY_S, share_between


class RoadNetwork:
    """The roads of an extract for one kind of vehicle, ready to answer.

    Equal extracts, profiles and points give equal answers. It is not for several threads at once.
    """

    def __init__(
        self, built: Built, profile: Profile, name: str, shelf: Shelf | None, digest: str
    ) -> None:
        self.profile = profile
        self._built, self._name = built, name
        self._shelf, self._digest = shelf, digest
        self._hierarchy = Hierarchy(built.graph, built.steps, built.order)
        self._grid = Grid(built.graph, is_driven(built.steps))
        self._drawing: tuple[Toll, Any] | None = None

    @classmethod
    def open(cls, extract: Path, profile: Profile, cache: Path | None = None) -> "RoadNetwork":
        """The network of an extract, built anew or taken from the cache's folder.

        Raises: ExtractError where the file is no extract, or has no road for the profile; OSError
            where the folder cannot be written.
        """
        if not extract.is_file():
            raise ExtractError(f"{extract}: there is no such file")
        if cache is None:
            return cls(build(extract, profile), profile, extract.name, None, "")
        shelf = Shelf(cache)
        digest = digest_of(code_digest(), file_digest(extract), profile.key.encode())
        stored = shelf.get(f"network-{digest}")
        if stored is not None:
            built = Built.from_arrays(stored)
        else:
            built = build(extract, profile)
            shelf.put(f"network-{digest}", built.arrays())
        return cls(built, profile, extract.name, shelf, digest)

    @property
    def about(self) -> About:
        """What the network is made of."""
        return self._built.about

    @property
    def source(self) -> str:
        """Where its figures come from, in plain words; the map's licence asks for the name."""
        return f"roads of {self._name} for a {self.profile.name}, © OpenStreetMap contributors"

    def snap(
        self,
        points: Sequence[Point],
        *,
        limit_m: float = LIMIT_M,
        names: Sequence[str] | None = None,
    ) -> Snaps:
        """Where the points, (latitude, longitude) in degrees, meet the roads.

        Raises: ValueError naming a point that is no place on earth.
        """
        return self._grid.nearest(checked_points(points, names), limit_m)

    def travel(
        self,
        points: Sequence[Point],
        since_s: tuple[int, ...] = (0,),
        *,
        midnight_s: int = 0,
        limit_m: float = LIMIT_M,
        names: Sequence[str] | None = None,
    ) -> Travel:
        """Metres and seconds from each point to each other along the quickest ways.

        since_s: when slices of the day begin; of several, each has its own hours' traffic, and a
            single one none. The metres are those of the way that is quickest in the first slice.
        midnight_s: when the day begins, on the clock that since_s is told by.
        limit_m: a point farther from every road than this is refused.

        The straight line from a door to the road is gone at the profile's own pace, at both ends.

        Raises: Unreachable naming the points too far from any road; ValueError for one that is no
            place on earth, or for slices that do not follow each other.
        """
        if not since_s or list(since_s) != sorted(set(since_s)):
            raise ValueError(f"slices of the day must begin one after the other: {since_s}")
        places = checked_points(points, names)
        slices = np.array([*since_s, midnight_s], np.int64).tobytes()
        limit = np.float64(limit_m).tobytes()
        key = f"travel-{digest_of(self._digest.encode(), slices, limit, places.tobytes())}"
        stored = self._shelf.get(key) if self._shelf else None
        if stored is not None:
            return Travel(stored["metres"], stored["seconds"], since_s, self.source)
        snaps = self._grid.nearest(places, limit_m)
        snaps.refuse_apart(names)
        travel = self._travel(places, snaps, since_s, midnight_s)
        if self._shelf:
            self._shelf.put(key, {"metres": travel.distance_m, "seconds": travel.duration_s})
        return travel

    def _travel(
        self, places: Floats, snaps: Snaps, since_s: tuple[int, ...], midnight_s: int
    ) -> Travel:
        graph, scale = self._built.graph, self._built.scale
        shares = _shares(since_s, midnight_s)
        tenths = [self._hierarchy.table(toll_of(graph, share), snaps) for share in shares]
        # Decimetres are what a toll of both is above a toll of seconds alone.
        both = self._hierarchy.table(toll_of(graph, shares[0], scale=scale), snaps)
        decimetres = both - scale * tenths[0]
        door_m = snaps.distance_m[:, np.newaxis] + snaps.distance_m
        door_s = door_m / (self.profile.access_kmh / 3.6)
        here = (places[:, np.newaxis] == places).all(axis=2)
        metres = np.where(here, 0.0, decimetres / 10 + door_m)
        seconds = np.where(here, 0.0, np.stack(tenths) / TENTHS + door_s)
        return Travel(whole_table(metres), whole_table(seconds), since_s, self.source)

    def places(self, count: int, rng: np.random.Generator) -> list[Point]:
        """Places by chance along the roads that are used, as many for each as it is long."""
        used = np.flatnonzero(is_driven(self._built.steps))
        length_m = self._built.graph.length_m[used]
        found = []
        for edge in rng.choice(used, count, p=length_m / length_m.sum()).tolist():
            (latitude, longitude), *_ = stretch(self._built.graph, 2 * edge, rng.random(), 1.0)
            found.append((float(latitude), float(longitude)))
        return found

    def way(self, start: Point, end: Point, *, limit_m: float = LIMIT_M) -> list[Point]:
        """The quickest way without traffic as a line to draw, from door to door, in degrees.

        Raises: Unreachable where one of them is too far from any road; ValueError for one that is
            no place on earth.
        """
        snaps = self.snap((start, end), limit_m=limit_m, names=("the start", "the end"))
        snaps.refuse_apart(("the start", "the end"))
        if self._drawing is None:
            toll = toll_of(self._built.graph, scale=self._built.scale)
            self._drawing = toll, self._hierarchy.metric(toll)
        toll, metric = self._drawing
        line = path_between(self._hierarchy, metric, toll, snaps).tolist()
        drawn: list[Point] = [start]
        for latitude, longitude in [*line, end]:
            if (latitude, longitude) != drawn[-1]:
                drawn.append((latitude, longitude))
        return drawn


def _shares(since_s: tuple[int, ...], midnight_s: int) -> list[Floats | None]:
    """What is driven of the free pace in each slice; the last lasts until the first comes round."""
    if len(since_s) == 1:
        return [None]
    ends = [*since_s[1:], max(since_s[0] + DAY_S, since_s[-1] + 3600)]
    return [
        share_between(start - midnight_s, end - midnight_s)
        for start, end in zip(since_s, ends, strict=True)
    ]
