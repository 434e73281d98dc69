"""Legs by time of day, forwards and backwards."""

from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.delivery.pace import Pace, Steady, pace_of, parted
from routing.delivery.travel import FAR, Travel


class Leg(NamedTuple):
    travel: Travel
    speed: float
    pace: Pace


@st.composite
def legs(draw: st.DrawFn) -> Leg:
    slices = draw(st.integers(1, 4))
    since = sorted(draw(st.sets(st.integers(0, 400), min_size=slices, max_size=slices)))
    whole = draw(st.lists(st.integers(0, 300), min_size=slices, max_size=slices))
    table = np.array([[[0, each], [each, 0]] for each in whole], np.int64)
    travel = Travel(table[0], table, tuple(since))
    speed = draw(st.sampled_from([1.0, 0.7, 1.3, 2.0]))
    pace = pace_of(travel, 0, 1, speed)
    assert pace is not None
    return Leg(travel, speed, pace)


@given(legs(), st.integers(0, 800))
def test_a_leg_takes_what_the_travel_tables_say(leg: Leg, leave_s: int) -> None:
    told = leg.travel.seconds(0, 1, leave_s, leg.speed)
    assert leg.pace.arrive(leave_s) == leave_s + told


@given(legs(), st.integers(0, 800))
def test_whoever_leaves_later_is_never_there_earlier(leg: Leg, leave_s: int) -> None:
    assert leg.pace.arrive(leave_s) <= leg.pace.arrive(leave_s + 1)


@given(legs(), st.integers(0, 800))
def test_the_latest_leaving_is_in_time_and_a_second_later_is_not(leg: Leg, by_s: int) -> None:
    leave_s = leg.pace.leave_by(by_s)
    assert leg.pace.arrive(leave_s) <= by_s < leg.pace.arrive(leave_s + 1)


@given(legs(), st.integers(0, 800), st.floats(0.0, 1.0))
def test_a_leg_in_two_parts_takes_as_long_as_in_one(leg: Leg, leave_s: int, part: float) -> None:
    way_s = leg.pace.arrive(leave_s) - leave_s
    seconds = int(part * way_s)
    first, second = parted(leg.pace, leave_s, seconds)
    there_s = leave_s + seconds
    if seconds < way_s:
        assert first.arrive(leave_s) == there_s
    assert second.arrive(there_s) == leave_s + way_s


def test_there_is_no_pace_where_there_is_no_way() -> None:
    metres = np.array([[0, FAR], [5, 0]], np.int64)
    assert pace_of(Travel(metres, metres[None]), 0, 1, 1.0) is None
    assert pace_of(Travel(metres, metres[None]), 1, 0, 1.0) == Steady(5)
