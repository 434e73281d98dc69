"""Turns: which are forbidden, and a graph in which only the others can be made.

An arc whose turns are limited or dear leads to a node of its own, a state, which has only the
allowed ways out at their prices; all others lead to the node that they share. A way through the
states is a way that may be driven, and every such way is one through the states.
"""

from collections import defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from routing.road.extract import Extract, TurnLimit
from routing.road.graph import Graph
from routing.road.point import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The graph that ways are sought in: S states, T steps from state to state.

    tail, head: (T,), the states of each step.
    arc: (T,), the arc that is driven by each step.
    extra: (T,), tenths of a second that the turn into it costs.
    node: (S,), the node that each state lies at.
    arc_head: (2E,), the state that an arc leads to, -1 where it is closed or leads nowhere.
    """

    tail: Ints
    head: Ints
    arc: Ints
    extra: Ints
    node: Ints
    arc_head: Ints

    def by_arc(self) -> tuple[Ints, Ints]:
        """The steps by which places on an arc are come to: first[arc] to first[arc + 1] of a list.

        None of them is a turn round: whoever makes it to come to a place has just driven past it.
        An edge that is come to by nothing else has no ways but those along itself, and keeps them.
        """
        plain = np.zeros(len(self.arc_head) // 2, bool)
        plain[self.arc[self.extra == 0] // 2] = True
        kept = np.flatnonzero((self.extra == 0) | ~plain[self.arc // 2])
        order = kept[np.argsort(self.arc[kept], kind="stable")]
        return np.searchsorted(self.arc[order], np.arange(len(self.arc_head) + 1)), order


def forbidden_turns(
    graph: Graph, extract: Extract, node_of: dict[int, int]
) -> tuple[Ints, int, int]:
    """Pairs of arcs, shape (F, 2), that must not be driven one after the other.

    Also how many limits of the extract were applied, and how many are left out because they are
    not clear: a way of theirs does not end at their node, or is no road for this vehicle.
    """
    into, out_of = defaultdict(list), defaultdict(list)
    is_open = graph.is_open()
    nodes = {node_of[limit.node] for limit in extract.limits if limit.node in node_of}
    near = np.isin(graph.heads(), np.array(sorted(nodes), np.int64)) & is_open
    for arc in np.flatnonzero(near).tolist():
        into[int(graph.heads()[arc])].append(arc)
    near = np.isin(graph.tails(), np.array(sorted(nodes), np.int64)) & is_open
    for arc in np.flatnonzero(near).tolist():
        out_of[int(graph.tails()[arc])].append(arc)
    pairs: list[tuple[int, int]] = []
    applied = 0
    for limit in extract.limits:
        node = node_of.get(limit.node, -1)
        found = _pairs(graph, limit, into[node], out_of[node])
        applied += found is not None
        pairs += found or []
    forbidden = np.unique(np.array(pairs, np.int64).reshape(-1, 2), axis=0)
    return forbidden, applied, len(extract.limits) - applied


def _pairs(
    graph: Graph, limit: TurnLimit, into: list[int], out_of: list[int]
) -> list[tuple[int, int]] | None:
    """What one limit forbids; None where it is not clear which arcs it is about."""
    start = [arc for arc in into if graph.way[arc // 2] == limit.from_way]
    end = [arc for arc in out_of if graph.way[arc // 2] == limit.to_way]
    if limit.back:
        return [(a, a ^ 1) for a in start if (a ^ 1) in end] or None
    if limit.from_way == limit.to_way:
        # The way goes on through the node; what is meant is not turning round on it.
        end = [arc for arc in end if (arc ^ 1) not in start or len(end) == 1]
    if len(start) != 1 or len(end) != 1:
        return None
    if limit.only:
        return [(start[0], arc) for arc in out_of if arc != end[0]]
    return [(start[0], end[0])]


def u_turns(graph: Graph, forbidden: Ints, price_s: float) -> Ints:
    """Pairs of an arc and its reverse, shape (U, 2), by which a limit could be got round.

    Without a limit nobody gains by turning round, so that only those near one have a price: farther
    away than half the price, driving there and back takes as long as turning round at once. At the
    end of a road it is free.
    """
    is_open = graph.is_open()
    limited = graph.heads()[forbidden[:, 0]] if price_s > 0 else np.zeros(0, np.int64)
    near = _near(graph, np.unique(limited), price_s / 2)
    ways_out = np.bincount(graph.tails()[is_open], minlength=len(near))
    arcs = np.flatnonzero(is_open & is_open.reshape(-1, 2)[:, ::-1].ravel())
    heads = graph.heads()[arcs]
    arcs = arcs[(ways_out[heads] > 1) & (near[graph.tails()[arcs]] | near[heads])]
    return np.stack((arcs, arcs ^ 1), axis=1)


def _near(graph: Graph, nodes: Ints, within_s: float) -> NDArray[np.bool_]:
    """(N,), whether a node is no farther than so many seconds from one of these.

    Source: E. W. Dijkstra (1959), A Note on Two Problems in Connexion with Graphs.
    """
    seconds, heads = graph.seconds(), graph.heads()
    leaving = graph.tails()
    order = np.argsort(leaving, kind="stable")
    near = np.zeros(int(graph.ends.max(initial=-1)) + 1, bool)
    first = np.searchsorted(leaving[order], np.arange(len(near) + 1))
    queue = [(0.0, node) for node in nodes.tolist()]
    while queue:
        gone_s, node = heappop(queue)
        if near[node]:
            continue
        near[node] = True
        for arc in order[first[node] : first[node + 1]].tolist():
            there_s = gone_s + min(seconds[arc], seconds[arc ^ 1])
            if there_s <= within_s and not near[heads[arc]]:
                heappush(queue, (there_s, int(heads[arc])))
    return near


def steps_of(graph: Graph, forbidden: Ints, dear: Ints, extra: int) -> Steps:
    """All steps that may be driven; an arc with forbidden or dear turns has a state of its own.

    forbidden, dear: pairs of arcs, (…, 2); extra: tenths of a second that a dear turn costs.
    """
    arcs = np.flatnonzero(graph.is_open())
    tails, heads = graph.tails(), graph.heads()
    nodes = int(graph.ends.max(initial=-1)) + 1
    limited = np.unique(np.append(forbidden[:, 0], dear[:, 0]))
    arc_head = np.where(graph.is_open(), heads, -1)
    arc_head[limited] = nodes + np.arange(len(limited))
    by_tail = arcs[np.argsort(tails[arcs], kind="stable")]
    first = np.searchsorted(tails[by_tail], np.arange(nodes + 1))
    sizes = (first[1:] - first[:-1])[heads[limited]]
    come = np.repeat(np.arange(len(limited)), sizes)
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    goes = by_tail[first[heads[limited]][come] + offset] if len(come) else come
    turn, many = limited[come] * len(arc_head) + goes, len(arc_head)
    allowed = ~np.isin(turn, forbidden[:, 0] * many + forbidden[:, 1])
    price = np.where(np.isin(turn, dear[:, 0] * many + dear[:, 1]), extra, 0)
    come, goes, price = come[allowed], goes[allowed], price[allowed]
    return Steps(
        np.concatenate((tails[arcs], nodes + come)),
        np.concatenate((arc_head[arcs], arc_head[goes])),
        np.concatenate((arcs, goes)),
        np.concatenate((np.zeros(len(arcs), np.int64), price)),
        np.concatenate((np.arange(nodes), heads[limited])),
        arc_head,
    )


def main_part(steps: Steps) -> Steps:
    """The states and steps of the largest part in which every place can be reached from every one.

    Whoever is driven to another part could not be driven back.
    """
    part = strong_parts(len(steps.node), steps.tail, steps.head)
    within = part[steps.tail] == part[steps.head]
    inside = part == np.bincount(part[steps.tail[within]], minlength=1).argmax()
    number = np.where(inside, np.cumsum(inside) - 1, -1)
    kept = inside[steps.tail] & inside[steps.head]
    driven = np.zeros(len(steps.arc_head), bool)
    driven[steps.arc[kept]] = True
    return Steps(
        number[steps.tail[kept]],
        number[steps.head[kept]],
        steps.arc[kept],
        steps.extra[kept],
        steps.node[inside],
        np.where(driven, number[steps.arc_head], -1),
    )


def strong_parts(nodes: int, tail: Ints, head: Ints) -> Ints:
    """(nodes,), the number of the strongly connected part that each node is in.

    Source: R. Tarjan (1972), Depth-First Search and Linear Graph Algorithms, SIAM J. Comput. 1.
    """
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], np.arange(nodes + 1)).tolist()
    out = head[order].tolist()
    found, low, part = [-1] * nodes, [0] * nodes, [-1] * nodes
    stack: list[int] = []
    seen = parts = 0
    at = first[:-1]
    for root in range(nodes):
        if found[root] >= 0:
            continue
        path = [root]
        while path:
            node = path[-1]
            if found[node] < 0:
                found[node] = low[node] = seen
                seen += 1
                stack.append(node)
            if at[node] < first[node + 1]:
                other = out[at[node]]
                at[node] += 1
                if found[other] < 0:
                    path.append(other)
                elif part[other] < 0:
                    low[node] = min(low[node], found[other])
                continue
            path.pop()
            if path:
                low[path[-1]] = min(low[path[-1]], low[node])
            if low[node] == found[node]:
                while part[node] < 0:
                    part[stack.pop()] = parts
                parts += 1
    return np.array(part, np.int64)
