"""What changes parcels."""

import asyncpg

from wms.packing import store
from wms.packing.carton import CartonType


async def enter_cartons(
    connection: asyncpg.Connection, warehouse_id: int, cartons: list[CartonType]
) -> None:
    """Enters carton types, or changes those that exist."""
    await store.upsert_cartons(connection, warehouse_id, [carton.row() for carton in cartons])


add_parcels = store.insert_parcels
open_parcel = store.open_parcel
set_parcel_state = store.set_parcel_state
add_packed = store.add_packed
lock_order = store.lock_order
hand_over_parcels = store.hand_over_parcels
