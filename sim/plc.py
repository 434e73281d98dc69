"""The PLC: owns the belt, and obeys the register map and nothing else.

Every pass of a tote has a track number of its own; a tote that comes round again is inducted
anew. The belt's speed in register 5 is the nominal one, whatever the time scale. An event that
finds the ring full waits inside, and nothing more is inducted until the ring has room. A read is
the scanner's to tell, so the PLC reports inductions, diverts, recirculations and lanes only.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from devices.error import DecodeError
from devices.sorter.register import (
    COMMAND_SLOT_WORDS,
    COMMAND_SLOTS,
    LANES,
    PLC_HEARTBEAT_PERIOD_S,
    REG_COMMAND_COUNT,
    REG_COMMANDS,
    REG_EVENT_ACK,
    REG_HEARTBEAT,
    REG_MODE_ASKED,
    RING_SLOTS,
    U32_MAX,
    WORD_MAX,
    WRITE_START,
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    Reason,
    RingEvent,
    Status,
    decode_command,
    encode_status,
    next_sequence,
)
from sim.belt import Belt, BeltPlan, Ride, Spot

_ASKABLE = (Mode.AUTOMATIC, Mode.DRAINING)
_HALF_TURN = 1 << 31
_STOPPED_AT_COUNT = (Mode.STOPPED, Mode.MANUAL, Mode.EMERGENCY_STOP)


class Plc:
    """One PLC with its belt; `now_s` is any clock that does not go back.

    `scanned` is told the track and the tote that pass the scanner, `arrived` the tote and the lane
    at whose end it came to stand on the rack. Waits are measured from a tote's passing the scanner.
    """

    def __init__(
        self,
        plan: BeltPlan,
        *,
        boot: int,
        scanned: Callable[[int, str], None],
        arrived: Callable[[str, int], None],
    ) -> None:
        self.plan = plan
        self.counts: Counter[str] = Counter()
        self.decision_waits_s: list[float] = []
        self.divert_waits_s: list[float] = []
        self._scanned = scanned
        self._arrived = arrived
        self._boot = boot
        self._mode = Mode.AUTOMATIC
        self._belt = Belt(plan, self._passed, self._inducted, self._may_induct)
        self._closed: set[int] = set()
        self.faulty_lanes: set[int] = set()
        self._forget()

    def _forget(self) -> None:
        self._rides: dict[int, Ride] = {}
        self._ring: deque[RingEvent] = deque()
        self._held_back: deque[RingEvent] = deque()
        self._event_seq = 0
        self._last_command = 0
        self._result = CommandResult.NONE
        self._heartbeat_seen = 0
        self._track = 0
        self._now_s = 0.0

    @property
    def boot(self) -> int:
        """The PLC's own boot number."""
        return self._boot

    @property
    def mode(self) -> Mode:
        """What the sorter is doing."""
        return self._mode

    @property
    def encoder(self) -> int:
        """The belt's position in counts, modulo 2^32."""
        return int(self._belt.position_mm / self.plan.mm_per_count) & U32_MAX

    def advance(self, now_s: float) -> None:
        """Let happen what happens up to now."""
        self._now_s = now_s
        self._belt.advance(now_s)

    def due_s(self) -> float | None:
        """Say in how many seconds something happens by itself."""
        return self._belt.due_s()

    def load(self, tote: str) -> None:
        """Put a tote on the induction."""
        self._belt.load(tote)

    def lane_totes(self, lane: int) -> list[str]:
        """Give the totes that stand in a lane."""
        return list(self._belt.lanes.get(lane, ()))

    def take(self, lane: int) -> str:
        """Take the first tote out of a lane by hand."""
        tote = self._belt.lanes[lane].pop(0)
        self._note_lane_free(lane)
        return tote

    def set_mode_by_hand(self, mode: Mode) -> None:
        """Turn the key at the cabinet."""
        self._mode = mode
        self._belt.moving = mode not in _STOPPED_AT_COUNT

    def restart(self) -> list[str]:
        """Lose power: everything is forgotten but the boot count; give the totes left riding."""
        riding = [ride.tote for ride in self._rides.values()]
        lanes = self._belt.lanes
        self._belt = Belt(self.plan, self._passed, self._inducted, self._may_induct)
        self._belt.lanes = lanes
        self._boot = self._boot % WORD_MAX + 1
        self._mode = Mode.AUTOMATIC
        self._forget()
        return riding

    def read(self, now_s: float) -> list[int]:
        """Give registers 0 to 111."""
        self.advance(now_s)
        full = {lane for lane in self._belt.lanes if self._is_full(lane)}
        return encode_status(
            Status(
                boot=self._boot,
                heartbeat=int(now_s / PLC_HEARTBEAT_PERIOD_S) & WORD_MAX,
                mode=self._mode,
                belt_speed_mm_s=500 if self._belt.moving else 0,
                encoder=self.encoder,
                event_head=self._ring[-1].seq if self._ring else self._event_seq,
                last_command=self._last_command,
                command_result=self._result,
                heartbeat_seen=self._heartbeat_seen,
                lanes_full=frozenset(full),
                lanes_fault=frozenset(self.faulty_lanes),
                events=tuple(self._ring),
            )
        )

    def write(self, words: Sequence[int], touched: range, now_s: float) -> None:
        """Take registers 200 to 237, of which those in `touched` were written just now."""
        self.advance(now_s)
        if REG_HEARTBEAT in touched:
            self._heartbeat_seen = words[REG_HEARTBEAT - WRITE_START]
        if REG_EVENT_ACK in touched:
            self._acknowledge(words[REG_EVENT_ACK - WRITE_START])
        if REG_MODE_ASKED in touched:
            self._ask_mode(words[REG_MODE_ASKED - WRITE_START])
        if REG_COMMAND_COUNT in touched:
            count = min(words[REG_COMMAND_COUNT - WRITE_START], COMMAND_SLOTS)
            for slot in range(count):
                start = REG_COMMANDS - WRITE_START + slot * COMMAND_SLOT_WORDS
                if not self._obey(words[start : start + COMMAND_SLOT_WORDS]):
                    break

    def _acknowledge(self, upto: int) -> None:
        if all(event.seq != upto for event in self._ring):
            return
        while self._ring.popleft().seq != upto:
            pass
        while self._held_back and len(self._ring) < RING_SLOTS:
            self._ring.append(self._held_back.popleft())

    def _ask_mode(self, asked: int) -> None:
        if asked in _ASKABLE and self._mode not in (Mode.MANUAL, Mode.EMERGENCY_STOP):
            self._mode = Mode(asked)
            self._belt.moving = True

    def _obey(self, words: Sequence[int]) -> bool:
        """Carry a command out; False where the ones after it must not be looked at."""
        try:
            command = decode_command(words)
        except DecodeError:
            self._result = CommandResult.BAD_CHECK
            return False
        if command.seq == self._last_command:
            self._result = CommandResult.REPEATED
            return True
        if command.seq != next_sequence(self._last_command):
            self._result = CommandResult.OUT_OF_SEQUENCE
            return False
        self._last_command = command.seq
        self._result = self._carry_out(command)
        self.counts[f"command_{self._result.name.lower()}"] += 1
        return True

    def _carry_out(self, command: Command) -> CommandResult:
        if command.op in (Op.ASSIGN, Op.CANCEL):
            return self._decide(command)
        if not self._has_lane(command.lane):
            return CommandResult.UNKNOWN_LANE
        if command.op is Op.CLOSE_LANE:
            self._closed.add(command.lane)
        elif command.op is Op.OPEN_LANE:
            self._closed.discard(command.lane)
        else:
            while self.lane_totes(command.lane):
                self._arrived(self.take(command.lane), command.lane)
        return CommandResult.DONE

    def _decide(self, command: Command) -> CommandResult:
        ride = self._rides.get(command.track)
        if self._mode not in _ASKABLE:
            return CommandResult.WRONG_MODE
        if ride is None:
            return CommandResult.UNKNOWN_TRACK
        if ride.decided:
            return CommandResult.TOO_LATE
        if command.op is Op.CANCEL:
            ride.lane = ride.other_lane = 0
            return CommandResult.DONE
        if not self._has_lane(command.lane):
            return CommandResult.UNKNOWN_LANE
        if command.other_lane and not self._has_lane(command.other_lane):
            return CommandResult.UNKNOWN_LANE
        if 0 < (self.encoder - command.deadline) & U32_MAX < _HALF_TURN:
            return CommandResult.TOO_LATE
        if command.lane in self._closed or command.lane in self.faulty_lanes:
            return CommandResult.LANE_UNAVAILABLE
        if ride.scanned_s is not None and not ride.lane:
            self.decision_waits_s.append(self._now_s - ride.scanned_s)
        ride.lane, ride.other_lane = command.lane, command.other_lane
        return CommandResult.DONE

    def _has_lane(self, lane: int) -> bool:
        return 1 <= lane <= min(self.plan.lanes, LANES)

    def _is_full(self, lane: int) -> bool:
        return len(self._belt.lanes.get(lane, ())) >= self.plan.lane_capacity

    def _may_induct(self) -> bool:
        return self._mode is Mode.AUTOMATIC and len(self._ring) < RING_SLOTS

    def _emit(self, kind: EventType, ride: Ride | None = None, actual: int = 0) -> None:
        self._event_seq = next_sequence(self._event_seq)
        event = RingEvent(
            seq=self._event_seq,
            type=kind,
            track=ride.track if ride else 0,
            planned=ride.lane if ride else 0,
            actual=actual,
            reason=Reason(ride.reason) if ride else Reason.NONE,
            encoder=self.encoder,
            t_ms=int(self._now_s * 1_000) & WORD_MAX,
        )
        if len(self._ring) < RING_SLOTS and not self._held_back:
            self._ring.append(event)
        else:
            self._held_back.append(event)

    def _inducted(self, tote: str) -> Ride:
        self._track = next_sequence(self._track)
        while self._track in self._rides:
            self._track = next_sequence(self._track)
        ride = Ride(tote, self._track, self._belt.position_mm)
        self._rides[ride.track] = ride
        self.counts["inducted"] += 1
        self._emit(EventType.INDUCTED, ride)
        return ride

    def _passed(self, spot: Spot, ride: Ride) -> None:
        if spot is Spot.SCANNER:
            ride.scanned_s = self._now_s
            self._scanned(ride.track, ride.tote)
        elif spot is Spot.DECISION:
            ride.decided = True
            ride.heading = ride.lane
            self._head_on(ride, Reason.NO_DECISION)
        elif spot is Spot.GATE:
            self._reach_gate(ride)
        elif spot is Spot.END:
            self._turn_back(ride)
        elif ride.tote in self._belt.lanes.get(ride.heading, ()):
            self._belt.lanes[ride.heading].remove(ride.tote)
            self._note_lane_free(ride.heading)
            self._arrived(ride.tote, ride.heading)

    def _head_on(self, ride: Ride, reason: Reason) -> None:
        if ride.heading:
            self._belt.send(ride, Spot.GATE, self.plan.gate_mm(ride.heading))
        else:
            ride.reason = reason
            self._belt.send(ride, Spot.END, self.plan.end_mm)

    def _reach_gate(self, ride: Ride) -> None:
        lane = ride.heading
        if lane in self.faulty_lanes or lane in self._closed or self._is_full(lane):
            broken = lane in self.faulty_lanes or lane in self._closed
            # Only a lane further down can still be reached.
            ride.heading = ride.other_lane if ride.other_lane > lane else 0
            self._head_on(ride, Reason.LANE_FAULT if broken else Reason.LANE_FULL)
            return
        del self._rides[ride.track]
        self._belt.lanes.setdefault(lane, []).append(ride.tote)
        self.counts["diverts"] += 1
        if ride.scanned_s is not None:
            self.divert_waits_s.append(self._now_s - ride.scanned_s)
        self.counts["missorts"] += lane not in (ride.lane, ride.other_lane)
        self._emit(EventType.DIVERTED, ride, actual=lane)
        if self._is_full(lane):
            self._emit(EventType.LANE_FULL, Ride("", 0, 0, lane), actual=lane)
        if self.plan.lane_roll_mm is not None:
            rolled_mm = self.plan.gate_mm(lane) + self.plan.lane_roll_mm
            self._belt.send(ride, Spot.ROLLED_OFF, rolled_mm)

    def _turn_back(self, ride: Ride) -> None:
        del self._rides[ride.track]
        self.counts["recirculations"] += 1
        self._emit(EventType.RECIRCULATED, ride)
        self._belt.load(ride.tote, first=True)

    def _note_lane_free(self, lane: int) -> None:
        if len(self._belt.lanes[lane]) == self.plan.lane_capacity - 1:
            self._emit(EventType.LANE_FREE, Ride("", 0, 0, lane), actual=lane)
