"""Moves and rooms as others read them."""

import asyncpg

from wms.moving import pause_store, room_store, store
from wms.moving.suggestion import Room, suggest

ROOMS_A_ROUND = 100

task_view = store.task_view
tasks_after = store.tasks_after
unplaced_after = store.unplaced_after
place_takes = room_store.place_takes
pause_of_id = pause_store.pause_of_id
pauses_after = pause_store.pauses_after
pauses_of_moves = pause_store.pauses_of_moves


async def suggest_place(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    quantity: int,
    kind: str = "putaway",
    *,
    status: str = "available",
    but_place_id: int = 0,
) -> list[tuple[int, int]]:
    """Places with how much of a quantity each takes, the best first; it holds nothing yet.

    Together they take less where the house has no room for all of it. `cross_dock` suggests
    places of that purpose only; `but_place_id` is never suggested.
    """
    if kind == "cross_dock":
        return await _suggest_cross_dock(
            connection, warehouse_id, item_id, owner_id, lot, quantity, but_place_id
        )
    ruled = await room_store.keeps_a_rule(connection, warehouse_id, item_id)
    seen = [but_place_id]
    found: list[tuple[int, int]] = []
    left = quantity
    for shared in (False, True):
        while left:
            rows = await room_store.rooms(
                connection,
                warehouse_id,
                item_id,
                owner_id,
                lot,
                status,
                seen,
                ROOMS_A_ROUND,
                shared=shared,
            )
            if not rows:
                break
            more = suggest([_room(row) for row in rows], left, ruled=ruled)
            found += more
            left -= sum(put for _, put in more)
            seen += [row["place_id"] for row in rows]
    return found


async def _suggest_cross_dock(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    quantity: int,
    but_place_id: int,
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for row in await room_store.cross_dock_rooms(connection, warehouse_id, item_id, owner_id, lot):
        put = min(quantity, row["takes"])
        if put and row["place_id"] != but_place_id:
            found.append((row["place_id"], put))
            quantity -= put
    return found


def _room(row: asyncpg.Record) -> Room:
    return Room(
        place_id=row["place_id"],
        purpose=row["purpose"],
        walk_seq=row["walk_seq"],
        takes=row["takes"],
        here=row["here"],
        same_lot=row["same_lot"],
        empty=not row["used"],
        names_class=row["names_class"],
        keeps=row["keeps"],
    )
