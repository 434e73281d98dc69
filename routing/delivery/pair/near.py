"""Which stops are near each other, and which jobs could change places."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

NEAR_MAX = 200
RELATED_MAX = 60
# What a unit of time apart counts beside a unit of distance.
TIME_SHARE = 0.3


def nearest_stops(metres: Shorts, stops: int) -> Shorts:
    """(stops, some) the others by distance there and back, nearest first."""
    width = max(0, min(NEAR_MAX, stops - 1))
    near = np.empty((stops, width), np.int32)
    for i in range(stops):
        apart = metres[i, :stops].astype(np.float64) + metres[:stops, i]
        near[i] = _smallest(apart, i, width)
    return near


def related_jobs(metres: Shorts, opens: Ints, due: Ints, first: Ints, second: Ints) -> Shorts:
    """(jobs, some) the others by distance of their ends and by hour, most alike first.

    Source: P. Shaw (1998), Using Constraint Programming and Local Search Methods to Solve Vehicle
    Routing Problems, section 3.
    """
    jobs = len(first)
    width = max(0, min(RELATED_MAX, jobs - 1))
    last = np.where(second < 0, first, second)
    hour = (opens + np.minimum(due, 2 * int(opens.max(initial=0)) + 1)) / 2
    related = np.empty((jobs, width), np.int32)
    for j in range(jobs):
        apart = metres[first[j], first].astype(np.float64) + metres[last[j], last]
        time = np.abs(hour[first] - hour[first[j]]) + np.abs(hour[last] - hour[last[j]])
        related[j] = _smallest(apart + TIME_SHARE * time, j, width)
    return related


def _smallest(apart: Floats, own: int, width: int) -> Ints:
    apart[own] = np.inf
    chosen = np.argpartition(apart, width - 1)[:width] if width else np.empty(0, np.int64)
    chosen = np.sort(chosen)
    return chosen[np.argsort(apart[chosen], kind="stable")]
