"""Topics and payloads round-trip, and garbage raises nothing but a DecodeError."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.error import DecodeError
from devices.link.message import (
    NUMBER_MAX,
    Ack,
    Birth,
    DeviceEvent,
    DeviceState,
    decode_ack,
    decode_birth,
    decode_event,
    decode_state,
    encode_ack,
    encode_birth,
    encode_event,
    encode_state,
)
from devices.link.topic import Channel, DeviceName, parse_name, parse_topic, site_filter

SEGMENT = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True)
NAMES = st.builds(DeviceName, SEGMENT, SEGMENT, SEGMENT, SEGMENT)
NUMBER = st.integers(0, NUMBER_MAX)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100)
MOMENT = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
EVENTS = st.builds(
    DeviceEvent,
    boot=NUMBER,
    seq=st.integers(1, NUMBER_MAX),
    at=MOMENT,
    raw=TEXT,
    aim=st.sampled_from(["", "]C1", "]E0"]),
    trigger=st.none() | NUMBER,
)
DECODERS = (decode_ack, decode_birth, decode_event, decode_state)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
FIELDS = st.dictionaries(
    st.sampled_from(["boot", "seq", "at", "aim", "raw", "trigger", "online", "schema", "upto"]),
    JSON,
)


@given(NAMES, st.sampled_from(Channel))
def test_a_topic_round_trips(name: DeviceName, channel: Channel) -> None:
    assert parse_topic(name.topic(channel)) == (name, channel)
    assert parse_name(str(name)) == name


@given(st.text(max_size=80) | st.text(max_size=40).map(lambda text: f"wh/v1/{text}/evt"))
def test_a_foreign_topic_raises_nothing_but_a_decode_error(topic: str) -> None:
    try:
        name, channel = parse_topic(topic)
    except DecodeError:
        return
    assert name.topic(channel) == topic


@pytest.mark.parametrize("part", ["", "+", "#", "a/b", "-a", "a b", "ä", "a" * 65])
def test_a_name_holds_no_wildcard_and_no_space(part: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        DeviceName("main", "sort", "scanner", part)
    with pytest.raises(ValueError, match="cannot be"):
        site_filter(part, Channel.EVT)


def test_the_topics_are_those_that_devices_know() -> None:
    name = DeviceName("main", "sort", "scanner", "SCN-01")
    assert name.topic(Channel.EVT) == "wh/v1/main/sort/scanner/SCN-01/evt"
    assert site_filter("main", Channel.EVT) == "wh/v1/main/+/+/+/evt"


@given(EVENTS)
def test_an_event_round_trips(event: DeviceEvent) -> None:
    assert decode_event(encode_event(event)) == event


@given(NUMBER, NUMBER, st.booleans(), st.lists(TEXT, max_size=4).map(tuple))
def test_births_states_and_acknowledgements_round_trip(
    boot: int, upto: int, online: bool, capabilities: tuple[str, ...]
) -> None:
    assert decode_ack(encode_ack(Ack(boot, upto))) == Ack(boot, upto)
    assert decode_state(encode_state(DeviceState(online, boot))) == DeviceState(online, boot)
    birth = Birth(boot, capabilities)
    assert decode_birth(encode_birth(birth)) == birth


def test_the_event_of_the_specification_is_read() -> None:
    payload = (
        b'{"boot": 7, "seq": 812, "at": "2026-01-02T03:04:05.678Z", "aim": "]C1",'
        b' "raw": "00340123450000000178", "trigger": 4711, "more": [1]}'
    )
    event = decode_event(payload)
    assert (event.boot, event.seq, event.aim, event.trigger) == (7, 812, "]C1", 4711)
    assert event.at == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


@given(st.binary(max_size=200) | FIELDS.map(lambda fields: json.dumps(fields).encode()))
def test_garbage_raises_nothing_but_a_decode_error(payload: bytes) -> None:
    for decode in DECODERS:
        try:
            decode(payload)
        except DecodeError:
            continue


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"seq": True},
        {"boot": -1},
        {"boot": 1.5},
        {"boot": 10**30},
        {"at": "yesterday"},
        {"at": "2026-01-02T03:04:05"},
        {"raw": None},
        {"raw": "\ud800"},
        {"raw": "a\0b"},
        {"raw": "a" * 5_000},
        {"trigger": "4711"},
    ],
)
def test_a_wrong_field_is_refused(change: dict[str, object]) -> None:
    fields = {"boot": 7, "seq": 1, "at": "2026-01-02T03:04:05Z", "raw": "T-00042"}
    decode_event(json.dumps(fields).encode())
    with pytest.raises(DecodeError):
        decode_event(json.dumps(fields | change).encode())
