"""A shop's POST as it can be repeated: the same key gets the first answer, and nothing twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, under which key, and a hash of what was asked."""

    shop: Shop
    key: str
    kind: str
    body_hash: bytes

    @property
    def scope(self) -> str:
        return f"shop/{self.shop.shop_id}/{self.kind}"


async def once(
    connection: asyncpg.Connection, request: Request, act: Callable[[], Awaitable[Answer]]
) -> Answer:
    """The first answer to this request: given before, or by `act` now, and kept for repeats.

    Raises:
        Conflict: `in_flight`, the same request is being worked on.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    first = await outbox.first_answer(
        connection, shop.tenant_id, request.scope, request.key, request.body_hash
    )
    if first is not None:
        return first
    answer = await act()
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
