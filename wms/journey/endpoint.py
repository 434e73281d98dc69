"""Where a shop wants to hear of events."""

import asyncpg

from wms.database.pool import shop_transaction
from wms.journey.intake import Request
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
        first = await outbox.first_answer(
            connection, shop.tenant_id, request.scope, request.key, request.body_hash
        )
        if first is not None:
            return first
        endpoint_id, secret = await outbox.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, url, types
        )
        answer = Answer(201, {"id": endpoint_id, "url": url, "types": types, "secret": secret})
        await outbox.remember(
            connection,
            shop.tenant_id,
            request.scope,
            request.key,
            request.kind,
            request.body_hash,
            answer,
            shop.actor,
        )
        return answer
