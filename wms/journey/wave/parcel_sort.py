"""Parcels over the sorter: where they go, and put out at the departure into whose lane they fall.

A house whose lanes end at departures may put a labelled parcel on the belt instead of carrying it:
the lane then does what the packer's scan of the label does elsewhere.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import asyncpg

from wms.journey.wave.departure import put_out
from wms.journey.wave.sort import Divert, Fall, place_of_fall
from wms.shipping import queries as shipping
from wms.sorting import queries as sorting
from wms.sorting.lane import Way
from wms.sorting.plan import SorterPlan
from wms.stock import commands as stock


async def ways_over(
    connection: asyncpg.Connection, plan: SorterPlan, now: datetime, seen: Sequence[str] = ()
) -> list[tuple[Way, str]]:
    """Where each tote and each parcel goes that may come over a sorter, and its second code.

    A tote has none; a parcel's is its tracking number, empty where there is none. A tote that
    stood at its place already is among them where it was `seen` on a belt again.
    """
    totes = await sorting.routes_under_way(connection, list(seen))
    places = [lane.place for lane in plan.lanes if lane.place is not None]
    parcels = await shipping.parcels_to_sort(connection, places, now)
    # Thousands of units go to a few places.
    lanes_to = cache(plan.lanes_to)
    ways = [(_way(row, lanes_to, ""), "") for row in totes]
    return ways + [(_way(row, lanes_to, _late(row)), row["tracking_number"]) for row in parcels]


def _way(
    row: asyncpg.Record, lanes_to: Callable[[str, int | None], tuple[int, ...]], late: str
) -> Way:
    return Way(
        unit=row["unit"],
        place=row["place"],
        lanes=lanes_to(row["place"], row["lane"]),
        order_id=row["order_id"],
        due_at=row["due_at"],
        serial=row["serial"],
        late=late,
        rounds=row["rounds"],
    )


def _late(row: asyncpg.Record) -> str:
    if row["left_at"] is not None:
        return f"departure {row['departure_id']} left at {row['left_at']:%H:%M} UTC"
    if row["cut_off_at"] is not None:
        until = f"{row['cut_off_at']:%H:%M} UTC"
        return f"departure {row['departure_id']} takes parcels until {until} only"
    return ""


async def record_parcel_divert(connection: asyncpg.Connection, fall: Fall, now: datetime) -> Divert:
    """Puts a parcel out at the departure into whose lane it fell, or books where else it fell."""
    parcel = await shipping.parcel_on_belt(connection, fall.unit) if fall.unit else None
    stopped = parcel is not None and parcel["fulfilment_state"] == "cancelled"
    if parcel is None or stopped or parcel["loaded_at"] is not None:
        return Divert.UNKNOWN_TOTE
    place = await place_of_fall(connection, fall, parcel["warehouse_id"])
    if place is None:
        return Divert.SET_ASIDE if fall.set_aside else Divert.UNKNOWN_LANE
    if not fall.set_aside and await _is_for(connection, parcel, place):
        if parcel["departure_id"] is None:
            await put_out(
                connection,
                parcel,
                parcel["warehouse_id"],
                parcel["carrier_id"],
                place["id"],
                command_id=fall.command_id,
                actor=fall.actor,
                device=fall.device,
                now=now,
            )
        else:
            await _move(connection, parcel, place, fall, now)
        return Divert.RIGHT
    await _move(connection, parcel, place, fall, now)
    return Divert.SET_ASIDE if fall.set_aside else Divert.MISSORT


async def _is_for(
    connection: asyncpg.Connection, parcel: asyncpg.Record, place: asyncpg.Record
) -> bool:
    """Whether a parcel may leave from a place."""
    if parcel["departure_id"] is not None:
        return bool(parcel["departure_place_id"] == place["id"])
    if place["kind"] != "departure":
        return False
    departure = await shipping.departure_at(connection, place["id"])
    return departure is None or departure["carrier_id"] == parcel["carrier_id"]


async def _move(
    connection: asyncpg.Connection,
    parcel: asyncpg.Record,
    place: asyncpg.Record,
    fall: Fall,
    now: datetime,
) -> None:
    await stock.move_units(
        connection,
        [parcel["handling_unit_id"]],
        place["id"],
        kind="sort",
        command_id=fall.command_id,
        actor=fall.actor,
        device=fall.device,
        now=now,
    )
