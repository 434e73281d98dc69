"""Connectors: other shop systems that a shop lets in, and what they sent."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import keyset_of, shop_transaction, staff_transaction
from wms.database.seal import Personal
from wms.error import NotFound
from wms.journey.request import Request, once
from wms.orders import connector_commands as connectors
from wms.orders import connector_queries as rows
from wms.orders.buyer import mail_index
from wms.orders.connector import Kind
from wms.outbox import commands as outbox
from wms.outbox.command import Answer, body_hash
from wms.tenants.shop import Shop

JOB = "connector"
# Whoever took the message carries it out at once; the job is for when that did not come about.
JOB_WAITS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector as a message of its system needs it; `wishes` are what messages do not say."""

    number: int
    kind: Kind
    secret: str
    shop: Shop
    wishes: dict[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came: `name` is what their system calls this one sending of it."""

    name: str
    topic: str
    their_id: str
    body: str
    mail: str | None


async def add_connector(
    pool: asyncpg.Pool,
    request: Request,
    kind: Kind,
    name: str,
    secret: str | None,
    wishes: dict[str, object],
    now: datetime,
) -> Answer:
    """Lets another shop system in, once for each key; a secret that is drawn here is told once.

    Raises:
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def add() -> Answer:
            drawn = secrets.token_urlsafe(32) if secret is None else None
            number = await connectors.add_connector(
                connection,
                shop.tenant_id,
                shop.shop_id,
                kind,
                name,
                drawn or str(secret),
                shop.sandbox,
                wishes,
                shop.actor,
                now,
            )
            await _tell(connection, "connector.added", shop, number, kind, now)
            said = {"id": number, "kind": kind.value, "name": name, "sandbox": shop.sandbox}
            return Answer(201, Personal(said | wishes | {"secret": drawn}))

        return await once(connection, request, add)


async def shop_connectors(pool: asyncpg.Pool, shop: Shop) -> list[asyncpg.Record]:
    """A shop's connectors; a key of the sandbox sees those of the sandbox."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        found = await rows.connectors_of(connection, shop.shop_id)
    return [row for row in found if row["sandbox"] or not shop.sandbox]


async def change_secret(
    pool: asyncpg.Pool, shop: Shop, number: int, secret: str, now: datetime
) -> None:
    """Gives a connector another secret; what is signed with the old one is refused from now on.

    Raises:
        NotFound: `connector_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await _own(connection, shop, number)
        await connectors.set_secret(connection, number, secret)
        await _tell(connection, "connector.changed", shop, number, Kind(row["kind"]), now)


async def remove_connector(pool: asyncpg.Pool, shop: Shop, number: int, now: datetime) -> None:
    """Shuts another shop system out; its orders stay.

    Raises:
        NotFound: `connector_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        row = await _own(connection, shop, number)
        await connectors.remove_connector(connection, number, now)
        await _tell(connection, "connector.removed", shop, number, Kind(row["kind"]), now)


async def deliveries(
    pool: asyncpg.Pool, shop: Shop, number: int, state: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    """What a connector's system sent, the oldest first, with what came of each.

    Raises:
        NotFound: `connector_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await _own(connection, shop, number)
        return await rows.deliveries_after(connection, number, state, after, limit)


async def delivery(pool: asyncpg.Pool, shop: Shop, number: int, delivery_id: int) -> asyncpg.Record:
    """One message, with what came of it.

    Raises:
        NotFound: `connector_not_found`, `message_not_found`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        await _own(connection, shop, number)
        found = await rows.delivery_of_id(connection, number, delivery_id)
    if found is None:
        raise NotFound("message_not_found", f"Connector {number} had no message {delivery_id}.")
    return found


async def connector_of_number(pool: asyncpg.Pool, number: int) -> Connector | None:
    """A connector with its secret, whoever asks; None where there is none, or none any more."""
    async with staff_transaction(pool) as connection:
        row = await rows.connector_of_id(connection, number)
    return None if row is None else connector_from(row)


def connector_from(row: asyncpg.Record) -> Connector:
    """A connector from its row."""
    shop = Shop(
        row["tenant_id"], row["owner_id"], row["shop_id"], row["shop"], frozenset(), row["sandbox"]
    )
    return Connector(row["id"], Kind(row["kind"]), row["secret"]["secret"], shop, row["wishes"])


async def keep_message(
    pool: asyncpg.Pool, connector: Connector, message: Message, now: datetime
) -> int:
    """Keeps a message, and sees to it that it is carried out; its number, also when it came before.

    It came before where both its name and all that it says did. The body is sealed, and found by
    the buyer's mail address where it has to be forgotten.
    """
    async with staff_transaction(pool) as connection:
        mail = (message.mail or "").strip()
        digest = body_hash([message.topic, message.body])
        number = await connectors.keep_delivery(
            connection,
            connector.shop.tenant_id,
            connector.number,
            message.name,
            message.topic,
            message.their_id,
            message.body,
            digest,
            mail_index(keyset_of(connection), mail) if mail else None,
            now,
        )
        if number is None:
            known = await rows.delivery_of_name(connection, connector.number, message.name, digest)
            assert known is not None, "whoever kept it has committed"
            return int(known["id"])
        await outbox.enqueue(
            connection,
            JOB,
            f"connector-delivery/{number}",
            {"delivery_id": number},
            now + JOB_WAITS,
        )
        return number


async def forget_messages(pool: asyncpg.Pool, kept: timedelta, now: datetime) -> int:
    """Deletes messages that came so long ago, carried out or not; how many."""
    async with staff_transaction(pool) as connection:
        return await connectors.delete_deliveries(connection, now - kept)


async def _own(connection: asyncpg.Connection, shop: Shop, number: int) -> asyncpg.Record:
    for row in await rows.connectors_of(connection, shop.shop_id):
        if row["id"] == number and (row["sandbox"] or not shop.sandbox):
            return row
    raise NotFound("connector_not_found", f"This shop has no connector {number}.")


async def _tell(
    connection: asyncpg.Connection,
    event_type: str,
    shop: Shop,
    number: int,
    kind: Kind,
    now: datetime,
) -> None:
    data: dict[str, object] = {"connector_id": number, "kind": kind.value}
    await outbox.emit(
        connection,
        shop.tenant_id,
        event_type,
        f"connector/{number}",
        None,
        data,
        shop.actor,
        now,
    )
