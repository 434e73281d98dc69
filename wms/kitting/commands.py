"""What is noted of kits that were put together or taken apart."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import asyncpg

from wms.kitting import store
from wms.kitting.kit import Made, Piece


async def note_work(
    connection: asyncpg.Connection,
    kit: asyncpg.Record,
    warehouse_id: int,
    kind: str,
    lot: str,
    serial: str,
    quantity: int,
    place_id: int,
    movement_id: int,
    parts: Sequence[tuple[int | None, Piece]],
    actor: str,
    now: datetime,
) -> int:
    """Notes what was done with a kit and the pieces in it; its number.

    `parts` have the assembly that they come from, None where it is this one.
    """
    work_id = await store.insert_work(
        connection,
        kit["tenant_id"],
        kit["owner_id"],
        warehouse_id,
        kit["id"],
        kind,
        lot,
        serial,
        quantity,
        place_id,
        movement_id,
        actor,
        now,
    )
    await store.insert_parts(
        connection,
        kit["tenant_id"],
        work_id,
        [work_id if assembly_id is None else assembly_id for assembly_id, _ in parts],
        [piece.item_id for _, piece in parts],
        [piece.lot for _, piece in parts],
        [piece.serial for _, piece in parts],
        [piece.expires_on for _, piece in parts],
        [piece.quantity for _, piece in parts],
    )
    return work_id


async def assemblies_left(
    connection: asyncpg.Connection, warehouse_id: int, item_id: int, lot: str, serial: str
) -> list[Made]:
    """What is left in the kits of each assembly, the last first; nobody else takes of it now."""
    await store.lock_item(connection, item_id)
    rows = await store.left_in(connection, warehouse_id, item_id, lot, serial)
    return [
        Made(
            assembly_id,
            tuple(
                Piece(
                    row["component_id"],
                    row["quantity"],
                    row["lot"],
                    row["serial"],
                    row["expires_on"],
                )
                for row in group
                if row["quantity"] > 0
            ),
        )
        for assembly_id, group in groupby(rows, key=lambda row: row["assembly_id"])
    ]
