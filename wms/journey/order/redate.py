"""What a buyer was promised by a quote, once their order may go on: still so, or reckoned anew."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.quote import queries as quote_rows
from wms.quote.estimate import Estimate, estimate
from wms.quote.quote import Destination, Offer, ends_of, said_at
from wms.quote.zone import GIVEN, Zone, zone_there


async def redate(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    standing: Sequence[asyncpg.Record],
    ship_to: Mapping[str, Any],
    now: datetime,
) -> dict[str, object] | None:
    """Reckons the promised days of an order anew, where it goes now; what is promised after it.

    Days that can still be kept stay as they were told. Where the option does not go to the new
    address nothing is promised any more.
    """
    before: dict[str, Any] | None = order["delivery"]
    if before is None:
        return None
    there = _destination(order, before, ship_to, now)
    offers = {
        offer.house.warehouse_id: offer
        for offer in await quote_rows.offers_to(
            connection, order["shop_id"], there.country, there.postal_code
        )
        if offer.option.code == before["option"]
    }
    after: dict[str, Any] | None = None
    if all(row["warehouse_id"] in offers for row in standing):
        found = [
            await _reckoned(connection, offers[row["warehouse_id"]], there, row, now)
            for row in standing
        ]
        after = await _dated(connection, order, there, standing, found, now)
    if after is not None and _is_kept(before, after):
        return before
    await orders.set_delivery(connection, order["id"], after)
    return after


def _destination(
    order: asyncpg.Record, before: Mapping[str, Any], ship_to: Mapping[str, Any], now: datetime
) -> Destination:
    country = str(ship_to["country"])
    at_home = country == order["ship_to"]["country"]
    zone = Zone(str(before["time_zone"]), GIVEN) if at_home else zone_there(country, None, now)
    region = str(before["region"]) if at_home else ""
    return Destination(country, str(ship_to.get("postal_code") or ""), region, zone)


async def _reckoned(
    connection: asyncpg.Connection,
    offer: Offer,
    there: Destination,
    fulfilment: asyncpg.Record,
    now: datetime,
) -> Estimate:
    expected_at = await order_rows.expected_of(connection, fulfilment["id"])
    start_at = max(at for at in (now, fulfilment["due_at"], expected_at) if at is not None)
    packing = await quote_rows.packing_of(connection, offer, now)
    late, transit = await quote_rows.travel_of(connection, offer, there, now)
    return estimate(offer.option, ends_of(offer, there), start_at, packing, transit, late)


def _is_kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether nothing of what was promised comes later than it was."""
    told = [before["latest"], *(one["latest"] for one in before["shipments"])]
    reckoned = [after["latest"], *(one["latest"] for one in after["shipments"])]
    return len(told) == len(reckoned) and all(
        new <= old for new, old in zip(reckoned, told, strict=True)
    )


async def _dated(
    connection: asyncpg.Connection,
    order: asyncpg.Record,
    there: Destination,
    standing: Sequence[asyncpg.Record],
    found: Sequence[Estimate],
    now: datetime,
) -> dict[str, Any]:
    last = max(found, key=lambda one: (one.latest, one.likely))
    portions = await order_rows.portions_of_order(connection, order["id"])
    shipments = [
        {
            "warehouse": row["warehouse"],
            "lines": [
                part["line"] for part in portions if part["fulfilment_order_id"] == row["id"]
            ],
            **_days(one.earliest, one.likely, one.latest),
        }
        for row, one in zip(standing, found, strict=True)
    ]
    days = _days(max(one.earliest for one in found), max(one.likely for one in found), last.latest)
    return {
        **order["delivery"],
        **days,
        "time_zone": there.zone.name,
        "region": there.region,
        "pickup_at": said_at(last.latest_leaving.pickup_at),
        "shipments": shipments,
        "redated_at": said_at(now),
    }


def _days(earliest: date, likely: date, latest: date) -> dict[str, str]:
    return {
        "earliest": earliest.isoformat(),
        "likely": likely.isoformat(),
        "latest": latest.isoformat(),
    }
