"""Holidays as a driver."""

import numpy as np
import pytest

from forecasting.calendar import holiday_driver
from forecasting.history import Frequency


def test_holidays_are_counted_in_their_periods_past_and_coming() -> None:
    starts = np.arange("2025-12-22", "2025-12-26", dtype="datetime64[D]")
    driver = holiday_driver(starts, Frequency.DAY, "DE", 8)
    assert driver.tolist() == [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0]
    weeks = np.array(["2025-12-15", "2025-12-22"], "datetime64[D]")
    assert holiday_driver(weeks, Frequency.WEEK, "DE", 1).tolist() == [0, 2, 1]


def test_a_part_of_a_country_has_its_own() -> None:
    starts = np.array(["2026-01-06"], "datetime64[D]")
    assert holiday_driver(starts, Frequency.DAY, "DE-BY", 0).tolist() == [1]
    assert holiday_driver(starts, Frequency.DAY, "de", 0).tolist() == [0]


def test_a_country_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no holidays are known of 'XX'"):
        holiday_driver(np.array(["2026-01-06"], "datetime64[D]"), Frequency.DAY, "XX", 0)
