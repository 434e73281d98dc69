import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.candidate import origins, sums
from forecasting.driver import Drivers, fit_drivers, learn_drivers, shares
from forecasting.history import Frequency, History
from forecasting.request import Request
from tests.forecasting.test_design import shop

REQUEST = Request(horizon=4, protection=2)


def promoted(
    n: int = 40, periods: int = 80, ahead: int = 4, seed: int = 1, noise: float = 0.2
) -> tuple[History, np.ndarray]:
    """Make items that sell three times as much when promoted, and what they sell ahead."""
    rng = np.random.default_rng(seed)
    width = periods + ahead
    promo = (rng.random((n, width)) < 0.2).astype(float)
    effect = rng.normal(np.log(3.0), 0.3, (n, 1))
    level = rng.normal(4.0, 1.0, (n, 1))
    demand = np.round(np.exp(level + effect * promo + rng.normal(0, noise, (n, width))))
    return shop(demand[:, :periods], {"promo": promo}, ahead), demand[:, periods:]


def learnt(history: History) -> Drivers:
    drivers = learn_drivers(history, REQUEST)
    assert drivers is not None
    return drivers


def test_a_promotion_to_come_is_foreseen() -> None:
    history, came = promoted()
    answer = fit_drivers(history, REQUEST, origins(80, 2), learnt(history))
    assert np.abs(answer.mean - came).sum() / came.sum() < 0.25
    assert answer.ahead == pytest.approx(answer.mean[:, :2].sum(axis=1))


def test_a_single_period_is_its_part_of_the_interval() -> None:
    history, _ = promoted()
    at, drivers = origins(80, 2), learnt(history)
    answer = fit_drivers(history, REQUEST, at, drivers)
    later = fit_drivers(history, Request(4, 1), at + 1, drivers)
    assert answer.single is not None
    assert answer.single.shape == (40, 16)
    assert np.nanmean(np.abs(answer.single / later.past[:, -16:] - 1)) < 0.1


def test_errors_of_the_past_are_those_of_one_who_did_not_know_the_future() -> None:
    history, _ = promoted()
    at = origins(80, 2)
    answer = fit_drivers(history, REQUEST, at, learnt(history))
    changed = history.demand.copy()
    changed[:, 70:] *= 9.0
    other = shop(changed, dict(history.drivers), 4)
    again = fit_drivers(other, REQUEST, at, learnt(history))
    before = at <= 50
    ratio = again.past[:, before] / answer.past[:, before]
    # The mean of the whole history is the unit of the logarithm's offset, and of nothing else.
    assert np.nanmax(np.abs(ratio - 1.0)) < 0.1


def test_without_knowing_promotions_ahead_the_past_did_not_know_them_either() -> None:
    sight, _ = promoted()
    history = shop(sight.demand, {"promo": sight.drivers["promo"][:, :80]})
    at = origins(80, 2)
    answer = fit_drivers(history, REQUEST, at, learnt(history))
    seen = fit_drivers(sight, REQUEST, at, learnt(sight))
    actual = sums(history.demand, at, 2)
    blind, knowing = (np.nansum(np.abs(each.past - actual)) for each in (answer, seen))
    assert blind > 1.3 * knowing


def test_nothing_is_sold_where_closed() -> None:
    history, _ = promoted()
    open_ = np.ones((40, 84), np.bool_)
    open_[:, 81] = False
    closed = History(
        history.series,
        history.starts,
        Frequency.WEEK,
        history.demand,
        history.drivers,
        4,
        {},
        open_,
    )
    answer = fit_drivers(closed, REQUEST, origins(80, 2), learnt(closed))
    assert np.all(answer.mean[:, 1] == 0.0)
    assert answer.ahead == pytest.approx(answer.mean[:, 0])


def test_a_driver_brings_its_share_where_it_acts_and_none_elsewhere() -> None:
    history, _ = promoted()
    share = shares(history, REQUEST, learnt(history))["promo"]
    acts = history.drivers["promo"][:, 80:] > 0
    assert share[acts].mean() == pytest.approx(2 / 3, abs=0.08)
    assert np.abs(share[~acts]).mean() < 0.1


def test_a_series_is_forecast_alike_whoever_is_beside_it() -> None:
    history, _ = promoted()
    drivers, at = learnt(history), origins(80, 2)
    whole = fit_drivers(history, REQUEST, at, drivers)
    part = fit_drivers(history.part(10, 15), REQUEST, at, drivers)
    assert part.ahead == pytest.approx(whole.ahead[10:15], rel=1e-9)


def test_no_moving_driver_or_too_short_a_history_is_not_for_drivers() -> None:
    assert learn_drivers(shop(np.ones((2, 50)), {"x": np.ones((2, 50))}), REQUEST) is None
    history, _ = promoted(periods=10)
    assert learn_drivers(history, REQUEST) is None


values = st.floats(0, 1e7) | st.just(0.0) | st.just(np.nan)
odd = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, np.nan])


@settings(max_examples=15, deadline=None)
@given(arrays(float, (3, 20), elements=values), arrays(float, (3, 23), elements=odd))
def test_a_forecast_is_never_negative_and_never_unknown(
    demand: np.ndarray, driver: np.ndarray
) -> None:
    history = shop(demand, {"x": driver, "y": np.flip(driver)}, 3)
    drivers = learn_drivers(history, REQUEST)
    if drivers is None:
        return
    answer = fit_drivers(history, REQUEST, origins(20, 2), drivers)
    for figures in (answer.mean, answer.ahead):
        assert np.isfinite(figures).all()
        assert figures.min() >= 0.0
    past = answer.past[np.isfinite(answer.past)]
    assert not len(past) or past.min() >= 0.0
