"""Loads put into carts so that the pickers walk less."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np

from routing.error import NoPlan
from routing.pick.batch.annealing import EMPTY, Seen, anneal
from routing.pick.batch.audit import audit_batches
from routing.pick.batch.baseline import fill_carts, first_come, split_portable
from routing.pick.batch.flat import Floor, flatten, part_of, scratch, spots_of, union_length
from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.problem import BatchProblem
from routing.pick.batch.savings import join_by_savings
from routing.pick.batch.set_covering import Members, cover
from routing.pick.tour.block import solve_tour
from routing.pick.tour.ratliff_rosenthal import Ints

__all__ = ["first_come", "plan_batches", "solve_batches"]

# Savings cost time and memory with the square of the loads; more loads are joined in parts.
SAVINGS_LOADS_MAX = 1000
# Above these a covering costs seconds and finds nothing that annealing does not.
COVERING_LOADS_MAX = 300
COVERING_CARTS_MAX = 4000
COVERING_EFFORT = 1.0
SEED_MAX = 2**31 - 1


def plan_batches(problem: BatchProblem, iterations: int, seed: int) -> BatchPlan:
    """Loads in carts with the shortest walk found, audited; never longer than the baseline.

    If the solver's plan breaks a rule, it is first_come's, and its method says why.

    Raises: ValueError when iterations or seed make no sense; NoPlan when first_come's plan
    breaks a rule as well.
    """
    plan = solve_batches(problem, iterations, seed)
    faults = audit_batches(problem, plan)
    if not faults:
        return plan
    baseline = first_come(problem)
    if worse := audit_batches(problem, baseline):
        raise NoPlan(f"neither plan holds: {faults[0]}; {worse[0]}")
    return replace(baseline, method=f"{baseline.method} (the solver's plan broke: {faults[0]})")


def solve_batches(problem: BatchProblem, iterations: int, seed: int) -> BatchPlan:
    """The best of first come, savings, annealing and a set covering of the carts seen.

    So few loads that all carts can be listed are planned exactly, if the covering ends in time.

    `iterations` is that of the annealing. Equal arguments give equal plans.

    Raises: ValueError when iterations or seed make no sense.
    """
    if iterations < 0:
        raise ValueError(f"iterations must not be negative, not {iterations}")
    if not 0 <= seed <= SEED_MAX:
        raise ValueError(f"seed must be from 0 to {SEED_MAX}, not {seed}")
    loads, left_out = split_portable(problem)
    baseline_mm = first_come(problem).distance_mm
    floor = flatten(problem.layout, problem.cart, loads)
    index = {load.id: k for k, load in enumerate(loads)}
    filled = [tuple(index[load.id] for load in cart) for cart in fill_carts(problem)]
    found = {"first_come": filled}
    if len(filled) > 1:
        found |= _search(floor, filled, iterations, seed)
    method = min(found, key=lambda name: _total_mm(floor, found[name]))
    batches = []
    for members in sorted(tuple(sorted(members)) for members in found[method]):
        load_ids = tuple(loads[k].id for k in members)
        batches.append(Batch(load_ids, solve_tour(problem.layout, problem.stops_of(load_ids))))
    distance_mm = sum(batch.tour.distance_mm for batch in batches)
    return BatchPlan(tuple(batches), distance_mm, baseline_mm, method, left_out)


def _search(
    floor: Floor, filled: list[Members], iterations: int, seed: int
) -> dict[str, list[Members]]:
    joined = _join_in_parts(floor)
    found = {"savings": joined}
    start = min(joined, filled, key=lambda carts: _total_mm(floor, carts))
    rows = COVERING_CARTS_MAX if len(floor.mass_g) <= COVERING_LOADS_MAX else 0
    seen = Seen(
        np.empty((rows, floor.slots), np.int64), np.empty(rows, np.int64), np.zeros(1, np.int64)
    )
    best = anneal(floor, _as_array(start, floor.slots), iterations, seed, seen)
    found["annealing"] = _as_members(best)
    if rows:
        hint = min(found.values(), key=lambda carts: _total_mm(floor, carts))
        known = _every_cart(floor) or _seen_carts(seen)
        known |= {
            members: _walk_mm(floor, members) for carts in found.values() for members in carts
        }
        if chosen := cover(known, frozenset(hint), COVERING_EFFORT, seed):
            found["set_covering"] = _strike_repeats(floor, chosen)
    return found


def _every_cart(floor: Floor) -> dict[Members, int]:
    """All carts that the loads allow and their walks in mm; none if they are too many."""
    n = len(floor.mass_g)
    sizes = range(1, min(n, floor.slots) + 1)
    if sum(comb(n, size) for size in sizes) > COVERING_CARTS_MAX:
        return {}
    return {
        members: _walk_mm(floor, members)
        for size in sizes
        for members in combinations(range(n), size)
        if floor.mass_g[list(members)].sum() <= floor.mass_g_max
    }


def _seen_carts(seen: Seen) -> dict[Members, int]:
    filled = min(len(seen.members), int(seen.filled[0]))
    carts = {
        tuple(load for load in row if load != EMPTY): int(mm)
        for row, mm in zip(seen.members[:filled].tolist(), seen.length_mm[:filled], strict=True)
    }
    carts.pop((), None)
    return carts


def _join_in_parts(floor: Floor) -> list[Members]:
    """Savings carts, from loads in parts of neighbours where there are too many."""
    starts = floor.load_start[:-1]
    by_place = np.argsort(floor.load_spot[starts], kind="stable")
    carts: list[Members] = []
    for at in range(0, len(by_place), SAVINGS_LOADS_MAX):
        part = np.sort(by_place[at : at + SAVINGS_LOADS_MAX])
        cart = join_by_savings(part_of(floor, part))
        carts += [tuple(part[cart == number].tolist()) for number in np.unique(cart)]
    return carts


def _strike_repeats(floor: Floor, chosen: Iterable[Members]) -> list[Members]:
    """Each load stays in the cart whose walk it lengthens least."""
    carts = [set(members) for members in chosen]
    for load in sorted(set().union(*carts)):
        holders = [cart for cart in carts if load in cart]
        keeper = min(holders, key=lambda cart: _added_mm(floor, cart, load))
        for cart in holders:
            if cart is not keeper:
                cart.remove(load)
    return [tuple(sorted(cart)) for cart in carts if cart]


def _added_mm(floor: Floor, cart: set[int], load: int) -> int:
    return _walk_mm(floor, cart) - _walk_mm(floor, cart - {load})


def _walk_mm(floor: Floor, members: Iterable[int]) -> int:
    spots = [spots_of(floor, load) for load in members]
    depot = np.array([floor.depot_spot])
    return int(
        union_length(floor, np.unique(np.concatenate([*spots, depot])), depot, scratch(floor))
    )


def _total_mm(floor: Floor, carts: Sequence[Members]) -> int:
    return sum(_walk_mm(floor, members) for members in carts)


def _as_array(carts: Sequence[Members], slots: int) -> Ints:
    members = np.full((len(carts), slots), EMPTY, np.int64)
    for row, cart in zip(members, carts, strict=True):
        row[: len(cart)] = cart
    return members


def _as_members(members: Ints) -> list[Members]:
    rows = (tuple(sorted(load for load in row if load != EMPTY)) for row in members.tolist())
    return [row for row in rows if row]
