"""Orders taken out of a wave that has become too large, so that most of it stays."""

import numpy as np

from routing.kernel import kernel
from routing.pick.wave.flat import Flags, Ints, Wave

NONE = -1


@kernel
def surplus(wave: Wave, packed: Flags) -> Ints:
    """The packed orders to drop with the fewest units such that units_max is kept.

    Orders that must go stay; if the wave is too large even then, all others are dropped. Exact: a
    sum of a subset, by dynamic programming over the units to drop.
    """
    units, largest, loose = 0, 0, 0
    for order in range(len(packed)):
        if packed[order]:
            units += wave.units[order]
            if not wave.must[order]:
                loose += wave.units[order]
                largest = max(largest, wave.units[order])
    excess = min(units - wave.units_max, loose)
    if excess <= 0:
        return np.empty(0, np.int64)
    size = excess + largest
    reached_by = np.full(size, NONE, np.int64)
    top = 0
    for order in range(len(packed)):
        if packed[order] and not wave.must[order]:
            step = wave.units[order]
            for total in range(min(top, size - 1 - step), -1, -1):
                known = total == 0 or reached_by[total] != NONE
                if known and reached_by[total + step] == NONE:
                    reached_by[total + step] = order
            top = min(top + step, size - 1)
            if reached_by[excess] != NONE:
                break
    total = excess
    while reached_by[total] == NONE:
        total += 1
    return _path(wave, reached_by, total)


@kernel
def _path(wave: Wave, reached_by: Ints, total: int) -> Ints:
    count, left = 0, total
    while left > 0:
        left -= wave.units[reached_by[left]]
        count += 1
    path = np.empty(count, np.int64)
    for number in range(count):
        path[number] = reached_by[total]
        total -= wave.units[path[number]]
    return path
