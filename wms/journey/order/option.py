"""Delivery options as staff enter them, and as shops see them."""

from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.quote import commands as quotes
from wms.quote import queries as quote_rows
from wms.quote.option import DeliveryOption
from wms.quote.quote import Offer, next_pickup, said_at
from wms.tenants.shop import Shop


async def put_option(
    pool: asyncpg.Pool, option: DeliveryOption, warehouse_code: str | None = None
) -> str:
    """Enters a delivery option of a warehouse, or changes it; answers the warehouse's code.

    Raises:
        NotFound: `unknown_warehouse`, `unknown_carrier`.
    """
    async with staff_transaction(pool) as connection:
        return await quotes.enter_option(connection, option, warehouse_code)


async def options_to(
    pool: asyncpg.Pool, shop: Shop, country: str, postal_code: str, now: datetime
) -> list[dict[str, object]]:
    """The options that go to a place, each with its fee and the pickup that is next."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        offers = await quote_rows.offers_to(connection, shop.shop_id, country, postal_code)
    return [_shown(offer, now) for offer in offers]


def _shown(offer: Offer, now: datetime) -> dict[str, object]:
    option, leaving = offer.option, next_pickup(offer, now)
    return {
        "code": option.code,
        "name": option.name,
        "kind": option.kind.value,
        "service": option.service,
        "carrier": option.carrier,
        "warehouse": offer.house.code,
        "fee": {"amount_minor": option.fee_minor, "currency": option.currency},
        "cut_off": option.cut_off.isoformat(),
        "time_zone": offer.house.time_zone,
        "next_cut_off_at": said_at(leaving.cut_off_at),
        "next_pickup_at": said_at(leaving.pickup_at),
        "pickup_days": sorted(option.pickup_days),
        "delivery_days": sorted(option.delivery_days),
        "transit_days_low": option.transit_days_low,
        "transit_days_high": option.transit_days_high,
        "countries": list(option.countries),
    }
