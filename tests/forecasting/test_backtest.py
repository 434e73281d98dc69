"""What a way of forecasting would have cost."""

import numpy as np
import pytest

from forecasting.backtest import allow, backtest, prefer
from forecasting.candidate import Candidate, origins, sums
from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution

LEVELS = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99])


def alternating(n: int, periods: int) -> np.ndarray:
    """Demand that a blind model must stock for and a seeing one need not."""
    rng = np.random.default_rng(9)
    wave = np.where(np.arange(periods) // 3 % 2, 30.0, 4.0)
    return rng.poisson(wave, (n, periods)).astype(np.float64)


def law_of(mean: np.ndarray) -> Distribution:
    x = -np.log1p(-LEVELS)
    return Distribution.build(mean, LEVELS, mean[:, None] + np.outer(np.sqrt(mean), x - 0.7))


def seeing(n: int) -> Distribution:
    return law_of(np.full(n, 17.0))


def test_the_one_who_knows_more_wins_on_loss_and_on_stock() -> None:
    demand = alternating(30, 90)
    blind = Distribution.build(
        np.full(30, 17.0), LEVELS, np.tile([3.0, 5, 12, 28, 33, 36, 42], (30, 1))
    )
    wave = np.where(np.arange(90) // 3 % 2, 30.0, 4.0)
    known = backtest(lambda t: law_of(np.full(30, wave[t])), demand, 40, 1)
    unknown = backtest(lambda _: blind, demand, 40, 1)
    worth, words = prefer(unknown, known)
    assert worth
    assert "worth the step" in words
    assert known.stock_at(0.95) < unknown.stock_at(0.95)


def test_a_more_complex_way_that_wins_nothing_is_not_taken() -> None:
    demand = alternating(10, 60)
    same = backtest(lambda _: seeing(10), demand, 20, 2)
    worth, words = prefer(same, same)
    assert not worth
    assert words.endswith("not worth the step")


def test_coverage_is_the_share_of_sums_a_quantile_holds() -> None:
    demand = np.random.default_rng(2).poisson(50.0, (200, 40)).astype(np.float64)
    sample = np.random.default_rng(3).poisson(150.0, (1, 50_000))
    law = Distribution.build(
        np.full(200, 150.0), LEVELS, np.tile(np.quantile(sample, LEVELS), (200, 1))
    )
    score = backtest(lambda _: law, demand, 10, 3)
    assert score.coverage == pytest.approx([0.5, 0.9, 0.95, 0.99], abs=0.03)
    assert (np.diff(score.fill) >= 0).all()


def test_too_few_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="leave nothing"):
        backtest(lambda _: seeing(2), np.ones((2, 10)), 8, 2)


def candidates(demand: np.ndarray, at: np.ndarray) -> tuple[Candidate, Candidate, Candidate]:
    n, periods = demand.shape
    flat = np.full((n, len(at)), 17.0)
    wave = np.where(np.arange(periods + 1) // 3 % 2, 30.0, 4.0)
    blank = np.zeros((n, 1))
    right = np.tile(wave[at], (n, 1))
    wrong = np.random.default_rng(4).uniform(1.0, 60.0, right.shape)
    end = np.full(n, 17.0)
    return (
        Candidate("flat", 0, flat, blank, end),
        Candidate("seer", 1, right, blank, end),
        Candidate("fool", 1, wrong, blank, end),
    )


def test_a_model_must_save_stock_in_its_class_to_be_allowed() -> None:
    demand = alternating(40, 60)
    at = origins(60, 1, most=100)
    codes = np.full(40, DemandClass.SMOOTH, np.int8)
    allowed = allow(candidates(demand, at), demand, sums(demand, at, 1), codes, at, 1)
    assert allowed.table[DemandClass.SMOOTH].tolist() == [True, True, False]
    assert "less stock" in allowed.reason(DemandClass.SMOOTH, 1)


def test_a_class_of_too_few_series_allows_all() -> None:
    demand = alternating(4, 60)
    at = origins(60, 1)
    codes = np.full(4, DemandClass.LUMPY, np.int8)
    allowed = allow(candidates(demand, at), demand, sums(demand, at, 1), codes, at, 1)
    assert allowed.table.all()
    assert allowed.reason(DemandClass.LUMPY, 1) == ""
