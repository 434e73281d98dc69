import numpy as np
import pytest

from forecasting.candidate import Candidate
from forecasting.lift import lifted


def _said(n: int, unit: float = 1.0) -> Candidate:
    return Candidate("x", 5, np.full((n, 4), unit), np.full((n, 2), unit), np.full(n, unit))


def test_a_forecast_that_is_too_low_everywhere_is_raised_to_the_mean() -> None:
    answer = lifted(_said(30), np.full((30, 4), 1.2), np.ones((30, 9)))
    assert answer.ahead == pytest.approx(np.full(30, 1.2))
    assert answer.mean == pytest.approx(np.full((30, 2), 1.2))
    assert answer.past == pytest.approx(np.full((30, 4), 1.2))


def test_one_wild_series_lifts_nobody() -> None:
    actual = np.ones((30, 4))
    actual[3] = 1000.0
    assert lifted(_said(30), actual, np.ones((30, 9))).ahead == pytest.approx(np.ones(30))


def test_series_that_often_sell_nothing_are_lifted_by_their_like() -> None:
    demand = np.ones((60, 10))
    demand[30:, :5] = 0.0
    actual = np.ones((60, 4))
    actual[30:] = 2.0
    answer = lifted(_said(60), actual, demand)
    assert answer.ahead == pytest.approx([1.0] * 30 + [2.0] * 30)


def test_a_lift_has_bounds_and_needs_something_to_go_by() -> None:
    assert lifted(_said(3), np.full((3, 4), 99.0), np.ones((3, 9))).ahead.max() == 4.0
    assert lifted(_said(3), np.full((3, 4), np.nan), np.ones((3, 9))).ahead.max() == 1.0
    assert lifted(_said(3, 0.0), np.ones((3, 4)), np.ones((3, 9))).ahead.max() == 0.0
