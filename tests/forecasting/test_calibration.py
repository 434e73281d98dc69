"""Past errors turned into quantiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecasting.calibration import LEVELS, Counts, Sums, calibrate, count, no_counts, scale
from forecasting.candidate import origins, sums

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]


def steady(demand: Floats, at: NDArray[np.intp], protection: int) -> Sums:
    """Forecasts by the running mean."""
    total = np.cumsum(np.nan_to_num(demand), axis=1)
    mean = total[:, at - 1] / at
    end = total[:, -1] / demand.shape[1]
    return Sums(mean * protection, sums(demand, at, protection), end * protection)


def chunk(n: int, periods: int, seed: int = 3) -> tuple[Floats, Codes]:
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(1.0, 1.0, (n, 1))
    demand = rng.negative_binomial(1.5, 1.5 / (1.5 + rate), (n, periods)).astype(np.float64)
    return demand, (np.arange(n) % 4).astype(np.int8)


def counted(demand: Floats, codes: Codes, protection: int) -> tuple[Counts, Sums, Floats]:
    at = origins(demand.shape[1], protection)
    found = steady(demand, at, protection)
    spread = scale(demand, found, at, protection)
    return count(found, spread, codes, at), found, spread.ahead


def test_as_many_sums_stay_below_a_quantile_as_it_says() -> None:
    demand, codes = chunk(3000, 60)
    past, coming = demand[:, :57], demand[:, 57:].sum(axis=1)
    counts, found, unit = counted(past, codes, 3)
    law = calibrate(found.ahead, unit, codes, counts.shape())
    for level in (0.5, 0.9, 0.95, 0.99):
        assert (coming <= law.quantile(level)).mean() == pytest.approx(level, abs=0.02)


def test_counts_do_not_depend_on_who_counted_in_which_order() -> None:
    demand, codes = chunk(200, 40)
    whole = counted(demand, codes, 2)[0]
    parts = [counted(demand[a:b], codes[a:b], 2)[0] for a, b in ((150, 200), (0, 70), (70, 150))]
    total = no_counts()
    for part in parts:
        total = total + part
    assert np.array_equal(total.cells, whole.cells)


def test_what_is_expected_of_an_error_knows_nothing_that_came_later() -> None:
    demand, _ = chunk(20, 50)
    at = origins(50, 3)
    found = steady(demand, at, 3)
    before = scale(demand, found, at, 3)
    changed = demand.copy()
    changed[:, 40:] *= 9.0
    actual = sums(changed, at, 3)
    after = scale(changed, Sums(found.past, actual, found.ahead), at, 3)
    early = at <= 40
    assert np.array_equal(before.past[:, early], after.past[:, early])
    assert not np.array_equal(before.past[:, ~early], after.past[:, ~early])


def test_quantiles_follow_the_unit_of_measure() -> None:
    demand, codes = chunk(300, 40)
    counts, found, unit = counted(demand, codes, 2)
    kilos, kilo_found, kilo_unit = counted(demand * 1000.0, codes, 2)
    law = calibrate(found.ahead, unit, codes, counts.shape())
    kilo_law = calibrate(kilo_found.ahead, kilo_unit, codes, kilos.shape())
    assert kilo_law.values == pytest.approx(1000.0 * law.values, rel=1e-6)


def test_a_class_without_errors_borrows_from_the_others() -> None:
    demand, _ = chunk(500, 40)
    counts, _, _ = counted(demand, np.zeros(500, np.int8), 2)
    shape = counts.shape()
    assert shape.values[5] == pytest.approx(np.asarray(shape.values[6]))
    assert np.abs(shape.values[5] - shape.values[0]).max() < 1.5


def test_without_any_error_the_law_is_exponential() -> None:
    shape = no_counts().shape()
    middle, far = shape.values[0, 0, [3, 7]]
    assert middle == pytest.approx((np.log(2.0) - 1.0) * np.e / 2.0, abs=0.1)
    assert far == pytest.approx((np.log(20.0) - 1.0) * np.e / 2.0, abs=0.1)


def test_new_errors_of_all_move_the_quantiles_of_each() -> None:
    demand, codes = chunk(2000, 40)
    surge = demand.copy()
    surge[:, 30:] *= 2.0
    at = origins(40, 1)
    calm = steady(demand, at, 1)
    risen = Sums(calm.past, sums(surge, at, 1), calm.ahead)
    quiet = count(calm, scale(demand, calm, at, 1), codes, at).shape()
    loud = count(risen, scale(demand, calm, at, 1), codes, at).shape()
    assert (loud.values[:, :, 7] > quiet.values[:, :, 7]).all()


def test_one_period_known_is_no_certainty() -> None:
    demand = np.full((1, 12), np.nan)
    demand[0, -1] = 6.0
    at = origins(12, 1)
    found = Sums(np.full((1, len(at)), np.nan), np.full((1, len(at)), np.nan), np.array([6.0]))
    unit = scale(demand, found, at, 1).ahead
    assert 3.0 <= unit[0] < 3.5


def test_the_longer_a_constant_lasts_the_surer_it_is() -> None:
    def unit(periods: int) -> float:
        demand = np.full((1, periods), 4.0)
        at = origins(periods, 2)
        return float(scale(demand, steady(demand, at, 2), at, 2).ahead[0])

    assert 0 < unit(200) < unit(20) < 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 99))
def test_whatever_the_history_the_answer_is_known_and_never_negative(
    periods: int, protection: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    demand = rng.poisson(0.7, (9, periods)).astype(np.float64)
    demand[rng.random(demand.shape) < 0.2] = np.nan
    demand[0], demand[1] = np.nan, 0.0
    codes = rng.integers(0, 7, 9).astype(np.int8)
    at = origins(periods, protection)
    found = Sums(
        np.abs(rng.normal(1.0, 1.0, (9, len(at)))), sums(demand, at, protection), np.ones(9)
    )
    spread = scale(demand, found, at, protection)
    law = calibrate(found.ahead, spread.ahead, codes, count(found, spread, codes, at).shape())
    assert law.values.shape == (9, len(LEVELS))
    assert np.isfinite(law.values).all()
    assert (law.values >= 0).all()
