"""What changes warehouses, places and handling units."""

from dataclasses import asdict

import asyncpg

from wms.bins import store
from wms.bins.place import Place, PlaceKind
from wms.error import Refused

enter_warehouse = store.upsert_warehouse
enter_unit = store.insert_unit
place_units = store.place_units
free_units = store.free_units


async def enter_places(
    connection: asyncpg.Connection, warehouse_id: int, places: list[Place]
) -> None:
    """Enters places, or changes those that exist; a place keeps its kind.

    Raises:
        Refused: `bad_place`, with what is wrong.
    """
    seen: set[str] = set()
    for number, place in enumerate(places):
        if place.code in seen:
            raise Refused("bad_place", f"{place.code} stands there twice.", f"/{number}/code")
        if place.kind is PlaceKind.BIN and (place.aisle is None or place.y_mm is None):
            raise Refused("bad_place", f"{place.code}: a bin has an aisle and y_mm.", f"/{number}")
        seen.add(place.code)
    await store.upsert_places(connection, warehouse_id, [asdict(place) for place in places])
