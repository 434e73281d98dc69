"""A problem's loads as flat arrays, by whatever the floor is."""

from collections.abc import Sequence

import numpy as np

from routing.pick.batch.flat import Flat, Ints, Metres, flatten, flatten_nodes
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.floor.distance import distances
from routing.pick.floor.lattice import walkways_of
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Walkways

# A matrix of ways grows with the square of the places; more loads are planned in parts.
PART_PLACES_MAX = 2_500
PART_LOADS_MAX = 800
FARTHEST_MM = 1 << 30


def is_block(problem: BatchProblem) -> bool:
    """Whether the search can find exact walks aisle by aisle."""
    return isinstance(problem.floor, Layout) and problem.floor.is_plain and not problem.precedence


def flat_of(problem: BatchProblem, loads: Sequence[Load]) -> Flat:
    """The loads as flat arrays, load k being loads[k]."""
    if is_block(problem):
        return flatten(problem, loads)
    walkways, nodes = _nodes_of(problem, loads)
    rank = [stop.rank if problem.precedence else 0 for load in loads for stop in load.stops]
    places = sorted({*zip(nodes, rank, strict=True)})
    number = {place: k for k, place in enumerate(places, start=1)}
    matrix_mm = _ways(walkways, [node for node, _ in places])
    rows = iter([number[place] for place in zip(nodes, rank, strict=True)])
    return flatten_nodes(
        problem,
        loads,
        matrix_mm,
        np.array([0, *(rank for _, rank in places)], np.int64),
        [[next(rows) for _ in load.stops] for load in loads],
    )


def parts_of(problem: BatchProblem, loads: Sequence[Load]) -> list[list[int]]:
    """The loads' numbers in parts that are searched one by one: a single one in a block."""
    order = place_order(loads)
    if is_block(problem):
        return [sorted(order)]
    parts: list[list[int]] = [[]]
    places: set[tuple[int, ...]] = set()
    for k in order:
        wider = places | {_place(stop) for stop in loads[k].stops}
        if parts[-1] and (len(wider) > PART_PLACES_MAX or len(parts[-1]) == PART_LOADS_MAX):
            parts.append([])
            wider = {_place(stop) for stop in loads[k].stops}
        places = wider
        parts[-1].append(k)
    return [sorted(part) for part in parts]


def place_order(loads: Sequence[Load]) -> list[int]:
    """The loads' numbers by their places, the farthest aisle or node first."""
    keys = [sorted({_place(stop) for stop in load.stops}, reverse=True) for load in loads]
    return sorted(range(len(loads)), key=lambda k: (keys[k], k))


def alone_mm(flat: Flat) -> Ints:
    """For other floors, what each load's walk is at least: to its farthest node and back."""
    there_and_back = flat.matrix_mm[0].astype(np.int64) + flat.matrix_mm[:, 0]
    return np.array(
        [
            there_and_back[flat.load_node[a:b]].max()
            for a, b in zip(flat.load_start, flat.load_start[1:], strict=False)
        ],
        np.int64,
    )


def _place(stop: Stop | NodeStop) -> tuple[int, ...]:
    return (stop.aisle, stop.position_mm) if isinstance(stop, Stop) else (stop.node,)


def _nodes_of(problem: BatchProblem, loads: Sequence[Load]) -> tuple[Walkways, list[int]]:
    stops = [stop for load in loads for stop in load.stops]
    if isinstance(problem.floor, Layout):
        inside = [stop for stop in stops if isinstance(stop, Stop)]
        walkways, nodes = walkways_of(problem.floor, inside)
        return walkways, list(nodes)
    return problem.floor, [stop.node for stop in stops if isinstance(stop, NodeStop)]


def _ways(walkways: Walkways, nodes: Sequence[int]) -> Metres:
    """The ways between nodes; row 0 from the nearest door, column 0 to the nearest drop."""
    doors, drops = walkways.doors, walkways.drops or walkways.doors
    wanted = list(dict.fromkeys([*doors, *drops, *nodes]))
    at = {node: k for k, node in enumerate(wanted)}
    every = distances(walkways, wanted)
    inner = [at[node] for node in nodes]
    matrix = np.zeros((len(nodes) + 1, len(nodes) + 1), np.int32)
    matrix[1:, 1:] = np.minimum(every[np.ix_(inner, inner)], FARTHEST_MM)
    rows = every[[at[door] for door in doors]]
    matrix[0, 1:] = np.minimum(rows[:, inner].min(axis=0), FARTHEST_MM)
    columns = every[:, [at[drop] for drop in drops]]
    matrix[1:, 0] = np.minimum(columns[inner].min(axis=1), FARTHEST_MM)
    return matrix
