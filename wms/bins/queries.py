"""Warehouses, places and handling units as others read them."""

import asyncpg

from wms.bins import store
from wms.error import NotFound

warehouse_of_id = store.warehouse_of_id
places_of_kind = store.places_of_kind
places_after = store.places_after
place_of_code = store.place_of_code
place_of_id = store.place_of_id
unit_of_code = store.unit_of_code
units_of_order = store.units_of_order


async def the_warehouse(connection: asyncpg.Connection, code: str | None = None) -> asyncpg.Record:
    """The warehouse of that code, or the first.

    Raises:
        NotFound: there is none.
    """
    row = await (
        store.first_warehouse(connection)
        if code is None
        else store.warehouse_of_code(connection, code)
    )
    if row is None:
        raise NotFound("unknown_warehouse", f"There is no warehouse {code or 'yet'}.")
    return row


async def place_of_kind(
    connection: asyncpg.Connection, warehouse_id: int, kind: str
) -> asyncpg.Record:
    """The one place of a kind that a warehouse has once, such as its conveyor.

    Raises:
        NotFound: the warehouse has none.
    """
    rows = await store.places_of_kind(connection, warehouse_id, kind)
    if not rows:
        raise NotFound("unknown_place", f"The warehouse has no place of kind {kind}.")
    return rows[0]
