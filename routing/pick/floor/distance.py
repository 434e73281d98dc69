"""Shortest ways along walkways, by Dijkstra in numba."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel
from routing.pick.floor.lattice import walkways_of
from routing.pick.floor.walkway import Walkways

__all__ = ["FAR", "Graph", "distances", "graph_of", "walkways_of", "way_between"]

Ints = npt.NDArray[np.int64]

# Longer than any walk: a million km. A million of them still add up without overflow.
FAR: Final = 1 << 40


class Graph(NamedTuple):
    """The arcs that leave each node: those of node n are first[n] to first[n + 1]."""

    first: Ints
    head: Ints
    length_mm: Ints


def graph_of(walkways: Walkways) -> Graph:
    """The walkways as arrays, each two-way arc in both directions."""
    rows = [(arc.a, arc.b, arc.length_mm, arc.one_way) for arc in walkways.arcs]
    a, b, mm, one_way = np.array(rows, np.int64).reshape(-1, 4).T
    two_way = one_way == 0
    tail = np.concatenate([a, b[two_way]])
    head = np.concatenate([b, a[two_way]])
    length_mm = np.concatenate([mm, mm[two_way]])
    by_tail = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[by_tail], np.arange(walkways.nodes + 1))
    return Graph(first.astype(np.int64), head[by_tail], length_mm[by_tail])


def distances(walkways: Walkways, nodes: Sequence[int]) -> Ints:
    """The shortest ways in mm from each of these nodes (rows) to each (columns), FAR if none."""
    wanted = np.array(nodes, np.int64)
    out = np.empty((len(wanted), len(wanted)), np.int64)
    _all_pairs(*graph_of(walkways), wanted, out)
    return out


def way_between(graph: Graph, start: int, end: int) -> list[int]:
    """The nodes of a shortest way from start to end, both included.

    Raises: ValueError when there is none.
    """
    mm, before = _search(graph, np.array([start], np.int64), end)
    if mm[end] >= FAR:
        raise ValueError(f"no way leads from node {start} to node {end}")
    way = [end]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]


def _search(graph: Graph, sources: Ints, target: int) -> tuple[Ints, Ints]:
    nodes = len(graph.first) - 1
    mm, before = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    capacity = len(graph.head) + len(sources) + 1
    heap_mm, heap_node = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    _dijkstra(*graph, sources, target, mm, before, heap_mm, heap_node)
    return mm, before


@kernel
def _push(heap_mm: Ints, heap_node: Ints, size: int, mm: int, node: int) -> int:
    k = size
    while k > 0 and heap_mm[(k - 1) // 2] > mm:
        heap_mm[k] = heap_mm[(k - 1) // 2]
        heap_node[k] = heap_node[(k - 1) // 2]
        k = (k - 1) // 2
    heap_mm[k] = mm
    heap_node[k] = node
    return size + 1


@kernel
def _drop_least(heap_mm: Ints, heap_node: Ints, size: int) -> int:
    size -= 1
    mm, node = heap_mm[size], heap_node[size]
    k = 0
    while 2 * k + 1 < size:
        child = 2 * k + 1
        if child + 1 < size and heap_mm[child + 1] < heap_mm[child]:
            child += 1
        if heap_mm[child] >= mm:
            break
        heap_mm[k] = heap_mm[child]
        heap_node[k] = heap_node[child]
        k = child
    heap_mm[k] = mm
    heap_node[k] = node
    return size


@kernel
def _dijkstra(
    first: Ints,
    head: Ints,
    length_mm: Ints,
    sources: Ints,
    target: int,
    mm: Ints,
    before: Ints,
    heap_mm: Ints,
    heap_node: Ints,
) -> None:
    """Fills mm and before from the sources; ends early when the target is settled."""
    mm[:] = FAR
    before[:] = -1
    size = 0
    for source in sources:
        mm[source] = 0
        size = _push(heap_mm, heap_node, size, 0, source)
    while size:
        here_mm, here = heap_mm[0], heap_node[0]
        size = _drop_least(heap_mm, heap_node, size)
        if here_mm > mm[here]:
            continue
        if here == target:
            return
        for k in range(first[here], first[here + 1]):
            there_mm = here_mm + length_mm[k]
            if there_mm < mm[head[k]]:
                mm[head[k]] = there_mm
                before[head[k]] = here
                size = _push(heap_mm, heap_node, size, there_mm, head[k])


@kernel
def _all_pairs(first: Ints, head: Ints, length_mm: Ints, wanted: Ints, out: Ints) -> None:
    nodes = first.shape[0] - 1
    mm, before = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    capacity = head.shape[0] + 2
    heap_mm, heap_node = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    for k in range(wanted.shape[0]):
        _dijkstra(first, head, length_mm, wanted[k : k + 1], -1, mm, before, heap_mm, heap_node)
        for j in range(wanted.shape[0]):
            out[k, j] = mm[wanted[j]]
