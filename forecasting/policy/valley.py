"""Where a function of one figure is 0, and where it is lowest."""

import math
from collections.abc import Callable

_CLOSE = 1e-10
_CLOSE_LOWEST = 1e-7


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an ascending function is 0, by halving."""
    while high - low > _CLOSE * max(1.0, abs(low) + abs(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is lowest, by golden section."""
    share = (math.sqrt(5) - 1) / 2
    left, right = high - share * (high - low), low + share * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > _CLOSE_LOWEST * max(1.0, high):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - share * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + share * (high - low)
            at_right = function(right)
    return (low + high) / 2
