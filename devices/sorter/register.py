"""The sorter's register map: constants, and how values lie in 16-bit registers.

Registers are 0-based holding registers. A 32-bit value lies high word first. Lanes are numbered
1 to 64 and 0 means no lane: lane n is bit (n - 1) % 16, counted from the least significant, of
register (n - 1) // 16 of its block. Sequence numbers run 1 to 65535 and then 1 again; 0 means none.
The place of an event in the ring carries no meaning: a reader goes by sequence numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from devices.error import DecodeError

MAP_VERSION = 1

READ_START = 0
READ_COUNT = 112
REG_MAP_VERSION = 0
REG_PLC_BOOT = 1
REG_PLC_HEARTBEAT = 2
REG_MODE = 3
REG_ALARM = 4
REG_BELT_SPEED = 5
REG_ENCODER = 6
REG_EVENT_HEAD = 8
REG_LAST_COMMAND = 9
REG_COMMAND_RESULT = 10
REG_HEARTBEAT_SEEN = 11
REG_LANE_FULL = 16
REG_LANE_FAULT = 20
LANE_WORDS = 4
REG_RING = 32
RING_SLOTS = 8
RING_SLOT_WORDS = 10

WRITE_START = 200
WRITE_COUNT = 38
REG_HEARTBEAT = 200
REG_BOOT = 201
REG_EVENT_ACK = 202
REG_MODE_ASKED = 203
REG_COMMAND_COUNT = 204
REG_COMMANDS = 206
COMMAND_SLOTS = 4
COMMAND_SLOT_WORDS = 8

PLC_HEARTBEAT_PERIOD_S = 0.1
LANES = 64
NO_LANE = 0
SEQUENCE_MAX = 0xFFFF
WORD_MAX = 0xFFFF
U32_MAX = 0xFFFF_FFFF

_Code = TypeVar("_Code", bound=IntEnum)


class MapVersionRefused(DecodeError):
    """The PLC's registers are laid out by a version of the map that is not ours."""


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


_EVENT_TYPES = frozenset(map(int, EventType))
_REASONS = frozenset(map(int, Reason))


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


def sequence_distance(start: int, end: int) -> int:
    """Count the steps from one sequence number to another, 0 to 65534."""
    return (end - start) % SEQUENCE_MAX


def next_sequence(seq: int) -> int:
    """Give the sequence number after `seq`; 0 is skipped."""
    return 1 if seq >= SEQUENCE_MAX else seq + 1


def u32_words(value: int) -> tuple[int, int]:
    """Split a 32-bit value into its high and its low word."""
    if not 0 <= value <= U32_MAX:
        raise ValueError(f"{value} does not fit into 32 bits")
    return value >> 16, value & WORD_MAX


def u32_value(high: int, low: int) -> int:
    """Join a high and a low word."""
    return (high << 16) | low


