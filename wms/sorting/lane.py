"""Which lane a unit gets, and why: the rule, the lane's load, and what became of the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    """The rule that decided."""

    ONLY_LANE = "only_lane"
    LEAST_LOADED = "least_loaded"
    LANE_KEPT = "lane_kept"
    ROOM_OF_LESS_URGENT = "room_of_less_urgent"
    FULL_FOR_NOW = "full_for_now"
    TOO_MANY_ROUNDS = "too_many_rounds"
    DEPARTURE_LEFT = "departure_left"
    NOT_READ = "not_read"
    SEVERAL_READ = "several_read"
    NOT_EXPECTED = "not_expected"
    NO_LANE_OPEN = "no_lane_open"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane as it is now; `load` is what stands in it and what rides towards it.

    `closed` says why staff closed it, and is empty while it is open.
    """

    number: int
    full: bool = False
    fault: bool = False
    closed: str = ""
    standing: int = 0
    riding: int = 0
    capacity: int | None = None

    @property
    def load(self) -> int:
        return self.standing + self.riding

    @property
    def is_open(self) -> bool:
        """Whether the PLC would take a command for it."""
        return not (self.fault or self.closed)

    @property
    def room(self) -> int | None:
        """How many more it takes; None where nobody said how many it holds."""
        return None if self.capacity is None else max(self.capacity - self.load, 0)

    @property
    def has_room(self) -> bool:
        return not self.full and self.room != 0

    def hindrance(self) -> str:
        """What keeps a unit out of it now, for people; empty where nothing does."""
        if self.fault:
            return "fault"
        if self.closed:
            return f"closed: {self.closed}"
        if self.full:
            return "full"
        return "no room" if self.room == 0 else ""


@dataclass(frozen=True, slots=True)
class Way:
    """What is known of a unit that is on its way over the sorter.

    `lanes` end at its destination. `due_at` is when its goods must leave, `serial` who came first.
    `late` says why its departure has left without it.
    """

    unit: str
    place: str
    lanes: tuple[int, ...]
    order_id: int | None = None
    due_at: datetime | None = None
    serial: int = 0
    late: str = ""
    rounds: int = 0
    track: int | None = None

    @property
    def urgency(self) -> tuple[float, int]:
        """Sorts the most urgent first."""
        return (float("inf") if self.due_at is None else self.due_at.timestamp(), self.serial)


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision with its reason; `lane` 0 leaves the unit on the belt.

    `instead_of` is the track whose room it takes.
    """

    lane: int
    rule: Rule
    why: str
    other_lane: int = 0
    load: int = 0
    others: tuple[tuple[int, int, str], ...] = ()
    instead_of: int | None = None

    def told(self) -> dict[str, object]:
        """The decision as it is kept."""
        others = [{"lane": lane, "load": load, "why": why} for lane, load, why in self.others]
        return {
            "lane": self.lane,
            "other_lane": self.other_lane,
            "rule": self.rule,
            "why": self.why,
            "load": self.load,
            "others": others,
        }


def choose(
    way: Way,
    lanes: Sequence[Lane],
    *,
    kept: int = 0,
    yielding: Iterable[tuple[int, Way, int]] = (),
) -> Choice:
    """The lane for a unit among those of its destination, and the lane for when that is shut.

    `kept` is the lane that it has already: it stays while nothing keeps the unit out of it.
    `yielding` are the riders whose room may still be taken from them: track, way and lane.
    """
    shown = tuple((lane.number, lane.load, lane.hindrance()) for lane in lanes)
    free = [lane for lane in lanes if lane.is_open and lane.has_room]
    if free:
        best = min(free, key=lambda lane: (lane.number != kept, lane.load, lane.number))
        return _given(way, best, lanes, shown, kept=best.number == kept)
    shut = "; ".join(f"lane {number} {why}" for number, _, why in shown)
    standing = [lane for lane in lanes if lane.is_open]
    if not standing:
        why = f"No lane to {way.place} is open: {shut}" if shown else f"No lane ends at {way.place}"
        return Choice(0, Rule.NO_LANE_OPEN, why, others=shown)
    numbers = {lane.number for lane in standing if not lane.full}
    weaker = [
        (other.urgency, track, other, lane)
        for track, other, lane in yielding
        if lane in numbers and other.urgency > way.urgency
    ]
    if weaker:
        _, track, other, number = max(weaker, key=lambda one: (one[0], one[1]))
        lane = next(lane for lane in standing if lane.number == number)
        why = f"Lane {number} has no room left; {other.unit} gives its place up, being less urgent"
        return Choice(
            number,
            Rule.ROOM_OF_LESS_URGENT,
            why,
            _second(lane, lanes),
            lane.load,
            _without(shown, number),
            track,
        )
    unknown = [lane for lane in standing if lane.capacity is None]
    if not unknown:
        return Choice(0, Rule.NO_ROOM, f"No room: {shut}; waits on the belt", others=shown)
    best = min(unknown, key=lambda lane: (lane.load, lane.number))
    return Choice(
        best.number,
        Rule.FULL_FOR_NOW,
        f"Lane {best.number} is full now and may have room by then",
        _second(best, lanes),
        best.load,
        _without(shown, best.number),
    )


def set_aside(way_lane: Lane, rule: Rule, why: str) -> Choice:
    """A unit's way to the lane for what cannot go where it should."""
    return Choice(way_lane.number, rule, why, load=way_lane.load)


def _given(
    way: Way,
    best: Lane,
    lanes: Sequence[Lane],
    shown: tuple[tuple[int, int, str], ...],
    *,
    kept: bool,
) -> Choice:
    load = f"{best.load} of {best.capacity}" if best.capacity else f"{best.load}"
    if kept:
        rule, why = Rule.LANE_KEPT, f"Keeps lane {best.number}: nothing keeps it out"
    elif len(lanes) == 1:
        rule, why = Rule.ONLY_LANE, f"Lane {best.number} is the one to {way.place}; load {load}"
    else:
        rule = Rule.LEAST_LOADED
        why = f"Lane {best.number} has the least load of the open lanes to {way.place}: {load}"
    return Choice(
        best.number,
        rule,
        why,
        _second(best, lanes),
        best.load,
        _without(shown, best.number),
    )


def _second(first: Lane, lanes: Sequence[Lane]) -> int:
    # A unit that was turned away at a gate can only go on downstream.
    below = [one for one in lanes if one.number > first.number and one.is_open and not one.full]
    return min(below, key=lambda lane: (lane.load, lane.number)).number if below else 0


def _without(
    shown: tuple[tuple[int, int, str], ...], lane: int
) -> tuple[tuple[int, int, str], ...]:
    return tuple(one for one in shown if one[0] != lane)
