"""Carts filled first come, first served."""

from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.tour.rule import s_shape

METHOD = "first_come"


def split_portable(
    problem: BatchProblem,
) -> tuple[tuple[Load, ...], tuple[tuple[str, str], ...]]:
    """The loads that a cart can carry, and the others with the reason."""
    portable: list[Load] = []
    left_out: list[tuple[str, str]] = []
    for load in problem.loads:
        if load.mass_g > problem.cart.mass_g_max:
            left_out.append((load.id, f"{load.mass_g} g is more than a cart's mass_g_max"))
        elif load.volume_ml > problem.cart.tote_volume_ml:
            left_out.append((load.id, f"{load.volume_ml} ml is more than a tote holds"))
        else:
            portable.append(load)
    return tuple(portable), tuple(left_out)


def fill_carts(problem: BatchProblem) -> list[list[Load]]:
    """The portable loads in their order; a load that no longer fits opens the next cart."""
    carts: list[list[Load]] = []
    mass_g = 0
    for load in split_portable(problem)[0]:
        full = not carts or len(carts[-1]) == problem.cart.slots
        if full or mass_g + load.mass_g > problem.cart.mass_g_max:
            carts.append([])
            mass_g = 0
        carts[-1].append(load)
        mass_g += load.mass_g
    return carts


def first_come(problem: BatchProblem) -> BatchPlan:
    """Carts filled in the order the loads came, walked S-shape: what plans are held against."""
    batches = tuple(
        Batch(
            tuple(load.id for load in cart),
            s_shape(problem.layout, [stop for load in cart for stop in load.stops]),
        )
        for cart in fill_carts(problem)
    )
    distance_mm = sum(batch.tour.distance_mm for batch in batches)
    return BatchPlan(batches, distance_mm, distance_mm, METHOD, split_portable(problem)[1])
