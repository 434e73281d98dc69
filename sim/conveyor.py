"""The conveyor: belt, photo-eyes, gates and lanes, and what their PLC reports of them.

Every pass of a tote has a track number of its own; a tote that comes round again is inducted anew.
Nothing here knows a register.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from devices.sorter.message import EventType, Reason, RingEvent
from devices.sorter.register import LANES, NO_LANE, U32_MAX, WORD_MAX, next_sequence
from sim.belt import Belt, BeltPlan, Ride, Spot
from sim.lane import Lanes
from sim.ring import EventRing

_READS = {0: EventType.NO_READ, 1: EventType.READ}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who is told, beside the ring, what happens to totes.

    `scanned` hears the track and the tote that pass the scanner, and may say how many codes were
    read: then the scanner's wire ends at the PLC, which reports it. `arrived` hears of a tote and
    the lane at whose end it came to stand on the rack, `rejected` of one that was put out at the
    belt's end, `strayed` of one that its lane's eye missed and of the lane.
    """

    scanned: Callable[[int, str], int | None]
    arrived: Callable[[str, int], None]
    rejected: Callable[[str], None] | None = None
    strayed: Callable[[str, int], None] | None = None


class Conveyor:
    """A belt with its lanes; `running` and `inducting` are what its PLC lets it do.

    `encoder` is what the encoder shows at the first induction. Waits are measured from a tote's
    passing the scanner.
    """

    def __init__(
        self, plan: BeltPlan, witness: Witness, *, event_seq: int = 0, encoder: int | None = None
    ) -> None:
        self.plan = plan
        self.counts: Counter[str] = Counter()
        self.decision_waits_s: list[float] = []
        self.divert_waits_s: list[float] = []
        self.ring = EventRing(event_seq, self.counts)
        self.lanes = Lanes(min(plan.lanes, LANES), plan.lane_capacity)
        self.inducting = True
        self.jammed = False
        self.rides: dict[int, Ride] = {}
        self.now_s = 0.0
        self._running = True
        self._witness = witness
        self._belt = Belt(plan, self._passed, self._inducted, self._may_induct)
        self._unreported: dict[int, str] = {}
        self._loops: Counter[str] = Counter()
        self._track = 0
        self._blind = False
        self._first_encoder = encoder
        self._encoder_zero_mm = 0.0
        self._encoder_told = 0

    @property
    def encoder(self) -> int:
        """The belt's position in counts, modulo 2^32."""
        moved_mm = self._belt.position_mm - self._encoder_zero_mm
        return int(moved_mm / self.plan.mm_per_count) & U32_MAX

    @property
    def moving(self) -> bool:
        """Whether the belt moves."""
        return self._belt.moving

    @property
    def riding(self) -> int:
        """How many totes are on the belt."""
        return len(self.rides)

    def move(self, running: bool) -> None:
        """Run, unless something is stuck, or stand."""
        self._running = running
        self._belt.moving = running and not self.jammed

    def pass_time(self, now_s: float) -> None:
        """Let happen what happens up to now."""
        self.now_s = now_s
        self._belt.advance(now_s)

    def stand(self, now_s: float) -> None:
        """Let time pass without anything happening."""
        self._belt.moving = False
        self._belt.advance(now_s)

    def due_s(self) -> float | None:
        """Say in how many seconds something happens by itself."""
        return self._belt.due_s()

    def load(self, tote: str) -> None:
        """Put a tote on the induction."""
        self._loops.pop(tote, None)
        self._belt.load(tote)

    def lane_totes(self, lane: int) -> list[str]:
        """Give the totes that stand in a lane."""
        return self.lanes.totes(lane)

    def take(self, lane: int) -> str:
        """Take the first tote out of a lane by hand."""
        tote = self.lanes.totes(lane)[0]
        self.lanes.leave(lane, tote)
        self._note_lane(lane)
        return tote

    def purge(self, lane: int) -> None:
        """Have all that stands in a lane roll off."""
        while self.lane_totes(lane):
            self._witness.arrived(self.take(lane), lane)

    def forget(self) -> list[str]:
        """Lose track of all that rides, and every event; give the totes left on the belt."""
        riding = [ride.tote for ride in self.rides.values() if not ride.gone]
        self.rides.clear()
        self._unreported.clear()
        self._loops.clear()
        self._track = 0
        self.jammed = False
        self.ring.begin(0)
        self.lanes.forget()
        self._belt.forget_rides()
        return riding

    def unreported(self) -> list[str]:
        """Give the totes whose divert nobody has acknowledged yet."""
        return list(self._unreported.values())

    def acknowledge(self, upto: int) -> None:
        """Let go of the events up to a number."""
        for seq in self.ring.acknowledge(upto):
            self._unreported.pop(seq, None)

    def jam(self, track: int) -> bool:
        """Have a tote get stuck, and the belt stop; False where it does not ride any more."""
        ride = self.rides.get(track)
        if ride is None or self.jammed:
            return False
        self.jammed = True
        self.move(self._running)
        self.counts["jams"] += 1
        self._emit(EventType.JAM, ride)
        return True

    def clear_jam(self, track: int, *, take_off: bool) -> str | None:
        """Free what is stuck; give its tote when it was taken off, which the eyes find out."""
        ride = self.rides.get(track)
        if self.jammed:
            self.jammed = False
            self._emit(EventType.JAM_CLEARED, ride)
            self.move(self._running)
        if ride is None or not take_off or ride.gone:
            return None
        ride.gone = True
        return ride.tote

    def cover_lane(self, lane: int) -> None:
        """Stand something before a lane's upper eye: it is full."""
        self.lanes.covered.add(lane)
        self._note_lane(lane)

    def uncover_lane(self, lane: int) -> None:
        """Take that away again."""
        self.lanes.covered.discard(lane)
        self._note_lane(lane)

    def lose_confirm(self) -> None:
        """Have its lane's eye miss the next tote: it is there, and the PLC takes it for lost."""
        self._blind = True

    def _may_induct(self) -> bool:
        return self.inducting and not self.ring.full

    def _emit(self, kind: EventType, ride: Ride | None = None, actual: int = NO_LANE) -> int:
        encoder = self.encoder
        self.counts["encoder_wraps"] += encoder < self._encoder_told
        self._encoder_told = encoder
        event = RingEvent(
            seq=0,
            type=kind,
            track=ride.track if ride else 0,
            planned=ride.lane if ride else NO_LANE,
            actual=actual,
            reason=Reason(ride.reason) if ride else Reason.NONE,
            encoder=encoder,
            t_ms=int(self.now_s * 1_000) & WORD_MAX,
        )
        return self.ring.put(event).seq

    def _inducted(self, tote: str) -> Ride:
        self._track = next_sequence(self._track)
        while self._track in self.rides:
            self._track = next_sequence(self._track)
        ride = Ride(tote, self._track, self._belt.position_mm)
        self.rides[ride.track] = ride
        self.counts["inducted"] += 1
        if self._first_encoder is not None:
            self._wind_encoder(self._first_encoder)
            self._first_encoder = None
        self._emit(EventType.INDUCTED, ride)
        return ride

    def _wind_encoder(self, counts: int) -> None:
        self._encoder_zero_mm = self._belt.position_mm - counts * self.plan.mm_per_count

    def _passed(self, spot: Spot, ride: Ride) -> None:
        if spot is Spot.ROLLED_OFF:
            if self.lanes.leave(ride.heading, ride.tote):
                self._note_lane(ride.heading)
                self._witness.arrived(ride.tote, ride.heading)
        elif ride.gone:
            self._lose(ride)
        elif spot is Spot.SCANNER:
            self._scan(ride)
        elif spot is Spot.DECISION:
            ride.decided = True
            ride.heading = ride.lane
            self._head_on(ride, Reason.NO_DECISION)
        elif spot is Spot.GATE:
            self._reach_gate(ride)
        else:
            self._turn_back(ride)

    def _scan(self, ride: Ride) -> None:
        ride.scanned_s = self.now_s
        read = self._witness.scanned(ride.track, ride.tote)
        if read is not None:
            self._emit(_READS.get(read, EventType.MULTI_READ), ride)

    def _lose(self, ride: Ride) -> None:
        # Its next eye, the decision's too, waits for it in vain only once.
        if self.rides.pop(ride.track, None) is None:
            return
        ride.reason = Reason.TRACK_LOST
        self.counts["lost"] += 1
        self._emit(EventType.LOST, ride)

    def _head_on(self, ride: Ride, reason: Reason) -> None:
        if ride.heading:
            self._belt.send(ride, Spot.GATE, self.plan.gate_mm(ride.heading))
        else:
            ride.reason = reason
            self._belt.send(ride, Spot.END, self.plan.end_mm)

    def _reach_gate(self, ride: Ride) -> None:
        lane = ride.heading
        if self.lanes.is_broken(lane) or self.lanes.is_full(lane):
            reason = Reason.LANE_FAULT if self.lanes.is_broken(lane) else Reason.LANE_FULL
            # Only a lane further down can still be reached.
            ride.heading = ride.other_lane if ride.other_lane > lane else NO_LANE
            self._head_on(ride, reason)
            return
        self.lanes.enter(lane, ride.tote)
        self._loops.pop(ride.tote, None)
        if self.plan.lane_roll_mm is not None:
            rolled_mm = self.plan.gate_mm(lane) + self.plan.lane_roll_mm
            self._belt.send(ride, Spot.ROLLED_OFF, rolled_mm)
        if self._blind:
            self._blind = False
            self._lose(ride)
            if self._witness.strayed is not None:
                self._witness.strayed(ride.tote, lane)
            return
        del self.rides[ride.track]
        self.counts["diverts"] += 1
        if ride.scanned_s is not None:
            self.divert_waits_s.append(self.now_s - ride.scanned_s)
        self.counts["missorts"] += lane not in (ride.lane, ride.other_lane)
        self._unreported[self._emit(EventType.DIVERTED, ride, actual=lane)] = ride.tote
        self._note_lane(lane)

    def _turn_back(self, ride: Ride) -> None:
        del self.rides[ride.track]
        self._loops[ride.tote] += 1
        loops_max = self.plan.recirculations_max
        if loops_max is not None and self._loops[ride.tote] > loops_max:
            del self._loops[ride.tote]
            self.counts["rejected"] += 1
            self._emit(EventType.REJECTED, ride)
            if self._witness.rejected is not None:
                self._witness.rejected(ride.tote)
            return
        self.counts["recirculations"] += 1
        self._emit(EventType.RECIRCULATED, ride)
        self._belt.load(ride.tote, first=True)

    def _note_lane(self, lane: int) -> None:
        turned = self.lanes.turned(lane)
        if turned is not None:
            kind = EventType.LANE_FULL if turned else EventType.LANE_FREE
            self._emit(kind, Ride("", 0, 0, lane), actual=lane)
