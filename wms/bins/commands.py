"""What changes warehouses, places and handling units."""

from dataclasses import asdict

import asyncpg

from wms.bins import store
from wms.bins.place import VIRTUAL, Place
from wms.bins.warehouse import END_OF_AISLE_MM, Warehouse, bad_time_zone, layout_of
from wms.error import Conflict, NotFound, Refused

enter_unit = store.insert_unit
place_units = store.place_units
free_units = store.free_units


async def enter_warehouse(connection: asyncpg.Connection, warehouse: Warehouse) -> int:
    """Enters a warehouse, or changes it, with a place of each virtual kind; answers its number.

    Raises:
        Refused: `bad_time_zone`, the database does not know it.
    """
    try:
        await store.try_time_zone(connection, warehouse.time_zone)
    except asyncpg.InvalidParameterValueError as error:
        raise bad_time_zone(warehouse.time_zone) from error
    warehouse_id = await store.upsert_warehouse(connection, asdict(warehouse))
    await store.add_virtual_places(connection, warehouse_id, sorted(VIRTUAL))
    return warehouse_id


async def enter_places(
    connection: asyncpg.Connection, warehouse_id: int, places: list[Place]
) -> None:
    """Enters places, or changes those that exist; a place keeps its kind.

    What a place may hold can become less than lies there: it only takes no more. A warehouse
    grows to hold its bins.

    Raises:
        Refused: `bad_place`, with what is wrong.
        Conflict: `kind_fixed`, a place would get another kind; `lane_taken`.
    """
    _check_once(places)
    codes = [place.code for place in places]
    rows = [asdict(place) for place in places]
    await _measure(connection, warehouse_id, places)
    await store.free_lanes(connection, warehouse_id, codes)
    try:
        entered = await store.upsert_places(connection, warehouse_id, rows)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("lane_taken", "A lane belongs to another place already.") from error
    for number, code in enumerate(codes):
        if code not in entered:
            raise Conflict("kind_fixed", f"{code}: a place keeps its kind.", f"/{number}/kind")


def _check_once(places: list[Place]) -> None:
    codes: set[str] = set()
    lanes: set[int] = set()
    for number, place in enumerate(places):
        if place.code in codes:
            raise Refused("bad_place", f"{place.code} stands there twice.", f"/{number}/code")
        if place.lane is not None and place.lane in lanes:
            raise Refused(
                "bad_place", f"{place.code}: lane {place.lane} is given twice.", f"/{number}/lane"
            )
        codes.add(place.code)
        if place.lane is not None:
            lanes.add(place.lane)


async def _measure(connection: asyncpg.Connection, warehouse_id: int, places: list[Place]) -> None:
    """Widens a warehouse to its bins; one that was never measured gets its pitch from them too."""
    if all(place.aisle is None for place in places):
        return
    warehouse = await store.warehouse_of_id(connection, warehouse_id)
    layout = layout_of(places)
    if warehouse["aisles"] == 1 and not await store.has_bins(connection, warehouse_id):
        await store.set_pitch(connection, warehouse_id, layout.aisle_pitch_mm)
    deepest = layout.aisle_length_mm - END_OF_AISLE_MM
    if layout.aisles > warehouse["aisles"] or deepest > warehouse["aisle_length_mm"]:
        await store.widen_layout(connection, warehouse_id, layout.aisles, layout.aisle_length_mm)


async def nest_unit(connection: asyncpg.Connection, unit_id: int, parent_id: int | None) -> None:
    """Stands a handling unit into another, or with None out of all; its goods go with it.

    Raises:
        NotFound: `unknown_unit`.
        Conflict: `unit_elsewhere`, the two stand in different places.
        Refused: `unit_ring`, the other stands in this one.
    """
    await store.lock_nesting(connection)
    unit = await store.unit_of_id(connection, unit_id)
    parent = None if parent_id is None else await store.unit_of_id(connection, parent_id)
    if unit is None or (parent is None and parent_id is not None):
        raise NotFound("unknown_unit", "There is no such handling unit.")
    if parent is not None:
        if parent["id"] in await store.units_within(connection, [unit_id]):
            raise Refused("unit_ring", f"{parent['code']} stands in {unit['code']}, or is it.")
        if parent["place_id"] != unit["place_id"]:
            raise Conflict("unit_elsewhere", f"{parent['code']} stands in another place.")
    await store.set_parent(connection, unit_id, parent_id)
