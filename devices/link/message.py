"""Payloads of the link: births, states, events and acknowledgements as JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from devices.error import DecodeError

SCHEMA = 1
PAYLOAD_BYTES_MAX = 16_384
TEXT_CHARS_MAX = 4_096
NUMBER_MAX = 2**53 - 1


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


def _text(fields: dict[str, object], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
        raise DecodeError(f"{key}: a text of at most {TEXT_CHARS_MAX} characters is wanted")
    # PostgreSQL stores neither NUL nor half a surrogate pair: such an event could never be kept.
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
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
