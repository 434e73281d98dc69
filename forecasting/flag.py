"""What a reader of a forecast should know about the history it rests on."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: fewer known periods than this are a short history
SHORT = 8


class Flag(StrEnum):
    """Why a forecast may be worth less than others."""

    #: no period is known
    EMPTY = "empty"
    #: nothing was ever ordered
    ALL_ZERO = "all_zero"
    #: one period is known, or one period only had any demand
    ONE_POINT = "one_point"
    #: every known period was the same
    CONSTANT = "constant"
    SHORT = "short"
    #: half of the periods or more are unknown
    GAPS = "gaps"
    #: stands on other items of its kind
    BORROWED = "borrowed"


def flag(demand: Floats) -> tuple[frozenset[Flag], ...]:
    """Answer the flags of each of n series.

    demand: (n, t), nan where unknown; periods before the first known one are no gaps.
    """
    n, periods = demand.shape
    known = ~np.isnan(demand)
    count = known.sum(axis=1)
    filled = np.where(known, demand, 0.0)
    sold = (filled > 0).sum(axis=1)
    first = known.argmax(axis=1) if periods else np.zeros(n, np.intp)
    most = filled.max(axis=1, initial=0.0)
    least = np.where(known, demand, np.inf).min(axis=1, initial=np.inf)
    marks = {
        Flag.EMPTY: count == 0,
        Flag.ALL_ZERO: (count > 0) & (sold == 0),
        Flag.ONE_POINT: (count > 0) & ((count == 1) | (sold == 1)),
        Flag.CONSTANT: (count > 1) & (sold > 0) & (least == most),
        Flag.SHORT: (count > 0) & (count < SHORT),
        Flag.GAPS: (count > 0) & (2 * count <= periods - first),
    }
    code = np.zeros(n, np.int64)
    for bit, marked in enumerate(marks.values()):
        code |= marked.astype(np.int64) << bit
    sets = {
        found: frozenset(name for bit, name in enumerate(marks) if found >> bit & 1)
        for found in np.unique(code).tolist()
    }
    return tuple(sets[found] for found in code.tolist())
