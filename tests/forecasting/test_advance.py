import numpy as np
import pytest

from forecasting.advance import advance
from forecasting.forecast import forecast
from forecasting.request import Request
from tests.forecasting.builders import history, sales


def test_a_forecast_moved_on_is_that_of_its_state() -> None:
    demand = sales(40, 80)
    made = forecast(history(demand[:, :70]), Request(horizon=5, protection=3))
    moved = advance(made, demand[:, 70:])
    assert moved.starts[0] == made.starts[0] + 10
    assert np.array_equal(moved.mean, moved.state.mean(5))
    assert moved.protection.mean == pytest.approx(moved.state.mean(3).sum(axis=1))
    assert (np.diff(moved.quantiles.values, axis=2) >= 0).all()
    assert (moved.protection.values >= 0).all()


def test_a_jump_in_demand_lifts_mean_and_quantiles() -> None:
    rng = np.random.default_rng(8)
    made = forecast(history(rng.poisson(5.0, (20, 60))), Request(horizon=2))
    moved = advance(made, rng.poisson(50.0, (20, 10)).astype(float))
    assert (moved.mean > made.mean).all()
    assert (moved.protection.quantile(0.95) > made.protection.quantile(0.95)).all()


def test_closed_periods_stay_without_demand() -> None:
    made = forecast(history(np.full((2, 40), 6.0)), Request(horizon=3, protection=3))
    open = np.array([[True, False, True]] * 2)
    moved = advance(made, np.full((2, 1), 6.0), open)
    assert moved.mean[0].tolist() == pytest.approx([6.0, 0.0, 6.0])
    assert (moved.quantiles.values[:, 1] == 0).all()
    assert moved.protection.mean[0] == pytest.approx(12.0)
