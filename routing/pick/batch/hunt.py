"""The search for carts: a start by savings, annealing, and the best choice among carts met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from routing.effort import Effort
from routing.pick.batch.annealing import anneal_carts
from routing.pick.batch.carts import Search, begin_search, members_of
from routing.pick.batch.column import (
    Columns,
    carts_seen,
    every_cart,
    find_prices,
    reduced_mm,
)
from routing.pick.batch.exact import LOADS_MAX, best_parts, set_lengths
from routing.pick.batch.flat import Flat, Ints
from routing.pick.batch.savings import join_loads, near_loads
from routing.pick.batch.set_covering import cover
from routing.pick.batch.walk import walk_mm, workroom

Members = tuple[int, ...]
Left = Callable[[], float]

NEAR = 24
NEAR_WINDOW = 600
SAVINGS_LOADS_MAX = 1_000
# With less time than this for a load, the start is made in smaller parts.
RICH_S = 0.01
# Above these a covering costs seconds and finds nothing that annealing does not.
COVERING_LOADS_MAX = 300
COVERING_CARTS_MAX = 10_000
# By iterations the covering's effort goes by them as well.
COVERING_EFFORT_A_STEP = 2e-5
CARTS_A_STEP = 10
ESTIMATES_A_STEP = 1
ROUNDS_MAX = 80
EVERY_CART_MAX = 1_500_000
# An exact walk in a block is some dozens of times faster than an estimate elsewhere.
CARTS_A_SECOND = 250_000
ESTIMATES_A_SECOND = 8_000
# The more loads, the less is left for a covering to find.
ANNEALING_SHARE = {60: 0.6, 150: 0.75, COVERING_LOADS_MAX: 0.85}


@dataclass(frozen=True, slots=True)
class Found:
    """Carts of loads by their numbers, how they were found, and what no plan walks less than.

    The bound is of the walks as the search measures them.
    """

    carts: tuple[Members, ...]
    method: str
    bound_mm: int


def hunt(flat: Flat, place: Sequence[int], first: Found, effort: Effort, left: Left) -> Found:
    """The best carts found from `first` on. place: the loads in the order of their places."""
    if len(flat.demand) <= LOADS_MAX:
        lengths = set_lengths(flat, workroom(flat))
        carts = best_parts(lengths)
        total = total_mm(flat, carts)
        if total < total_mm(flat, first.carts):
            first = replace(first, carts=tuple(carts), method="subsets")
        return replace(first, bound_mm=total)
    if len(first.carts) < 2 or left() <= 0:
        return first
    return _search(flat, place, first, effort, left)


def total_mm(flat: Flat, carts: Sequence[Members]) -> int:
    """The sum of the carts' walks."""
    work = workroom(flat)
    return sum(int(walk_mm(flat, np.array(cart), len(cart), work)) for cart in carts)


