"""How a sorter's lanes are laid out, as its row in the registry says."""

from collections.abc import Mapping
from dataclasses import dataclass

from wms.sorting.item import ROUNDS_MAX

LANES_MAX = 64


@dataclass(frozen=True, slots=True)
class LanePlan:
    """What is told of one lane: where it ends, and how many units it holds; None is not known."""

    lane: int
    place: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class SorterPlan:
    """The lanes of one sorter; those that are not listed end at the place that names them.

    `reject_lane` takes what went round `rounds_max` times, `late_lane` parcels whose departure has
    left. `reject_no_read` sends what nobody could read there at its first round. `purge_after_wave`
    empties a wave's lanes when its last tote has left the belt.
    """

    lanes: tuple[LanePlan, ...] = ()
    reject_lane: int | None = None
    late_lane: int | None = None
    rounds_max: int = ROUNDS_MAX
    reject_no_read: bool = False
    purge_after_wave: bool = False

    def lane(self, lane: int) -> LanePlan:
        """What is told of a lane."""
        return next((one for one in self.lanes if one.lane == lane), LanePlan(lane))

    def lanes_to(self, place: str, named: int | None) -> tuple[int, ...]:
        """The lanes that end at a place; `named` is the one that the place itself names."""
        listed = tuple(one.lane for one in self.lanes if one.place == place)
        elsewhere = named is None or self.lane(named).place not in (None, place)
        return listed if elsewhere or named in listed else (named or 0, *listed)

    @property
    def set_aside(self) -> frozenset[int]:
        """The lanes that end at nobody's destination."""
        return frozenset(lane for lane in (self.reject_lane, self.late_lane) if lane is not None)


def read_plan(config: Mapping[str, object]) -> SorterPlan:
    """The plan in a sorter's configuration.

    `lanes` is a list of `{"lane": 3, "place": "PACK-03", "capacity": 12}`; beside it stand
    `reject_lane`, `late_lane`, `rounds_max`, `reject_no_read` and `purge_after_wave`.

    Raises: ValueError, which says what is wrong.
    """
    listed = config.get("lanes", [])
    if not isinstance(listed, list):
        raise ValueError("lanes is no list")
    lanes = tuple(_lane(one) for one in listed)
    if len({one.lane for one in lanes}) < len(lanes):
        raise ValueError("a lane is listed twice")
    rounds = _number(config, "rounds_max", 0, 100)
    return SorterPlan(
        lanes=lanes,
        reject_lane=_number(config, "reject_lane", 1, LANES_MAX),
        late_lane=_number(config, "late_lane", 1, LANES_MAX),
        rounds_max=ROUNDS_MAX if rounds is None else rounds,
        reject_no_read=config.get("reject_no_read") is True,
        purge_after_wave=config.get("purge_after_wave") is True,
    )


def _lane(listed: object) -> LanePlan:
    if not isinstance(listed, dict):
        raise ValueError(f"{listed!r} is no lane")
    lane = _number(listed, "lane", 1, LANES_MAX)
    if lane is None:
        raise ValueError(f"{listed!r} has no number")
    place = listed.get("place")
    if place is not None and (not isinstance(place, str) or not place):
        raise ValueError(f"lane {lane}: {place!r} is no place")
    return LanePlan(lane, place, _number(listed, "capacity", 1, 10_000))


def _number(given: Mapping[str, object], name: str, least: int, most: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} is {value!r} and not {least} to {most}")
    return value
