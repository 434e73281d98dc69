"""Histories for tests."""

import numpy as np
from numpy.typing import ArrayLike

from forecasting.history import Frequency, History


def history(
    demand: ArrayLike,
    frequency: Frequency = Frequency.DAY,
    open: ArrayLike | None = None,
    first: str = "2024-01-01",
) -> History:
    """Make a history of demand (n, t); a future is as long as `open` reaches past it."""
    values = np.array(demand, dtype=np.float64)
    n, periods = values.shape
    if frequency is Frequency.MONTH:
        starts = (np.datetime64(first[:7]) + np.arange(periods)).astype("datetime64[D]")
    else:
        starts = np.datetime64(first) + np.arange(periods) * (
            7 if frequency is Frequency.WEEK else 1
        )
    shown = None if open is None else np.array(open, dtype=np.bool_)
    return History(
        series=tuple(f"item {i}" for i in range(n)),
        starts=starts,
        frequency=frequency,
        demand=values,
        open=shown,
        future=0 if shown is None else shown.shape[1] - periods,
    )


def sales(n: int, periods: int, seed: int = 1) -> np.ndarray:
    """Draw demand (n, periods) of items from slow to fast, with a week's season."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(0.6, 6.0, (n, 1))
    week = 1.0 + 0.4 * np.sin(2 * np.pi * np.arange(periods) / 7)
    drawn: np.ndarray = rng.poisson(level * week * rng.gamma(2.0, 0.5, (n, periods))).astype(float)
    return drawn
