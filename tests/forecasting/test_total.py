"""Totals by an attribute."""

import numpy as np
import pytest

from forecasting.forecast import forecast
from forecasting.history import Frequency, History
from forecasting.request import Request
from forecasting.total import Total, total

STARTS = np.arange("2026-01-01", "2026-03-02", dtype="datetime64[D]")


def totals(together: float) -> tuple[Total, float]:
    """Six items of one brand, that share so much of their shocks; and the sum of their means."""
    rng = np.random.default_rng(5)
    common, own = rng.normal(0, 6, 60), rng.normal(0, 6, (6, 60))
    demand = np.maximum(30 + together * common + (1 - together) * own, 0)
    history = History(
        tuple("abcdef"), STARTS, Frequency.DAY, demand, attributes={"brand": ("own",) * 6}
    )
    found = forecast(history, Request(2, 3, season=1))
    return total(found, history, "brand"), float(found.protection.mean.sum())


def test_a_mean_is_the_sum_of_its_members() -> None:
    found, whole = totals(0.0)
    assert found.protection.mean.item() == pytest.approx(whole)
    assert found.mean.shape == (1, 2)
    assert found.quantiles.values.shape == (1, 2, 4)


def test_members_that_move_together_need_more_than_those_that_even_out() -> None:
    apart, abreast = totals(0.0)[0].protection, totals(1.0)[0].protection
    spread = [(law.quantile(0.99) - law.mean).item() for law in (apart, abreast)]
    assert spread[1] > 1.5 * spread[0]


def test_an_attribute_that_nobody_has_is_refused() -> None:
    history = History(("a",), STARTS, Frequency.DAY, np.ones((1, 60)))
    with pytest.raises(KeyError):
        total(forecast(history, Request(1)), history, "brand")
