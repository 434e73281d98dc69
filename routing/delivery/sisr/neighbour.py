"""Which stops are near: for removal by distance, for insertion by what comes before and after."""

from typing import NamedTuple

import numpy as np

from routing.delivery.sisr.flat import Flat, Words
from routing.delivery.travel import LEG_MAX

NONE = -1
# How many stops a removal walks past at most.
NEAR_MAX = 200
# Places looked at for an insertion, and in the steps that look farther.
PLACES = 30
PLACES_WIDE = 120
# What a second of waiting that cannot be avoided costs, in metres.
WAIT_PRICE = 0.2
BLOCK = 128


class Near(NamedTuple):
    """stops: (n, k) the nearest first. places: (n, m) the best directed neighbours first, padded.

    An entry 2 * y of places means: after y; 2 * y + 1: before y.
    """

    stops: Words
    places: Words


def find_near(flat: Flat) -> Near:
    """Both lists of every node; pairs that no schedule can serve in that order are left out."""
    nodes = len(flat.demand)
    count = min(NEAR_MAX, max(nodes - 2, 0))
    stops = np.zeros((nodes, count), np.int32)
    wide = min(PLACES_WIDE, 2 * nodes)
    places = np.full((nodes, wide), NONE, np.int32)
    for low in range(0, nodes, BLOCK):
        rows = np.arange(low, min(low + BLOCK, nodes))
        score = flat.length[rows].astype(np.float32)
        score[:, 0] = np.inf
        score[np.arange(len(rows)), rows] = np.inf
        if count:
            stops[rows] = _least(score, count)
        score = _directed(flat, rows)
        best = _least(score, wide)
        known = np.isfinite(np.take_along_axis(score, best, 1))
        places[rows] = np.where(known, best, NONE)
    return Near(stops, places)


def _directed(flat: Flat, rows: np.ndarray) -> np.ndarray:
    """What each node costs as one before, and as one after; infinite where it cannot be."""
    nodes = len(flat.demand)
    score = np.empty((len(rows), 2 * nodes), np.float32)
    before, after = flat.back[rows], flat.length[rows]
    score[:, 0::2], score[:, 1::2] = before, after
    if flat.timed:
        opens, closes = flat.opens.astype(np.int64), flat.closes.astype(np.int64)
        service = flat.service.astype(np.int64)
        leg = flat.duration[:, rows].T.astype(np.int64)
        wait = opens[rows, None] - (closes + service)[None] - leg
        score[:, 0::2] += WAIT_PRICE * np.maximum(0, wait)
        score[:, 0::2][(opens + service)[None] + leg > closes[rows, None]] = np.inf
        leg = flat.duration[rows].astype(np.int64)
        wait = opens[None] - (closes + service)[rows, None] - leg
        score[:, 1::2] += WAIT_PRICE * np.maximum(0, wait)
        score[:, 1::2][(opens + service)[rows, None] + leg > closes[None]] = np.inf
    score[:, 0::2][before >= LEG_MAX] = np.inf
    score[:, 1::2][after >= LEG_MAX] = np.inf
    at = np.arange(len(rows))
    score[at, 2 * rows] = score[at, 2 * rows + 1] = np.inf
    return score


def _least(score: np.ndarray, count: int) -> np.ndarray:
    """The columns of the least values of every row, in order."""
    if count < score.shape[1]:
        columns = np.argpartition(score, count - 1, axis=1)[:, :count]
    else:
        columns = np.broadcast_to(np.arange(count), (len(score), count))
    columns = np.sort(columns, axis=1)
    order = np.argsort(np.take_along_axis(score, columns, 1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, 1)
