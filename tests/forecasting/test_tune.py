import numpy as np

from forecasting.candidate import Candidate
from forecasting.tune import choose


def candidate(name: str, complexity: int, past: np.ndarray) -> Candidate:
    n = len(past)
    return Candidate(name, complexity, past, np.zeros((n, 1)), np.zeros(n))


def drawn(n: int = 40, o: int = 30) -> np.ndarray:
    made: np.ndarray = np.random.default_rng(3).poisson(20.0, (n, o)).astype(float)
    return made


def test_a_more_complex_model_must_clearly_win() -> None:
    actual = drawn()
    simple = candidate("mean", 0, np.full(actual.shape, 20.0))
    same = candidate("trend", 2, np.full(actual.shape, 20.0))
    better = candidate("seasonal", 2, actual + 1.0)
    codes = np.zeros(len(actual), np.int8)
    assert set(choose([simple, same], actual, codes, 1).index) == {0}
    choice = choose([simple, same, better], actual, codes, 1)
    assert set(choice.index) == {2}
    assert "seasonal" in choice.reason[0] and "less loss than mean" in choice.reason[0]


def test_a_biased_model_pays_for_its_bias() -> None:
    actual = drawn()
    right = candidate("smoothing", 1, np.full(actual.shape, 20.0))
    biased = candidate("mean", 0, np.full(actual.shape, 30.0))
    assert set(choose([biased, right], actual, np.zeros(len(actual), np.int8), 1).index) == {1}


def test_with_nothing_known_the_simplest_stays() -> None:
    actual = np.full((3, 5), np.nan)
    models = [candidate("trend", 2, np.ones((3, 5))), candidate("mean", 0, np.ones((3, 5)))]
    assert set(choose(models, actual, np.zeros(3, np.int8), 1).index) == {1}


def test_a_model_without_a_forecast_of_a_series_is_not_chosen_for_it() -> None:
    actual = drawn(4)
    offer = actual + 0.5
    offer[2:] = np.nan
    models = [candidate("mean", 0, np.full(actual.shape, 20.0)), candidate("drivers", 5, offer)]
    codes = np.array([0, 0, 1, 1], np.int8)
    assert choose(models, actual, codes, 1).index.tolist() == [1, 1, 0, 0]
