"""Which models stock allows."""

from dataclasses import replace

import numpy as np

from forecasting.backtest import allow
from forecasting.candidate import Candidate, origins, sums
from forecasting.demand_class import DemandClass


def alternating(n: int, periods: int) -> np.ndarray:
    """Demand that a blind model must stock for and a seeing one need not."""
    rng = np.random.default_rng(9)
    wave = np.where(np.arange(periods) // 3 % 2, 30.0, 4.0)
    return rng.poisson(wave, (n, periods)).astype(np.float64)


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


def test_a_model_that_begins_late_is_tried_and_one_without_forecasts_is_not_taken() -> None:
    demand = alternating(40, 60)
    at = origins(60, 1, most=100)
    codes = np.full(40, DemandClass.PROMOTED, np.int8)
    flat, seer, fool = candidates(demand, at)
    late = []
    for candidate, known in ((seer, 0.5), (fool, 0.5), (seer, 1.0)):
        past = candidate.past.copy()
        past[:, : int(known * len(at))] = np.nan
        late.append(replace(candidate, past=past))
    allowed = allow((flat, *late), demand, sums(demand, at, 1), codes, at, 1)
    assert allowed.table[DemandClass.PROMOTED].tolist() == [True, True, False, False]
    assert "less stock" in allowed.reason(DemandClass.PROMOTED, 1)


def test_a_class_of_too_few_series_allows_all() -> None:
    demand = alternating(4, 60)
    at = origins(60, 1)
    codes = np.full(4, DemandClass.LUMPY, np.int8)
    allowed = allow(candidates(demand, at), demand, sums(demand, at, 1), codes, at, 1)
    assert allowed.table.all()
    assert allowed.reason(DemandClass.LUMPY, 1) == ""
