"""What is missed above a level. Reference values: Snyder & Shen, as stockpyl computes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.policy.law import (
    Discrete,
    Law,
    Lognormal,
    Normal,
    Uniform,
    negative_binomial,
    poisson,
)

LAWS = [
    Normal(50, 8),
    Normal(7, 0),
    Lognormal(2, 0.3),
    Uniform(20, 30),
    poisson(15),
    poisson(0),
    negative_binomial(12, 25),
    Discrete(np.array([0.5, 0.0, 0.5])),
]


@pytest.mark.parametrize(
    ("law", "level", "loss", "second"),
    [
        (Normal(15, 3), 18, 0.2499464, 0.3390290),
        (poisson(15), 18, 0.5176095, None),
        (Lognormal(2, 0.3), 10, 0.2836497, None),
        (Uniform(20, 30), 25, 1.25, None),
        (Uniform(20, 30), 28, 0.2, 0.1333333),
        (negative_binomial(12, 25), 14, 1.2083499, None),
    ],
)
def test_losses_are_the_textbooks(
    law: Law, level: float, loss: float, second: float | None
) -> None:
    assert law.loss(level) == pytest.approx(loss, abs=1e-6)
    if second is not None:
        assert law.second_loss(level) == pytest.approx(second, abs=1e-6)


@pytest.mark.parametrize("law", LAWS)
@given(level=st.floats(-20, 120))
def test_a_loss_is_what_summing_the_probabilities_above_gives(law: Law, level: float) -> None:
    assert law.loss(level) >= max(law.mean - level, 0.0) - 1e-9
    step = 1e-4
    slope = (law.loss(level + step) - law.loss(level)) / step
    assert -1 - 1e-6 <= slope <= 1e-6
    assert law.below(level) - 1e-3 <= 1 + slope <= law.below(level + step) + 1e-3
    second = (law.second_loss(level + step) - law.second_loss(level)) / step
    assert second == pytest.approx(-law.loss(level + step / 2), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("law", LAWS)
@given(probability=st.floats(0.01, 0.99))
def test_a_quantile_is_the_least_level_that_is_enough(law: Law, probability: float) -> None:
    level = law.quantile(probability)
    assert law.below(level) >= probability - 1e-9
    if isinstance(law, Discrete) and level > 0:
        assert law.below(level - 1) < probability


@given(st.floats(0.01, 500))
def test_poisson_demand_has_its_mean_and_variance(mean: float) -> None:
    law = poisson(mean)
    assert law.mean == pytest.approx(mean, rel=1e-9)
    assert law.deviation**2 == pytest.approx(mean, rel=1e-6)


@given(st.floats(0.05, 100), st.floats(1.05, 20))
def test_negative_binomial_demand_has_its_mean_and_variance(mean: float, spread: float) -> None:
    law = negative_binomial(mean, mean * spread)
    assert law.mean == pytest.approx(mean, rel=1e-6)
    assert law.deviation**2 == pytest.approx(mean * spread, rel=1e-4)


def test_a_variance_below_the_mean_is_poissons() -> None:
    assert negative_binomial(4, 1).deviation == pytest.approx(2)


def test_impossible_laws_are_refused() -> None:
    for make in (
        lambda: Normal(1, -1),
        lambda: Lognormal(1, 0),
        lambda: Uniform(3, 3),
        lambda: Discrete(np.array([0.5, 0.4])),
        lambda: Discrete(np.array([-0.5, 1.5])),
        lambda: poisson(-1),
        lambda: negative_binomial(1, -1),
    ):
        with pytest.raises(ValueError, match="no law"):
            make()
