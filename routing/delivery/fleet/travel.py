"""When a vehicle is where, inside compiled code."""

import numpy as np

from routing.delivery.fleet.flat import CLOSES, HALF_FAR, OPENS, WINDOW, WINDOW_END, Flat
from routing.delivery.travel import FAR
from routing.kernel import lean_kernel

# Rounding of shares of a leg must not cost a second.
CRUMB = 1e-9


@lean_kernel
def arrive(flat: Flat, pace: int, start: int, end: int, leave_s: int) -> int:
    """When one who leaves then is there."""
    if not flat.varies:
        return int(leave_s + flat.seconds[pace, 0, start, end])
    if flat.seconds[pace, 0, start, end] >= HALF_FAR:
        return FAR
    since, slices = flat.since, len(flat.since)
    k = 0
    while k + 1 < slices and since[k + 1] <= leave_s:
        k += 1
    todo, gone = 1.0, 0.0
    while True:
        whole = flat.seconds[pace, k, start, end] / flat.factor[pace]
        room = np.inf if k + 1 == slices else since[k + 1] - leave_s - gone
        if whole * todo <= room:
            return int(leave_s + np.ceil(gone + whole * todo - CRUMB))
        todo -= room / whole
        gone += room
        k += 1


@lean_kernel
def leave_by(flat: Flat, pace: int, start: int, end: int, arrive_s: int) -> int:
    """The latest moment of leaving from which one is there in time."""
    if not flat.varies:
        return int(arrive_s - flat.seconds[pace, 0, start, end])
    if flat.seconds[pace, 0, start, end] >= HALF_FAR or arrive_s < -HALF_FAR:
        return -FAR
    longest = 0
    for k in range(len(flat.since)):
        longest = max(longest, flat.seconds[pace, k, start, end])
    low = int(arrive_s - np.ceil(longest / flat.factor[pace]) - 1)
    high = arrive_s
    while low < high:
        middle = (low + high + 1) >> 1
        if arrive(flat, pace, start, end, middle) <= arrive_s:
            low = middle
        else:
            high = middle - 1
    return int(low)


@lean_kernel
def begin(flat: Flat, stop: int, arrive_s: int) -> int:
    """When service begins for one who is there then; FAR after the last window."""
    row = flat.stop[stop]
    if arrive_s > row[CLOSES]:
        return FAR
    if arrive_s <= row[OPENS]:
        return int(row[OPENS])
    at = row[WINDOW]
    while arrive_s > flat.window[at, 1]:
        at += 1
    return int(max(arrive_s, flat.window[at, 0]))


@lean_kernel
def begin_by(flat: Flat, stop: int, latest_s: int) -> int:
    """The latest moment in a window that is no later; -FAR before the first window."""
    row = flat.stop[stop]
    if latest_s < row[OPENS]:
        return -FAR
    at = row[WINDOW_END] - 1
    while latest_s < flat.window[at, 0]:
        at -= 1
    return int(min(latest_s, flat.window[at, 1]))
