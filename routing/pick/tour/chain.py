"""Which stops one walk can pass together, and in which order their parts of the floor come.

One-way walkways can make it impossible to return from a place. Places that lead to each other
both ways are a part; a walk goes from part to part and never back. With ranks, a part holds the
stops of one rank only, and ranks must not fall on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chain:
    """The parts that one walk passes, in order, each with its places, and those it cannot."""

    parts: tuple[tuple[int, ...], ...]
    beside: tuple[int, ...]


def longest_chain(leads: Bools, ranks: Sequence[int], weights: Sequence[int]) -> Chain:
    """The parts that can be walked one after the other and hold the greatest weight.

    leads: whether a way leads from each place (rows) to each (columns). Equal ranks throughout
    mean that ranks do not count.
    """
    parts = _parts(leads, ranks)
    heads = [part[0] for part in parts]

    # A part that leads to more others comes earlier, so that the order holds for all pairs.
    reach = [int(leads[head].sum()) for head in heads]
    line = sorted(range(len(parts)), key=lambda p: (ranks[heads[p]], -reach[p]))
    weight, before = [0] * len(parts), [-1] * len(parts)
    for k, b in enumerate(line):
        own = sum(weights[place] for place in parts[b])
        weight[b] = own
        for a in line[:k]:
            if leads[heads[a], heads[b]] and weight[a] + own > weight[b]:
                weight[b], before[b] = weight[a] + own, a
    chosen: list[int] = []
    part = max(line, key=lambda p: weight[p], default=-1)
    while part >= 0:
        chosen.append(part)
        part = before[part]
    chosen.reverse()
    beside = sorted(p for k in set(range(len(parts))) - set(chosen) for p in parts[k])
    return Chain(tuple(tuple(parts[k]) for k in chosen), tuple(beside))


def _parts(leads: Bools, ranks: Sequence[int]) -> list[list[int]]:
    parts: list[list[int]] = []
    both = leads & leads.T
    seen: set[int] = set()
    for place in range(len(ranks)):
        if place not in seen:
            mates = [
                mate
                for mate in np.flatnonzero(both[place]).tolist()
                if ranks[mate] == ranks[place] and mate not in seen
            ]
            seen.update(mates)
            parts.append(mates)
    return parts
