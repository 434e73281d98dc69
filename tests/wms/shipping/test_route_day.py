"""Seconds of a day on the road are those that pass, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wms.shipping.route_day import RouteDay

ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, ZONES)
def test_a_moment_of_a_day_comes_back(at: datetime, zone: str) -> None:
    at = at.replace(microsecond=0)
    day = RouteDay.of(at, zone)
    assert day.moment(day.second(at)) == at
    assert 0 <= day.second(at) < 25 * 3600


@given(MOMENTS, ZONES)
def test_days_follow_one_another(at: datetime, zone: str) -> None:
    day = RouteDay.of(at, zone)
    length = day.next().midnight - day.midnight
    assert timedelta(hours=23) <= length <= timedelta(hours=25)


def test_where_clocks_are_put_forward_an_hour_is_missing() -> None:
    day = RouteDay(date(2026, 3, 29), "Europe/London")
    assert day.second_of(time(8)) == 7 * 3600
    assert RouteDay(date(2026, 3, 30), "Europe/London").second_of(time(8)) == 8 * 3600


def test_what_was_before_midnight_is_at_midnight() -> None:
    day = RouteDay(date(2026, 3, 2), "UTC")
    assert day.second(day.midnight - timedelta(hours=3)) == 0
