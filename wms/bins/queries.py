"""Warehouses, places and handling units as others read them."""

from datetime import date, datetime

import asyncpg

from wms.bins import store
from wms.error import NotFound

warehouses = store.warehouses
warehouse_of_code = store.warehouse_of_code
warehouse_of_id = store.warehouse_of_id
warehouses_of_label = store.warehouses_of_label
places_of_kind = store.places_of_kind
places_after = store.places_after
places_of_codes = store.places_of_codes
place_of_code = store.place_of_code
place_of_id = store.place_of_id
unit_of_code = store.unit_of_code
unit_of_id = store.unit_of_id
units_of_order = store.units_of_order
units_in = store.units_in
units_within = store.units_within


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


async def paused_zones(connection: asyncpg.Connection, warehouse_id: int) -> set[str]:
    """The zones of a warehouse that are paused now; '' among them is the whole warehouse."""
    return {row["zone"] for row in await store.paused_zones(connection, warehouse_id)}


async def days_left(
    connection: asyncpg.Connection, warehouse_id: int, dates: set[date], at: datetime
) -> dict[date, int]:
    """How many days goods may still be used, by their last day; negative once they expired."""
    rows = await store.days_left(connection, warehouse_id, sorted(dates), at)
    return {row["expires_on"]: row["days"] for row in rows}
