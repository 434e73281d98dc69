"""The shortest order of a few places, by a dynamic programme over sets of them.

Source: M. Held and R. M. Karp (1962), A Dynamic Programming Approach to Sequencing Problems,
Journal of the SIAM 10(1). Places in layers are a chain of such programmes, one a layer.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel

Ints = npt.NDArray[np.int64]

# The table of a layer of k places has 2**k rows of k entries.
LAYER_PLACES_MAX: Final = 13
FAR: Final = 1 << 62


@kernel
def shortest_order(mm: Ints, first: Ints, order: Ints) -> int:
    """Writes the shortest order of all places, one layer after the other; its length in mm.

    mm: distances between places, 0 being where the walk starts and ends. first: where each layer
    begins among the places from 1 on, and the end of the last one.
    """
    layers = first.shape[0] - 1
    table_start = np.zeros(layers + 1, np.int64)
    for layer in range(layers):
        size = first[layer + 1] - first[layer]
        table_start[layer + 1] = table_start[layer] + (size << size)
    table = np.empty(table_start[layers], np.int64)
    at = np.zeros(1, np.int64)
    reached = np.zeros(1, np.int64)
    for layer in range(layers):
        low, size = first[layer], first[layer + 1] - first[layer]
        part = table[table_start[layer] : table_start[layer + 1]].reshape((1 << size, size))
        _fill(mm, low, size, at, reached, part)
        at = np.arange(low, low + size)
        reached = part[(1 << size) - 1]
    best, last = FAR, 0
    for k in range(at.shape[0]):
        total = int(reached[k] + mm[at[k], 0])
        if total < best:
            best, last = total, at[k]
    _trace(mm, first, table, table_start, last, order)
    return best


@kernel
def _trace(mm: Ints, first: Ints, table: Ints, table_start: Ints, last: int, order: Ints) -> None:
    """Writes the order that ends at the last place: steps are found again by their exact cost."""
    at = order.shape[0]
    for layer in range(first.shape[0] - 2, -1, -1):
        low, size = first[layer], first[layer + 1] - first[layer]
        part = table[table_start[layer] : table_start[layer + 1]].reshape((1 << size, size))
        subset, k = (1 << size) - 1, last - low
        while True:
            at -= 1
            order[at] = low + k
            rest = subset & ~(1 << k)
            if not rest:
                break
            for j in range(size):
                if rest >> j & 1 and part[rest, j] + mm[low + j, low + k] == part[subset, k]:
                    subset, k = rest, j
                    break
        if layer:
            reached = table[table_start[layer] - low + first[layer - 1] : table_start[layer]]
            for j in range(first[layer - 1], low):
                if reached[j - first[layer - 1]] + mm[j, low + k] == part[1 << k, k]:
                    last = j
                    break


@kernel
def _fill(mm: Ints, low: int, size: int, at: Ints, reached: Ints, part: Ints) -> None:
    """The shortest way past each set of the layer's places, ending at each, from those before."""
    part[:] = FAR
    for k in range(size):
        for j in range(at.shape[0]):
            part[1 << k, k] = min(part[1 << k, k], reached[j] + mm[at[j], low + k])
    for subset in range(1, 1 << size):
        for k in range(size):
            if not subset >> k & 1 or part[subset, k] >= FAR:
                continue
            here = part[subset, k]
            for j in range(size):
                if subset >> j & 1:
                    continue
                there = here + mm[low + k, low + j]
                if there < part[subset | 1 << j, j]:
                    part[subset | 1 << j, j] = there
