"""Demand that could not be seen."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.censor import availability, known_demand

EDGES = np.array(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"], "datetime64[s]")


def moments(*texts: str) -> Any:
    return np.array(texts, "datetime64[s]")


def test_a_period_mostly_out_of_stock_is_unknown_and_a_part_of_one_scaled_up() -> None:
    demand = known_demand(np.array([[6.0, 0.0, 1.0, 3.0]]), np.array([[1.0, 0.0, 0.4, 0.5]]))
    assert demand[0, [0, 3]].tolist() == [6, 6]
    assert np.isnan(demand[0, [1, 2]]).all()


def test_what_is_not_said_to_be_out_of_stock_was_for_sale() -> None:
    assert known_demand(np.array([[2.0]]), np.array([[np.nan]])).tolist() == [[2]]


def test_an_interval_covers_parts_of_its_periods() -> None:
    share = availability(
        EDGES,
        2,
        np.array([0, 1], np.intp),
        moments("2026-01-01T12:00", "2025-12-01"),
        moments("2026-01-03T06:00", "2026-01-01T06:00"),
    )
    assert share.tolist() == [[0.5, 0.0, 0.75], [0.75, 1.0, 1.0]]


def test_an_interval_that_goes_on_reaches_to_the_end() -> None:
    share = availability(
        EDGES, 1, np.array([0], np.intp), moments("2026-01-02T12:00"), moments("NaT")
    )
    assert share.tolist() == [[1.0, 0.5, 0.0]]


@given(st.integers(-100, 400), st.integers(0, 400))
def test_no_share_leaves_nought_to_one(begin: int, hours: int) -> None:
    since = moments("2026-01-01") + np.array([begin], "timedelta64[h]")
    share = availability(
        EDGES, 1, np.array([0], np.intp), since, since + np.timedelta64(hours, "h")
    )
    assert ((share >= 0) & (share <= 1)).all()
    inside = max(0, min(begin + hours, 72) - max(begin, 0))
    assert (1 - share).sum() * 24 == pytest.approx(inside)


def test_shares_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        known_demand(np.ones((1, 1)), np.array([[1.5]]))
    with pytest.raises(ValueError, match="expected"):
        known_demand(np.ones((1, 2)), np.ones((1, 1)))
