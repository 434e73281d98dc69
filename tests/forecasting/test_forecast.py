from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.demand_class import DemandClass
from forecasting.forecast import forecast, update
from forecasting.history import Frequency, History
from forecasting.request import Request
from tests.forecasting.builders import history, sales

demands = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 40)),
    elements=st.one_of(
        st.just(0.0), st.just(np.nan), st.integers(0, 50).map(float), st.floats(0.0, 1e9)
    ),
)


@settings(max_examples=60, deadline=None)
@given(demands, st.sampled_from(Frequency), st.integers(1, 9), st.integers(1, 9))
def test_a_forecast_is_never_negative_never_nan_and_its_quantiles_ascend(
    demand: np.ndarray, frequency: Frequency, horizon: int, protection: int
) -> None:
    made = forecast(history(demand, frequency), Request(horizon, protection))
    values = made.quantiles.values
    assert made.mean.shape == (len(demand), horizon)
    assert values.shape == (len(demand), horizon, 4)
    for array in (made.mean, values, made.protection.mean, made.protection.values):
        assert np.isfinite(array).all() and (array >= 0).all()
    assert (np.diff(values, axis=2) >= 0).all()
    assert len(made.model) == len(made.reason) == len(made.flags) == len(demand)


def test_the_forecast_starts_where_the_history_ends() -> None:
    monthly = forecast(history(np.ones((1, 14)), Frequency.MONTH), Request(2))
    assert (
        monthly.starts.tolist() == history(np.ones((1, 16)), Frequency.MONTH).starts[-2:].tolist()
    )


def test_a_day_out_of_stock_is_unknown_not_zero() -> None:
    zero, unknown = np.full((1, 40), 10.0), np.full((1, 40), 10.0)
    zero[0, 30:], unknown[0, 30:] = 0.0, np.nan
    request = Request(horizon=1)
    assert forecast(history(unknown), request).mean[0, 0] == pytest.approx(10.0)
    assert forecast(history(zero), request).mean[0, 0] < 5.0


def test_nothing_is_expected_on_a_closed_day_and_nothing_learnt_from_one() -> None:
    open = np.tile(np.arange(77) % 7 != 6, (3, 1))
    demand = np.where(open[:, :70], 10.0, 0.0)
    made = forecast(history(demand, open=open), Request(horizon=7, protection=7))
    assert made.mean[0, :6] == pytest.approx(np.full(6, 10.0), rel=0.01)
    assert made.mean[0, 6] == 0.0
    assert made.quantiles.values[0, 6].tolist() == [0.0] * 4
    assert made.protection.mean[0] == pytest.approx(60.0, rel=0.01)


def test_a_season_is_found_where_there_is_one() -> None:
    week = np.array([2.0, 4.0, 8.0, 16.0, 32.0, 1.0, 1.0])
    rng = np.random.default_rng(4)
    demand = rng.poisson(np.tile(week, (60, 12)))
    made = forecast(history(demand), Request(horizon=7))
    assert set(made.model) == {"seasonal"}
    assert made.mean.mean(axis=0) == pytest.approx(week, rel=0.15)


def test_one_item_alone_shows_its_season_too() -> None:
    week = np.array([2.0, 4.0, 8.0, 16.0, 32.0, 1.0, 1.0])
    demand = np.random.default_rng(4).poisson(np.tile(week, (1, 20)))
    made = forecast(history(demand), Request(horizon=7))
    assert set(made.model) == {"seasonal"}
    assert np.abs(made.mean[0] - week).sum() < 0.25 * week.sum()


def test_no_season_is_made_of_noise() -> None:
    rng = np.random.default_rng(5)
    made = forecast(history(rng.poisson(4.0, (60, 84))), Request(horizon=7))
    assert made.model.count("seasonal") < 6


def test_a_dying_item_is_forecast_below_its_mean() -> None:
    demand = np.concatenate((np.full((30, 30), 5.0), np.zeros((30, 30))), axis=1)
    made = forecast(history(demand), Request(horizon=1))
    assert (made.mean[:, 0] < 0.5).all()


def test_a_new_period_costs_one_update_and_equals_the_whole_history() -> None:
    demand = sales(60, 100)
    demand[4, 90:95] = np.nan
    request = Request(horizon=7, protection=4)
    before = forecast(history(demand[:, :88]), request).state
    stepped = before
    for t in range(88, 100):
        stepped = update(stepped, demand[:, t : t + 1])
    at_once = update(before, demand[:, 88:])
    assert np.array_equal(stepped.mean(7), at_once.mean(7))
    after = forecast(history(demand), request)
    # The same kernel with the same parameters and prior remembers the same.
    alike = (after.state.kernel == before.kernel) & (
        after.state.parameters == before.parameters
    ).all(axis=1)
    plain = alike & np.array([name != "seasonal" for name in after.model])
    assert plain.sum() > 10
    assert stepped.mean(7)[plain] == pytest.approx(after.mean[plain])


def test_an_update_of_other_series_is_refused() -> None:
    state = forecast(history(np.ones((3, 20))), Request(1)).state
    with pytest.raises(ValueError, match=r"expected \(3, periods\)"):
        update(state, np.ones((2, 1)))


def test_progress_counts_up_to_all_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecasting.forecast.CHUNK", 4)
    told: list[tuple[int, int]] = []
    forecast(
        history(sales(10, 30)), Request(2), progress=lambda done, total: told.append((done, total))
    )
    assert told == [(i, 9) for i in range(1, 10)]


def test_a_history_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 periods"):
        forecast(history(np.ones((2, 0))), Request(1))


def with_driver(name: str, n: int, own: bool = False) -> History:
    """Make items that sell a fifth when a driver is on: the same periods for all, or their own."""
    rng = np.random.default_rng(7)
    day = np.tile(rng.random(124) < 0.12, (n, 1)).astype(float)
    if own:
        day = np.stack([np.roll(row, 3 * i) for i, row in enumerate(day)])
    day[:, 120:] = [0, 1, 0, 0]
    demand = rng.poisson(np.where(day[:, :120] > 0, 8.0, 40.0)).astype(float)
    return replace(history(demand), drivers={name: day}, future=4)


@pytest.mark.parametrize(("name", "n"), [("holiday", 30), ("holiday", 1), ("frost", 30)])
def test_what_moves_all_alike_promotes_nobody_and_is_followed_all_the_same(
    name: str, n: int
) -> None:
    made = forecast(with_driver(name, n), Request(horizon=4, season=1))
    assert set(made.demand_class.tolist()) == {DemandClass.SMOOTH}
    assert set(made.model) == {"drivers"}
    assert made.mean[:, 1] == pytest.approx(np.full(n, 8.0), rel=0.25)
    assert made.mean[:, 2] == pytest.approx(np.full(n, 40.0), rel=0.15)


def test_what_moves_an_item_by_itself_makes_it_promoted() -> None:
    made = forecast(with_driver("promo", 30, own=True), Request(horizon=4, season=1))
    assert set(made.demand_class.tolist()) == {DemandClass.PROMOTED}
    alone = forecast(with_driver("promo", 1), Request(horizon=4, season=1))
    assert set(alone.demand_class.tolist()) == {DemandClass.PROMOTED}
