"""The fill rate that is reached moves the stock that is held for it."""

from datetime import date, timedelta

import pytest

from forecasting.distribution import Distribution
from wms.replenishment.service import Asked, Held, begun_by, followed, probability

FIRST = date(2010, 11, 1)
GROUPS = {97.0: [6, 6, 9]}


def asked(*served: int, percent: float = 97.0) -> list[Asked]:
    """A hundred wanted on each day, of which so many were served."""
    return [
        Asked(percent, FIRST + timedelta(days=at), 100, each)
        for at, each in enumerate(served, start=1)
    ]


def after(*served: int) -> float:
    begun = Held(97.0, followed({}, [], GROUPS, FIRST)[97.0].rate, 100.0, FIRST)
    until = FIRST + timedelta(days=len(served))
    return probability(followed({97.0: begun}, asked(*served), GROUPS, until)[97.0])


def test_a_group_begins_at_its_own_fill_rate() -> None:
    found = followed({}, [], GROUPS, FIRST)
    assert probability(found[97.0]) == pytest.approx(0.97)


def test_a_new_group_begins_between_its_fill_rate_and_what_its_demand_asks_for() -> None:
    levels = [0.5, 0.9, 0.99]
    lumpy = Distribution.build([10.0], levels, [[0.0, 20.0, 200.0]])
    steady = Distribution.build([10.0], levels, [[10.0, 10.5, 11.0]])
    held = followed({}, [], GROUPS, FIRST)[97.0]
    assert 0.97 < probability(begun_by(held, lumpy)) < 0.9999
    assert probability(begun_by(held, steady)) < probability(begun_by(held, lumpy))


def test_shortage_lifts_the_stock_and_more_than_was_promised_lowers_it() -> None:
    assert after(97, 97, 97) == pytest.approx(0.97)
    assert after(80, 97) > 0.97
    assert after(100, 100, 100) < 0.97


def test_a_day_counts_once() -> None:
    begun = followed({}, [], GROUPS, FIRST)
    days = asked(70, 70)
    once = followed(begun, days, GROUPS, FIRST + timedelta(days=2))
    again = followed(once, days, GROUPS, FIRST + timedelta(days=2))
    assert again == once
    assert once[97.0].day == FIRST + timedelta(days=2)


def test_groups_are_followed_apart_and_one_that_is_gone_is_forgotten() -> None:
    begun = followed({}, [], GROUPS | {99.5: [3]}, FIRST)
    found = followed(begun, asked(50), GROUPS, FIRST + timedelta(days=1))
    assert list(found) == [97.0]
    both = followed(begun, asked(50), GROUPS | {99.5: [3]}, FIRST + timedelta(days=1))
    assert probability(both[99.5]) == pytest.approx(0.995)
