"""A wave: which orders are walked for now, in which carts, and along which walks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout
from wms.picking.allocation import Pick
from wms.picking.floor import stop_of
from wms.picking.tote import CART_MASS_G_MAX, CART_SLOTS, TOTE_VOLUME_ML, ToteLoad


class Mode(StrEnum):
    """How a wave is walked.

    discrete: one order a walk. cluster: a walk fills the totes of several orders, bin by bin.
    batch: the same, and one visit to a bin takes for all of them. zone: a walk stays in one zone,
    and an order's totes meet at its packing place.
    """

    DISCRETE = "discrete"
    BATCH = "batch"
    CLUSTER = "cluster"
    ZONE = "zone"


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
    walk_s: float = 0.0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WavePlan:
    """The carts of a wave, what they walk, what first come, first served would have walked.

    bound_mm: no plan of the same totes walks less, as far as is known. walk_s: what all walks take
    together. solve_s: what the plan took, of at most solve_s_max. choice: how the orders were
    chosen, where more waited than the wave takes.
    """

    carts: tuple[CartWalk, ...]
    distance_mm: int
    baseline_mm: int
    method: str
    left_out: tuple[tuple[int, str], ...]
    bound_mm: int = 0
    walk_s: float = 0.0
    solve_s: float = 0.0
    solve_s_max: float = 0.0
    choice: dict[str, object] | None = None


def batch_problem(layout: Layout, loads: list[ToteLoad]) -> BatchProblem:
    """The batching problem that `routing` solves: a load for each tote, in the orders' sequence."""
    return BatchProblem(
        layout,
        tuple(
            Load(
                load.id,
                tuple(stop_of(layout, pick) for pick in load.picks),
                # A single unit larger than a tote rides in its slot as it is.
                min(load.volume_ml, TOTE_VOLUME_ML),
                load.mass_g,
            )
            for load in loads
        ),
        Cart(slots=CART_SLOTS, mass_g_max=CART_MASS_G_MAX, tote_volume_ml=TOTE_VOLUME_ML),
    )


def split_loads(loads: list[ToteLoad], mode: Mode) -> list[list[ToteLoad]]:
    """The totes that may share a cart, apart from those that may not."""
    if mode in (Mode.CLUSTER, Mode.BATCH):
        return [loads]
    parts: dict[object, list[ToteLoad]] = {}
    for load in loads:
        zone = load.picks[0].bin.zone
        parts.setdefault(zone if mode is Mode.ZONE else load.fulfilment_order_id, []).append(load)
    return list(parts.values())


def wave_plan(
    parts: Iterable[tuple[list[ToteLoad], BatchPlan]],
    short: list[tuple[int, str]],
    mode: Mode = Mode.CLUSTER,
    cut_offs: Mapping[int, datetime] | None = None,
) -> WavePlan:
    """Reads batch plans back as carts with slots and tasks.

    An order one of whose totes was left out is left out whole: half an order ships to nobody. A
    cart is due when the first of its orders' carriers comes, which `cut_offs` says by order.
    """
    planned = list(parts)
    left_out: dict[int, str] = {}
    for loads, plan in planned:
        by_id = {load.id: load for load in loads}
        left_out |= {by_id[load_id].fulfilment_order_id: why for load_id, why in plan.left_out}
    carts: list[CartWalk] = []
    for loads, plan in planned:
        by_id = {load.id: load for load in loads}
        for batch in plan.batches:
            own = [by_id[load_id] for load_id in batch.load_ids]
            cart = _cart(len(carts) + 1, own, batch, set(left_out), mode, cut_offs or {})
            if cart.tasks:
                carts.append(cart)
    return WavePlan(
        tuple(carts),
        sum(plan.distance_mm for _, plan in planned),
        sum(plan.baseline_mm for _, plan in planned),
        ", ".join(dict.fromkeys(plan.method for _, plan in planned)),
        tuple(short + sorted(left_out.items())),
        sum(plan.bound_mm for _, plan in planned),
        sum(cart.walk_s for cart in carts),
    )


def _cart(
    number: int,
    own: list[ToteLoad],
    batch: Batch,
    left_out: set[int],
    mode: Mode,
    cut_offs: Mapping[int, datetime],
) -> CartWalk:
    kept = [load for load in own if load.fulfilment_order_id not in left_out]
    slot_of = {load.id: slot for slot, load in enumerate(kept, start=1)}
    stops = [(load.id, pick) for load in own for pick in load.picks]
    walked = [stops[index] for index in batch.tour.visits]
    if mode is Mode.BATCH:
        walked = _gathered(walked)
    kept_stops = [(load_id, pick) for load_id, pick in walked if load_id in slot_of]
    return CartWalk(
        number,
        tuple(load.fulfilment_order_id for load in kept),
        tuple(
            Task(slot_of[load_id], seq, pick)
            for seq, (load_id, pick) in enumerate(kept_stops, start=1)
        ),
        batch.tour.distance_mm,
        batch.tour.path,
        batch.seconds,
        min(
            (
                cut_offs[load.fulfilment_order_id]
                for load in kept
                if load.fulfilment_order_id in cut_offs
            ),
            default=None,
        ),
    )


def _gathered(walked: list[tuple[str, Pick]]) -> list[tuple[str, Pick]]:
    """The same walk, with what comes from one bin taken in one go wherever it is reached."""
    gathered: list[tuple[str, Pick]] = []
    for _, here in groupby(walked, key=lambda stop: (stop[1].bin.aisle, stop[1].bin.y_mm)):
        of_bin: dict[int, list[tuple[str, Pick]]] = {}
        for stop in here:
            of_bin.setdefault(stop[1].bin.balance_id, []).append(stop)
        for stops in of_bin.values():
            gathered += stops
    return gathered
