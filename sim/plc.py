"""The PLC: owns the conveyor, and obeys the register map and nothing else.

The belt's speed in register 5 is the nominal one, whatever the time scale. An event that finds the
ring full waits inside, and nothing more is inducted until the ring has room. What its eyes and its
scanner's wire see it reports; which code was read is the scanner's to tell.
"""

from collections.abc import Callable, Sequence

from devices.error import DecodeError
from devices.sorter.message import Command, CommandResult, Mode, Op, Status
from devices.sorter.register import (
    COMMAND_SLOT_WORDS,
    COMMAND_SLOTS,
    NO_LANE,
    PLC_HEARTBEAT_PERIOD_S,
    REG_COMMAND_COUNT,
    REG_COMMANDS,
    REG_EVENT_ACK,
    REG_HEARTBEAT,
    REG_MODE_ASKED,
    U32_MAX,
    WORD_MAX,
    WRITE_START,
    next_sequence,
)
from devices.sorter.wire import decode_command, encode_status
from sim.belt import BeltPlan
from sim.conveyor import Conveyor, Witness

ALARM_EMERGENCY_STOP = 1
ALARM_JAM = 2
ALARM_RING_FULL = 4
_ASKABLE = (Mode.AUTOMATIC, Mode.DRAINING)
_HALF_TURN = 1 << 31
_AT_REST = (Mode.STOPPED, Mode.MANUAL, Mode.EMERGENCY_STOP)


