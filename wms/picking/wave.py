"""A wave: which orders are walked for now, in which carts, and along which walks."""

from dataclasses import dataclass

from routing.pick.plan import BatchPlan
from routing.pick.problem import BatchProblem, Cart, Layout, Load, Stop
from wms.picking.allocation import Pick
from wms.picking.tote import CART_MASS_G_MAX, CART_SLOTS, TOTE_VOLUME_ML, ToteLoad


@dataclass(frozen=True, slots=True)
class Task:
    """One pick of a walk: its slot on the cart and its place in the sequence."""

    slot: int
    seq: int
    pick: Pick


@dataclass(frozen=True, slots=True)
class CartWalk:
    """One cart: the order in each slot, its tasks in walking order, and its path in mm."""

    number: int
    slots: tuple[int, ...]
    tasks: tuple[Task, ...]
    distance_mm: int
    path: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WavePlan:
    """The carts of a wave, what they walk, what first come, first served would have walked."""

    carts: tuple[CartWalk, ...]
    distance_mm: int
    baseline_mm: int
    method: str
    left_out: tuple[tuple[int, str], ...]


def batch_problem(layout: Layout, loads: list[ToteLoad]) -> BatchProblem:
    """The batching problem that `routing` solves: a load for each tote, in the orders' sequence."""
    return BatchProblem(
        layout,
        tuple(
            Load(
                load.id,
                tuple(Stop(pick.bin.aisle, pick.bin.y_mm) for pick in load.picks),
                # A single unit larger than a tote rides in its slot as it is.
                min(load.volume_ml, TOTE_VOLUME_ML),
                load.mass_g,
            )
            for load in loads
        ),
        Cart(slots=CART_SLOTS, mass_g_max=CART_MASS_G_MAX, tote_volume_ml=TOTE_VOLUME_ML),
    )


def wave_plan(loads: list[ToteLoad], plan: BatchPlan, short: list[tuple[int, str]]) -> WavePlan:
    """Reads a batch plan back as carts with slots and tasks.

    An order one of whose totes was left out is left out whole: half an order ships to nobody.
    """
    by_id = {load.id: load for load in loads}
    left_out = {by_id[load_id].fulfilment_order_id: why for load_id, why in plan.left_out}
    carts: list[CartWalk] = []
    for batch in plan.batches:
        own = [by_id[load_id] for load_id in batch.load_ids]
        kept = [load for load in own if load.fulfilment_order_id not in left_out]
        slot_of = {load.id: slot for slot, load in enumerate(kept, start=1)}
        stops = [(load.id, pick) for load in own for pick in load.picks]
        walked = [stops[index] for index in batch.tour.visits]
        tasks = [
            Task(slot_of[load_id], seq, pick)
            for seq, (load_id, pick) in enumerate(walked, start=1)
            if load_id in slot_of
        ]
        carts.append(
            CartWalk(
                len(carts) + 1,
                tuple(load.fulfilment_order_id for load in kept),
                tuple(tasks),
                batch.tour.distance_mm,
                batch.tour.path,
            )
        )
    return WavePlan(
        tuple(cart for cart in carts if cart.tasks),
        plan.distance_mm,
        plan.baseline_mm,
        plan.method,
        tuple(short + sorted(left_out.items())),
    )
