"""What a wedge types around a code goes, and what belongs to the code stays."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import FNC1, ScanKind, parse_scan
from devices.link.message import decode_event, encode_event
from devices.scan.reading import Reading
from devices.scan.wedge import LINE_BYTES_MAX, WedgeFormat, WedgeStream, read_wedge

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
WEDGE = WedgeFormat(prefix="~S", suffix="#")


@pytest.mark.parametrize(
    "text",
    ["T-00042", "T-00042\r", "T-00042\r\n", "\tT-00042\n", "\x02T-00042\x03", "T-00042\x00"],
)
def test_line_ends_and_frames_go(text: str) -> None:
    assert read_wedge(text) == Reading("T-00042")


@pytest.mark.parametrize("text", ["~ST-00042#\r", "]C0~ST-00042#", "~S]C0T-00042#", "]C0T-00042"])
def test_the_prefix_goes_before_or_behind_the_symbology_or_was_never_there(text: str) -> None:
    reading = read_wedge(text, WEDGE)
    assert reading.raw == "T-00042"
    assert parse_scan(reading.text).kind is ScanKind.TOTE


@pytest.mark.parametrize(
    "stand_in", [FNC1, "\u241d", "<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "[FNC1]"]
)
def test_what_stands_for_fnc1_becomes_fnc1(stand_in: str) -> None:
    reading = read_wedge(f"]C1010950110153000310LOT{stand_in}17261231\r")
    scan = parse_scan(reading.raw, reading.aim)
    assert (scan.element("10"), scan.element("17")) == ("LOT", "261231")


def test_fnc1_at_the_front_is_kept_since_it_says_what_the_code_is() -> None:
    assert read_wedge(f"{FNC1}10D9T\r") == Reading(f"{FNC1}10D9T")
    assert parse_scan(read_wedge("<GS>10D9T").text).element("10") == "D9T"


def test_a_reader_s_own_separator_is_set() -> None:
    assert read_wedge("10A|21B", WedgeFormat(separators=("|",))).raw == f"10A{FNC1}21B"
    with pytest.raises(ValueError, match="separator"):
        WedgeFormat(separators=("",))


def test_a_serial_line_gives_the_same_message_as_mqtt() -> None:
    stream = WedgeStream(boot=3)
    assert stream.feed(b"\x02]C1003401234", AT) == []
    events = stream.feed(b"50000000178\x03\r\n\r\nT-00042\r", AT)
    assert [(each.boot, each.seq, each.aim, each.raw) for each in events] == [
        (3, 1, "]C1", "00340123450000000178"),
        (3, 2, "", "T-00042"),
    ]
    for event in events:
        assert decode_event(encode_event(event)) == event


def test_a_line_without_end_is_thrown_away_and_counted_once() -> None:
    stream = WedgeStream(boot=1)
    for _ in range(5):
        assert stream.feed(b"x" * LINE_BYTES_MAX, AT) == []
    assert [each.raw for each in stream.feed(b"tail\rT-00042\r", AT)] == ["T-00042"]
    assert stream.too_long == 1
    assert stream.feed(b"y" * (LINE_BYTES_MAX + 1) + b"\r", AT) == []
    assert stream.too_long == 2


def test_a_reader_s_own_code_page_is_no_fault() -> None:
    assert WedgeStream(1).feed("Größe-1\r".encode("latin-1"), AT)[0].raw == "Größe-1"
    assert WedgeStream(1).feed("Größe-1\r".encode(), AT)[0].raw == "Größe-1"


@given(st.lists(st.binary(max_size=40)))
def test_however_bytes_are_cut_the_events_are_the_same(parts: list[bytes]) -> None:
    cut, whole = WedgeStream(1), WedgeStream(1)
    events = [event for part in parts for event in cut.feed(part, AT)]
    assert events == whole.feed(b"".join(parts), AT)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for event in events:
        assert decode_event(encode_event(event)) == event


def test_a_reading_that_cannot_be_a_message_is_refused() -> None:
    for boot, seq, at in ((1, 0, AT), (-1, 1, AT), (1, 1, AT.replace(tzinfo=None))):
        with pytest.raises(ValueError, match="counts from 1"):
            Reading("x").event(boot, seq, at)
