from dataclasses import replace

import numpy as np

from forecasting.flag import Flag
from forecasting.forecast import forecast
from forecasting.request import Request
from tests.forecasting.builders import history

REQUEST = Request(horizon=3, protection=4)


def shop(young: list[float], periods: int = 60) -> np.ndarray:
    """Twenty slow and twenty fast items, and two of which only the last periods are known."""
    rng = np.random.default_rng(6)
    old = rng.poisson(np.repeat([2.0, 20.0], 20)[:, None], (40, periods)).astype(float)
    fresh = np.full((2, periods), np.nan)
    fresh[:, periods - len(young) :] = young
    return np.concatenate((old, fresh))


def test_an_item_never_sold_is_expected_to_sell_as_its_kind_does() -> None:
    brands = ("slow",) * 20 + ("fast",) * 20 + ("slow", "fast")
    past = replace(history(shop([])), attributes={"brand": brands})
    made = forecast(past, REQUEST)
    assert made.model[40:] == ("kind", "kind")
    assert 1.0 < made.mean[40, 0] < 3.5
    assert 15.0 < made.mean[41, 0] < 25.0
    assert made.protection.mean[41] > 5 * made.protection.mean[40]
    assert "brand fast" in made.reason[41]
    assert Flag.BORROWED in made.flags[41]


def test_what_an_item_sold_itself_counts_more_the_longer_it_is_known() -> None:
    means = [forecast(history(shop([6.0] * k)), REQUEST).mean[40, 0] for k in (0, 1, 7)]
    assert abs(means[2] - 6.0) < abs(means[0] - 6.0)
    assert np.isfinite(means).all()


def test_an_item_alone_borrows_nothing() -> None:
    made = forecast(history([[3.0, 4.0]]), REQUEST)
    assert made.model == ("mean",)
    assert Flag.BORROWED not in made.flags[0]


def test_a_slow_item_long_known_is_not_young() -> None:
    demand = shop([0.0] * 60)
    demand[40:, 10] = 1.0
    made = forecast(history(demand), REQUEST)
    assert "kind" not in made.model
