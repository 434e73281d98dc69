import numpy as np
import pytest

from forecasting.history import Frequency
from forecasting.year import year_of

WEEK = Frequency.WEEK


def test_what_came_again_a_year_later_is_expected_a_third_time() -> None:
    rng = np.random.default_rng(1)
    shape = np.sin(2 * np.pi * np.arange(52) / 52)
    rest = np.tile(shape, 2)[None] + rng.normal(0, 0.3, (40, 104))
    weight = np.ones_like(rest)
    year = year_of(rest, weight, WEEK)
    assert year is not None
    course = year.course(rest, weight, 156)
    assert course[:, 104:].mean(axis=0) == pytest.approx(shape, abs=0.2)


def test_chance_does_not_come_again() -> None:
    rest = np.random.default_rng(2).normal(0, 0.3, (400, 110))
    year = year_of(rest, np.ones_like(rest), WEEK)
    assert year is not None
    assert np.abs(year.course(rest, np.ones_like(rest), 118)).max() < 0.1


def test_series_may_have_years_of_their_own() -> None:
    rng = np.random.default_rng(3)
    shape = np.sin(2 * np.pi * np.arange(52) / 52) * np.where(np.arange(40) % 2, 1, -1)[:, None]
    rest = np.tile(shape, (1, 2)) + rng.normal(0, 0.2, (40, 104))
    year = year_of(rest, np.ones_like(rest), WEEK)
    assert year is not None
    found = year.course(rest, np.ones_like(rest), 156)[:, 104:]
    assert np.abs(found - shape).mean() < 0.15


def test_days_have_a_year_in_weeks_and_it_must_have_come_twice() -> None:
    rest = np.tile(np.repeat(np.arange(52) % 2 - 0.5, 7), 2)[None].repeat(3, axis=0)
    weight = np.ones_like(rest)
    year = year_of(rest, weight, Frequency.DAY)
    assert year is not None
    assert year.course(rest, weight, 728 + 14)[0, 728:] == pytest.approx([-0.5] * 7 + [0.5] * 7)
    assert year_of(rest[:, :700], weight[:, :700], Frequency.DAY) is None
    assert year_of(rest, weight, Frequency.MONTH) is None


def test_weeks_never_known_add_nothing() -> None:
    rest = np.full((2, 110), 0.5)
    year = year_of(rest, np.zeros_like(rest), WEEK)
    assert year is None or np.all(year.course(rest, np.zeros_like(rest), 118) == 0.0)
