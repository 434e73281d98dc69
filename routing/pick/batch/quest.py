"""The search for carts on any floor: exactly where there are few loads, in parts where many."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np

from routing.effort import Effort
from routing.pick.batch.baseline import METHOD as FIRST_COME
from routing.pick.batch.baseline import fill_carts, stops_in
from routing.pick.batch.bound import aisle_bound_mm, far_bound_mm
from routing.pick.batch.demand import capacity_of, demand_of
from routing.pick.batch.exact import LOADS_MAX, best_parts
from routing.pick.batch.flat import Flat
from routing.pick.batch.ground import alone_mm, flat_of, is_block, parts_of, place_order
from routing.pick.batch.hunt import Found, Left, Members, hunt
from routing.pick.batch.measured import is_measurable, set_walks, walks_mm
from routing.pick.batch.problem import BatchProblem
from routing.pick.batch.walk import walk_mm, workroom
from routing.pick.floor.layout import Layout
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.solve import solve_tour

__all__ = ["Found", "Left", "Members", "quest"]

# One walk past all stops bounds all carts; past more stops it takes too long to find.
UNION_STOPS_MAX = 250
UNION_STEPS = 1_000


def quest(problem: BatchProblem, effort: Effort, left: Left) -> Found:
    """The best carts found, by the numbers of the problem's loads."""
    loads = problem.loads
    if not is_block(problem) and _can_measure_sets(problem, left):
        lengths = set_walks(problem, loads)
        carts = best_parts(lengths)
        bound_mm = sum(int(lengths[sum(1 << k for k in cart)]) for cart in carts)
        return Found(tuple(carts), "subsets", bound_mm)
    number = {load.id: k for k, load in enumerate(loads)}
    filled = [[number[load.id] for load in cart] for cart in fill_carts(problem)]
    found: list[Found] = []
    carts = []
    lone_mm: list[int] = [0] * len(loads)
    waiting = len(loads)
    for part in parts_of(problem, loads):
        later_s = 0.0 if left() == inf else max(0.0, left()) * (1 - len(part) / waiting)
        waiting -= len(part)
        flat = flat_of(problem, [loads[k] for k in part])
        found.append(_hunt_part(problem, part, flat, filled, effort, _less(left, later_s)))
        carts += [tuple(part[k] for k in cart) for cart in found[-1].carts]
        for k, mm in zip(part, _lone(flat), strict=True):
            lone_mm[k] = mm
    bound_mm = _bound_mm(problem, lone_mm, flat, effort, left)
    if is_block(problem):
        bound_mm = max(bound_mm, found[0].bound_mm)
    return Found(tuple(carts), max(found, key=lambda part: len(part.carts)).method, bound_mm)


def _can_measure_sets(problem: BatchProblem, left: Left) -> bool:
    """Whether all sets of loads can be walked exactly in half of the time."""
    floor, loads = problem.floor, problem.loads
    if len(loads) > LOADS_MAX or not isinstance(floor, Layout) or not is_measurable(problem):
        return False
    before_s = left()
    if before_s == inf:
        return True
    walks_mm(floor, [loads])
    return before_s > 0 and (before_s - left()) * (1 << len(loads)) < before_s / 2


def _less(left: Left, later_s: float) -> Left:
    return lambda: left() - later_s


def _hunt_part(
    problem: BatchProblem,
    part: Sequence[int],
    flat: Flat,
    filled: Sequence[Sequence[int]],
    effort: Effort,
    left: Left,
) -> Found:
    """The best carts of some of the loads, numbered within the part."""
    own = {k: at for at, k in enumerate(part)}
    first = [tuple(sorted(own[k] for k in cart if k in own)) for cart in filled]
    start = Found(tuple(cart for cart in first if cart), FIRST_COME, 0)
    place = place_order([problem.loads[k] for k in part])
    if effort.iterations is not None:
        steps = effort.iterations * len(part) // len(problem.loads)
        effort = replace(effort, iterations=steps)
    return hunt(flat, place, start, effort, left)


def _lone(flat: Flat) -> list[int]:
    """Each load's walk alone, in mm; on other floors at most that."""
    if not flat.plain:
        return [int(mm) for mm in alone_mm(flat)]
    work = workroom(flat)
    return [int(walk_mm(flat, np.array([k]), 1, work)) for k in range(len(flat.demand))]


def _bound_mm(
    problem: BatchProblem, lone_mm: Sequence[int], flat: Flat, effort: Effort, left: Left
) -> int:
    """The best of the bounds that need no search for carts."""
    floor, loads = problem.floor, problem.loads
    if isinstance(floor, Layout) and is_measurable(problem) and not flat.plain:
        lone_mm = walks_mm(floor, [[load] for load in loads]).tolist()
    demand = np.array([demand_of(problem.cart, load) for load in loads], np.int64)
    capacity = np.array(capacity_of(problem.cart), np.int64)
    bounds = [far_bound_mm(demand, capacity, lone_mm)]
    if flat.plain:
        assert isinstance(floor, Layout)
        bounds.append(aisle_bound_mm(flat, floor.starts[0].aisle))
    if not _is_closed(floor):
        return max(bounds)
    if isinstance(floor, Layout) and is_measurable(problem):
        bounds.append(int(walks_mm(floor, [loads])[0]))
    elif len(flat.load_node) <= UNION_STOPS_MAX and left() > 0 and len(loads) == len(flat.demand):
        walk = replace(effort, iterations=UNION_STEPS)
        walk = replace(walk, seconds=left() / 2) if effort.seconds is not None else walk
        # Ranks are left aside: the carts' walks one after the other do not keep them.
        bounds.append(solve_tour(floor, stops_in(loads), effort=walk).bound_mm)
    return max(bounds)


def _is_closed(floor: Layout | Walkways) -> bool:
    """Whether all walks one after the other are one walk: there is one door, and no other drop."""
    starts = floor.starts if isinstance(floor, Layout) else floor.doors
    return len(set(starts)) == 1 and set(floor.drops) <= set(starts)
