"""Sums from the bottom up."""

import numpy as np
import pytest

from forecasting.distribution import Distribution
from forecasting.hierarchy import Groups, add_up, together

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])


def of_sample(sample: np.ndarray) -> Distribution:
    return Distribution.build(sample.mean(axis=1), LEVELS, np.quantile(sample, LEVELS, axis=1).T)


def test_a_sum_has_the_sum_of_the_means() -> None:
    law = of_sample(np.random.default_rng(1).gamma(2.0, 3.0, (6, 500)))
    groups = Groups.of(["b", "a", "b", "a", "a", "c"])
    total = add_up(law, groups)
    assert groups.names == ("a", "b", "c")
    assert total.mean[0] == law.mean[1] + law.mean[3] + law.mean[4]
    assert total.mean.sum() == pytest.approx(law.mean.sum())


def test_a_group_of_one_keeps_its_own() -> None:
    law = of_sample(np.random.default_rng(2).gamma(0.5, 3.0, (3, 500)))
    total = add_up(law, Groups.of(["x", "y", "z"]))
    assert total.values == pytest.approx(law.values)


def test_parts_that_move_apart_need_less_together() -> None:
    rng = np.random.default_rng(3)
    sample = rng.gamma(3.0, 2.0, (10, 20_000))
    total = add_up(of_sample(sample), Groups.of(["all"] * 10))
    for level in (0.9, 0.95, 0.99):
        truth = np.quantile(sample.sum(axis=0), level)
        assert total.quantile(level)[0] == pytest.approx(truth, rel=0.06)


def test_parts_that_move_together_need_as_much_as_apart() -> None:
    sample = np.tile(np.random.default_rng(4).gamma(3.0, 2.0, (1, 5_000)), (10, 1))
    law = of_sample(sample)
    groups = Groups.of(["all"] * 10)
    shared = together(sample - sample.mean(axis=1, keepdims=True), groups)
    assert shared == pytest.approx([1.0], abs=0.01)
    assert add_up(law, groups, shared).quantile(0.95)[0] == pytest.approx(
        law.quantile(0.95).sum(), rel=0.01
    )


def test_errors_of_chance_alone_share_nothing() -> None:
    errors = np.random.default_rng(5).normal(size=(50, 2_000))
    assert together(errors, Groups.of(["all"] * 50))[0] < 0.01


def test_groups_of_other_series_are_refused() -> None:
    law = of_sample(np.ones((2, 5)))
    with pytest.raises(ValueError, match="expected 2"):
        add_up(law, Groups.of(["a"]))
