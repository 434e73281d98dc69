"""Loads and carts as flat arrays for the search."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.pick.batch.demand import capacity_of, demand_of, handling_s
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.floor.layout import Layout, Stop

Ints = npt.NDArray[np.int64]
Metres = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

# Places of an aisle in one word: few enough that no word is negative.
BITS = 62
EMPTY = -1
NEVER_S = 1e18


class Flat(NamedTuple):
    """The places of all loads, each load's places among them, and what it asks of a cart.

    plain: the floor is one block, and walks in it are exact by aisles. A place is then a bit: bit
    b of word w lies at bit_mm[w, b] of the aisle that has the words word_start[aisle] to
    word_start[aisle + 1]; masks[k] are load k's words and depot_words the words of the door.

    Else a place is a node with a rank; node 0 is the door, matrix_mm[i, j] the way from i to j,
    and load k has the rising nodes load_node[load_start[k]:load_start[k + 1]].

    demand[k], capacity: room, mass and units. window[k]: released at, due at, and seconds of
    handling; windowed: some load is due. keys[k]: a number by which sets of loads are told apart.
    A named tuple, since numba takes nothing else that has field names.
    """

    plain: bool
    aisle_length_mm: int
    aisle_pitch_mm: int
    word_start: Ints
    bit_mm: Ints
    depot_words: Ints
    masks: Ints
    matrix_mm: Metres
    rank: Ints
    load_start: Ints
    load_node: Ints
    demand: Ints
    capacity: Ints
    windowed: bool
    setup_s: float
    window: Floats
    keys: Ints


def flatten(problem: BatchProblem, loads: Sequence[Load]) -> Flat:
    """The loads as flat arrays, load k being loads[k]. The block is plain, without precedence."""
    layout = problem.floor
    assert isinstance(layout, Layout), "walkways are no block"
    spots: dict[int, set[int]] = defaultdict(set)
    spots[layout.starts[0].aisle].add(0)
    for stop in _stops(loads):
        spots[stop.aisle].add(stop.position_mm)
    places = {a: {mm: k for k, mm in enumerate(sorted(spots[a]))} for a in range(layout.aisles)}
    words = [-(-len(places[a]) // BITS) for a in range(layout.aisles)]
    start = np.cumsum([0, *words], dtype=np.int64)
    bit_mm = np.zeros((int(start[-1]), BITS), np.int64)
    for a, row in places.items():
        for mm, k in row.items():
            bit_mm[start[a] + k // BITS, k % BITS] = mm
    masks = np.zeros((len(loads), int(start[-1])), np.int64)
    for number, load in enumerate(loads):
        for stop in _stops((load,)):
            k = places[stop.aisle][stop.position_mm]
            masks[number, start[stop.aisle] + k // BITS] |= 1 << (k % BITS)
    depot = np.zeros(int(start[-1]), np.int64)
    depot[start[layout.starts[0].aisle]] = 1
    return _without_places(problem, loads)._replace(
        plain=True,
        aisle_length_mm=layout.aisle_length_mm,
        aisle_pitch_mm=layout.aisle_pitch_mm,
        word_start=start,
        bit_mm=bit_mm,
        depot_words=depot,
        masks=masks,
    )


def flatten_nodes(
    problem: BatchProblem,
    loads: Sequence[Load],
    matrix_mm: Metres,
    rank: Ints,
    nodes: Sequence[Sequence[int]],
) -> Flat:
    """The same for any other floor: each load's nodes, the ways between nodes and their ranks."""
    rows = [sorted(set(row)) for row in nodes]
    return _without_places(problem, loads)._replace(
        matrix_mm=matrix_mm,
        rank=rank,
        load_start=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        load_node=np.array([node for row in rows for node in row], np.int64),
    )


def _without_places(problem: BatchProblem, loads: Sequence[Load]) -> Flat:
    window = [
        (load.release_s, NEVER_S if load.due_s is None else load.due_s, handling_s(problem, load))
        for load in loads
    ]
    n = len(loads)
    return Flat(
        plain=False,
        aisle_length_mm=0,
        aisle_pitch_mm=0,
        word_start=np.zeros(1, np.int64),
        bit_mm=np.zeros((0, BITS), np.int64),
        depot_words=np.zeros(0, np.int64),
        masks=np.zeros((n, 0), np.int64),
        matrix_mm=np.zeros((1, 1), np.int32),
        rank=np.zeros(1, np.int64),
        load_start=np.zeros(n + 1, np.int64),
        load_node=np.zeros(0, np.int64),
        demand=np.array([demand_of(problem.cart, load) for load in loads], np.int64).reshape(n, 3),
        capacity=np.array(capacity_of(problem.cart), np.int64),
        windowed=any(load.due_s is not None for load in loads),
        setup_s=float(problem.pace.setup_s),
        window=np.array(window, np.float64).reshape(n, 3),
        keys=np.random.default_rng(n).integers(1, 1 << 62, n, np.int64),
    )


def width_of(flat: Flat) -> int:
    """How many loads a cart can hold at most: the smallest ones, in each measure."""
    widths = [
        int(np.searchsorted(np.cumsum(np.sort(flat.demand[:, d])), flat.capacity[d], side="right"))
        for d in range(flat.demand.shape[1])
    ]
    return max(1, *[min(widths)])


def _stops(loads: Sequence[Load]) -> list[Stop]:
    return [stop for load in loads for stop in load.stops if isinstance(stop, Stop)]
