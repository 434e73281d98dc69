"""What is fuzzed: each target takes any bytes, and knows what must be true of the answer."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from devices.error import DecodeError
from devices.gs1 import ScanKind, is_gtin, is_sscc, meaning_of, parse_scan, read_elements
from devices.gs1 import write_elements as written
from devices.link import message
from devices.link.message import DeviceEvent
from devices.link.topic import parse_name, parse_topic
from devices.printer.status import decode_counter, decode_host_status
from devices.scan.datawedge import read_intent
from devices.scan.read import Read, ReadRules, judge
from devices.scan.wedge import WedgeFormat, WedgeStream, read_wedge
from devices.sorter import register, wire

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
AIMS = ("", "]C0", "]C1", "]E0", "]d2", "]Q1", "]Q3", "]e0", "]I1", "xx")
WEDGE = WedgeFormat("~", "#")
JOINED = ReadRules(joiner=";")
_T = TypeVar("_T")


def fuzz_scan(data: bytes) -> None:
    """A code with a symbology identifier beside it; the first byte chooses which."""
    aim, raw = AIMS[data[0] % len(AIMS)] if data else "", _text(data[1:])
    scan = parse_scan(raw, aim)
    assert scan.raw == raw and parse_scan(raw, aim) == scan
    assert scan.kind is not ScanKind.SSCC or is_sscc(scan.value)
    assert scan.kind is not ScanKind.GTIN or is_gtin(scan.value)
    assert scan.kind is not ScanKind.FAULT or (scan.value and not scan.elements)
    assert [meaning_of(each).value for each in scan.elements] == [e.value for e in scan.elements]
    if scan.elements and not raw.lower().startswith("http") and "(" not in raw:
        assert read_elements(written(scan.elements)) == scan.elements


def fuzz_wedge(data: bytes) -> None:
    """The bytes of a serial line; what comes out can be sent as a telegram."""
    stream = WedgeStream(1, WEDGE)
    events = [*stream.feed(data[: len(data) // 2], AT), *stream.feed(data[len(data) // 2 :], AT)]
    for event in events:
        assert message.decode_event(message.encode_event(event)) == event
    read_wedge(_text(data), WEDGE)


def fuzz_read(data: bytes) -> None:
    """Several codes of one parcel, a line each."""
    lines = _text(data).split("\n")
    events = [DeviceEvent(1, at, AT, line, AIMS[at % 3]) for at, line in enumerate(lines, 1)]
    decided = judge(events, JOINED)
    assert (decided.read is Read.READ) == bool(decided.code) == (decided.kind is not None)


def fuzz_intent(data: bytes) -> None:
    """An intent's JSON."""
    try:
        extras = json.loads(data)
    except (ValueError, RecursionError):
        return
    with suppress(DecodeError):
        for reading in read_intent(extras if isinstance(extras, dict) else {}, WEDGE):
            event = reading.event(1, 1, AT)
            with suppress(DecodeError):
                assert message.decode_event(message.encode_event(event)) == event


def fuzz_telegram(data: bytes) -> None:
    """Every telegram's payload; what is understood is written and understood again."""
    _again(message.decode_birth, message.encode_birth, data)
    _again(message.decode_state, message.encode_state, data)
    _again(message.decode_event, message.encode_event, data)
    _again(message.decode_ack, message.encode_ack, data)
    _again(message.decode_command, message.encode_command, data)
    _again(message.decode_reply, message.encode_reply, data)


def fuzz_topic(data: bytes) -> None:
    """A topic, or a device's name."""
    text = _text(data)
    with suppress(DecodeError):
        name, channel = parse_topic(text)
        assert name.topic(channel) == text
    with suppress(DecodeError):
        assert str(parse_name(text)) == text


def fuzz_register(data: bytes) -> None:
    """Registers, two bytes each; the first byte chooses what they are taken for."""
    kind, data = (data[0] if data else 0), data[1:]
    words = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    with suppress(DecodeError):
        REGISTERS[kind % len(REGISTERS)](words)


def _status(words: list[int]) -> None:
    # A right head lets the fuzzer in.
    words = (words + [0] * register.READ_COUNT)[: register.READ_COUNT]
    words[register.REG_MAP_VERSION] = register.MAP_VERSION
    status = wire.decode_status(words)
    again = wire.decode_status(wire.encode_status(status))
    assert {*again.events} >= {event for event in status.events if not any(event.strange)}


def _command(words: list[int]) -> None:
    # A right check lets it in here.
    body = (words + [0] * register.COMMAND_SLOT_WORDS)[: register.COMMAND_SLOT_WORDS - 1]
    command = wire.decode_command([*body, register.crc16_modbus(body)])
    assert list(wire.encode_command(command)[:-1]) == body


REGISTERS: tuple[Callable[[list[int]], object], ...] = (
    _status,
    _command,
    wire.decode_status,
    wire.decode_command,
    wire.decode_event,
    wire.decode_request,
    lambda words: wire.decode_request((words + [0] * 38)[: register.WRITE_COUNT]),
)


def fuzz_printer(data: bytes) -> None:
    """A printer's answers."""
    with suppress(DecodeError):
        status = decode_host_status(data)
        assert not (status.blocked and status.idle)
        assert status.formats_waiting >= 0 and status.labels_left >= 0
    with suppress(DecodeError):
        assert decode_counter(data) >= 0


def _again(decode: Callable[[bytes], _T], encode: Callable[[_T], bytes], data: bytes) -> None:
    try:
        value = decode(data)
    except DecodeError:
        return
    payload = encode(value)
    # What grows over the limit when it is written out plainly is refused, not misread.
    with suppress(DecodeError):
        assert decode(payload) == value


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape" if len(data) % 2 else "replace")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "scan": fuzz_scan,
    "wedge": fuzz_wedge,
    "read": fuzz_read,
    "intent": fuzz_intent,
    "telegram": fuzz_telegram,
    "topic": fuzz_topic,
    "register": fuzz_register,
    "printer": fuzz_printer,
}
