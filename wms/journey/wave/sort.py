"""Totes over the sorter: read, diverted to their packing place, and their order sorted at the last.

Where a tote goes is decided when it is bound to an order, and by which lane in the gateway's
memory, so nothing here decides: these are the facts that scanner and PLC report, booked where the
goods physically are.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from wms.bins import queries as bins
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
    SET_ASIDE = "set_aside"
    UNKNOWN_TOTE = "unknown_tote"
    UNKNOWN_LANE = "unknown_lane"


@dataclass(frozen=True, slots=True)
class Fall:
    """A unit that fell into a lane: where that ends by the sorter's plan, and who says so.

    `set_aside` where the lane is for what cannot go where it should.
    """

    unit: str | None
    lane: int
    place: str | None
    set_aside: bool
    command_id: str
    device: str
    device_id: int | None = None

    @property
    def actor(self) -> str:
        return f"sorter:{self.device}"


async def record_read(
    connection: asyncpg.Connection,
    tote_code: str,
    track: int,
    now: datetime,
    *,
    scanned_at: datetime | None = None,
) -> int | None:
    """Notes on which track a tote rides; its tenant, None where no such tote is on its way."""
    return await sorting.set_read(connection, tote_code, track, scanned_at or now, now)


async def record_divert(connection: asyncpg.Connection, fall: Fall, now: datetime) -> Divert:
    """Books a tote where the sorter put it, and sorts its order when it was the last one.

    A lane that does not end at the tote's own place is a missort: the goods are booked there all
    the same, and the tote is expected again. In the reject lane it waits for somebody.

    Raises:
        Conflict: `not_enough_stock`.
    """
    if fall.unit is None:
        return Divert.UNKNOWN_TOTE
    route = await sorting.route_for_fall(connection, fall.unit, fall.place, fall.lane)
    if route is None:
        return Divert.UNKNOWN_TOTE
    if route["fell_at"] is not None:
        await stock.move_units(
            connection,
            [route["tote_id"]],
            route["fell_at"],
            kind="sort",
            command_id=fall.command_id,
            actor=fall.actor,
            device=fall.device,
            now=now,
        )
    if fall.set_aside:
        await sorting.set_rejected(connection, fall.unit)
        return Divert.SET_ASIDE
    if route["fell_at"] is None:
        return Divert.UNKNOWN_LANE
    if route["fell_at"] != route["place_id"]:
        await sorting.set_missorted(connection, route["tote_id"])
        return Divert.MISSORT
    complete = await sorting.set_diverted(
        connection, route["tote_id"], fall.device_id, fall.lane, now
    )
    if route["fulfilment_state"] == State.CANCELLED:
        await put_back(connection, route["fulfilment_order_id"], route["warehouse_id"], now)
        return Divert.RIGHT
    if complete:
        order_id = route["fulfilment_order_id"]
        await orders.apply_fulfilment_event(connection, order_id, Event.SORT, fall.actor, now)
    return Divert.RIGHT


async def place_of_fall(
    connection: asyncpg.Connection, fall: Fall, warehouse_id: int
) -> asyncpg.Record | None:
    """The place at the end of a lane: by the sorter's plan, else the one that names the lane."""
    if fall.place is not None:
        return await bins.place_of_code(connection, warehouse_id, fall.place)
    return await sorting_rows.place_of_lane(connection, warehouse_id, fall.lane)


async def record_lost_sight(
    connection: asyncpg.Connection, tote_code: str | None, *, recirculated: bool
) -> None:
    """Expects a tote again that the sorter turned back or lost track of."""
    if tote_code:
        await sorting.set_expected_again(connection, tote_code, int(recirculated))


async def record_rejected(connection: asyncpg.Connection, tote_code: str | None) -> None:
    """Notes that a tote was put out where the sorter puts what it cannot sort."""
    if tote_code:
        await sorting.set_rejected(connection, tote_code)


async def sort_if_complete(
    connection: asyncpg.Connection, fulfilment_order_id: int, actor: str, now: datetime
) -> bool:
    """Sorts an order that is picked and all of whose totes stand at its packing place."""
    if not await sorting_rows.stands_complete(connection, fulfilment_order_id):
        return False
    await orders.apply_fulfilment_event(connection, fulfilment_order_id, Event.SORT, actor, now)
    return True
