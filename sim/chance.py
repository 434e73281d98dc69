"""Chance that repeats: draws that depend on a seed and a name, never on who asked first."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

_Option = TypeVar("_Option")


def _digest(seed: int, key: tuple[str | int, ...]) -> int:
    text = "\x1f".join(str(part) for part in (seed, *key))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def fraction(seed: int, *key: str | int) -> float:
    """Give a number in [0, 1) that only the seed and the key decide."""
    # 53 bits are what a float holds; all 64 could round up to 1.
    return (_digest(seed, key) >> 11) / 2**53


def whole(low: int, high: int, seed: int, *key: str | int) -> int:
    """Give a whole number from low to high, both included."""
    return low + _digest(seed, key) % (high - low + 1)


def choose(options: Sequence[_Option], seed: int, *key: str | int) -> _Option:
    """Give one of the options."""
    return options[_digest(seed, key) % len(options)]


def stream(seed: int, *key: str | int) -> random.Random:
    """Give a generator of its own, for draws whose order their owner alone decides."""
    return random.Random(_digest(seed, key))
