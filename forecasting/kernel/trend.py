"""Exponential smoothing with a damped trend."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.kernel.kernel import Memory, Seen

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trend:
    """A level and a slope that fades, never below zero.

    Source: Gardner and McKenzie (1985), Forecasting trends in time series, eq. 5.
    """

    name: str = "trend"
    complexity: int = 2
    seasonal: bool = False
    #: gain of the level, of the slope, damping
    grid: Floats = field(
        default_factory=lambda: np.array(
            [(0.05, 0.05, 0.95), (0.1, 0.1, 0.9), (0.2, 0.1, 0.9), (0.4, 0.2, 0.9)]
        )
    )

    def start(self, shape: tuple[int, ...]) -> Memory:
        """Make the memory: level and slope."""
        return (np.zeros(shape), np.zeros(shape))

    def step(self, memory: Memory, parameters: Floats, seen: Seen) -> None:
        """Move level and slope towards the period's demand."""
        level, slope = memory
        gain, follow, damp = parameters
        faded = slope * damp if seen.known is None else slope * (1 - seen.known * (1 - damp))
        move = faded if seen.known is None else faded * seen.known
        expected = level + move
        error = seen.demand - (expected if seen.factor is None else expected * seen.factor)
        if seen.known is not None:
            error *= seen.known
        np.add(expected, error * np.maximum(gain, seen.share), out=level)
        np.add(faded, error * (gain * follow) * (seen.share < 0.2), out=slope)
        np.maximum(level, 0.0, out=level)

    def rate(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the mean of the fading line."""
        level, slope = memory
        damp = parameters[2]
        reach = np.zeros_like(damp)
        for i in range(1, steps + 1):
            reach = reach + damp**i * (steps + 1 - i)
        answer: Floats = np.maximum(level + slope * (reach / steps), 0.0)
        return answer

    def path(self, memory: Memory, parameters: Floats, steps: int) -> Floats:
        """Answer the fading line."""
        level, slope = memory
        damp = parameters[2]
        reach = np.cumsum(np.stack([damp**i for i in range(1, steps + 1)]), axis=0)
        answer: Floats = np.maximum(level + slope * reach, 0.0)
        return answer
