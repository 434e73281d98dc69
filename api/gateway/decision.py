"""The decision: a scan on a track becomes a lane, in memory and before anything is stored."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import structlog

from api.gateway.equipment import DECISION_COUNTS
from api.gateway.judge import UNREAD, Judge
from api.gateway.lane import LaneTable
from api.gateway.ride import Ride
from devices.error import DeviceError
from devices.link.message import DeviceEvent
from devices.link.topic import DeviceName
from devices.scan.read import Decided, Read, UnitKind, judge
from devices.sorter.command import CommandRefused
from devices.sorter.driver import HANDS_ON
from devices.sorter.message import Command, CommandResult, EventType, Op, RingEvent, Status
from devices.sorter.register import U32_MAX
from wms.journey.wave.ride import Decision
from wms.sorting.lane import Choice, Rule, Way

_log = structlog.get_logger(__name__)
_OVER = (EventType.DIVERTED, EventType.RECIRCULATED, EventType.REJECTED, EventType.LOST)
_ROUND_S = 600.0


class Assigner(Protocol):
    """What the desk needs of a sorter; a Protocol because driver and desk know each other."""

    status: Status | None

    async def assign(
        self, track: int, lane: int, deadline: int, *, other_lane: int = 0, wait_s: float = 5.0
    ) -> CommandResult:
        """Send a track to a lane."""
        ...


class Commander(Protocol):
    """What else the desk asks of a sorter; a Protocol for the same reason."""

    async def command(self, command: Command, *, wait_s: float = 5.0) -> CommandResult:
        """Have a command carried out."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    ride: Ride
    choice: Choice
    since_s: float


