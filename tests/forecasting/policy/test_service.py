"""Levels that keep a promise, checked against demand that is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy.law import Normal, poisson
from forecasting.policy.service import (
    LeadTime,
    cycle_level,
    fill_level,
    fill_point,
    over_lead_time,
)
from forecasting.simulation import simulate


def test_a_random_lead_time_adds_the_spread_of_what_is_sold_meanwhile() -> None:
    law = over_lead_time(50, 8, LeadTime(4, 1))
    assert law.mean == 200
    assert law.deviation**2 == pytest.approx(4 * 64 + 2500)


def test_a_cycle_service_is_a_quantile() -> None:
    assert cycle_level(Normal(50, 8), 0.5) == 50
    assert cycle_level(poisson(6), 0.95) == 10


@pytest.mark.parametrize("fill_rate", [0.8, 0.9, 0.95, 0.98])
@pytest.mark.parametrize("lead", [0, 2])
def test_the_level_for_a_fill_rate_reaches_it_when_run(fill_rate: float, lead: int) -> None:
    level = fill_level(poisson(6), poisson(6 * lead), poisson(6 * (lead + 1)), fill_rate)
    drawn = np.random.default_rng(7).poisson(6, (200, 300)).astype(float)
    reached = simulate(drawn, 0, lead, lambda _: np.full(200, level)).fill_rate()
    # A whole unit more than asked for is the most that rounding up gives.
    assert fill_rate - 0.005 <= reached
    lower = simulate(drawn, 0, lead, lambda _: np.full(200, np.ceil(level) - 1)).fill_rate()
    assert lower < fill_rate + 0.005


@given(st.floats(0.5, 0.999), st.floats(10, 500))
def test_the_point_for_a_fill_rate_is_the_least_that_keeps_it(
    fill_rate: float, quantity: float
) -> None:
    law = Normal(108, 43)

    def kept(point: float) -> float:
        return 1 - (law.loss(point) - law.loss(point + quantity)) / quantity

    point = fill_point(quantity, law, fill_rate)
    assert kept(point) == pytest.approx(fill_rate, abs=1e-6)


def test_promises_that_cannot_be_kept_are_refused() -> None:
    for service in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            cycle_level(poisson(1), service)
    with pytest.raises(ValueError, match="nothing is demanded"):
        fill_level(poisson(0), poisson(0), poisson(0), 0.9)
    with pytest.raises(ValueError, match="above 0"):
        fill_point(0, poisson(1), 0.9)
    with pytest.raises(ValueError, match="not below 0"):
        LeadTime(-1)
