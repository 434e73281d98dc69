"""Many orders under one key: each is placed for itself, and the key is of all of them together."""

import asyncpg

from wms.database.pool import shop_transaction
from wms.journey.request import Request, once
from wms.outbox.command import Answer


async def begin_many(pool: asyncpg.Pool, request: Request) -> bool:
    """Writes down what is asked for under a key, so that it means nothing else; was it before?

    The orders are placed under keys of their own: what a request left undone its repeat does.

    Raises:
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`, it came before with other orders.
    """
    async with shop_transaction(pool, request.tenant_id) as connection:

        async def begin() -> Answer:
            return Answer(202, {})

        return (await once(connection, request, begin)).replayed
