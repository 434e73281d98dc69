"""An extract of OpenStreetMap, read for one kind of vehicle."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from routing.road.access import CLOSED, DESTINATION, blocks, directions, road_access
from routing.road.profile import Profile
from routing.road.speed import CLASSES, limit_kmh, road_kmh, surroundings


class ExtractError(ValueError):
    """The file is no extract with roads in it; the text names the file and says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """A road as it is drawn: its nodes in order, and the pace along them and against them.

    forward_kmh, backward_kmh: 0 where that direction is closed.
    """

    id: int
    nodes: tuple[int, ...]
    forward_kmh: float
    backward_kmh: float
    surroundings: int


@dataclass(frozen=True, slots=True)
class TurnLimit:
    """At a node, from one way into another: the only turn there is, or none at all."""

    from_way: int
    node: int
    to_way: int
    only: bool
    back: bool


@dataclass(slots=True)
class Extract:
    """What a file says of roads.

    places: latitude and longitude of every node on a road that the file has, in 1e-7 degrees.
    barriers, signals: nodes that stop the vehicle, or hold it up.
    limits_left_out: limits of turns that are not understood, such as those by way of a way.
    """

    ways: list[Way] = field(default_factory=list)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    barriers: set[int] = field(default_factory=set)
    signals: set[int] = field(default_factory=set)
    limits: list[TurnLimit] = field(default_factory=list)
    limits_left_out: int = 0


def read_extract(path: Path, profile: Profile) -> Extract:
    """Roads, turn limits, barriers and signals of a file that osmium can read.

    It is read once, nodes before ways before relations, as extracts are sorted. Roads are taken up
    one by one, so that a country takes minutes; a town takes less than a second.

    Raises: ExtractError
    """
    import osmium

    if not path.is_file():
        raise ExtractError(f"{path}: there is no such file")
    try:
        extract = _read(osmium, path, profile)
    except (RuntimeError, ValueError) as error:
        raise ExtractError(f"{path}: not an extract of OpenStreetMap: {error}") from error
    if not extract.ways or not extract.places:
        raise ExtractError(f"{path}: no road in it that a {profile.name} may drive")
    return extract


def _read(osmium: Any, path: Path, profile: Profile) -> Extract:
    extract, kinds = Extract(), osmium.osm
    roads = osmium.filter.TagFilter(*(("highway", name) for name in CLASSES))
    turns = osmium.filter.TagFilter(("type", "restriction"))
    reader = osmium.FileProcessor(path).with_locations()
    reader.with_filter(osmium.filter.KeyFilter("barrier", "highway").enable_for(kinds.NODE))
    reader.with_filter(roads.enable_for(kinds.WAY))
    reader.with_filter(turns.enable_for(kinds.RELATION))
    for thing in reader:
        tags = dict(thing.tags)
        if thing.is_way():
            _take_way(extract, thing.id, thing.nodes, tags, profile)
        elif thing.is_relation():
            _take_limit(extract, thing.members, tags, profile)
        else:
            if "barrier" in tags and blocks(tags, profile):
                extract.barriers.add(thing.id)
            if tags.get("highway") == "traffic_signals":
                extract.signals.add(thing.id)
    return extract


def _take_way(
    extract: Extract, way_id: int, nodes: Any, tags: dict[str, str], profile: Profile
) -> None:
    access = road_access(tags, profile)
    if access == CLOSED:
        return
    highway, is_open = tags["highway"], directions(tags)
    both = limit_kmh(tags["maxspeed"]) if "maxspeed" in tags else None
    kmh = []
    for direction, key in zip(is_open, ("maxspeed:forward", "maxspeed:backward"), strict=True):
        limit = limit_kmh(tags[key]) if key in tags else None
        pace = road_kmh(
            highway,
            both if limit is None else limit,
            destination=access == DESTINATION,
            top_kmh=profile.top_kmh,
        )
        kmh.append(pace if direction else 0.0)
    ids = []
    for node in nodes:
        id, location = node.ref, node.location
        ids.append(id)
        if id not in extract.places and location.valid():
            extract.places[id] = (location.y, location.x)
    extract.ways.append(Way(way_id, tuple(ids), kmh[0], kmh[1], surroundings(highway, max(kmh))))


def _take_limit(extract: Extract, members: Any, tags: dict[str, str], profile: Profile) -> None:
    own = [f"restriction:{mode}" for mode in reversed(profile.modes)]
    rule = next((tags[key] for key in [*own, "restriction"] if key in tags), "")
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    if excepted & set(profile.modes[2:]):
        return
    by_role: dict[str, list[Any]] = {"from": [], "via": [], "to": []}
    for member in members:
        by_role.setdefault(member.role, []).append((member.type, member.ref))
    via, kinds = by_role["via"], rule.partition("_")[0]
    plain = len(via) == 1 and via[0][0] == "n" and by_role["from"] and by_role["to"]
    if kinds not in ("no", "only") or not plain:
        extract.limits_left_out += 1
        return
    for start in by_role["from"]:
        for end in by_role["to"]:
            extract.limits.append(
                TurnLimit(start[1], via[0][1], end[1], kinds == "only", rule == "no_u_turn")
            )
