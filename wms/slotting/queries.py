"""What re-slotting reads, and its proposals as others read them."""

import asyncpg

from routing.pick.floor.layout import Stop
from routing.slot.problem import Holding, Slot
from wms.slotting import store
from wms.slotting.slotting import Lying, Visit

proposal_of_id = store.find_proposal
moves_of = store.moves_of
accepted_proposals = store.accepted_proposals
bins_of = store.bins_of
goods_in = store.goods_in
visits_since = store.visits_since
walked = store.walked

MM3_PER_ML = 1_000


def slot_from(row: asyncpg.Record) -> Slot:
    """A bin's row as the planner knows it."""
    return Slot(
        id=row["id"],
        stop=Stop(row["aisle"], row["y_mm"]),
        volume_mm3=None if row["volume_ml"] is None else row["volume_ml"] * MM3_PER_ML,
        mass_g=row["mass_g_max"],
        units=row["units_max"],
        classes=frozenset(row["storage_classes"]),
        open=row["open"],
    )


def lying_from(row: asyncpg.Record) -> Lying:
    """A balance's row as the planner knows it; sizes are rounded up."""
    one = 10 ** row["scale"]
    volume = row["on_hand"] * row["width_mm"] * row["depth_mm"] * row["height_mm"]
    holding = Holding(
        id=row["id"],
        slot_id=row["place_id"],
        volume_mm3=-(-volume // one),
        mass_g=-(-row["on_hand"] * row["mass_g"] // one),
        units=-(-row["on_hand"] // one),
        storage_class=row["storage_class"],
        movable=row["movable"],
    )
    return Lying(holding, row["item_id"])


def visit_from(row: asyncpg.Record) -> Visit:
    """A stop of a cart."""
    return Visit(row["batch_id"], row["item_id"], row["place_id"], Stop(row["aisle"], row["y_mm"]))
