"""What a PLC and its driver tell each other, as values: status and events, request and commands."""

from dataclasses import dataclass
from enum import IntEnum

from devices.sorter.register import MAP_VERSION, NO_LANE


class Mode(IntEnum):
    """What the sorter is doing; we may ask for AUTOMATIC and DRAINING only."""

    STOPPED = 0
    AUTOMATIC = 1
    MANUAL = 2
    EMERGENCY_STOP = 3
    DRAINING = 4


class EventType(IntEnum):
    """What happened on the sorter; UNKNOWN stands for every code that the map does not have."""

    UNKNOWN = 0
    INDUCTED = 1
    READ = 2
    NO_READ = 3
    MULTI_READ = 4
    DIVERTED = 5
    RECIRCULATED = 6
    REJECTED = 7
    LOST = 8
    JAM = 9
    JAM_CLEARED = 10
    LANE_FULL = 11
    LANE_FREE = 12


class Reason(IntEnum):
    """Why a unit did not go where it was planned to go."""

    NONE = 0
    NO_DECISION = 1
    LANE_FULL = 2
    LANE_FAULT = 3
    TRACK_LOST = 4
    OPERATOR = 5
    POWER = 6


class Op(IntEnum):
    """What a command asks for."""

    ASSIGN = 1
    CANCEL = 2
    CLOSE_LANE = 3
    OPEN_LANE = 4
    PURGE_LANE = 5


class CommandResult(IntEnum):
    """What the PLC made of the command in register 9."""

    NONE = 0
    DONE = 1
    REPEATED = 2
    OUT_OF_SEQUENCE = 3
    UNKNOWN_TRACK = 4
    UNKNOWN_LANE = 5
    TOO_LATE = 6
    BAD_CHECK = 7
    LANE_UNAVAILABLE = 8
    WRONG_MODE = 9


@dataclass(frozen=True, slots=True)
class Command:
    """One command to the PLC; `deadline` is in encoder counts."""

    seq: int
    op: Op
    track: int = 0
    lane: int = NO_LANE
    other_lane: int = NO_LANE
    deadline: int = 0


@dataclass(frozen=True, slots=True)
class RingEvent:
    """One entry of the event ring; `t_ms` is the PLC's own clock, modulo 65536.

    `strange` holds the type and the reason of an entry with a code that the map does not have.
    """

    seq: int
    type: EventType
    track: int = 0
    planned: int = NO_LANE
    actual: int = NO_LANE
    reason: Reason = Reason.NONE
    encoder: int = 0
    t_ms: int = 0
    strange: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Status:
    """Registers 0 to 111 as values; `events` holds the whole entries only, in no order.

    `torn` counts the entries that were caught half written.
    """

    boot: int
    heartbeat: int
    mode: Mode
    map_version: int = MAP_VERSION
    alarms: int = 0
    belt_speed_mm_s: int = 0
    encoder: int = 0
    event_head: int = 0
    last_command: int = 0
    command_result: CommandResult = CommandResult.NONE
    heartbeat_seen: int = 0
    lanes_full: frozenset[int] = frozenset()
    lanes_fault: frozenset[int] = frozenset()
    events: tuple[RingEvent, ...] = ()
    torn: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """Registers 200 to 237 as values; `mode_asked` 0 asks for nothing."""

    heartbeat: int
    boot: int
    acknowledged: int = 0
    mode_asked: int = 0
    commands: tuple[Command, ...] = ()
