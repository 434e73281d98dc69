import numpy as np
import pytest

from forecasting.calibration import Sums
from forecasting.relative import relative_scale

AT = np.arange(10, 40)


def _sums(forecast: np.ndarray, error: float, seed: int = 1) -> Sums:
    rng = np.random.default_rng(seed)
    actual = forecast * np.exp(rng.normal(0, error, forecast.shape))
    return Sums(forecast, actual, forecast[:, -1])


def test_the_error_of_a_promotion_is_as_large_as_its_forecast_is() -> None:
    forecast = np.where(np.arange(30) % 5 == 0, 1000.0, 100.0)[None].repeat(3, axis=0)
    found = relative_scale(_sums(forecast, 0.3), AT, 2).past
    assert found[:, 25] == pytest.approx(10 * found[:, 26], rel=0.1)


def test_a_series_that_is_harder_to_foresee_has_a_greater_scale() -> None:
    forecast = np.full((20, 30), 100.0)
    easy, hard = _sums(forecast, 0.1), _sums(forecast, 0.6)
    both = Sums(
        np.concatenate((easy.past, hard.past)),
        np.concatenate((easy.actual, hard.actual)),
        np.concatenate((easy.ahead, hard.ahead)),
    )
    ahead = relative_scale(both, AT, 1).ahead
    assert ahead[20:].mean() > 2.5 * ahead[:20].mean()


def test_a_scale_of_the_past_knows_only_what_came_before_it() -> None:
    forecast = np.full((2, 30), 100.0)
    one = _sums(forecast, 0.3)
    later = Sums(one.past, np.where(AT >= 25, 9.0 * one.actual, one.actual), one.ahead)
    before = AT < 27
    assert np.array_equal(
        relative_scale(one, AT, 2).past[:, before], relative_scale(later, AT, 2).past[:, before]
    )


def test_without_past_errors_there_still_is_a_scale() -> None:
    nothing = np.full((2, 0), np.nan)
    empty = relative_scale(Sums(nothing, nothing, np.array([10.0, 0.0])), AT[:0], 1)
    assert empty.ahead[0] == pytest.approx(5.0)
    assert empty.ahead.min() > 0.0
    unknown = np.full((2, 30), np.nan)
    found = relative_scale(Sums(unknown, unknown, np.array([10.0, 0.0])), AT, 1)
    assert np.isfinite(found.past).all()
    assert found.ahead[0] == pytest.approx(5.0)


def test_a_forecast_of_nothing_is_no_certainty() -> None:
    forecast = np.where(np.arange(30) % 2 == 0, 0.0, 50.0)[None]
    found = relative_scale(_sums(forecast, 0.2), AT, 1)
    assert found.past.min() > 0.0
