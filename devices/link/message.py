"""Payloads of the link as JSON: births, states, events, acknowledgements, commands and replies."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devices.error import DecodeError

SCHEMA = 1
PAYLOAD_BYTES_MAX = 16_384
TEXT_CHARS_MAX = 4_096
NUMBER_MAX = 2**53 - 1
DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Birth:
    """What a device says of itself when it starts; `schema` is the version of its payloads."""

    boot: int
    capabilities: tuple[str, ...] = ()
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Whether a device is there; the broker says `online=False` in its last will."""

    online: bool
    boot: int


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """One scan of a device; `seq` counts from 1 within a boot, without gaps.

    `at` is the device's own clock, aware. `aim` is the symbology identifier (`]C1`) or empty.
    `trigger` is the sorter's track number where the scanner stands on a sorter.
    """

    boot: int
    seq: int
    at: datetime
    raw: str
    aim: str = ""
    trigger: int | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """Events of a boot that are stored for good, up to and including `upto`."""

    boot: int
    upto: int


@dataclass(frozen=True, slots=True)
class Command:
    """What we ask of a device.

    A numbered one is carried out once: `seq` grows within an epoch of ours, and what is not above
    the last one that was carried out is only answered again. One without numbers is a question:
    it changes nothing, so it may be answered twice.
    """

    op: str
    args: dict[str, object] = field(default_factory=dict)
    epoch: int | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A device's answer: every command of the epoch up to `upto` is settled.

    `seq` is the command whose result this is; without it the reply only acknowledges. `reason`
    says why a command was refused.
    """

    epoch: int | None = None
    upto: int | None = None
    seq: int | None = None
    ok: bool = True
    reason: str = ""
    data: dict[str, object] = field(default_factory=dict)


def encode_birth(birth: Birth) -> bytes:
    """Write a birth."""
    capabilities = list(birth.capabilities)
    return _dump({"schema": birth.schema, "capabilities": capabilities, "boot": birth.boot})


def decode_birth(payload: bytes) -> Birth:
    """Read a birth. Raises: DecodeError."""
    fields = _load(payload)
    capabilities = fields.get("capabilities", [])
    if not isinstance(capabilities, list):
        raise DecodeError("capabilities: a list of words is wanted")
    words = tuple(_text({"capabilities": word}, "capabilities") for word in capabilities)
    return Birth(_number(fields, "boot"), words, _number(fields, "schema"))


def encode_state(state: DeviceState) -> bytes:
    """Write a state."""
    return _dump({"online": state.online, "boot": state.boot})


def decode_state(payload: bytes) -> DeviceState:
    """Read a state. Raises: DecodeError."""
    fields = _load(payload)
    online = fields.get("online")
    if not isinstance(online, bool):
        raise DecodeError("online: true or false is wanted")
    return DeviceState(online, _number(fields, "boot"))


def encode_event(event: DeviceEvent) -> bytes:
    """Write an event."""
    fields: dict[str, object] = {
        "boot": event.boot,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(),
        "aim": event.aim,
        "raw": event.raw,
    }
    if event.trigger is not None:
        fields["trigger"] = event.trigger
    return _dump(fields)


def decode_event(payload: bytes) -> DeviceEvent:
    """Read an event. Raises: DecodeError."""
    fields = _load(payload)
    trigger = None if fields.get("trigger") is None else _number(fields, "trigger")
    seq = _number(fields, "seq")
    if seq == 0:
        raise DecodeError("seq: counts from 1")
    return DeviceEvent(
        boot=_number(fields, "boot"),
        seq=seq,
        at=_moment(fields, "at"),
        raw=_text(fields, "raw"),
        aim="" if fields.get("aim") is None else _text(fields, "aim"),
        trigger=trigger,
    )


def encode_ack(ack: Ack) -> bytes:
    """Write an acknowledgement."""
    return _dump({"boot": ack.boot, "upto": ack.upto})


def decode_ack(payload: bytes) -> Ack:
    """Read an acknowledgement. Raises: DecodeError."""
    fields = _load(payload)
    return Ack(_number(fields, "boot"), _number(fields, "upto"))


def encode_command(command: Command) -> bytes:
    """Write a command."""
    fields: dict[str, object] = {"op": command.op, "args": command.args}
    if command.seq is not None:
        fields = {"epoch": command.epoch, "seq": command.seq} | fields
    return _dump(fields)


def decode_command(payload: bytes) -> Command:
    """Read a command. Raises: DecodeError."""
    fields = _load(payload)
    epoch, seq = _optional_number(fields, "epoch"), _optional_number(fields, "seq")
    if (epoch is None) != (seq is None):
        raise DecodeError("seq: belongs to an epoch")
    return Command(_text(fields, "op"), _object(fields, "args"), epoch, seq)


def encode_reply(reply: Reply) -> bytes:
    """Write a reply."""
    numbers = {"epoch": reply.epoch, "upto": reply.upto, "seq": reply.seq}
    fields: dict[str, object] = {key: n for key, n in numbers.items() if n is not None}
    fields["ok"] = reply.ok
    if reply.reason:
        fields["reason"] = reply.reason
    if reply.data:
        fields["data"] = reply.data
    return _dump(fields)


def decode_reply(payload: bytes) -> Reply:
    """Read a reply. Raises: DecodeError."""
    fields = _load(payload)
    epoch, upto = _optional_number(fields, "epoch"), _optional_number(fields, "upto")
    if (epoch is None) != (upto is None):
        raise DecodeError("upto: belongs to an epoch")
    ok = fields.get("ok", True)
    if not isinstance(ok, bool):
        raise DecodeError("ok: true or false is wanted")
    reason = "" if fields.get("reason") is None else _text(fields, "reason")
    seq = _optional_number(fields, "seq")
    return Reply(epoch, upto, seq, ok, reason, _object(fields, "data"))


def _dump(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()


def _load(payload: bytes) -> dict[str, object]:
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise DecodeError(f"{len(payload)} bytes, {PAYLOAD_BYTES_MAX} at most")
    try:
        fields = json.loads(payload.decode())
    except (ValueError, RecursionError) as error:
        raise DecodeError("the payload is no JSON in UTF-8") from error
    if not isinstance(fields, dict):
        raise DecodeError("the payload is no JSON object")
    return fields


def _number(fields: dict[str, object], key: str) -> int:
    value = fields.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= NUMBER_MAX:
        raise DecodeError(f"{key}: a whole number from 0 to {NUMBER_MAX} is wanted")
    return value


def _optional_number(fields: dict[str, object], key: str) -> int | None:
    return None if fields.get(key) is None else _number(fields, key)


def _object(fields: dict[str, object], key: str) -> dict[str, object]:
    value = fields.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict) or not can_be_kept(value):
        raise DecodeError(f"{key}: a JSON object of sound text and numbers is wanted")
    return value


def can_be_kept(value: object, depth: int = DEPTH_MAX) -> bool:
    """Tell whether a database takes this JSON: sound text, finite numbers, not too deep."""
    # PostgreSQL's jsonb takes neither NaN nor the characters that a text may not hold.
    if depth == 0:
        return False
    if isinstance(value, dict):
        return all(can_be_kept(part, depth - 1) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(can_be_kept(part, depth - 1) for part in value)
    if isinstance(value, str):
        return _is_sound(value)
    return not isinstance(value, float) or math.isfinite(value)


def _is_sound(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _text(fields: dict[str, object], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
        raise DecodeError(f"{key}: a text of at most {TEXT_CHARS_MAX} characters is wanted")
    # PostgreSQL stores neither NUL nor half a surrogate pair: such an event could never be kept.
    if not _is_sound(value):
        raise DecodeError(f"{key}: holds a character that is none")
    return value


def _moment(fields: dict[str, object], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(fields, key))
        if moment.tzinfo is None:
            raise DecodeError(f"{key}: the offset from UTC is missing")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DecodeError(f"{key}: a moment as in RFC 3339 is wanted") from error
