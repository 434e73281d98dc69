import numpy as np

from forecasting.driver import fit_drivers, learn_drivers
from forecasting.explain import explain
from forecasting.history import Frequency, History
from forecasting.request import Request
from tests.forecasting.test_design import shop

REQUEST = Request(horizon=4, protection=2)


def _told(name: str, past: np.ndarray, ahead: list[float], effect: float) -> str:
    """Answer the words on an item that sells 100, times e to the effect of its driver."""
    driver = np.concatenate((past, np.tile(ahead, (len(past), 1))), axis=1)
    usual = np.median(past)
    demand = np.round(100 * np.exp(effect * (past - usual)))
    history = shop(demand, {name: driver}, 4)
    drivers = learn_drivers(history, REQUEST)
    assert drivers is not None
    answer = fit_drivers(history, REQUEST, np.array([50]), drivers)
    return explain(history, REQUEST, answer.mean)[0]


def _flags() -> np.ndarray:
    return (np.random.default_rng(1).random((5, 60)) < 0.3).astype(float)


def test_a_promotion_is_told_by_its_days_and_what_it_adds() -> None:
    words = _told("promo", _flags(), [0.0, 1.0, 1.0, 0.0], 0.7)
    head, units = words.rsplit(" ", 1)
    assert head == "promotion from 4 Mar to 17 Mar adds"
    assert 180 <= int(units) <= 215


def test_a_promotion_to_the_end_has_no_last_day() -> None:
    assert _told("promo", _flags(), [0.0, 0.0, 1.0, 1.0], 0.7).startswith(
        "promotion from 11 Mar adds "
    )


def test_a_driver_that_takes_away_is_told_too_by_its_own_name() -> None:
    words = _told("road_works", _flags(), [1.0, 0.0, 0.0, 0.0], -0.7)
    assert words.startswith("road works from 26 Feb takes ")


def test_a_price_is_told_by_its_distance_from_usual() -> None:
    rng = np.random.default_rng(2)
    price = np.where(rng.random((5, 60)) < 0.3, rng.uniform(1.5, 1.9, (5, 60)), 2.0)
    words = _told("price", price, [2.0, 1.6, 1.6, 2.0], -3.0)
    assert words.startswith("price 20 % below usual from 4 Mar to 17 Mar adds ")


def test_nothing_is_told_where_nothing_moves() -> None:
    assert _told("promo", _flags(), [0.0] * 4, 0.7) == ""
    still = shop(np.ones((2, 30)), {"x": np.ones((2, 34))}, 4)
    assert explain(still, REQUEST, np.ones((2, 4))) == ("", "")


def test_a_forecast_that_follows_no_drivers_is_not_said_to_be_moved_by_one() -> None:
    driver = np.concatenate((_flags(), np.tile([0.0, 1.0, 0.0, 0.0], (5, 1))), axis=1)
    history = shop(np.round(100 * np.exp(0.7 * driver[:, :60])), {"promo": driver}, 4)
    models = ("drivers", "mean", "lightgbm", "kind", "drivers")
    told = explain(history, REQUEST, np.full((5, 4), 200.0), models)
    assert [bool(words) for words in told] == [True, False, True, False, True]


def test_one_day_is_told_as_one_day() -> None:
    flags = _flags()
    driver = np.concatenate((flags, np.tile([0.0, 1.0, 0.0, 0.0], (5, 1))), axis=1)
    starts = np.datetime64("2023-11-01") + np.arange(60)
    names = tuple("abcde")
    history = History(names, starts, Frequency.DAY, 100 + 100 * flags, {"feast": driver}, 4)
    words = explain(history, REQUEST, np.full((5, 4), 150.0))[0]
    assert words.startswith("feast on 1 Jan adds ")
