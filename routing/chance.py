"""A generator of chance inside compiled code that the caller seeds and owns.

Source: G. Marsaglia (2003), Xorshift RNGs, the triple (13, 7, 17).
"""

import numpy as np
from numpy.typing import NDArray

from routing.kernel import kernel

Ints = NDArray[np.int64]


def seeded(seed: int) -> Ints:
    """The state of a generator; near seeds give unlike numbers."""
    state = np.array([seed * 2 + 0x9E3779B97F4A7C1], np.int64)
    for _ in range(16):
        share(state)
    return state


@kernel
def share(state: Ints) -> float:
    """A number from 0 to below 1."""
    x = state[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    state[0] = x
    return float((x >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


@kernel
def draw(state: Ints, below: int) -> int:
    """A number from 0 to below - 1."""
    return int(share(state) * below)
