"""Bulk orders: lines so large that they are planned apart from everyday demand."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# A bulk line is so many robust deviations of the logarithm above its item's usual line, at least
# so many times the usual one, and holds at least this share of all that the item sold.
DEVIATIONS = 5.0
TIMES = 8.0
SHARE = 0.05
# Fewer lines tell nothing of what is usual.
LINES_MIN = 8
# Lines of one quantity have no spread of their own.
SPREAD_MIN = 0.25


def bulk_lines(item: Rows, quantity: Floats) -> NDArray[np.bool_]:
    """Which order lines are bulk orders, item by item.

    item, quantity: (m,) the item's number and the units of each line, above 0.
    """
    answer = np.zeros(len(item), np.bool_)
    if not len(item):
        return answer
    logs = np.log(np.maximum(quantity, 1e-9))
    order = np.lexsort((logs, item))
    starts = np.flatnonzero(np.r_[True, np.diff(item[order]) > 0])
    sizes = np.diff(np.r_[starts, len(item)])
    group = np.repeat(np.arange(len(starts)), sizes)
    middle = _medians(logs[order], starts, sizes)
    away = np.abs(logs[order] - middle[group])
    by_distance = np.lexsort((away, group))
    spread = 1.4826 * _medians(away[by_distance], starts, sizes)
    above = logs[order] - middle[group]
    far = above > np.maximum(DEVIATIONS * np.maximum(spread, SPREAD_MIN)[group], np.log(TIMES))
    total = np.add.reduceat(quantity[order], starts)
    heavy = quantity[order] >= SHARE * total[group]
    answer[order] = far & heavy & (sizes[group] >= LINES_MIN)
    return answer


def _medians(ascending: Floats, starts: Rows, sizes: Rows) -> Floats:
    """Of each group, whose values ascend."""
    low, high = starts + (sizes - 1) // 2, starts + sizes // 2
    answer: Floats = (ascending[low] + ascending[high]) / 2
    return answer
