"""One period's level. Reference values: Snyder & Shen's examples as stockpyl computes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy import newsvendor as one
from forecasting.policy.law import Lognormal, Normal, Uniform, poisson
from forecasting.policy.newsvendor import Level

LAW = Normal(50, 8)


def near(found: Level, level: float, figure: float) -> bool:
    return found.level == pytest.approx(level, rel=1e-6) and found.figure == pytest.approx(
        figure, rel=1e-6
    )


def test_example_4_3_normal_demand() -> None:
    assert near(one.newsvendor(LAW, 0.18, 0.70), 56.6039559, 1.9976052)
    assert one.newsvendor_cost(LAW, 60, 0.18, 0.70) == pytest.approx(2.1561316)
    assert one.newsvendor_cost(LAW, 40, 0.18, 0.70) == pytest.approx(7.3561315)


def test_demand_in_whole_units() -> None:
    assert near(one.newsvendor(poisson(50), 0.18, 0.70), 56, 1.7972352)
    assert near(one.newsvendor(poisson(6), 1, 4), 8, 3.5701069)
    assert one.newsvendor_cost(poisson(6), 5, 1, 4) == pytest.approx(6.5902960)


def test_problem_4_8_lognormal_demand() -> None:
    assert near(one.newsvendor(Lognormal(6, 0.3), 1, 0.1765), 295.6266448, 29.4425436)


def test_example_4_2_the_most_profit() -> None:
    assert near(one.newsvendor_profit(LAW, 1, 0.3, 0.12), 56.6039559, 33.0023948)
    assert near(one.newsvendor_profit(poisson(50), 1, 0.3, 0.12), 56, 33.2027648)


def test_a_period_whose_rest_is_worth_something() -> None:
    assert near(one.myopic(LAW, 0.18, 0.70, 0.3, 0.35, 0.98), 58.0989188, 16.6824118)
    cost = one.myopic_cost(LAW, 62, 0.18, 0.70, 0.3, 0.35, 0.98)
    assert cost == pytest.approx(16.8503198)


def test_example_9_3_a_supplier_that_fails_at_times() -> None:
    found = one.with_disruptions(2000, 0.25, 3, 0.04, 0.25)
    assert found.level == 8000
    assert found.figure == pytest.approx(2737.0690, abs=1e-3)


def test_example_9_6_a_yield_that_adds_or_takes_units() -> None:
    found = one.with_additive_yield(1.5e6, Uniform(-5e5, 5e5), 15, 75)
    assert near(found, 1_833_333.3333333, 6_250_000)


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(-40, 40))
def test_no_other_level_costs_less(holding: float, shortage: float, away: float) -> None:
    best = one.newsvendor(LAW, holding, shortage)
    other = one.newsvendor_cost(LAW, best.level + away, holding, shortage)
    assert best.figure <= other + 1e-9


def test_costs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        one.newsvendor(LAW, 0, 1)
    with pytest.raises(ValueError, match="descend"):
        one.newsvendor_profit(LAW, 1, 1, 0)
    with pytest.raises(ValueError, match="discount"):
        one.myopic(LAW, 1, 1, 1, 1, 0)
    with pytest.raises(ValueError, match="always better"):
        one.myopic(LAW, 1, 1, 50, 0, 1)
    with pytest.raises(ValueError, match="probabilities"):
        one.with_disruptions(1, 1, 1, 0.5, 0)