class DecisionDesk:
    """Remembers what rides on which track, and tells the sorter where it goes.

    A unit that is not in the table is asked for with `unknown`, and decided as soon as it is there.
    What was decided, and why, waits in `kept` until somebody stores it.
    """

    def __init__(self, lanes: LaneTable, decision_counts: int, unknown: Callable[[], None]) -> None:
        self.counts: Counter[str] = Counter()
        self.sorter: Assigner | None = None
        self.commander: Commander | None = None
        self.kept: dict[int, Decision] = {}
        self.something_kept = asyncio.Event()
        self.alarms: dict[tuple[str, str], str] = {}
        self._lanes = lanes
        self._decision_counts = decision_counts
        self._unknown = unknown
        self._rides: dict[int, Ride] = {}
        self._rounds: dict[int, tuple[int, float]] = {}
        self._judge = Judge(lanes, self.alarms)
        self._hands_on = False
        self._waiting: asyncio.Queue[_Order] = asyncio.Queue()

    def scanned(self, scanner: DeviceName, event: DeviceEvent) -> None:
        """Take a scan; a unit that is expected is given its lane at once."""
        if event.trigger is None:
            self.counts["scans_without_tote"] += 1
            return
        ride = self._ride(event.trigger)
        if not ride.take_scan(event):
            return
        read = ride.read
        assert read is not None
        unit = self._unit_of(read)
        if unit is not None and unit == ride.unit and ride.choice is not None:
            return
        ride.unit, ride.way = unit, None
        self.counts[f"scans_{read.read}"] += 1
        if unit is None:
            self.counts["scans_without_tote"] += 1
        self._decide(ride)
        if unit is not None and ride.way is None:
            self.counts["unknown_totes"] += 1
            _log.warning("unit not expected", unit=unit, track=ride.track, scanner=str(scanner))
            self._unknown()

    def happened(self, event: RingEvent) -> None:
        """Take what the sorter reports, as soon as it is read."""
        if event.type is EventType.INDUCTED:
            ride = self._rides.get(event.track)
            # The scan may have come before: the broker is quicker than a cycle.
            if ride is not None and ride.inducted_at is not None:
                del self._rides[event.track]
            self._ride(event.track).inducted_at = event.encoder
        elif event.type in (EventType.NO_READ, EventType.MULTI_READ):
            ride = self._ride(event.track)
            if ride.read is None:
                ride.read = Decided(Read(event.type.name.lower()), why="as the PLC says")
                self._decide(ride)
        elif event.type in _OVER:
            self._ended(event)

    def reconsider(self) -> None:
        """Decide for what rides undecided, the most urgent first, and anew where a lane shut."""
        if self.sorter is None or self.sorter.status is None:
            return
        far = (float("inf"), 0)
        rides = list(self._rides.values())
        for ride in rides:
            if ride.unit is not None:
                ride.way = self._lanes.find(ride.unit) or ride.way
        for ride in sorted(rides, key=lambda one: one.way.urgency if one.way else far):
            undecided = ride.choice is None or not ride.choice.lane
            shut = ride.lane and self._lanes.hinders(ride.lane)
            if ride.read is not None and (undecided or shut):
                self._decide(ride)

    def changed(self, status: Status | None) -> None:
        """Take that the sorter's state, mode or lanes changed.

        Whatever rode while a person's hands were on it is judged anew: it may have been taken off,
        and the PLC may have forgotten where it was to go.
        """
        if status is None:
            return
        self._lanes.see(status)
        hands_on = status.mode in HANDS_ON
        let_go, self._hands_on = self._hands_on and not hands_on, hands_on
        if let_go:
            self.counts["judged_anew"] += len(self._rides)
            for ride in self._rides.values():
                ride.begin_round()
        self.reconsider()

    def tote_on(self, track: int) -> str | None:
        """Give the unit that rides on a track."""
        ride = self._rides.get(track)
        return ride.unit if ride is not None else None

    def reading_of(self, event: DeviceEvent) -> tuple[str | None, str]:
        """Give the unit that a scan names and what the read came to, with what else was read."""
        ride = self._rides.get(event.trigger) if event.trigger is not None else None
        if ride is not None and event in ride.scans and ride.read is not None:
            return ride.unit, ride.read.read
        read = judge(event)
        unit = self._unit_of(read)
        return unit, read.read if unit is not None or read.read is not Read.READ else Read.NO_READ

    def pass_of(self, event: DeviceEvent) -> dict[str, object]:
        """Give what tells the pass of a scan from others on its track: boot and induction."""
        ride = self._rides.get(event.trigger) if event.trigger is not None else None
        status = self.sorter.status if self.sorter is not None else None
        return {
            "plc_boot": status.boot if status is not None else None,
            "inducted_at": ride.inducted_at if ride is not None else None,
        }

    @property
    def units(self) -> list[str]:
        """What rides, as far as it was read."""
        return [ride.unit for ride in self._rides.values() if ride.unit is not None]

    def riding_to(self, lane: int) -> int:
        """Count what rides towards a lane."""
        return sum(ride.lane == lane for ride in self._rides.values())

    @property
    def riding(self) -> int:
        """How many tracks are on the belt."""
        return len(self._rides)

    def settle(self, event: RingEvent) -> None:
        """Forget a track whose end is stored, unless it has been inducted again meanwhile."""
        if event.type in _OVER and (ride := self._rides.get(event.track)) and ride.is_over:
            del self._rides[event.track]

    def gone(self) -> list[tuple[int, str | None]]:
        """Give the tracks of which the PLC has told nothing for too long, and forget them."""
        now_s = time.monotonic()
        found = [ride for ride in self._rides.values() if ride.is_gone(now_s)]
        for ride in found:
            del self._rides[ride.track]
        return [(ride.track, ride.unit) for ride in found]

    def recall(self, rides: Iterable[tuple[int, str | None, int, bool]]) -> None:
        """Take up what a process before this one knew: track, unit, lane, and whether it is taken.

        What the PLC has not confirmed is told again, which it takes for the same.
        """
        for track, unit, lane, taken in rides:
            ride = self._ride(track)
            ride.unit = unit
            if unit is None:
                continue
            ride.way = self._lanes.find(unit)
            ride.read = Decided(Read.READ, UnitKind.TOTE, unit)
            if lane and taken:
                ride.choice = ride.asked = Choice(lane, Rule.LANE_KEPT, "Decided before a restart")
                ride.taken = True

    def forget(self) -> None:
        """Forget every track, because the PLC did."""
        self._rides.clear()
        self._rounds.clear()
        self.kept.clear()
        self.alarms.clear()

    def stored(self, decisions: list[Decision]) -> None:
        """Drop decisions that are stored, unless there is a newer one."""
        for decision in decisions:
            track = decision.reading.track
            if self.kept.get(track) is decision:
                del self.kept[track]

    async def run(self) -> None:
        """Carry decisions out until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                order = await self._waiting.get()
                tasks.create_task(self._carry_out(order))

    def _ride(self, track: int) -> Ride:
        if track not in self._rides:
            rounds, until_s = self._rounds.pop(track, (0, 0.0))
            ride = self._rides[track] = Ride(track, time.monotonic())
            ride.rounds = rounds if until_s > time.monotonic() else 0
        return self._rides[track]

    def _unit_of(self, read: Decided) -> str | None:
        if read.read is not Read.READ or read.kind is UnitKind.GTIN:
            return None
        way = self._lanes.find(read.code)
        return way.unit if way is not None else read.code

    def _ended(self, event: RingEvent) -> None:
        ride = self._rides.get(event.track)
        if ride is not None:
            ride.is_over = True
        if event.type is EventType.DIVERTED:
            self._lanes.fell(event.actual)
        unit = ride.unit if ride is not None else None
        if event.type is not EventType.RECIRCULATED:
            if unit is not None:
                aside = event.actual in self._lanes.plan.set_aside | {0}
                self._lanes.left(unit, aside=aside)
            self.alarms.pop(("rounds", unit or UNREAD), None)
        elif unit is not None:
            self._lanes.turned_back(unit)
        elif ride is not None:
            # Only a PLC that lets it keep its track can tell that it is the same again.
            self._rounds[event.track] = (ride.rounds + 1, time.monotonic() + _ROUND_S)

    def _decide(self, ride: Ride) -> None:
        """Decide for a ride, and tell the sorter where that is news to it."""
        status = self.sorter.status if self.sorter is not None else None
        encoder = status.encoder if status is not None else 0
        if not ride.can_be_told(encoder, self._decision_counts):
            return
        before, choice = ride.choice, self._judge.choose(ride, self.riding_to, self._yielding(ride))
        ride.choice = choice
        asked = ride.asked
        if asked is not None and (choice.lane, choice.other_lane) == (asked.lane, asked.other_lane):
            ride.choice = asked
            return
        if before is None or choice.told() != before.told():
            self._keep(ride)
        if self._hands_on or (not choice.lane and asked is None):
            return
        if choice.instead_of is not None:
            self._displace(choice.instead_of, ride)
        ride.asked = choice if choice.lane else None
        ride.taken = False
        self._waiting.put_nowait(_Order(ride, choice, time.monotonic()))

    def _yielding(self, ride: Ride) -> Iterator[tuple[int, Way, int]]:
        status = self.sorter.status if self.sorter is not None else None
        encoder = status.encoder if status is not None else 0
        for other in self._rides.values():
            if other is ride or other.way is None or not other.lane:
                continue
            if other.can_be_told(encoder, self._decision_counts):
                yield other.track, other.way, other.lane

    def _displace(self, track: int, ride: Ride) -> None:
        other = self._rides[track]
        assert ride.unit is not None
        why = f"Gives its place in lane {other.lane} up to {ride.unit}, which is more urgent"
        other.choice = choice = Choice(0, Rule.NO_ROOM, why)
        other.asked, other.taken = None, False
        self.counts["places_given_up"] += 1
        self._keep(other)
        self._waiting.put_nowait(_Order(other, choice, time.monotonic()))

    def rides(self, track: int) -> bool:
        """Whether something rides on a track."""
        ride = self._rides.get(track)
        return ride is not None and not ride.is_over

    def _keep(self, ride: Ride, result: str = "") -> None:
        if self._rides.get(ride.track) is not ride:
            return
        assert ride.choice is not None
        told = ride.choice.told() | ({"result": result} if result else {})
        lane = ride.choice.lane
        self.kept[ride.track] = Decision(ride.reading(), lane, told, ride.taken and bool(lane))
        self.something_kept.set()

    async def _carry_out(self, order: _Order) -> None:
        ride, choice = order.ride, order.choice
        way = ride.way
        log = _log.bind(
            unit=ride.unit,
            track=ride.track,
            lane=choice.lane,
            order_id=way.order_id if way is not None else None,
            rule=choice.rule,
        )
        try:
            result = await self._tell(ride, choice)
        except CommandRefused as refusal:
            self.counts[f"refused_{refusal.result.name.lower()}"] += 1
            log.warning("lane refused", result=refusal.result.name)
            self._refused(ride, choice, refusal.result)
        except DeviceError as error:
            self.counts["unanswered"] += 1
            log.warning("lane not confirmed", error=str(error))
            if ride.asked is choice:
                ride.asked = ride.choice = None
        else:
            took_ms = round(1_000 * (time.monotonic() - order.since_s), 1)
            self.counts["assigned" if choice.lane else "withdrawn"] += 1
            log.info("lane assigned", result=result.name, decision_ms=took_ms)
            if ride.asked is choice and ride.choice is choice:
                ride.taken = True
                self._keep(ride, result.name.lower())

    async def _tell(self, ride: Ride, choice: Choice) -> CommandResult:
        assert self.sorter is not None, "the desk has a sorter before it runs"
        if choice.lane:
            deadline = self._deadline(ride)
            return await self.sorter.assign(
                ride.track, choice.lane, deadline, other_lane=choice.other_lane
            )
        assert self.commander is not None, "lanes are only taken back where that can be told"
        return await self.commander.command(Command(0, Op.CANCEL, ride.track))

    def _refused(self, ride: Ride, choice: Choice, result: CommandResult) -> None:
        if ride.asked is not choice and choice.lane:
            return
        ride.asked = None
        if ride.choice is choice and choice.lane:
            self._keep(ride, result.name.lower())
            ride.choice = None
        if result is CommandResult.TOO_LATE:
            ride.is_over = True
        elif result is CommandResult.UNKNOWN_TRACK:
            ride.is_over = True
            ride.unknown_since_s = time.monotonic()
        elif result in (CommandResult.LANE_UNAVAILABLE, CommandResult.UNKNOWN_LANE):
            ride.refused.add(choice.lane)
            self._decide(ride)

    def _deadline(self, ride: Ride) -> int:
        if ride.inducted_at is not None:
            return (ride.inducted_at + self._decision_counts) & U32_MAX
        status = self.sorter.status if self.sorter is not None else None
        return ((status.encoder if status else 0) + DECISION_COUNTS) & U32_MAX
