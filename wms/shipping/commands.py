"""What changes waybills, labels and departures."""

from dataclasses import asdict
from datetime import datetime, time

import asyncpg

from wms.error import NotFound
from wms.outbox import commands as outbox
from wms.shipping import store
from wms.shipping.waybill import waybill_numbers

# Where the carrier fetches a parcel; 0 and empty texts say nothing.
SHIP_FROM = (
    "warehouse",
    "name",
    "country",
    "subdivision",
    "postal_code",
    "latitude",
    "longitude",
)


async def make_waybills(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    parcels: list[tuple[int, int]],
    now: datetime,
) -> list[str]:
    """Makes the waybills of parcels (number, mass in g) and queues the words to the carrier.

    It is the carrier that the buyer was promised, where there is such a promise. Answers the
    tracking numbers, in the order of the parcels.

    Raises:
        NotFound: `no_carrier`, the house works with none.
    """
    ship_to = order["ship_to"]
    carrier = await store.carrier_for(
        connection,
        order["warehouse_id"],
        order["service"],
        ship_to["country"],
        ship_to["postal_code"] or "",
        (order["delivery"] or {}).get("carrier"),
    )
    if carrier is None:
        raise NotFound("no_carrier", "No carrier is entered that could take this parcel.")
    serials = await store.next_serials(connection, order["warehouse_id"], len(parcels))
    waybills: list[dict[str, object]] = []
    messages: list[dict[str, object]] = []
    for drawn, (parcel_id, mass_g) in zip(serials, parcels, strict=True):
        numbers = waybill_numbers(
            drawn["sscc_prefix"],
            drawn["serial"],
            order["service"],
            ship_to["country"],
            ship_to["postal_code"],
        )
        waybills.append({"parcel_id": parcel_id} | asdict(numbers))
        body = {
            "waybill": asdict(numbers) | {"service": order["service"]},
            "ship_from": {name: drawn[name] for name in SHIP_FROM},
            "ship_to": ship_to,
            "mass_g": mass_g,
        }
        messages.append(
            {
                "subject": f"parcel/{parcel_id}",
                "message_id": f"pickup_{numbers.tracking_number}",
                "payload": {"path": "/pickups", "body": body},
            }
        )
    await store.insert_waybills(
        connection, order["tenant_id"], carrier["id"], order["service"], waybills, now
    )
    await outbox.send(connection, order["tenant_id"], "carrier", carrier["id"], messages)
    return [str(waybill["tracking_number"]) for waybill in waybills]


async def set_carrier(
    connection: asyncpg.Connection, code: str, cut_off: time | None, own_vans: bool | None = None
) -> asyncpg.Record:
    """Says until which time of day, by the clocks of the warehouse, a carrier takes parcels.

    With `own_vans`, whether it is the house itself; departures that open from now on go by that.

    Raises:
        NotFound: `unknown_carrier`.
    """
    row = await store.set_carrier(connection, code, cut_off, own_vans)
    if row is None:
        raise NotFound("unknown_carrier", f"The house works with no carrier {code}.")
    return row


async def void_waybill(connection: asyncpg.Connection, parcel_id: int, reason: str) -> str | None:
    """Voids a parcel's waybill, its unprinted label and the carrier's order; its number."""
    row = await store.void_waybill(connection, parcel_id, reason)
    if row is None:
        return None
    message: dict[str, object] = {
        "subject": f"parcel/{parcel_id}",
        "message_id": f"void_{row['tracking_number']}",
        "payload": {"path": "/voids", "body": {"tracking_number": row["tracking_number"]}},
    }
    await outbox.send(connection, row["tenant_id"], "carrier", row["carrier_id"], [message])
    tracking_number: str = row["tracking_number"]
    return tracking_number


async def open_departure(
    connection: asyncpg.Connection,
    warehouse_id: int,
    carrier_id: int,
    place_id: int,
    now: datetime,
) -> int:
    """The departure that is open at a place, kept open until the transaction ends."""
    while True:
        row = await store.open_departure(connection, warehouse_id, carrier_id, place_id, now)
        if row["state"] == "open":
            departure_id: int = row["id"]
            return departure_id


async def hold_departure(connection: asyncpg.Connection, place_id: int) -> None:
    """Keeps the departure that is open at a place, if any, open until the transaction ends.

    One that closes just now is waited for, and then the next is held.
    """
    while await store.departure_at(connection, place_id) is not None:
        if await store.hold_departure(connection, place_id):
            return


enter_carrier = store.upsert_carrier
lock_departure = store.lock_departure
stage_parcel = store.stage_parcel
load_parcel = store.load_parcel
unload_parcel = store.unload_parcel
unstage_parcels = store.unstage_parcels
close_departure = store.close_departure
carry_over = store.carry_over
set_told = store.set_told
set_accepted = store.set_accepted
set_delivered = store.set_delivered
