"""How values lie in the registers of the map, and how they are read from them."""

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeVar

from devices.error import DecodeError
from devices.sorter.message import (
    Command,
    CommandResult,
    EventType,
    Mode,
    Op,
    Reason,
    Request,
    RingEvent,
    Status,
)
from devices.sorter.register import (
    COMMAND_SLOT_WORDS,
    COMMAND_SLOTS,
    LANE_WORDS,
    MAP_VERSION,
    READ_COUNT,
    REG_ALARM,
    REG_BELT_SPEED,
    REG_COMMAND_COUNT,
    REG_COMMAND_RESULT,
    REG_COMMANDS,
    REG_ENCODER,
    REG_EVENT_HEAD,
    REG_HEARTBEAT_SEEN,
    REG_LANE_FAULT,
    REG_LANE_FULL,
    REG_LAST_COMMAND,
    REG_MAP_VERSION,
    REG_MODE,
    REG_PLC_BOOT,
    REG_PLC_HEARTBEAT,
    REG_RING,
    RING_SLOT_WORDS,
    RING_SLOTS,
    WORD_MAX,
    WRITE_COUNT,
    WRITE_START,
    crc16_modbus,
    lane_set,
    lane_words,
    u32_value,
    u32_words,
)

_EVENT_TYPES = frozenset(map(int, EventType))
_REASONS = frozenset(map(int, Reason))
_Code = TypeVar("_Code", bound=IntEnum)


class MapVersionRefused(DecodeError):
    """The PLC's registers are laid out by a version of the map that is not ours."""


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
