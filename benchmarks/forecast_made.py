"""Made demand of every class, for figures that need more series than any public set has."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from forecasting.history import Frequency, History

Floats = NDArray[np.float64]

START = np.datetime64("2024-01-01")
YEAR = 52
#: series made at once, so that millions need no room but their own
BLOCK = 20_000
#: share of series that sell in most weeks, and how far their sizes scatter: calm or wild
OFTEN, CALM, WILD = 0.45, 0.25, 0.9
#: shares of series that began of late, that have ended, and that follow the year
NEW, DYING, SEASONAL = 0.08, 0.08, 0.3


def make_history(series: int, periods: int, seed: int, promoted: float = 0.0) -> History:
    """Weeks of made demand of every class; a share of the series has promotions, known a year on.

    Smooth, erratic, intermittent and lumpy ones, some of them seasonal, new or dying.
    """
    demand = np.empty((series, periods))
    future = YEAR if promoted else 0
    drivers = {"promo": np.zeros((series, periods + future))} if promoted else {}
    for at, rows in enumerate(_blocks(series)):
        rng = np.random.default_rng([seed, at])
        demand[rows] = _block(rng, rows.stop - rows.start, periods)
        if promoted:
            drivers["promo"][rows] = _promote(rng, demand[rows], promoted, future)
    return History(
        series=tuple(map(str, range(series))),
        starts=START + 7 * np.arange(periods),
        frequency=Frequency.WEEK,
        demand=demand,
        drivers=drivers,
        future=future,
    )


def _blocks(series: int) -> Iterator[slice]:
    for start in range(0, series, BLOCK):
        yield slice(start, min(start + BLOCK, series))


def _block(rng: np.random.Generator, n: int, periods: int) -> Floats:
    level = np.exp(rng.normal(1.5, 1.2, n))
    often = rng.random(n) < OFTEN
    chance = np.where(often, rng.uniform(0.85, 1.0, n), rng.uniform(0.05, 0.6, n))
    scatter = np.where(rng.random(n) < 0.5, CALM, WILD)
    size = rng.gamma(1 / scatter[:, None] ** 2, scatter[:, None] ** 2, (n, periods))
    size *= 1.0 + level[:, None]
    swing = np.where(rng.random(n) < SEASONAL, rng.uniform(0.2, 0.7, n), 0.0)[:, None]
    begin = rng.random((n, 1))
    turn = 2 * np.pi * (np.arange(periods) / YEAR - begin)
    size *= 1.0 + swing * np.sin(turn)
    demand = np.where(rng.random((n, periods)) < chance[:, None], np.rint(size), 0.0)
    fate = rng.random(n)
    week = np.arange(periods)
    born = np.where(fate < NEW, rng.uniform(0.85, 0.97, n) * periods, 0.0)
    died = np.where(fate > 1.0 - DYING, rng.uniform(0.5, 0.8, n) * periods, float(periods))
    demand[(week < born[:, None]) | (week >= died[:, None])] = 0.0
    return demand


def _promote(rng: np.random.Generator, demand: Floats, share: float, future: int) -> Floats:
    """Answers when each series is promoted, and lets the demand (n, t) have its lift."""
    n, periods = demand.shape
    driver = (rng.random((n, periods + future)) < 0.1).astype(np.float64)
    driver[rng.random(n) >= share] = 0.0
    lift = 1.0 + driver[:, :periods] * rng.uniform(0.5, 3.0, (n, 1))
    demand[:] = np.rint(demand * lift)
    return driver
