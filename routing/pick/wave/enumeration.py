"""Every set of aisles that could be better, where each order asks for one item only.

Then the units that a set can give are at most the sum, over the items, of the smaller of what is
asked for and what the set holds. An aisle adds the less to it the more are chosen already, so that
what aisles would add now bounds what they will add later: most sets need not be looked at.

Source: G. L. Nemhauser, L. A. Wolsey and M. L. Fisher (1978), An analysis of approximations for
maximizing submodular set functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from routing.kernel import kernel
from routing.pick.wave.flat import Ints, Wave

NODES_AT_FIRST = 64
CHUNK_S = 0.05
# Places in Tree.state.
DEPTH, NODES = range(2)


class Sums(NamedTuple):
    """The most units of an item that orders can take out of so many: a row an item, at start."""

    start: Ints
    most: Ints


class Tree(NamedTuple):
    """Where the walk through the sets is: a row a depth, arrays changed in place.

    aisles, adds: the aisles that may still be chosen at a depth, the one that adds most first, and
    what each adds. size: how many these are; at: which of them comes next. units: what the set
    chosen so far gives at most. held: of each item in that set.
    """

    aisles: Ints
    adds: Ints
    size: Ints
    at: Ints
    units: Ints
    chosen: Ints
    held: Ints
    state: Ints


class Target(NamedTuple):
    """What is to be exceeded: so many units in so many aisles."""

    units: int
    aisles: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether all sets are known to be no better; else aisles that may be, or none yet."""

    complete: bool
    aisles: Ints | None = None


@kernel
def _may_be_better(wave: Wave, target: Target, units: int, aisles: int) -> bool:
    if units < wave.units_min:
        return False
    return min(units, wave.units_max) * target.aisles > target.units * aisles


@kernel
def _sums(wave: Wave) -> Sums:
    items = len(wave.demand)
    start = np.zeros(items + 1, np.int64)
    start[1:] = np.cumsum(wave.demand + 1)
    most = np.zeros(start[-1], np.int64)
    for item in range(items):
        row = most[start[item] : start[item + 1]]
        # First as flags: what the orders' quantities can add up to.
        row[0] = 1
        for at in range(wave.item_start[item], wave.item_start[item + 1]):
            size = wave.units[wave.order_of[at]]
            for total in range(len(row) - 1, size - 1, -1):
                row[total] |= row[total - size]
        reached = 0
        for total in range(len(row)):
            reached = total if row[total] else reached
            row[total] = reached
    return Sums(start, most)


@kernel
def _taken(wave: Wave, sums: Sums, tree: Tree) -> int:
    """The units that orders can take out of the chosen aisles."""
    units = 0
    for item in range(len(wave.demand)):
        units += sums.most[sums.start[item] + min(tree.held[item], wave.demand[item])]
    return units


@kernel
def _promises(wave: Wave, target: Target, tree: Tree, depth: int, first: int) -> bool:
    """Whether aisles from a place in the list on could make the set at a depth better."""
    units = tree.units[depth]
    last = min(tree.size[depth], first + len(tree.size) - 1 - depth)
    for at in range(first, last):
        units += tree.adds[depth, at]
        if _may_be_better(wave, target, units, depth + at - first + 1):
            return True
    return False


@kernel
def _added(wave: Wave, tree: Tree, aisle: int) -> int:
    units = 0
    for line in range(wave.aisle_start[aisle], wave.aisle_start[aisle + 1]):
        item = wave.aisle_item[line]
        lacking = wave.demand[item] - tree.held[item]
        if lacking > 0:
            units += min(lacking, wave.aisle_quantity[line])
    return units


@kernel
def _carry(wave: Wave, tree: Tree, aisle: int, times: int) -> None:
    for line in range(wave.aisle_start[aisle], wave.aisle_start[aisle + 1]):
        tree.held[wave.aisle_item[line]] += times * wave.aisle_quantity[line]


@kernel
def _descend(wave: Wave, tree: Tree, depth: int) -> None:
    """Chooses the next aisle at a depth; those after it are the list of the depth below."""
    at = tree.at[depth]
    aisle = tree.aisles[depth, at]
    tree.at[depth] += 1
    tree.chosen[depth] = aisle
    tree.units[depth + 1] = tree.units[depth] + tree.adds[depth, at]
    _carry(wave, tree, aisle, 1)
    rest = tree.aisles[depth, at + 1 : tree.size[depth]]
    adds = np.empty(len(rest), np.int64)
    for number, other in enumerate(rest):
        adds[number] = _added(wave, tree, other)
    rank = np.argsort(-adds)
    tree.size[depth + 1] = len(rest)
    tree.aisles[depth + 1, : len(rest)] = rest[rank]
    tree.adds[depth + 1, : len(rest)] = adds[rank]
    tree.at[depth + 1] = 0


@kernel
def _begin(wave: Wave, tree: Tree) -> None:
    for aisle in range(tree.aisles.shape[1]):
        tree.adds[0, aisle] = _added(wave, tree, aisle)
    rank = np.argsort(-tree.adds[0])
    tree.aisles[0] = rank
    tree.adds[0] = tree.adds[0][rank]
    tree.size[0] = len(rank)


@kernel
def _walk(wave: Wave, target: Target, sums: Sums, tree: Tree, nodes: int) -> bool:
    """Looks at so many more sets; true when it ends, or stands at one that may be better."""
    for _ in range(nodes):
        depth = tree.state[DEPTH]
        if _promises(wave, target, tree, depth, tree.at[depth]):
            _descend(wave, tree, depth)
            tree.state[DEPTH] += 1
            tree.state[NODES] += 1
            if not _may_be_better(wave, target, tree.units[depth + 1], depth + 1):
                continue
            if _may_be_better(wave, target, _taken(wave, sums, tree), depth + 1):
                return True
        elif depth == 0:
            return True
        else:
            tree.state[DEPTH] -= 1
            _carry(wave, tree, tree.chosen[depth - 1], -1)
    return False


def is_enumerable(wave: Wave) -> bool:
    """Whether each order asks for one item, and none has to be chosen."""
    return len(wave.order_item) == wave.orders and not wave.must.any()


def enumerate_better(
    wave: Wave, target: Target, left: Callable[[], float], seconds: float, nodes: int
) -> Answer:
    """Walks through the sets until one may be better, none is left, or seconds or nodes are over.

    left: a clock that counts down.
    """
    began = left()
    # No better choice has more aisles.
    depths = min(wave.aisles, wave.units_max * target.aisles // target.units)
    tree = Tree(
        np.zeros((depths + 1, wave.aisles), np.int64),
        np.zeros((depths + 1, wave.aisles), np.int64),
        np.zeros(depths + 1, np.int64),
        np.zeros(depths + 1, np.int64),
        np.zeros(depths + 1, np.int64),
        np.zeros(depths + 1, np.int64),
        np.zeros(wave.items, np.int64),
        np.zeros(2, np.int64),
    )
    _begin(wave, tree)
    sums = _sums(wave)
    chunk = NODES_AT_FIRST
    while tree.state[NODES] < nodes and not began - left() >= seconds:
        before = left()
        if _walk(wave, target, sums, tree, chunk):
            depth = int(tree.state[DEPTH])
            return Answer(depth == 0, tree.chosen[:depth].copy() if depth else None)
        spent = before - left()
        chunk = chunk * 2 if not spent > CHUNK_S / 2 else max(1, int(chunk * CHUNK_S / spent))
    return Answer(False)
