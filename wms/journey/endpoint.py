"""Where a shop wants to hear of events."""

import asyncpg

from wms.database.pool import shop_transaction
from wms.journey.request import Request, once
from wms.outbox import commands as outbox
from wms.outbox.command import Answer


async def add_endpoint(pool: asyncpg.Pool, request: Request, url: str, types: list[str]) -> Answer:
    """Enters a webhook endpoint, once for each key; the answer holds its signing secret.

    Raises:
        Conflict: `in_flight`.
        Refused: `bad_url`, `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def add() -> Answer:
            endpoint_id, secret = await outbox.add_endpoint(
                connection, shop.tenant_id, shop.shop_id, url, types
            )
            return Answer(201, {"id": endpoint_id, "url": url, "types": types, "secret": secret})

        return await once(connection, request, add)
