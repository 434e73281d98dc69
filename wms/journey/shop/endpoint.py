"""Where a shop wants to hear of events, and what it is told again."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.journey.request import Request, once
from wms.outbox import commands as outbox
from wms.outbox import endpoint_commands as endpoints
from wms.outbox.command import Answer
from wms.outbox.endpoint_commands import Change
from wms.tenants.shop import Shop

GONE = "it answered 410 Gone"
_BATCH = 5_000


async def add_endpoint(pool: asyncpg.Pool, request: Request, url: str, types: list[str]) -> Answer:
    """Enters a webhook endpoint, once for each key; the answer holds its signing secret.

    Raises:
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`, `too_many_endpoints`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def add() -> Answer:
            endpoint_id, secret = await endpoints.add_endpoint(
                connection, shop.tenant_id, shop.shop_id, url, types
            )
            return Answer(201, {"id": endpoint_id, "url": url, "types": types, "secret": secret})

        return await once(connection, request, add)


@again_on_deadlock
async def change_endpoint(
    pool: asyncpg.Pool, shop: Shop, endpoint_id: int, change: Change, now: datetime
) -> None:
    """Changes an endpoint's address or types, disables it, or lets it hear again.

    Raises:
        NotFound: `endpoint_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        held = await endpoints.hold_endpoint(connection, shop.tenant_id, shop.shop_id, endpoint_id)
        await endpoints.change_endpoint(connection, held, change, now)


@again_on_deadlock
async def remove_endpoint(pool: asyncpg.Pool, shop: Shop, endpoint_id: int, now: datetime) -> None:
    """Forgets an endpoint with its deliveries.

    Raises:
        NotFound: `endpoint_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await endpoints.hold_endpoint(connection, shop.tenant_id, shop.shop_id, endpoint_id)
        await endpoints.remove_endpoint(connection, endpoint_id, now)


async def try_endpoint(
    pool: asyncpg.Pool, request: Request, endpoint_id: int, event_type: str, now: datetime
) -> Answer:
    """Sends a sample to an endpoint; the answer says which delivery it is.

    Raises:
        Conflict: `in_flight`.
        NotFound: `endpoint_not_found`.
        Refused: `idempotency_key_reused`.
    """

    async def send(connection: asyncpg.Connection, endpoint: asyncpg.Record) -> Answer:
        delivery_id = await endpoints.send_test(connection, endpoint, event_type, now)
        return Answer(202, {"delivery_id": delivery_id})

    return await _once_held(pool, request, endpoint_id, send)


async def rotate_secret(
    pool: asyncpg.Pool, request: Request, endpoint_id: int, overlap: timedelta, now: datetime
) -> Answer:
    """A new signing secret; the one before signs beside it until the overlap is over.

    Raises:
        Conflict: `in_flight`.
        NotFound: `endpoint_not_found`.
        Refused: `idempotency_key_reused`.
    """

    async def rotate(connection: asyncpg.Connection, endpoint: asyncpg.Record) -> Answer:
        secret, until = await endpoints.rotate_secret(connection, endpoint["id"], overlap, now)
        old_until = None if until is None else until.isoformat()
        return Answer(200, {"secret": secret, "old_secret_until": old_until})

    return await _once_held(pool, request, endpoint_id, rotate)


async def replay_delivery(
    pool: asyncpg.Pool, request: Request, endpoint_id: int, delivery_id: int, now: datetime
) -> Answer:
    """Sends a delivery again, under the same message id; also one that was given up.

    Raises:
        Conflict: `endpoint_disabled`, `in_flight`.
        NotFound: `delivery_not_found`, `endpoint_not_found`.
        Refused: `idempotency_key_reused`.
    """

    async def replay(connection: asyncpg.Connection, endpoint: asyncpg.Record) -> Answer:
        await endpoints.replay(connection, endpoint, delivery_id, now)
        return Answer(202, {"delivery_id": delivery_id})

    return await _once_held(pool, request, endpoint_id, replay)


async def replay_since(
    pool: asyncpg.Pool,
    request: Request,
    endpoint_id: int,
    states: Sequence[str],
    since: datetime,
    now: datetime,
) -> Answer:
    """Sends again what an endpoint did not get since a moment, or all of it.

    Raises:
        Conflict: `endpoint_disabled`, `in_flight`.
        NotFound: `endpoint_not_found`.
        Refused: `idempotency_key_reused`.
    """

    async def replay(connection: asyncpg.Connection, endpoint: asyncpg.Record) -> Answer:
        done = await endpoints.replay_since(connection, endpoint, list(states), since, now)
        more = None if done.next_since is None else done.next_since.isoformat()
        return Answer(202, {"replayed": done.replayed, "next_since": more})

    return await _once_held(pool, request, endpoint_id, replay)


async def give_up_endpoint(connection: asyncpg.Connection, endpoint_id: int, now: datetime) -> None:
    """Disables an endpoint that says it is gone, and tells the shop's other ears so."""
    was = await endpoints.disable_endpoint(connection, endpoint_id, GONE, now)
    if was is not None:
        await outbox.emit(
            connection,
            was["tenant_id"],
            endpoints.DISABLED,
            f"webhook-endpoint/{endpoint_id}",
            None,
            {"endpoint_id": endpoint_id, "reason": GONE},
            "sender",
            now,
        )


async def forget_deliveries(pool: asyncpg.Pool, kept: timedelta, now: datetime) -> int:
    """Deletes messages that have been through for longer than they are kept; how many.

    A message that waits for another which is through is woken; there is none unless the table
    was changed by hand.
    """
    deleted, after = 0, 0
    while True:
        async with staff_transaction(pool) as connection:
            many, behind = await outbox.delete_messages(connection, after, now - kept, _BATCH)
        deleted += many
        if behind is None:
            break
        after = behind
    async with staff_transaction(pool) as connection:
        await outbox.delete_orphans(connection)
        await outbox.wake_forgotten(connection, now)
    return deleted


# A sender that books an answer of 410 holds messages and wants their endpoint.
@again_on_deadlock
async def _once_held(
    pool: asyncpg.Pool,
    request: Request,
    endpoint_id: int,
    act: Callable[[asyncpg.Connection, asyncpg.Record], Awaitable[Answer]],
) -> Answer:
    """What `act` answers for an endpoint of the request's shop, once for each key."""
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def held() -> Answer:
            endpoint = await endpoints.hold_endpoint(
                connection, shop.tenant_id, shop.shop_id, endpoint_id
            )
            return await act(connection, endpoint)

        return await once(connection, request, held)
