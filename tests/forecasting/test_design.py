import numpy as np
import pytest

from forecasting.design import Kind, filled, learn
from forecasting.history import Frequency, History

WEEK = Frequency.WEEK


def shop(demand: np.ndarray, drivers: dict[str, np.ndarray], future: int = 0) -> History:
    n, periods = demand.shape
    starts = np.datetime64("2023-01-02") + 7 * np.arange(periods)
    names = tuple(f"item {i}" for i in range(n))
    return History(names, starts, WEEK, demand, drivers, future)


def _kinds(values: np.ndarray) -> list[Kind]:
    history = shop(np.ones(values.shape), {"x": values})
    rows = np.arange(len(values))
    return [term.kind for term in learn(history, 1, 1, rows).terms]


def test_a_driver_of_any_name_is_seen_by_its_values() -> None:
    rng = np.random.default_rng(1)
    assert _kinds(rng.integers(0, 2, (3, 30)).astype(float)) == [Kind.FLAG]
    assert _kinds(np.append(rng.random((1, 29)), [[0.0]], axis=1)) == [Kind.FLAG]
    assert _kinds(rng.integers(0, 4, (3, 40)).astype(float)) == [Kind.CODE] * 3
    assert _kinds(rng.uniform(1.5, 2.5, (3, 30))) == [Kind.RATIO]
    assert _kinds(rng.normal(0, 9, (3, 30))) == [Kind.NUMBER]


def test_a_driver_that_never_moves_or_is_never_known_is_left_out() -> None:
    assert _kinds(np.full((2, 20), 3.0)) == []
    assert _kinds(np.full((2, 20), np.nan)) == []


def test_a_gap_is_as_the_value_before_it() -> None:
    gaps = np.array([[np.nan, 2.0, np.nan, 3.0], [np.nan] * 4])
    assert filled(gaps).tolist() == [[2.0, 2.0, 2.0, 3.0], [0.0] * 4]


def test_what_is_not_known_ahead_is_as_usual() -> None:
    promo = np.tile([0.0, 0.0, 0.0, 1.0], (2, 5))
    history = shop(np.ones((2, 20)), {"promo": promo})
    design = learn(history, 3, 1, np.arange(2))
    assert design.shown(history, 3)[0][:, 19:].tolist() == [[1.0, 0.0, 0.0, 0.0]] * 2
    known = np.concatenate((promo, [[1.0, np.nan]] * 2), axis=1)
    later = shop(np.ones((2, 20)), {"promo": known}, 2)
    assert design.shown(later, 3)[0][:, 20:].tolist() == [[1.0, 0.0, 0.0]] * 2


def test_a_still_driver_adds_nothing_to_what_is_usual() -> None:
    rng = np.random.default_rng(2)
    price = rng.uniform(1.0, 2.0, (2, 30))
    history = shop(np.ones((2, 30)), {"price": price})
    design = learn(history, 0, 1, np.arange(2))
    assert design.matrix(history, 0, frozenset(("price",))) == pytest.approx(np.zeros((2, 30, 1)))


def test_others_promotions_are_seen_but_not_a_holiday_of_all() -> None:
    rng = np.random.default_rng(3)
    own = rng.integers(0, 2, (25, 40)).astype(float)
    shared = np.tile(own[:1], (25, 1))
    rows = np.arange(25)
    assert len(learn(shop(np.ones((25, 40)), {"x": own}), 1, 1, rows).paths) == 1
    assert len(learn(shop(np.ones((25, 40)), {"x": shared}), 1, 1, rows).paths) == 0


def test_a_value_at_which_nothing_is_ever_sold_silences() -> None:
    open_ = np.tile([1.0, 1.0, 1.0, 0.0], (2, 10))
    history = shop(5.0 * open_, {"trading": open_})
    design = learn(history, 0, 1, np.arange(2))
    assert design.silent == (("trading", 0.0),)
    assert np.array_equal(design.silenced(history, 0), open_ == 0.0)
