"""Carts made by joining the two whose joint walk saves most, and which loads lie near each other.

Source: G. Clarke and J. W. Wright (1964); in order batching the variant C&W(ii), which finds the
savings again after each join: M. B. M. de Koster et al. (1999), Efficient orderbatching methods
in warehouses, International Journal of Production Research 37(7).
"""

from typing import NamedTuple

import numpy as np

from routing.kernel import kernel
from routing.pick.batch.carts import MEASURES, is_timely
from routing.pick.batch.flat import EMPTY, Flat, Ints, width_of
from routing.pick.batch.walk import Work, walk_mm

UNFIT = -1


class Clusters(NamedTuple):
    """Carts in the making, one row a load at first.

    saving[i, j], j < i, in mm, UNFIT where they do not go together; best[i] is i's best j.
    """

    members: Ints
    held: Ints
    used: Ints
    length_mm: Ints
    saving: Ints
    best: Ints
    row: Ints


def join_loads(flat: Flat, part: Ints, work: Work) -> list[tuple[int, ...]]:
    """Carts of the part's loads, joined as long as any two fit together.

    Of equal savings the one with the lowest numbers is taken.
    """
    n, width = len(part), width_of(flat)
    made = Clusters(
        members=np.full((n, width), EMPTY, np.int64),
        held=np.ones(n, np.int64),
        used=flat.demand[part].copy(),
        length_mm=np.zeros(n, np.int64),
        saving=np.full((n, n), UNFIT, np.int64),
        best=np.zeros(n, np.int64),
        row=np.zeros(2 * width, np.int64),
    )
    made.members[:, 0] = part
    _join_all(flat, made, work)
    carts = [tuple(sorted(r[:c])) for r, c in zip(made.members.tolist(), made.held, strict=True)]
    return [cart for cart in carts if cart]


@kernel
def near_loads(flat: Flat, place: Ints, keep: int, window: int, work: Work) -> Ints:
    """For each load the `keep` others that share most of their walks with it, the nearest first.

    place: the loads in the order of their places; only those within the window are looked at.
    """
    n = place.shape[0]
    near = np.empty((n, keep), np.int64)
    alone = np.empty(n, np.int64)
    row = np.empty(2, np.int64)
    for k in range(n):
        row[0] = k
        alone[k] = walk_mm(flat, row, int(np.int64(1)), work)
    for at in range(n):
        low = max(0, min(at - window // 2, n - window))
        high = min(n, low + window)
        i = place[at]
        score = np.full(high - low, 1e9)
        for other in range(low, high):
            j = place[other]
            if j != i:
                row[0], row[1] = min(i, j), max(i, j)
                joint = walk_mm(flat, row, int(np.int64(2)), work)
                least = max(1, min(alone[i], alone[j]))
                score[other - low] = (joint - max(alone[i], alone[j])) / least + 1e-9 * joint
        order = np.argsort(score)
        for k in range(keep):
            near[i, k] = place[low + order[k]]
    return near


@kernel
def _saving(flat: Flat, made: Clusters, i: int, j: int, work: Work) -> int:
    count = made.held[i] + made.held[j]
    if count > made.members.shape[1]:
        return UNFIT
    for m in range(MEASURES):
        if made.used[i, m] + made.used[j, m] > flat.capacity[m]:
            return UNFIT
    made.row[: made.held[i]] = made.members[i, : made.held[i]]
    made.row[made.held[i] : count] = made.members[j, : made.held[j]]
    if flat.windowed and not is_timely(flat, made.row, count):
        return UNFIT
    joint = walk_mm(flat, made.row, count, work)
    # An estimate may find the joint walk longer than both; it is then no gain to join them.
    return max(UNFIT, int(made.length_mm[i] + made.length_mm[j] - joint))


@kernel
def _join(made: Clusters, keep: int, gone: int) -> None:
    first, second = made.held[keep], made.held[gone]
    made.members[keep, first : first + second] = made.members[gone, :second]
    made.length_mm[keep] += made.length_mm[gone] - made.saving[gone, keep]
    made.held[keep] += second
    made.used[keep] += made.used[gone]
    made.held[gone] = 0
    made.saving[gone, :] = UNFIT
    made.saving[:, gone] = UNFIT


@kernel
def _renew(flat: Flat, made: Clusters, keep: int, gone: int, work: Work) -> None:
    """Finds all savings with the joined cart again."""
    n = made.held.shape[0]
    for other in range(n):
        if other != keep and made.held[other] > 0:
            i, j = max(keep, other), min(keep, other)
            made.saving[i, j] = _saving(flat, made, i, j, work)
    for i in range(1, n):
        if made.held[i] == 0:
            continue
        if i == keep or made.best[i] == keep or made.best[i] == gone:
            made.best[i] = np.argmax(made.saving[i, :i])
        elif i > keep:
            new, old = made.saving[i, keep], made.saving[i, made.best[i]]
            if new > old or (new == old and keep < made.best[i]):
                made.best[i] = keep


@kernel
def _join_all(flat: Flat, made: Clusters, work: Work) -> None:
    n = made.held.shape[0]
    for i in range(n):
        made.length_mm[i] = walk_mm(flat, made.members[i], int(np.int64(1)), work)
    for i in range(1, n):
        for j in range(i):
            made.saving[i, j] = _saving(flat, made, i, j, work)
        made.best[i] = np.argmax(made.saving[i, :i])
    while True:
        gone, most = int(np.int64(-1)), int(np.int64(UNFIT))
        for i in range(1, n):
            if made.held[i] > 0 and made.saving[i, made.best[i]] > most:
                gone, most = i, made.saving[i, made.best[i]]
        if gone < 0:
            return
        keep = made.best[gone]
        _join(made, keep, gone)
        _renew(flat, made, keep, gone, work)
