"""Totes over the sorter: read, diverted to their packing place, and their order sorted at the last.

Where a tote goes is decided when it is bound to an order, and by which lane in the gateway's
memory, so nothing here decides: these are the facts that scanner and PLC report, booked where the
goods physically are.
"""

from collections.abc import Mapping, Sequence
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


_Fallen = list[tuple[Fall, asyncpg.Record]]


async def record_reads(
    connection: asyncpg.Connection, track_of: Mapping[str, int], now: datetime
) -> dict[str, int]:
    """Notes on which tracks totes ride; the tenants of those that are on their way at all."""
    return await sorting.set_read(connection, list(track_of), list(track_of.values()), now)


async def record_diverts(
    connection: asyncpg.Connection, falls: Sequence[Fall], now: datetime
) -> list[Divert]:
    """Books totes where one sorter put them, and sorts the orders whose last ones they were.

    A lane that does not end at the tote's own place is a missort: the goods are booked there all
    the same, and the tote is expected again. In the reject lane it waits for somebody. No tote
    falls twice.

    Raises:
        Conflict: `not_enough_stock`.
    """
    known = {fall.unit: fall for fall in falls if fall.unit is not None}
    rows = await sorting.routes_for_falls(
        connection,
        list(known),
        [fall.place for fall in known.values()],
        [fall.lane for fall in known.values()],
    )
    fallen = [(known[row["unit"]], row) for row in rows]
    await _move(connection, fallen, now)
    verdicts = {fall.unit: _verdict(fall, row) for fall, row in fallen}
    for fall, row in fallen:
        if verdicts[fall.unit] is Divert.SET_ASIDE:
            await record_rejected(connection, fall.unit)
        elif verdicts[fall.unit] is Divert.MISSORT:
            await sorting.set_missorted(connection, row["tote_id"])
    right = [one for one in fallen if verdicts[one[0].unit] is Divert.RIGHT]
    if right:
        await _stand(connection, right, now)
    return [verdicts.get(fall.unit, Divert.UNKNOWN_TOTE) for fall in falls]


def _verdict(fall: Fall, route: asyncpg.Record) -> Divert:
    if fall.set_aside:
        return Divert.SET_ASIDE
    if route["fell_at"] is None:
        return Divert.UNKNOWN_LANE
    return Divert.RIGHT if route["fell_at"] == route["place_id"] else Divert.MISSORT


async def _move(connection: asyncpg.Connection, fallen: _Fallen, now: datetime) -> None:
    moves = [
        stock.Move(row["tote_id"], row["fell_at"], fall.command_id)
        for fall, row in fallen
        if row["fell_at"] is not None
    ]
    if moves:
        fall = fallen[0][0]
        await stock.move_each(
            connection, moves, kind="sort", actor=fall.actor, device=fall.device, now=now
        )


async def _stand(connection: asyncpg.Connection, right: _Fallen, now: datetime) -> None:
    """Notes that totes stand where they should, and what that means for their orders."""
    one = right[0][0]
    complete = await sorting.set_diverted(
        connection,
        [row["tote_id"] for _, row in right],
        one.device_id,
        [fall.lane for fall, _ in right],
        now,
    )
    for _, row in right:
        if row["fulfilment_state"] == State.CANCELLED:
            await put_back(connection, row["fulfilment_order_id"], row["warehouse_id"], now)
    if complete:
        await orders.apply_to_fulfilments(connection, complete, Event.SORT, one.actor, now)


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
