"""Exponential smoothing of the level, and the plain mean, which is its limit."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.kernel.kernel import Memory, Seen, level_path

Floats = NDArray[np.float64]


def _gains(*gains: float) -> Floats:
    return np.array(gains)[:, None]


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A level that moves to what is seen by its gain, and at first by a plain mean's.

    With a season the error is that against level times factor and is not divided by the factor:
    the best gain when the variance of demand is in proportion to its mean.
    Source: Hyndman et al. (2008), Forecasting with Exponential Smoothing, eq. 2.3.
    """

    name: str = "smoothing"
    complexity: int = 1
    seasonal: bool = False
    grid: Floats = field(default_factory=lambda: _gains(0.02, 0.05, 0.1, 0.2, 0.3, 0.5))

    def start(self, shape: tuple[int, ...]) -> Memory:
        """Make the memory: the level."""
        return (np.zeros(shape),)

    def step(self, memory: Memory, parameters: Floats, seen: Seen) -> None:
        """Move the level towards the period's demand."""
        (level,) = memory
        expected = level if seen.factor is None else level * seen.factor
        error = seen.demand - expected
        error *= np.maximum(parameters[0], seen.share)
        if seen.known is not None:
            error *= seen.known
        level += error
        if seen.factor is not None:
            np.maximum(level, 0.0, out=level)

    def rate(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the level."""
        return memory[0]

    def path(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the same for every period ahead."""
        return level_path(self.rate(memory, parameters, steps), steps)


def mean() -> Smoothing:
    """Make the kernel that forecasts the mean of all that is known."""
    return Smoothing(name="mean", complexity=0, grid=_gains(0.0))


def seasonal() -> Smoothing:
    """Make the kernel that smooths what its season leaves."""
    return Smoothing(
        name="seasonal", complexity=2, seasonal=True, grid=_gains(0.0, 0.03, 0.1, 0.2, 0.4)
    )
