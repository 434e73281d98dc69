"""Totes over the sorter: read, diverted to their packing place, and their order sorted at the last.

The lane is decided when a tote is bound to an order, so nothing here decides: these are the facts
that scanner and PLC report, booked where the goods physically are.
"""

from datetime import datetime
from enum import StrEnum

import asyncpg

from wms.journey.goods.put_back import put_back
from wms.orders import commands as orders
from wms.orders.fulfilment import Event, State
from wms.sorting import commands as sorting
from wms.sorting import queries as sorting_rows
from wms.stock import commands as stock


class Divert(StrEnum):
    """What a divert turned out to be."""

    RIGHT = "right"
    MISSORT = "missort"
    UNKNOWN_TOTE = "unknown_tote"
    UNKNOWN_LANE = "unknown_lane"


async def record_read(
    connection: asyncpg.Connection,
    tote_code: str,
    track: int,
    now: datetime,
    *,
    scanned_at: datetime | None = None,
) -> bool:
    """Notes on which track a tote rides; False where no such tote is on its way."""
    return await sorting.set_read(connection, tote_code, track, scanned_at or now, now)


async def record_divert(
    connection: asyncpg.Connection,
    *,
    track: int,
    lane: int,
    tote_code: str | None,
    planned: int,
    reason: str,
    now: datetime,
    command_id: str,
    device: str,
) -> Divert:
    """Books a tote where the sorter put it, and sorts its order when it was the last one.

    A lane that is not the tote's own is a missort: the goods are booked there all the same, and
    the tote is expected again.

    Raises:
        Conflict: `not_enough_stock`.
    """
    route = await sorting.route_for_update(connection, tote_code) if tote_code else None
    if route is None:
        return Divert.UNKNOWN_TOTE
    place = await sorting_rows.place_of_lane(connection, route["warehouse_id"], lane)
    if place is None:
        return Divert.UNKNOWN_LANE
    actor = f"sorter:{device}"
    await stock.move_units(
        connection,
        [route["tote_id"]],
        place["id"],
        kind="sort",
        command_id=command_id,
        actor=actor,
        device=device,
        now=now,
    )
    if place["id"] != route["place_id"]:
        await sorting.set_missorted(connection, route["tote_id"])
        return Divert.MISSORT
    await sorting.set_diverted(connection, route["tote_id"], now)
    if route["fulfilment_state"] == State.CANCELLED:
        await put_back(connection, route["fulfilment_order_id"], route["warehouse_id"], now)
        return Divert.RIGHT
    await sort_if_complete(connection, route["fulfilment_order_id"], actor, now)
    return Divert.RIGHT


async def record_lost_sight(
    connection: asyncpg.Connection, tote_code: str | None, *, recirculated: bool
) -> None:
    """Expects a tote again that the sorter turned back, rejected or lost track of."""
    if tote_code:
        await sorting.set_expected_again(connection, tote_code, int(recirculated))


async def sort_if_complete(
    connection: asyncpg.Connection, fulfilment_order_id: int, actor: str, now: datetime
) -> bool:
    """Sorts an order that is picked and all of whose totes stand at its packing place."""
    if not await sorting_rows.stands_complete(connection, fulfilment_order_id):
        return False
    await orders.apply_fulfilment_event(connection, fulfilment_order_id, Event.SORT, actor, now)
    return True


async def quarantine_riding(connection: asyncpg.Connection) -> int:
    """Forgets which tote rides on which track, after the PLC forgot; answers how many rode."""
    return await sorting.forget_tracks(connection)
