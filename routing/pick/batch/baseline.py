"""Carts filled first come, first served."""

from collections.abc import Sequence
from importlib import import_module

from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.demand import fits_together
from routing.pick.batch.part import Portable, portable_of
from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.tour.clock import tour_seconds
from routing.pick.tour.plan import Tour
from routing.pick.tour.rule import s_shape

METHOD = "first_come"
# Enough for the walk of a cart where it has to be searched for.
WALK_STEPS = 1_000


def fill_carts(problem: BatchProblem) -> list[list[Load]]:
    """The loads in their order; a load that no longer fits opens the next cart."""
    carts: list[list[Load]] = []
    for load in problem.loads:
        if carts and fits_together(problem, [*carts[-1], load]):
            carts[-1].append(load)
        else:
            carts.append([load])
    return carts


def first_come(problem: BatchProblem) -> BatchPlan:
    """Carts filled in the order the loads came, walked S-shape: what plans are held against.

    Where no S-shape can be walked, each cart takes the shortest walk that is found.
    """
    return fill_first_come(portable_of(problem))


def fill_first_come(portable: Portable) -> BatchPlan:
    """The same for a problem whose loads are parted already."""
    problem = portable.problem
    batches = tuple(batch_of(problem, cart, _walk(problem, cart)) for cart in fill_carts(problem))
    mm = sum(batch.tour.distance_mm for batch in batches)
    return BatchPlan(batches, mm, mm, METHOD, portable.left_out, parts=portable.parts)


def batch_of(problem: BatchProblem, cart: Sequence[Load], tour: Tour) -> Batch:
    """A cart with its walk and its time."""
    seconds = tour_seconds(problem.floor, stops_in(cart), tour, problem.pace)
    return Batch(tuple(load.id for load in cart), tour, seconds)


def stops_in(cart: Sequence[Load]) -> list[Stop | NodeStop]:
    """The loads' stops written one load after the other."""
    return [stop for load in cart for stop in load.stops]


def _walk(problem: BatchProblem, cart: Sequence[Load]) -> Tour:
    stops = stops_in(cart)
    if isinstance(problem.floor, Layout) and not problem.precedence:
        try:
            return s_shape(problem.floor, [stop for stop in stops if isinstance(stop, Stop)])
        except NoPlan:
            pass  # One-way aisles, for example; the rule itself says so.
    # It loads numba, which processes that only read plans should not.
    solve = import_module("routing.pick.tour.solve").solve_tour
    tour: Tour = solve(
        problem.floor, stops, precedence=problem.precedence, effort=Effort(iterations=WALK_STEPS)
    )
    return tour
