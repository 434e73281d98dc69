"""Delivery options and quotes as others read them, and how long things have taken."""

from datetime import datetime, timedelta

import asyncpg

from wms.quote import store
from wms.quote.estimate import days_late
from wms.quote.option import DeliveryOption, Kind
from wms.quote.quote import Destination, House, Offer, ends_of
from wms.quote.spread import Spread, spread_of

# What is older says little about now; and so many say enough.
LOOK_BACK = timedelta(days=90)
SEEN_MAX = 500

quote_of_id = store.quote_of_id


async def offers_to(
    connection: asyncpg.Connection, shop_id: int, country: str, postal_code: str
) -> list[Offer]:
    """The active options that go to a place, from every warehouse that ships for the shop."""
    rows = await store.options_for(connection, shop_id, country)
    offers = [_offer(row) for row in rows]
    return [offer for offer in offers if offer.option.serves(country, postal_code)]


async def packing_of(connection: asyncpg.Connection, offer: Offer, now: datetime) -> Spread:
    """How many minutes packing takes in the warehouse of an option."""
    seen = await store.packing_minutes(
        connection, offer.house.warehouse_id, now - LOOK_BACK, SEEN_MAX
    )
    half, high = offer.option.packing_minutes, offer.option.packing_minutes_high
    return spread_of(seen, half, half, high)


async def travel_of(
    connection: asyncpg.Connection, offer: Offer, there: Destination, now: datetime
) -> tuple[Spread, Spread]:
    """How late parcels of an option are picked up, and how long they are on their way.

    In days of pickup here, after the pickup that they were packed for; and in days of delivery
    there, from the carrier's first scan.
    """
    option, ends = offer.option, ends_of(offer, there)
    rows = await store.transits(
        connection,
        offer.house.warehouse_id,
        option.service,
        offer.carrier_id,
        there.country,
        now - LOOK_BACK,
        SEEN_MAX,
    )
    travelled = [
        ends.delivery_days.between(
            row["carrier_accepted_at"].astimezone(ends.there).date(),
            row["delivered_at"].astimezone(ends.there).date(),
        )
        for row in rows
    ]
    late = [
        days_late(option, ends, row["firm_at"], row["packed_at"], row["carrier_accepted_at"])
        for row in rows
        if row["firm_at"] is not None and row["packed_at"] is not None
    ]
    low, high = option.transit_days_low, option.transit_days_high
    return spread_of(late, 0, 0, 0), spread_of(travelled, low, -(-(low + high) // 2), high)


def _offer(row: asyncpg.Record) -> Offer:
    house = House(
        row["warehouse_id"],
        row["warehouse"],
        row["time_zone"],
        row["warehouse_country"],
        row["warehouse_subdivision"],
    )
    option = DeliveryOption(
        row["code"],
        row["name"],
        Kind(row["kind"]),
        row["cut_off"],
        row["pickup_time"],
        row["transit_days_low"],
        row["transit_days_high"],
        row["fee_minor"],
        row["currency"],
        row["service"],
        row["carrier"],
        tuple(row["countries"]),
        tuple(row["postal_prefixes"]),
        frozenset(row["pickup_days"]),
        frozenset(row["delivery_days"]),
        row["packing_minutes"],
        row["packing_minutes_high"],
        row["works_holidays"],
        row["active"],
    )
    return Offer(house, option, row["carrier_id"])