def _search(flat: Flat, place: Sequence[int], first: Found, effort: Effort, left: Left) -> Found:
    n = len(place)
    rich = left() > RICH_S * n
    joined = _join_in_parts(
        flat, place, SAVINGS_LOADS_MAX if rich else SAVINGS_LOADS_MAX // 5, left
    )
    found = _better(flat, first, joined, "savings")
    if left() <= 0:
        return found
    window = min(n, NEAR_WINDOW if rich else NEAR_WINDOW // 5)
    near = near_loads(flat, np.array(place), min(NEAR, n - 1), window, workroom(flat))
    search = begin_search(flat, found.carts, near, effort.seed)
    covers = n <= COVERING_LOADS_MAX
    share = min((share for most, share in ANNEALING_SHARE.items() if n <= most), default=1.0)
    reserve_s = (1 - share) * left() if left() < inf else 0.0
    best = members_of(anneal_carts(search, effort, lambda: left() - reserve_s))
    found = _better(flat, found, best, "annealing")
    return _choose(flat, found, search, effort, left) if covers else found


def _better(flat: Flat, found: Found, carts: Sequence[Members], method: str) -> Found:
    if total_mm(flat, carts) < total_mm(flat, found.carts):
        return replace(found, carts=tuple(carts), method=method)
    return found


def _join_in_parts(flat: Flat, place: Sequence[int], size: int, left: Left) -> list[Members]:
    """Savings carts from parts of neighbours; loads alone where the time is out."""
    work = workroom(flat)
    carts: list[Members] = []
    for at in range(0, len(place), size):
        part = np.sort(np.array(place[at : at + size]))
        carts += join_loads(flat, part, work) if left() > 0 else [(k,) for k in part.tolist()]
    return carts


def _choose(flat: Flat, found: Found, search: Search, effort: Effort, left: Left) -> Found:
    """The best choice among all carts or those met, and a bound where it is all of them."""
    most = _most_carts(flat, effort, left())
    listed = every_cart(flat, most, workroom(flat)) if most else None
    columns = listed or carts_seen(flat, search.seen)
    prices = find_prices(columns, found.carts, left, ROUNDS_MAX)
    found = replace(found, bound_mm=max(found.bound_mm, prices.bound_mm))
    reduced = reduced_mm(columns.members, columns.length_mm, prices.price_mm)
    slack_mm = total_mm(flat, found.carts) - int(prices.price_mm.sum())
    # Where the prices are sound for all carts, none with more than the slack is in a better plan.
    within = np.flatnonzero(reduced < slack_mm)
    kept = within[np.argsort(reduced[within], kind="stable")][:COVERING_CARTS_MAX]
    is_all = columns.complete and len(kept) == len(within) and int(reduced.min()) >= 0
    return _cover(flat, found, _lengths(flat, columns, kept, found), is_all, effort, left)


def _most_carts(flat: Flat, effort: Effort, seconds: float) -> int:
    """How many carts can be listed in about a third of what is left."""
    most = float(EVERY_CART_MAX)
    if effort.iterations is not None:
        most = min(most, (CARTS_A_STEP if flat.plain else ESTIMATES_A_STEP) * effort.iterations)
    a_second = CARTS_A_SECOND if flat.plain else ESTIMATES_A_SECOND
    return int(min(most, a_second * max(0.0, seconds)))


def _lengths(flat: Flat, columns: Columns, kept: Ints, found: Found) -> dict[Members, int]:
    work = workroom(flat)
    lengths = {columns.cart(row): int(columns.length_mm[row]) for row in kept.tolist()}
    for cart in found.carts:
        lengths[cart] = int(walk_mm(flat, np.array(cart), len(cart), work))
    return lengths


def _cover(
    flat: Flat,
    found: Found,
    lengths: dict[Members, int],
    is_all: bool,
    effort: Effort,
    left: Left,
) -> Found:
    seconds = left()
    steps = effort.iterations
    work_max = seconds if steps is None else COVERING_EFFORT_A_STEP * steps
    answer = cover(
        lengths, frozenset(found.carts), effort=work_max, seconds=seconds, seed=effort.seed
    )
    if answer is None:
        return found
    found = _better(flat, found, _strike_repeats(flat, answer.carts), "set_covering")
    if is_all:
        bound_mm = min(answer.bound_mm, total_mm(flat, found.carts))
        found = replace(found, bound_mm=max(found.bound_mm, bound_mm))
    return found


def _strike_repeats(flat: Flat, chosen: Sequence[Members]) -> list[Members]:
    """Each load stays in the cart whose walk it lengthens least."""
    work = workroom(flat)

    def added_mm(cart: set[int], load: int) -> int:
        rest = np.array(sorted(cart - {load}), np.int64)
        whole = np.array(sorted(cart), np.int64)
        return int(walk_mm(flat, whole, len(whole), work) - walk_mm(flat, rest, len(rest), work))

    carts = [set(cart) for cart in chosen]
    for load in sorted(set().union(*carts)):
        holders = [cart for cart in carts if load in cart]
        keeper = min(holders, key=lambda cart: added_mm(cart, load))
        for cart in holders:
            if cart is not keeper:
                cart.remove(load)
    return [tuple(sorted(cart)) for cart in carts if cart]
