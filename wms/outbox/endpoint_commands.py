"""Webhook endpoints: entered, changed, tried out, disabled, and told again what they missed."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict, NotFound, Refused
from wms.outbox import delivery_store, endpoint_store, given_up_store

ENDPOINTS_MAX = 20
REPLAY_MAX = 10_000
DISABLED = "webhook_endpoint.disabled"
TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an endpoint; None leaves it as it is."""

    url: str | None = None
    types: list[str] | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries begin anew; where there are more, `next_since` is asked with next."""

    replayed: int
    next_since: datetime | None


async def add_endpoint(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, url: str, types: list[str]
) -> tuple[int, str]:
    """A webhook endpoint and its signing secret, which is shown only here.

    Raises:
        Refused: `too_many_endpoints`.
    """
    await endpoint_store.hold_shop(connection, shop_id)
    if await endpoint_store.count_endpoints(connection, tenant_id, shop_id) >= ENDPOINTS_MAX:
        raise Refused(
            "too_many_endpoints", f"A shop has {ENDPOINTS_MAX} webhook endpoints at most."
        )
    secret = _new_secret()
    endpoint_id = await endpoint_store.insert_endpoint(
        connection, tenant_id, shop_id, url, secret, types
    )
    return endpoint_id, secret


async def hold_endpoint(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, endpoint_id: int
) -> asyncpg.Record:
    """A shop's endpoint, held until the transaction ends.

    Raises:
        NotFound: `endpoint_not_found`.
    """
    row = await endpoint_store.lock_endpoint(connection, endpoint_id)
    if row is None or (row["tenant_id"], row["shop_id"]) != (tenant_id, shop_id):
        raise NotFound("endpoint_not_found", f"There is no webhook endpoint {endpoint_id}.")
    return row


async def change_endpoint(
    connection: asyncpg.Connection, endpoint: asyncpg.Record, change: Change, now: datetime
) -> None:
    """Changes an endpoint that is held; one that is disabled lays aside what waits for it."""
    await endpoint_store.update_endpoint(
        connection,
        endpoint["id"],
        endpoint["url"] if change.url is None else change.url,
        endpoint["types"] if change.types is None else change.types,
    )
    if change.active is None or change.active == endpoint["active"]:
        return
    if change.active:
        # Whoever lets it hear again knows that it missed something: that is no alarm of the house.
        await given_up_store.acknowledge_endpoint(connection, endpoint["id"], now)
        await endpoint_store.set_active(connection, endpoint["id"], None, None)
    else:
        await disable_endpoint(connection, endpoint["id"], "disabled by the shop", now)


async def disable_endpoint(
    connection: asyncpg.Connection, endpoint_id: int, reason: str, now: datetime
) -> asyncpg.Record | None:
    """Tells an endpoint nothing more and lays aside what waits for it, which can be replayed.

    The endpoint as it was; None where there is none that was active.
    """
    row = await endpoint_store.lock_endpoint(connection, endpoint_id)
    if row is None:
        return None
    await endpoint_store.give_up_waiting(
        connection, endpoint_id, f"endpoint disabled: {reason}", now
    )
    if not row["active"]:
        return None
    await endpoint_store.set_active(connection, endpoint_id, now, reason)
    return row


async def remove_endpoint(connection: asyncpg.Connection, endpoint_id: int, now: datetime) -> None:
    """Forgets an endpoint that is held; what waits for it is sent to nobody."""
    await endpoint_store.give_up_waiting(connection, endpoint_id, "endpoint deleted", now)
    await endpoint_store.delete_endpoint(connection, endpoint_id)


async def rotate_secret(
    connection: asyncpg.Connection, endpoint_id: int, overlap: timedelta, now: datetime
) -> tuple[str, datetime | None]:
    """A new secret; until the moment beside it the one before signs as well."""
    secret = _new_secret()
    old_until = now + overlap if overlap else None
    await endpoint_store.change_secret(connection, endpoint_id, secret, old_until)
    return secret, old_until


async def send_test(
    connection: asyncpg.Connection, endpoint: asyncpg.Record, event_type: str, now: datetime
) -> int:
    """Queues a sample for an endpoint alone; the delivery."""
    name = secrets.token_hex(12)
    subject = f"test/{name}"
    payload: dict[str, object] = {
        "type": event_type,
        "timestamp": now.isoformat(),
        "subject": subject,
        "sequence": 1,
        "test": True,
        "data": {"endpoint_id": endpoint["id"], "note": "A sample: nothing has happened."},
    }
    return await delivery_store.insert_test(
        connection, endpoint["tenant_id"], endpoint["id"], f"msg_test_{name}", subject, payload
    )


async def replay(
    connection: asyncpg.Connection, endpoint: asyncpg.Record, delivery_id: int, now: datetime
) -> None:
    """Lets a delivery begin its tries anew, under the same message id; also a dead one.

    Raises:
        Conflict: `endpoint_disabled`.
        NotFound: `delivery_not_found`.
    """
    if await delivery_store.find_delivery(connection, endpoint["id"], delivery_id) is None:
        raise NotFound("delivery_not_found", f"There is no delivery {delivery_id}.")
    _must_be_active(endpoint)
    await delivery_store.replay(connection, endpoint["id"], delivery_id, now)


async def replay_since(
    connection: asyncpg.Connection,
    endpoint: asyncpg.Record,
    states: list[str],
    since: datetime,
    now: datetime,
) -> Replayed:
    """Lets deliveries since a moment begin anew, and queues events that were never sent.

    No more of either than REPLAY_MAX at once.

    Raises:
        Conflict: `endpoint_disabled`.
    """
    _must_be_active(endpoint)
    begun, begun_upto = await delivery_store.replay_since(
        connection, endpoint["id"], states, since, REPLAY_MAX, now
    )
    missed, missed_upto = await delivery_store.queue_missed(
        connection, endpoint["id"], since, REPLAY_MAX, now
    )
    ends = [upto for upto in (begun_upto, missed_upto) if upto is not None]
    return Replayed(begun + missed, min(ends, default=None))


def _must_be_active(endpoint: asyncpg.Record) -> None:
    if not endpoint["active"]:
        raise Conflict(
            "endpoint_disabled", "The endpoint is disabled: activate it, then replay.", "/active"
        )


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(24)).decode()
