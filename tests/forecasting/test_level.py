import numpy as np
import pytest

from forecasting.level import best_speed, levels, smooth


def test_the_first_periods_count_alike() -> None:
    level = levels(np.array([[2.0, 4.0, 6.0]]), np.ones((1, 3)), 0.02)
    assert level[0] == pytest.approx([0.0, 2.0, 3.0, 4.0])


def test_an_unknown_period_changes_no_level() -> None:
    weight = np.array([[1.0, 1.0, 0.0, 1.0]])
    level = levels(np.array([[2.0, 2.0, 99.0, 2.0]]), weight, 0.3)
    assert level[0, 1:] == pytest.approx([2.0] * 4)


def test_a_trend_from_both_sides_lags_on_neither() -> None:
    ramp = np.linspace(-1.0, 1.0, 201)[None]
    found = smooth(ramp, np.ones_like(ramp))
    assert found[0, 50:150] == pytest.approx(ramp[0, 50:150], abs=0.06)


def test_a_level_that_wanders_is_followed_faster_than_one_that_stands() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(50, 200))
    weight = np.ones_like(noise)
    assert best_speed(noise, weight) < best_speed(noise + np.cumsum(noise, axis=1), weight)
