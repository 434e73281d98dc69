"""A warehouse's floor as walks are planned over it, and its bins as stops of a walk."""

import asyncpg

from routing.pick.floor.layout import Door, Layout, Side, Stop
from wms.picking.allocation import Pick


def floor_of(warehouse: asyncpg.Record) -> Layout:
    """The layout that walks of a warehouse are planned over; lengths in mm."""
    drop = warehouse["drop_aisle"]
    return Layout(
        warehouse["aisles"],
        warehouse["aisle_length_mm"],
        warehouse["aisle_pitch_mm"],
        warehouse["depot_aisle"],
        cross_aisles_mm=tuple(warehouse["cross_aisles_mm"]),
        aisle_width_mm=warehouse["aisle_width_mm"],
        drops=() if drop is None else (Door(drop, warehouse["drop_at_back"]),),
    )


def stop_of(floor: Layout, pick: Pick) -> Stop:
    """Where a pick is taken, on which side, how high above the lowest level, and how much."""
    bin = pick.bin
    middle_mm = bin.aisle * floor.aisle_pitch_mm
    right = floor.aisle_width_mm > 0 and bin.x_mm is not None and bin.x_mm > middle_mm
    return Stop(
        bin.aisle,
        bin.y_mm,
        Side.RIGHT if right else Side.LEFT,
        # Levels are counted from 1.
        level=max(0, bin.level - 1),
        units=-(-pick.quantity // pick.want.whole),
    )
