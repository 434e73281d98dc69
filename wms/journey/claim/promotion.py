"""A shop's promotions: entered, changed, ended. What has been stays, since forecasts read it."""

from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction
from wms.error import Conflict, NotFound, Refused
from wms.items import queries as items
from wms.items.item import canonical_sku
from wms.promise import commands as promise
from wms.promise.promotion import ITEMS_MAX, Promotion
from wms.tenants.shop import Shop


async def put_promotion(
    pool: asyncpg.Pool, shop: Shop, promotion: Promotion, now: datetime
) -> None:
    """Enters a promotion, or changes the one of that code.

    Raises:
        Refused: `unknown_item`, `too_many_items`.
    """
    if len(promotion.items) > ITEMS_MAX:
        raise Refused("too_many_items", f"At most {ITEMS_MAX} items.", "/items")
    skus = [canonical_sku(item.sku) for item in promotion.items]
    async with shop_transaction(pool, shop.tenant_id) as connection:
        rows = await items.items_of_skus(connection, shop.owner_id, skus)
        by_sku: dict[str, int] = {row["sku"]: row["id"] for row in rows}
        for number, sku in enumerate(skus):
            if sku not in by_sku:
                raise Refused(
                    "unknown_item", f"No item has the SKU {sku!r}.", f"/items/{number}/sku"
                )
        await promise.put_promotion(
            connection,
            shop.tenant_id,
            shop.shop_id,
            promotion,
            [by_sku[sku] for sku in skus],
            now,
        )


async def end_promotion(pool: asyncpg.Pool, shop: Shop, code: str, now: datetime) -> None:
    """Takes a promotion back: one that has not begun is gone, one that runs ends now.

    Raises:
        NotFound: `unknown_promotion`.
        Conflict: `promotion_over`, it is part of what has been.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await promise.promotion_for_update(connection, shop.shop_id, code)
        if row is None:
            raise NotFound("unknown_promotion", f"This shop has no promotion {code!r}.")
        if row["ends_at"] <= now:
            raise Conflict("promotion_over", f"Promotion {code!r} is over; it stays on record.")
        if row["starts_at"] < now:
            await promise.end_promotion(connection, row["id"], now)
        else:
            await promise.drop_promotion(connection, row["id"])