class Plc(Conveyor):
    """One PLC with its conveyor; `now_s` is any clock that does not go back.

    The callbacks are those of `Witness`, and `assigned` hears a track and its lane when a decision
    was taken. `event_seq` and `command_seq` are where a PLC stands that ran before us.
    """

    def __init__(
        self,
        plan: BeltPlan,
        *,
        boot: int,
        scanned: Callable[[int, str], int | None],
        arrived: Callable[[str, int], None],
        rejected: Callable[[str], None] | None = None,
        strayed: Callable[[str, int], None] | None = None,
        assigned: Callable[[int, int], None] | None = None,
        event_seq: int = 0,
        command_seq: int = 0,
        encoder: int | None = None,
    ) -> None:
        witness = Witness(scanned=scanned, arrived=arrived, rejected=rejected, strayed=strayed)
        super().__init__(plan, witness, event_seq=event_seq, encoder=encoder)
        self._assigned = assigned
        self._boot = boot
        self._mode = Mode.AUTOMATIC
        self._last_command = command_seq
        self._result = CommandResult.NONE
        self._heartbeat_seen = 0
        self._image: list[int] = []
        self._unread: list[tuple[list[int], range]] = []
        self._hung_until_s = 0.0

    @property
    def boot(self) -> int:
        """The PLC's own boot number."""
        return self._boot

    @property
    def mode(self) -> Mode:
        """What the sorter is doing."""
        return self._mode

    def advance(self, now_s: float) -> None:
        """Let happen what happens up to now."""
        if now_s < self._hung_until_s:
            self.stand(now_s)
            return
        self._follow_mode()
        self.pass_time(now_s)
        while self._unread:
            self._take(*self._unread.pop(0))

    def due_s(self) -> float | None:
        """Say in how many seconds something happens by itself."""
        if self._hung_until_s > self.now_s:
            return self._hung_until_s - self.now_s
        return super().due_s()

    def set_mode_by_hand(self, mode: Mode) -> None:
        """Turn the key at the cabinet."""
        self._mode = mode
        self._follow_mode()

    def restart(self) -> list[str]:
        """Lose power: all is forgotten but boot count and encoder; give the totes left riding."""
        riding = self.forget()
        self._boot = self._boot % WORD_MAX + 1
        self._mode = Mode.AUTOMATIC
        self._last_command = 0
        self._result = CommandResult.NONE
        self._heartbeat_seen = 0
        self._unread.clear()
        self._hung_until_s = 0.0
        self._follow_mode()
        return riding

    def hang(self, for_s: float) -> None:
        """Have the program stand still: registers are answered as they were, and nothing moves."""
        self._image = self._registers()
        self._hung_until_s = self.now_s + for_s

    def read(self, now_s: float) -> list[int]:
        """Give registers 0 to 111."""
        self.advance(now_s)
        if now_s < self._hung_until_s:
            return list(self._image)
        words = self._registers()
        self.ring.spoil(words)
        return words

    def _registers(self) -> list[int]:
        alarms = ALARM_EMERGENCY_STOP * (self._mode is Mode.EMERGENCY_STOP)
        alarms |= ALARM_JAM * self.jammed | ALARM_RING_FULL * self.ring.full
        return encode_status(
            Status(
                boot=self._boot,
                heartbeat=int(self.now_s / PLC_HEARTBEAT_PERIOD_S) & WORD_MAX,
                mode=self._mode,
                alarms=alarms,
                belt_speed_mm_s=500 if self.moving else 0,
                encoder=self.encoder,
                event_head=self.ring.head,
                last_command=self._last_command,
                command_result=self._result,
                heartbeat_seen=self._heartbeat_seen,
                lanes_full=self.lanes.full,
                lanes_fault=frozenset(self.lanes.faulty),
                events=self.ring.read(),
            )
        )

    def write(self, words: Sequence[int], touched: range, now_s: float) -> None:
        """Take registers 200 to 237, of which those in `touched` were written just now."""
        self.advance(now_s)
        if now_s < self._hung_until_s:
            # The registers hold the last write only; nobody looks at the ones before it.
            self._unread = [(list(words), touched)]
        else:
            self._take(words, touched)

    def _take(self, words: Sequence[int], touched: range) -> None:
        if REG_HEARTBEAT in touched:
            self._heartbeat_seen = words[REG_HEARTBEAT - WRITE_START]
        if REG_EVENT_ACK in touched:
            self.acknowledge(words[REG_EVENT_ACK - WRITE_START])
        if REG_MODE_ASKED in touched:
            self._ask_mode(words[REG_MODE_ASKED - WRITE_START])
        if REG_COMMAND_COUNT in touched:
            count = min(words[REG_COMMAND_COUNT - WRITE_START], COMMAND_SLOTS)
            for slot in range(count):
                start = REG_COMMANDS - WRITE_START + slot * COMMAND_SLOT_WORDS
                if not self._obey(words[start : start + COMMAND_SLOT_WORDS]):
                    break

    def _ask_mode(self, asked: int) -> None:
        if asked in _ASKABLE and self._mode not in (Mode.MANUAL, Mode.EMERGENCY_STOP):
            self._mode = Mode(asked)
            self._follow_mode()

    def _follow_mode(self) -> None:
        self.inducting = self._mode is Mode.AUTOMATIC
        self.move(self._mode not in _AT_REST)

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
        if not self.lanes.exists(command.lane):
            return CommandResult.UNKNOWN_LANE
        if command.op is Op.CLOSE_LANE:
            self.lanes.closed.add(command.lane)
        elif command.op is Op.OPEN_LANE:
            self.lanes.closed.discard(command.lane)
        else:
            self.purge(command.lane)
        return CommandResult.DONE

    def _decide(self, command: Command) -> CommandResult:
        ride = self.rides.get(command.track)
        if self._mode not in _ASKABLE:
            return CommandResult.WRONG_MODE
        if ride is None:
            return CommandResult.UNKNOWN_TRACK
        if ride.decided:
            return CommandResult.TOO_LATE
        if command.op is Op.CANCEL:
            ride.lane = ride.other_lane = NO_LANE
            return CommandResult.DONE
        if not self.lanes.exists(command.lane):
            return CommandResult.UNKNOWN_LANE
        if command.other_lane and not self.lanes.exists(command.other_lane):
            return CommandResult.UNKNOWN_LANE
        if 0 < (self.encoder - command.deadline) & U32_MAX < _HALF_TURN:
            return CommandResult.TOO_LATE
        if self.lanes.is_broken(command.lane):
            return CommandResult.LANE_UNAVAILABLE
        if ride.scanned_s is not None and not ride.lane:
            self.decision_waits_s.append(self.now_s - ride.scanned_s)
        ride.lane, ride.other_lane = command.lane, command.other_lane
        if self._assigned is not None:
            self._assigned(ride.track, ride.lane)
        return CommandResult.DONE