def lane_words(lanes: Iterable[int]) -> tuple[int, ...]:
    """Give the four registers in which the bits of these lanes are set."""
    words = [0] * LANE_WORDS
    for lane in lanes:
        if not 1 <= lane <= LANES:
            raise ValueError(f"there is no lane {lane}: lanes are 1 to {LANES}")
        words[(lane - 1) // 16] |= 1 << ((lane - 1) % 16)
    return tuple(words)


def lane_set(words: Sequence[int]) -> frozenset[int]:
    """Give the lanes whose bits are set in four registers."""
    return frozenset(
        lane for lane in range(1, LANES + 1) if words[(lane - 1) // 16] >> ((lane - 1) % 16) & 1
    )


def crc16_modbus(words: Sequence[int]) -> int:
    """Compute CRC-16/MODBUS over registers, high byte first.

    Source: Modbus over serial line V1.02, 6.2.2 (polynomial A001 reflected, start FFFF).
    """
    crc = 0xFFFF
    for word in words:
        for byte in (word >> 8, word & 0xFF):
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def encode_command(command: Command) -> tuple[int, ...]:
    """Lay a command out in its eight registers, the check last."""
    fields = (command.seq, command.op, command.track, command.lane, command.other_lane)
    words = (*map(_word, fields), *u32_words(command.deadline))
    return (*words, crc16_modbus(words))


def decode_command(words: Sequence[int]) -> Command:
    """Read a command from its eight registers.

    Raises: DecodeError when the check or the operation is wrong.
    """
    seq, op, track, lane, other_lane, high, low, check = _slot(words, COMMAND_SLOT_WORDS)
    if crc16_modbus(words[:-1]) != check:
        raise DecodeError(f"command {seq}: check {check:#06x} does not fit its registers")
    return Command(seq, _code(Op, op), track, lane, other_lane, u32_value(high, low))


def encode_event(event: RingEvent) -> tuple[int, ...]:
    """Lay an event out in its ten registers, the sequence number first and last."""
    seq = _word(event.seq)
    fields = (event.type, event.track, event.planned, event.actual, event.reason)
    return (seq, *map(_word, fields), *u32_words(event.encoder), _word(event.t_ms), seq)


def decode_event(words: Sequence[int]) -> RingEvent | None:
    """Read an event from its ten registers; None for an empty or a torn entry, read it again.

    A whole entry with a code that the map does not have is UNKNOWN: it has a number that must be
    acknowledged like any other, or the PLC would stop behind it.
    """
    seq, kind, track, planned, actual, reason, high, low, t_ms, again = _slot(
        words, RING_SLOT_WORDS
    )
    if seq == 0 or seq != again:
        return None
    encoder = u32_value(high, low)
    if kind not in _EVENT_TYPES or reason not in _REASONS:
        strange, none = (kind, reason), Reason.NONE
        what = EventType.UNKNOWN
        return RingEvent(seq, what, track, planned, actual, none, encoder, t_ms, strange)
    return RingEvent(seq, EventType(kind), track, planned, actual, Reason(reason), encoder, t_ms)


def encode_status(status: Status) -> list[int]:
    """Lay out registers 0 to 111; the events fill the ring from its first place."""
    if len(status.events) > RING_SLOTS:
        raise ValueError(f"the ring holds {RING_SLOTS} events, not {len(status.events)}")
    words = [0] * READ_COUNT
    words[: REG_ENCODER + 2] = [
        _word(status.map_version),
        _word(status.boot),
        _word(status.heartbeat),
        _word(status.mode),
        _word(status.alarms),
        _word(status.belt_speed_mm_s),
        *u32_words(status.encoder),
    ]
    words[REG_EVENT_HEAD] = _word(status.event_head)
    words[REG_LAST_COMMAND] = _word(status.last_command)
    words[REG_COMMAND_RESULT] = _word(status.command_result)
    words[REG_HEARTBEAT_SEEN] = _word(status.heartbeat_seen)
    words[REG_LANE_FULL : REG_LANE_FULL + LANE_WORDS] = lane_words(status.lanes_full)
    words[REG_LANE_FAULT : REG_LANE_FAULT + LANE_WORDS] = lane_words(status.lanes_fault)
    for place, event in enumerate(status.events):
        start = REG_RING + place * RING_SLOT_WORDS
        words[start : start + RING_SLOT_WORDS] = encode_event(event)
    return words


def decode_status(words: Sequence[int]) -> Status:
    """Read registers 0 to 111.

    Raises: MapVersionRefused; DecodeError for another length or a mode or result that the map
    does not have.
    """
    if len(words) != READ_COUNT:
        raise DecodeError(f"{len(words)} registers instead of {READ_COUNT}")
    if words[REG_MAP_VERSION] != MAP_VERSION:
        raise MapVersionRefused(f"map version {words[REG_MAP_VERSION]} instead of {MAP_VERSION}")
    starts = range(REG_RING, READ_COUNT, RING_SLOT_WORDS)
    slots = [words[start : start + RING_SLOT_WORDS] for start in starts]
    entries = (decode_event(slot) for slot in slots)
    return Status(
        map_version=words[REG_MAP_VERSION],
        boot=words[REG_PLC_BOOT],
        heartbeat=words[REG_PLC_HEARTBEAT],
        mode=_code(Mode, words[REG_MODE]),
        alarms=words[REG_ALARM],
        belt_speed_mm_s=words[REG_BELT_SPEED],
        encoder=u32_value(words[REG_ENCODER], words[REG_ENCODER + 1]),
        event_head=words[REG_EVENT_HEAD],
        last_command=words[REG_LAST_COMMAND],
        command_result=_code(CommandResult, words[REG_COMMAND_RESULT]),
        heartbeat_seen=words[REG_HEARTBEAT_SEEN],
        lanes_full=lane_set(words[REG_LANE_FULL : REG_LANE_FULL + LANE_WORDS]),
        lanes_fault=lane_set(words[REG_LANE_FAULT : REG_LANE_FAULT + LANE_WORDS]),
        events=tuple(entry for entry in entries if entry is not None),
        torn=sum(slot[0] != slot[-1] for slot in slots),
    )


def encode_request(request: Request) -> list[int]:
    """Lay out registers 200 to 237; unused command places are 0."""
    if len(request.commands) > COMMAND_SLOTS:
        raise ValueError(f"{len(request.commands)} commands in a write, {COMMAND_SLOTS} at most")
    words = [
        _word(request.heartbeat),
        _word(request.boot),
        _word(request.acknowledged),
        _word(request.mode_asked),
        len(request.commands),
        0,
    ]
    for command in request.commands:
        words.extend(encode_command(command))
    return words + [0] * (WRITE_COUNT - len(words))


def decode_request(words: Sequence[int]) -> Request:
    """Read registers 200 to 237.

    Raises: DecodeError for another length, too many commands or a wrong check.
    """
    if len(words) != WRITE_COUNT:
        raise DecodeError(f"{len(words)} registers instead of {WRITE_COUNT}")
    count = words[REG_COMMAND_COUNT - WRITE_START]
    if count > COMMAND_SLOTS:
        raise DecodeError(f"{count} commands in a write, {COMMAND_SLOTS} at most")
    first = REG_COMMANDS - WRITE_START
    starts = (first + place * COMMAND_SLOT_WORDS for place in range(count))
    commands = tuple(decode_command(words[at : at + COMMAND_SLOT_WORDS]) for at in starts)
    heartbeat, boot, acknowledged, mode_asked = words[:4]
    return Request(heartbeat, boot, acknowledged, mode_asked, commands)


def _word(value: int) -> int:
    if not 0 <= value <= WORD_MAX:
        raise ValueError(f"{value} does not fit into a register")
    return int(value)


def _code(codes: type[_Code], value: int) -> _Code:
    try:
        return codes(value)
    except ValueError as error:
        raise DecodeError(f"{codes.__name__}: there is no code {value}") from error


def _slot(words: Sequence[int], size: int) -> Sequence[int]:
    if len(words) != size:
        raise DecodeError(f"{len(words)} registers instead of {size}")
    return words
