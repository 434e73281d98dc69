import numpy as np
import pytest

from forecasting.ridge import normal, pooled


def test_common_coefficients_and_their_spread_are_found() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(300, 60, 2))
    own = np.array([1.0, -0.5]) + rng.normal(size=(300, 2)) * np.array([0.3, 0.0])
    target = np.einsum("ntk,nk->nt", matrix, own) + rng.normal(0, 0.5, (300, 60)) + 7.0
    equations = normal(target, np.ones((300, 60)), matrix)
    mean, spread, noise = pooled(equations, None, 20)
    assert mean == pytest.approx([1.0, -0.5], abs=0.06)
    assert np.sqrt(spread) == pytest.approx([0.3, 0.0], abs=0.05)
    assert noise == pytest.approx(0.25, abs=0.03)
    found = equations.own(mean, spread, noise)
    assert np.abs(found - own).mean() < 0.06


def test_a_series_that_shows_little_is_as_all_are() -> None:
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(2, 50, 1))
    target = np.stack((3.0 * matrix[0, :, 0], 3.0 * matrix[1, :, 0]))
    weight = np.ones((2, 50))
    weight[1, 2:] = 0.0
    equations = normal(target, weight, matrix)
    much, little = equations.own(np.array([1.0]), np.array([0.01]), 0.3)[:, 0]
    assert much > 1.5
    assert little == pytest.approx(1.0, abs=0.3)


def test_what_is_unknown_has_no_say() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(1, 30, 2))
    target = rng.normal(size=(1, 30))
    weight = np.ones((1, 30))
    weight[0, 20:] = 0.0
    wild = np.where(weight > 0, target, 1e9)
    assert normal(wild, weight, matrix).moment == pytest.approx(
        normal(target[:, :20], weight[:, :20], matrix[:, :20]).moment
    )
