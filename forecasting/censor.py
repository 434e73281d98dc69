"""A period in which an item could not be sold tells nothing of how many wanted it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

# Sold for less of a period than this, its demand is unknown; for more, it is scaled up to a whole.
ENOUGH = 0.5


def known_demand(demand: Floats, available: Floats) -> Floats:
    """Demand as far as it is known, scaled where an item was sold for only part of a period.

    demand: (n, t) of what was ordered. available: (n, t), the share of each period in which the
    item could be sold; nan is taken for the whole of it.

    Raises:
        ValueError: a share outside of 0 to 1, or other shapes.
    """
    if available.shape != demand.shape:
        raise ValueError(f"available is {available.shape}, expected {demand.shape}")
    share = np.where(np.isnan(available), 1.0, available)
    if (share < 0).any() or (share > 1).any():
        raise ValueError("a share of a period is between 0 and 1")
    return np.where(share >= ENOUGH, demand / np.maximum(share, ENOUGH), np.nan)


def availability(
    edges: NDArray[np.datetime64],
    n: int,
    series: NDArray[np.intp],
    since: NDArray[np.datetime64],
    until: NDArray[np.datetime64],
) -> Floats:
    """The share (n, t) of each period in which each series could be sold.

    edges: (t + 1,) moments, where each period begins and the last one ends. series, since, until:
    (m,) one row an interval in which that series could not be sold; NaT in `until` goes on still.
    Intervals of one series do not overlap.
    """
    moments = edges.astype("datetime64[s]").astype(np.int64)
    begun = since.astype("datetime64[s]").astype(np.int64)
    open_ended = np.isnat(until)
    ended = np.where(open_ended, edges[-1], until).astype("datetime64[s]").astype(np.int64)
    missed = np.zeros((n, len(edges) - 1))
    for row, first, last in zip(series, begun, ended, strict=True):
        left = max(int(np.searchsorted(moments, first, "right")) - 1, 0)
        right = min(int(np.searchsorted(moments, last, "left")), len(edges) - 1)
        for period in range(left, right):
            both = min(last, moments[period + 1]) - max(first, moments[period])
            missed[row, period] += max(int(both), 0)
    share: Floats = np.clip(1.0 - missed / np.diff(moments), 0.0, 1.0)
    return share
