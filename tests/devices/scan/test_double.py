"""A double read is told from the next parcel."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.link.message import DeviceEvent
from devices.scan.double import CODES_KEPT, DoubleReads

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
SSCC = "340123450000000178"


def event(raw: str, after_s: float = 0.0, trigger: int | None = None, aim: str = "") -> DeviceEvent:
    """A read so long after the first."""
    return DeviceEvent(1, 1, AT + timedelta(seconds=after_s), raw, aim, trigger)


def test_the_same_code_within_the_window_is_a_double_read() -> None:
    doubles = DoubleReads(window_s=2)
    assert not doubles.again(event("T-00042"))
    assert doubles.again(event("t-00042\r", 1.9))
    assert not doubles.again(event("T-00042", 4.0))


def test_another_code_is_another_parcel() -> None:
    doubles = DoubleReads()
    assert not doubles.again(event("T-00042"))
    assert not doubles.again(event("T-00043"))
    assert not doubles.again(event("Lot/1"))
    assert not doubles.again(event("lot/1"))


def test_the_same_code_on_the_same_track_is_double_for_the_whole_ride() -> None:
    doubles = DoubleReads(window_s=2, track_s=300)
    assert not doubles.again(event("T-00042", 0, 7))
    assert doubles.again(event("T-00042", 60, 7))


def test_the_same_code_on_another_track_is_another_pass() -> None:
    doubles = DoubleReads()
    assert not doubles.again(event("T-00042", 0, 7))
    assert not doubles.again(event("T-00042", 0.1, 8))


def test_a_track_number_that_is_used_again_is_a_new_ride() -> None:
    doubles = DoubleReads(track_s=300)
    assert not doubles.again(event("T-00042", 0, 7))
    assert not doubles.again(event("T-00042", 301, 7))


def test_one_label_read_in_two_ways_is_one_code() -> None:
    doubles = DoubleReads()
    assert not doubles.again(event(f"00{SSCC}", 0, aim="]C1"))
    assert doubles.again(event(SSCC, 1))


def test_a_clock_that_is_set_back_ends_no_window_by_itself() -> None:
    doubles = DoubleReads(window_s=2)
    assert not doubles.again(event("T-00042", 10))
    assert doubles.again(event("T-00042", 9))
    assert not doubles.again(event("T-00042", -3600))


def test_only_so_many_codes_are_remembered() -> None:
    doubles = DoubleReads(window_s=1e6)
    for number in range(CODES_KEPT + 1):
        assert not doubles.again(event(f"T-{number:05}"))
    assert not doubles.again(event("T-00000"))
    assert doubles.again(event(f"T-{CODES_KEPT:05}"))


def test_a_window_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        DoubleReads(-1)
