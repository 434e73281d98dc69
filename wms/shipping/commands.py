"""What changes waybills, labels and departures."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.outbox import commands as outbox
from wms.shipping import store
from wms.shipping.waybill import waybill_numbers


async def make_waybill(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    parcel_id: int,
    mass_g: int,
    now: datetime,
) -> str:
    """Makes a parcel's waybill and queues the word to the carrier; answers the tracking number.

    Raises:
        NotFound: `no_carrier`, the house works with none.
    """
    carrier = await store.carrier_for(connection, order["service"])
    if carrier is None:
        raise NotFound("no_carrier", "No carrier is entered that could take this parcel.")
    serials = await store.next_serials(connection, order["warehouse_id"], 1)
    ship_to = order["ship_to"]
    numbers = waybill_numbers(
        serials["sscc_prefix"],
        serials["first"],
        order["service"],
        ship_to["country"],
        ship_to["postal_code"],
    )
    await store.insert_waybill(
        connection,
        order["tenant_id"],
        parcel_id,
        carrier["id"],
        numbers.sscc,
        numbers.tracking_number,
        numbers.routing_code,
        order["service"],
        now,
    )
    await outbox.send(
        connection,
        order["tenant_id"],
        "carrier",
        carrier["id"],
        f"parcel/{parcel_id}",
        f"pickup_{numbers.tracking_number}",
        {
            "path": "/pickups",
            "body": {
                "waybill": {
                    "sscc": numbers.sscc,
                    "tracking_number": numbers.tracking_number,
                    "routing_code": numbers.routing_code,
                    "service": order["service"],
                },
                "ship_to": ship_to,
                "mass_g": mass_g,
            },
        },
    )
    return numbers.tracking_number


async def void_waybill(connection: asyncpg.Connection, parcel_id: int, reason: str) -> str | None:
    """Voids a parcel's waybill, its unprinted label and the carrier's order; its number."""
    row = await store.void_waybill(connection, parcel_id, reason)
    if row is None:
        return None
    await outbox.send(
        connection,
        row["tenant_id"],
        "carrier",
        row["carrier_id"],
        f"parcel/{parcel_id}",
        f"void_{row['tracking_number']}",
        {"path": "/voids", "body": {"tracking_number": row["tracking_number"]}},
    )
    tracking_number: str = row["tracking_number"]
    return tracking_number


enter_carrier = store.upsert_carrier
queue_label = store.insert_label_job
open_departure = store.open_departure
stage_parcel = store.stage_parcel
load_parcel = store.load_parcel
close_departure = store.close_departure
carry_over = store.carry_over
save_routes = store.save_routes
set_told = store.set_told
set_accepted = store.set_accepted
