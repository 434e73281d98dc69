"""The level around which a series moves, smoothed over the periods that are known."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPEEDS = (0.02, 0.05, 0.1, 0.2, 0.3)
#: of the level smoothed from both sides
TREND = 0.1


def best_speed(rest: Floats, weight: Floats) -> float:
    """Answer the speed of the level that foresees the next period best."""
    skip = rest.shape[1] // 4
    losses = [
        float((np.abs(rest - levels(rest, weight, speed)[:, :-1]) * weight)[:, skip:].sum())
        for speed in SPEEDS
    ]
    return SPEEDS[int(np.argmin(losses))]


def levels(rest: Floats, weight: Floats, speed: float) -> Floats:
    """Answer the level (n, t + 1) before each period and after the last; it skips the unknown.

    Its speed falls from 1 to `speed`, so that the first periods count alike.
    """
    n, periods = rest.shape
    answer = np.zeros((n, periods + 1))
    level, count = np.zeros(n), np.zeros(n)
    for t in range(periods):
        count += weight[:, t]
        step = np.maximum(speed, 1.0 / np.maximum(count, 1.0))
        level = level + weight[:, t] * step * (rest[:, t] - level)
        answer[:, t + 1] = level
    return answer


def smooth(rest: Floats, weight: Floats) -> Floats:
    """Answer the level (n, t) smoothed from both sides, its mean taken out."""
    forth = levels(rest, weight, TREND)[:, 1:]
    back = levels(rest[:, ::-1], weight[:, ::-1], TREND)[:, ::-1][:, :-1]
    answer: Floats = 0.5 * (forth + back)
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    centred: Floats = answer - (answer * weight).sum(axis=1, keepdims=True) / count
    return centred
