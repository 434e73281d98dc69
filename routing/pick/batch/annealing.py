"""Loads moved and swapped between carts, carts ruined and recreated, under a falling temperature.

Source: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi (1983), Optimization by Simulated Annealing.
"""

from collections.abc import Callable
from math import inf

import numpy as np

from routing.effort import Effort
from routing.kernel import kernel
from routing.pick.batch.carts import (
    MEASURES,
    Search,
    draw,
    is_timely,
    measure,
    put_in,
    take_out,
)
from routing.pick.batch.flat import Ints
from routing.pick.batch.ruin import ruin_and_recreate
from routing.pick.batch.walk import walk_mm

# A change of this share of a mean walk is taken at 1/e at first, and of a smaller one at last.
HOT_SHARE = 0.02
COLD_SHARE = 0.002
# One step in so many is a ruin.
RUIN_EVERY = 20
STEPS_BETWEEN_CLOCKS = 500
# A search that is less late than this cools by its steps alone, and so repeats.
LATE_SHARE = 0.1


def anneal_carts(search: Search, effort: Effort, left: Callable[[], float]) -> Ints:
    """The best members met, from the search's carts on, until the effort's end.

    left: seconds that remain for this. By iterations alone, equal seeds give equal answers.
    """
    carts = search.carts
    best, best_mm = carts.members.copy(), np.array([carts.total_mm[0]], np.int64)
    filled = max(1, int(np.count_nonzero(carts.held)))
    if filled == 1:
        return best
    mean_mm = carts.total_mm[0] / filled
    budget_s = max(left(), 1e-9)
    steps_max = inf if effort.iterations is None else effort.iterations
    done = 0
    while done < steps_max and (left_s := left()) > 0:
        steps = int(min(STEPS_BETWEEN_CLOCKS, steps_max - done))
        gone = done / steps_max
        spent = 0.0 if budget_s == inf else 1 - left_s / budget_s
        if steps_max == inf or spent > gone + LATE_SHARE:
            gone = spent
        heat_mm = mean_mm * HOT_SHARE * (COLD_SHARE / HOT_SHARE) ** gone
        _anneal_steps(search, steps, heat_mm, best, best_mm)
        done += steps
    return best


@kernel
def _anneal_steps(search: Search, steps: int, heat_mm: float, best: Ints, best_mm: Ints) -> None:
    carts = search.carts
    for step in range(steps):
        chance = (draw(carts.state, 1 << 40) + 1) / (1 << 40)
        patience_mm = -heat_mm * np.log(chance)
        if step % RUIN_EVERY == 0:
            ruin_and_recreate(search, patience_mm)
        else:
            _exchange(search, patience_mm)
        if carts.total_mm[0] < best_mm[0]:
            best_mm[0] = carts.total_mm[0]
            best[:] = carts.members


@kernel
def _exchange(search: Search, patience_mm: float) -> None:
    """Moves a load to a cart near it, swaps it for one there, or swaps two for one."""
    carts, near = search.carts, search.near
    i = draw(carts.state, carts.cart_of.shape[0])
    j = near[i, draw(carts.state, near.shape[1])]
    a, b = carts.cart_of[i], carts.cart_of[j]
    kind = draw(carts.state, 8)
    if a == b:
        return
    carts.out[0, 0] = i
    leaving, coming = 1, 0
    if kind >= 2:
        coming = 1
        carts.out[1, 0] = carts.members[b, draw(carts.state, carts.held[b])]
    if kind >= 6:
        other = carts.members[a, draw(carts.state, carts.held[a])]
        if other == i:
            return
        carts.out[0, 1] = other
        leaving = 2
    if not _goes(search, a, leaving, b, coming):
        return
    patience_mm += carts.length_mm[a] + carts.length_mm[b]
    left = _tried(search, int(np.int64(0)), a, leaving, coming)
    if search.flat.windowed and not is_timely(search.flat, carts.row[0], left):
        return
    new_mm = walk_mm(search.flat, carts.row[0], left, search.work)
    if new_mm + (0 if coming else carts.length_mm[b]) >= patience_mm:
        return
    right = _tried(search, int(np.int64(1)), b, coming, leaving)
    if search.flat.windowed and not is_timely(search.flat, carts.row[1], right):
        return
    if new_mm + walk_mm(search.flat, carts.row[1], right, search.work) < patience_mm:
        _apply(search, a, leaving, b, coming)


@kernel
def _goes(search: Search, a: int, leaving: int, b: int, coming: int) -> bool:
    """Whether both carts still hold what they have to after the exchange of carts.out."""
    carts, flat = search.carts, search.flat
    width = carts.members.shape[1]
    if carts.held[a] - leaving + coming > width or carts.held[b] - coming + leaving > width:
        return False
    for m in range(MEASURES):
        net = 0
        for k in range(coming):
            net += flat.demand[carts.out[1, k], m]
        for k in range(leaving):
            net -= flat.demand[carts.out[0, k], m]
        if carts.used[a, m] + net > flat.capacity[m] or carts.used[b, m] - net > flat.capacity[m]:
            return False
    return True


@kernel
def _tried(search: Search, side: int, cart: int, leaving: int, coming: int) -> int:
    """Writes a cart as it would be into carts.row[side]; how many loads it would have."""
    carts = search.carts
    row, count = carts.row[side], 0
    for k in range(carts.held[cart]):
        load = carts.members[cart, k]
        stays = True
        for g in range(leaving):
            stays = stays and load != carts.out[side, g]
        if stays:
            row[count] = load
            count += 1
    for g in range(coming):
        row[count] = carts.out[1 - side, g]
        count += 1
    return count


@kernel
def _apply(search: Search, a: int, leaving: int, b: int, coming: int) -> None:
    carts = search.carts
    for k in range(leaving):
        take_out(search, a, carts.out[0, k])
    for k in range(coming):
        take_out(search, b, carts.out[1, k])
    for k in range(leaving):
        put_in(search, b, carts.out[0, k])
    for k in range(coming):
        put_in(search, a, carts.out[1, k])
    measure(search, a)
    measure(search, b)
