from collections.abc import Sequence

import numpy as np
import pytest

from forecasting.fit import KERNELS
from forecasting.kernel.croston import Croston
from forecasting.kernel.kernel import Kernel, Seen
from forecasting.kernel.panel import panel
from forecasting.kernel.smoothing import Smoothing, mean
from forecasting.kernel.trend import Trend
from forecasting.kernel.tsb import Tsb


def rate(kernel: Kernel, demand: Sequence[float], *parameters: float, steps: int = 1) -> float:
    """Answer the rate of one series after its demand; nan is unknown."""
    memory = kernel.start((1,))
    values = np.array(parameters or kernel.grid[0])[:, None]
    count = 0.0
    for y in demand:
        known = 0.0 if np.isnan(y) else 1.0
        count += known
        share = np.array([1.0 / max(count, 1.0)])
        kernel.step(
            memory, values, Seen(np.array([np.nan_to_num(y)]), np.array([known]), share, None)
        )
    return float(kernel.rate(memory, values, steps)[0])


def test_the_mean_kernel_forecasts_the_mean_of_what_is_known() -> None:
    assert rate(mean(), [4, np.nan, 6, np.nan, 8]) == pytest.approx(6.0)


def test_smoothing_begins_as_a_mean_and_then_moves_by_its_gain() -> None:
    assert rate(Smoothing(), [4, 8], 0.1) == pytest.approx(6.0)
    assert rate(Smoothing(), [4] * 20 + [14], 0.1) == pytest.approx(5.0)


def test_sba_takes_half_its_gain_off_the_ratio_of_size_to_interval() -> None:
    assert rate(Croston(), [0, 6, 0, 6, 0, 6], 0.1) == pytest.approx(6 / 2 * 0.95)


def test_sba_waits_while_nothing_sells_and_tsb_forgets() -> None:
    sold = [0.0, 6.0] * 10
    silent = sold + [0.0] * 20
    assert rate(Croston(), silent, 0.1) == rate(Croston(), sold, 0.1)
    assert rate(Tsb(), silent, 0.1, 0.1) < 0.2 * rate(Tsb(), sold, 0.1, 0.1)


def test_a_damped_trend_goes_on_but_less_each_step() -> None:
    line = [float(i) for i in range(1, 60)]
    memory_rate = [rate(Trend(), line, 0.4, 0.2, 0.9, steps=k) for k in (1, 2, 3)]
    steps = np.diff([59.0, memory_rate[0], 2 * memory_rate[1] - memory_rate[0]])
    assert 59.0 < memory_rate[0] < memory_rate[1] < memory_rate[2]
    assert steps[1] < 1.0


def test_a_falling_trend_stops_at_zero() -> None:
    falling = [float(i) for i in range(40, 0, -1)] + [0.0] * 3
    assert rate(Trend(), falling, 0.4, 0.2, 0.9, steps=30) >= 0.0


@pytest.mark.parametrize("kernel", [k for k in KERNELS if not k.seasonal], ids=lambda k: k.name)
def test_an_unknown_period_changes_no_level(kernel: Kernel) -> None:
    sold = [3.0, 0.0, 5.0, 4.0, 0.0, 6.0, 3.0, 5.0]
    assert rate(kernel, [*sold, np.nan]) == pytest.approx(rate(kernel, sold), rel=0.15)
    if not isinstance(kernel, Trend):
        assert rate(kernel, [*sold, np.nan]) == rate(kernel, sold)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
def test_a_constant_demand_is_forecast_as_it_is(kernel: Kernel) -> None:
    off = 1.0 - kernel.grid[0][0] / 2 if isinstance(kernel, Croston) else 1.0
    assert rate(kernel, [7.0] * 50) == pytest.approx(7.0 * off)


def test_a_panel_leaves_the_demand_it_was_made_of_as_it_is() -> None:
    for series in (1, 2):
        demand = np.full((series, 6), 4.0)
        demand[:, 2] = np.nan
        panel(demand, np.array([4]), 1)
        assert np.isnan(demand[:, 2]).all()
