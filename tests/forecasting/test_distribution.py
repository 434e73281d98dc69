"""One type for the demand of a protection interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecasting.distribution import Distribution
from forecasting.simulation import simulate

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999])
Floats = NDArray[np.float64]


def of_sample(sample: Floats) -> Distribution:
    return Distribution.build(sample.mean(axis=1), LEVELS, np.quantile(sample, LEVELS, axis=1).T)


def gamma() -> tuple[Floats, Distribution]:
    rng = np.random.default_rng(7)
    sample = rng.gamma([[2.0], [0.4]], [[3.0], [10.0]], (2, 100_000))
    return sample, of_sample(sample)


laws = st.lists(
    st.lists(st.floats(0, 1e6), min_size=4, max_size=4).map(sorted), min_size=1, max_size=5
).map(lambda rows: Distribution.build([row[1] for row in rows], [0.1, 0.5, 0.9, 0.99], rows))


@given(laws, st.floats(0, 0.99999), st.floats(0, 0.99999))
def test_quantiles_ascend_and_are_never_negative_or_unknown(
    law: Distribution, p: float, q: float
) -> None:
    low, high = law.quantile(min(p, q)), law.quantile(max(p, q))
    assert np.isfinite(high).all()
    assert (low >= 0).all()
    assert (high >= low * (1 - 1e-12)).all()


@given(laws, st.floats(0, 2e6), st.floats(0, 2e6))
def test_more_stock_never_loses_more(law: Distribution, a: float, b: float) -> None:
    less, more = law.expected_loss(min(a, b)), law.expected_loss(max(a, b))
    assert (more >= 0).all()
    assert (more <= less + 1e-6).all()


@given(laws, st.floats(0.01, 0.99))
def test_a_quantile_is_not_exceeded_with_its_probability(law: Distribution, p: float) -> None:
    assert (law.probability(law.quantile(p) * (1 + 1e-9)) >= p - 1e-6).all()


@given(laws, st.floats(0.0, 0.999))
def test_the_stock_for_a_fill_rate_reaches_it(law: Distribution, fill: float) -> None:
    stock = law.fill_quantile(fill)
    whole = law.expected_loss(0.0)
    assert (law.expected_loss(stock) <= (1 - fill) * whole + 1e-6 * (1 + whole)).all()


def test_the_expected_loss_is_that_of_the_sample_it_stands_for() -> None:
    sample, law = gamma()
    for stock in (0.0, 2.0, 9.0, 25.0):
        beyond = np.maximum(sample - stock, 0.0).mean(axis=1)
        assert law.expected_loss(stock) == pytest.approx(beyond, rel=0.05, abs=0.05)


def test_the_variance_is_that_of_the_sample_it_stands_for() -> None:
    sample, law = gamma()
    assert law.variance() == pytest.approx(sample.var(axis=1), rel=0.1)


def test_beyond_the_last_level_the_tail_goes_on_as_it_ended() -> None:
    sample, law = gamma()
    assert law.quantile(0.9999) == pytest.approx(np.quantile(sample, 0.9999, axis=1), rel=0.15)


def test_a_smaller_order_cycle_asks_for_more_stock() -> None:
    _, law = gamma()
    assert (law.fill_quantile(0.95, law.mean / 3) > law.fill_quantile(0.95)).all()


@pytest.mark.parametrize("lead", [0, 1, 4])
@pytest.mark.parametrize("fill", [0.8, 0.95])
def test_a_periodic_loop_reaches_the_fill_rate_that_its_stock_is_for(
    lead: int, fill: float
) -> None:
    rng = np.random.default_rng(3)
    demand = rng.gamma(0.5, 40.0, (40, 1_000))
    fine = np.linspace(0.01, 0.999, 200)

    def law(periods: int) -> Distribution:
        sums = rng.gamma(0.5 * periods, 40.0, 200_000)
        each = np.tile(np.quantile(sums, fine), (40, 1))
        return Distribution.build(np.full(40, 20.0 * periods), fine, each)

    before = law(lead) if lead else Distribution.build(np.zeros(40), [0.5], np.zeros((40, 1)))
    stock = law(lead + 1).fill_quantile(fill, before=before)
    reached = simulate(demand, 0, lead, lambda _: stock).fill_rate()
    assert reached == pytest.approx(fill, abs=0.01)
    # As if each interval were an order cycle of its own, it holds more and reaches more.
    careful = law(lead + 1).fill_quantile(fill, np.full(40, 20.0))
    assert (careful >= 0.99 * stock).all()
    if lead:
        assert simulate(demand, 0, lead, lambda _: careful).fill_rate() > fill + 0.01


def test_a_cycle_without_demand_needs_no_stock() -> None:
    _, law = gamma()
    assert law.fill_quantile(0.95, [0.0, 0.0]).tolist() == [0.0, 0.0]
    assert law.fill_quantile(0.95, before=law).tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="before is of 1 series"):
        law.fill_quantile(0.95, before=law.part(0, 1))


def test_a_certain_demand_is_one_figure() -> None:
    law = Distribution.build([5.0], [0.5, 0.9], [[5.0, 5.0]])
    assert law.quantile(0.9999) == pytest.approx([5.0])
    assert law.probability(5.0) == pytest.approx([1.0])
    assert law.probability(4.9) == pytest.approx([0.0])
    assert law.expected_loss(3.0) == pytest.approx([2.0])
    assert law.fill_quantile(0.8) == pytest.approx([4.0])


def test_a_demand_of_nothing_needs_nothing() -> None:
    law = Distribution.build([0.0], [0.5, 0.9], [[0.0, 0.0]])
    assert law.fill_quantile(0.99) == pytest.approx([0.0])
    assert law.quantile(0.999) == pytest.approx([0.0])


def test_what_is_built_of_raw_figures_is_sorted_cut_and_known() -> None:
    law = Distribution.build([np.nan, 3.0], [0.5, 0.9], [[np.nan, -1.0], [4.0, 2.0]])
    assert law.mean.tolist() == [0.0, 3.0]
    assert law.values.tolist() == [[0.0, 0.0], [2.0, 4.0]]


@pytest.mark.parametrize(
    ("mean", "levels", "values"),
    [
        ([1.0], [0.5, 0.4], [[1.0, 2.0]]),
        ([1.0], [0.5, 1.0], [[1.0, 2.0]]),
        ([1.0], [0.5, 0.9], [[2.0, 1.0]]),
        ([-1.0], [0.5, 0.9], [[1.0, 2.0]]),
        ([1.0, 2.0], [0.5, 0.9], [[1.0, 2.0]]),
        ([np.nan], [0.5, 0.9], [[1.0, 2.0]]),
    ],
)
def test_nonsense_is_refused(
    mean: list[float], levels: list[float], values: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match="must"):
        Distribution(np.array(mean), np.array(levels), np.array(values))


def test_parts_joined_are_the_whole() -> None:
    _, law = gamma()
    whole = Distribution.join([law.part(0, 1), law.part(1, 2)])
    assert np.array_equal(whole.values, law.values)
    assert np.array_equal(whole.mean, law.mean)


def test_a_multiple_of_a_demand_has_the_multiple_quantiles() -> None:
    _, law = gamma()
    assert law.times(3.0).quantile(0.97) == pytest.approx(3.0 * law.quantile(0.97))
