"""The vault of a digital item: codes are put in, counted, and made by its shop."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.digital import commands as digital
from wms.digital import queries as digital_rows
from wms.digital.digital import NewCode
from wms.journey.claim.claim import lose_claims
from wms.journey.request import Request, once
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

TIMER = "timer:digital"


@again_on_deadlock
async def add_codes(
    pool: asyncpg.Pool, request: Request, sku: str, codes: Sequence[NewCode], now: datetime
) -> Answer:
    """Puts codes into an item's vault, sealed, once for each key; what is left out is named.

    They may be sold from the end of this transaction on.

    Raises:
        NotFound: `unknown_item`.
        Conflict: `not_digital`, `no_warehouse`, `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def act() -> Answer:
            item = await digital.item_of(connection, shop.tenant_id, shop.owner_id, sku)
            refused = await digital.add_codes(connection, item, codes, now)
            counts = await digital_rows.count_codes(connection, item["id"])
            problems = [
                {"pointer": f"/codes/{one.index}", "code": one.code, "detail": one.detail}
                for one in refused
            ]
            return Answer(
                200,
                {
                    "sku": sku,
                    "added": len(codes) - len(refused),
                    "refused": problems,
                    "free": counts["free"],
                },
            )

        return await once(connection, request, act)


async def vault_view(pool: asyncpg.Pool, shop: Shop, sku: str) -> dict[str, object]:
    """How many codes of an item there are, in which state.

    Raises:
        NotFound: `unknown_item`.
        Conflict: `not_digital`, `no_warehouse`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        item = await digital.item_of(connection, shop.tenant_id, shop.owner_id, sku)
        counts = await digital_rows.count_codes(connection, item["id"])
    return {
        "sku": sku,
        "kind": item["digital"],
        **{state: counts[state] for state in ("free", "assigned", "revoked", "expired", "quota")},
        "generator_url": counts["url"],
    }


@again_on_deadlock
async def set_generator(
    pool: asyncpg.Pool, shop: Shop, sku: str, url: str, quota: int
) -> dict[str, object]:
    """Says where codes of an item are made, and how many more; with the secret that signs.

    Raises:
        NotFound: `unknown_item`.
        Conflict: `not_digital`, `no_warehouse`, `quota_promised`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        item = await digital.item_of(connection, shop.tenant_id, shop.owner_id, sku)
        secret = await digital.set_generator(connection, item, url, quota)
    return {"sku": sku, "url": url, "quota": quota, "secret": secret}


@again_on_deadlock
async def drop_generator(pool: asyncpg.Pool, shop: Shop, sku: str) -> None:
    """Has no more codes of an item made.

    Raises:
        NotFound: `unknown_item`.
        Conflict: `not_digital`, `no_warehouse`, `quota_promised`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        item = await digital.item_of(connection, shop.tenant_id, shop.owner_id, sku)
        await digital.drop_generator(connection, item)


async def expire_codes(pool: asyncpg.Pool, now: datetime) -> int:
    """Takes codes that are of no use any more out of the vault; how many.

    Where fewer are left than were promised, the last in rank lose theirs and are told.
    """
    async with staff_transaction(pool) as connection:
        items = await digital_rows.expired_items(connection, now)
    expired = 0
    for item in items:
        expired += await _expire(pool, item["item_id"], item["warehouse_id"], now)
    return expired


@again_on_deadlock
async def _expire(pool: asyncpg.Pool, item_id: int, warehouse_id: int, now: datetime) -> int:
    async with staff_transaction(pool) as connection:
        # Held first: of two that look at the same time one finds none, and frees no claims.
        codes = await digital.lock_expired_codes(connection, item_id, now)
        if codes:
            await lose_claims(connection, item_id, warehouse_id, len(codes), TIMER, now)
            await digital.expire_codes(connection, codes)
    return len(codes)
