"""Carts made by joining the two whose joint walk saves most.

Source: G. Clarke and J. W. Wright (1964); in order batching the variant C&W(ii), which finds the
savings again after each join: M. B. M. de Koster et al. (1999), Efficient orderbatching methods
in warehouses, International Journal of Production Research 37(7).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.typed import List

from routing.pick.batch.flat import Floor, scratch, spots_of, union_length
from routing.pick.tour.ratliff_rosenthal import Ints


class Clusters(NamedTuple):
    """Carts in the making, one row a load at first.

    saving[i, j], j < i, in mm, -1 where they do not fit together; best[i] is i's best j.
    """

    loads: Ints
    mass_g: Ints
    length_mm: Ints
    saving: Ints
    best: Ints


@njit(cache=True)
def _join_spots(left: Ints, right: Ints) -> Ints:
    return np.unique(np.concatenate((left, right)))


@njit(cache=True)
def _saving(floor: Floor, made: Clusters, spots: List[Ints], i: int, j: int, work: Ints) -> int:
    if made.loads[i] + made.loads[j] > floor.slots:
        return -1
    if made.mass_g[i] + made.mass_g[j] > floor.mass_g_max:
        return -1
    joint = union_length(floor, spots[i], spots[j], work)
    return int(made.length_mm[i] + made.length_mm[j] - joint)


@njit(cache=True)
def _join(made: Clusters, spots: List[Ints], keep: int, gone: int) -> None:
    spots[keep] = _join_spots(spots[keep], spots[gone])
    made.length_mm[keep] += made.length_mm[gone] - made.saving[gone, keep]
    made.loads[keep] += made.loads[gone]
    made.mass_g[keep] += made.mass_g[gone]
    made.loads[gone] = 0
    made.saving[gone, :] = -1
    made.saving[:, gone] = -1


@njit(cache=True)
def _renew(floor: Floor, made: Clusters, spots: List[Ints], keep: int, work: Ints) -> None:
    """Finds all savings with the joined cart again."""
    for other in range(made.loads.shape[0]):
        if other != keep and made.loads[other] > 0:
            i, j = max(keep, other), min(keep, other)
            made.saving[i, j] = _saving(floor, made, spots, i, j, work)
    for i in range(1, made.loads.shape[0]):
        if made.loads[i] > 0:
            made.best[i] = np.argmax(made.saving[i, :i])


@njit(cache=True)
def _single_loads(floor: Floor, spots: List[Ints], work: Ints) -> Clusters:
    n = floor.mass_g.shape[0]
    length_mm = np.empty(n, np.int64)
    for i in range(n):
        length_mm[i] = union_length(floor, spots[i], spots[i], work)
    saving = np.full((n, n), -1, np.int64)
    best = np.zeros(n, np.int64)
    return Clusters(np.ones(n, np.int64), floor.mass_g.copy(), length_mm, saving, best)


@njit(cache=True)
def _find_all(floor: Floor, made: Clusters, spots: List[Ints], work: Ints) -> None:
    for i in range(1, made.loads.shape[0]):
        for j in range(i):
            made.saving[i, j] = _saving(floor, made, spots, i, j, work)
        made.best[i] = np.argmax(made.saving[i, :i])


@njit(cache=True)
def join_by_savings(floor: Floor) -> Ints:
    """For each load its cart's number: carts are joined as long as any two fit together.

    Of equal savings the one with the lowest numbers is taken."""
    # numba drops writes into the fields of a tuple that the writing function has made itself, so
    # all of them are in functions that are given the tuple.
    work = scratch(floor)
    depot = np.array([floor.depot_spot])
    n = floor.mass_g.shape[0]
    spots = [_join_spots(spots_of(floor, k), depot) for k in range(n)]
    cart = np.arange(n)
    made = _single_loads(floor, spots, work)
    _find_all(floor, made, spots, work)
    while True:
        gone, most = -1, -1
        for i in range(1, n):
            if made.loads[i] > 0 and made.saving[i, made.best[i]] > most:
                gone, most = i, made.saving[i, made.best[i]]
        if gone < 0:
            return cart
        keep = made.best[gone]
        _join(made, spots, keep, gone)
        cart[cart == gone] = keep
        _renew(floor, made, spots, keep, work)
