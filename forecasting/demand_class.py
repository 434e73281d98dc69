"""The class of a series' demand, on which its model and its calibration depend."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: mean interval between demands and squared variation of their sizes that part the four classes
INTERVAL, VARIATION = 1.32, 0.49


class DemandClass(IntEnum):
    """How demand comes; the value is the code stored.

    Source: Syntetos, Boylan and Croston (2005), On the categorization of demand patterns.
    """

    SMOOTH = 0
    ERRATIC = 1
    INTERMITTENT = 2
    LUMPY = 3
    NEW = 4
    DYING = 5
    PROMOTED = 6


def begun(demand: Floats) -> NDArray[np.intp]:
    """Answer the first period (n,) of each series that tells something of its demand.

    Zeros before the first demand are of an item not yet listed, unless its demands lie so far
    apart that the wait is likely.
    """
    if not demand.shape[1]:
        return np.zeros(len(demand), np.intp)
    sold = demand > 0
    first = np.where(sold.any(axis=1), sold.argmax(axis=1), 0)
    known = demand.shape[1] - np.isnan(demand).sum(axis=1)
    lead = np.where(first > 0, _known_before(demand, first), 0)
    # The first demand began the count, so it tells nothing of the rate.
    rate = np.maximum(sold.sum(axis=1) - 1, 0) / np.maximum(known - lead, 1)
    wait = lead * np.log1p(-np.minimum(rate, 0.999))
    answer: NDArray[np.intp] = np.where(wait < np.log(0.01), first, 0)
    return answer


def _known_before(demand: Floats, first: NDArray[np.intp]) -> NDArray[np.intp]:
    blank = np.isnan(demand)
    if not blank.any():
        return first
    counted = np.cumsum(~blank, axis=1)
    answer: NDArray[np.intp] = counted[np.arange(len(demand)), first] - 1
    return answer


def classify(demand: Floats, season: int, promoted: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Answer the DemandClass code (n,) of each series.

    demand: (n, t), nan unknown, with nothing before the first sale. promoted: (n,) True where a
    driver moved. New is less than a quarter of a season, at least 8 periods, or fewer than
    three demands; dying is a silence that chance makes once in a thousand times.
    """
    n, periods = demand.shape
    if not periods:
        return np.full(n, DemandClass.NEW, np.int8)
    sold = demand > 0
    known = ~np.isnan(demand)
    age, count = known.sum(axis=1), sold.sum(axis=1)
    filled = np.where(known, demand, 0.0)
    size = filled.sum(axis=1) / np.maximum(count, 1)
    square = np.einsum("nt,nt->n", filled, filled) / np.maximum(count, 1)
    varied = square / np.maximum(size, 1e-12) ** 2 - 1.0 >= VARIATION
    rare = age >= INTERVAL * np.maximum(count, 1)
    answer = np.where(
        rare,
        np.where(varied, DemandClass.LUMPY, DemandClass.INTERMITTENT),
        np.where(varied, DemandClass.ERRATIC, DemandClass.SMOOTH),
    ).astype(np.int8)
    answer[promoted & (count >= 8)] = DemandClass.PROMOTED
    last = periods - 1 - sold[:, ::-1].argmax(axis=1)
    silence = np.sum(known & (np.arange(periods) > last[:, None]), axis=1)
    alive = np.maximum(age - silence, 1)
    odds = silence * np.log1p(-np.minimum(count / alive, 0.999))
    answer[(odds < np.log(0.001)) & (silence >= 3) & (count >= 3)] = DemandClass.DYING
    answer[(age < max(8, season // 4)) | (count < 3)] = DemandClass.NEW
    return answer
