"""Sends what waits in the outbox: webhooks signed by Standard Webhooks, and words to carriers."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import httpx
import structlog
from standardwebhooks import Webhook

from api.wiring import House
from wms.database.pool import staff_transaction
from wms.journey.waybill import carrier_told
from wms.outbox import commands as outbox

AT_ONCE = 50
TIMEOUT_S = 10
# A lease outlasts the slowest answer, so that no second sender takes the message meanwhile.
LEASE = timedelta(seconds=6 * TIMEOUT_S)
log = structlog.get_logger()


async def send_due(house: House, client: httpx.AsyncClient) -> int:
    """Sends all messages that are due, of each object only the oldest; how many there were."""
    async with staff_transaction(house.pool) as connection:
        now = house.now()
        messages = await outbox.claim_messages(connection, AT_ONCE, now, now + LEASE)
    await asyncio.gather(*(_send(house, client, message) for message in messages))
    return len(messages)


async def _send(house: House, client: httpx.AsyncClient, message: asyncpg.Record) -> None:
    try:
        response = await client.send(_request(house, client, message))
        error = None if response.is_success else f"HTTP {response.status_code}"
    except httpx.HTTPError as failure:
        error = f"{type(failure).__name__}: {failure}"
    async with staff_transaction(house.pool) as connection:
        now = house.now()
        if error is not None:
            await outbox.postpone_message(
                connection, message["id"], message["attempts"], error, now
            )
            log.warning(
                "message_not_sent",
                message=message["message_id"],
                subject=message["subject"],
                attempts=message["attempts"],
                error=error,
            )
            return
        await outbox.finish_message(connection, message["id"], now)
        if message["topic"] == "carrier" and message["payload"]["path"] == "/pickups":
            tracking_number = message["payload"]["body"]["waybill"]["tracking_number"]
            await carrier_told(connection, tracking_number, now)


def _request(house: House, client: httpx.AsyncClient, message: asyncpg.Record) -> httpx.Request:
    if message["topic"] == "carrier":
        return client.build_request(
            "POST",
            message["url"] + message["payload"]["path"],
            json=message["payload"]["body"],
            headers={
                "Idempotency-Key": message["message_id"],
                "Authorization": f"Bearer {message['secret']}",
            },
            timeout=TIMEOUT_S,
        )
    body = json.dumps(message["payload"], separators=(",", ":"))
    now = house.now()
    signature = Webhook(message["secret"]).sign(message["message_id"], now, body)
    return client.build_request(
        "POST",
        message["url"],
        content=body,
        headers={
            "Content-Type": "application/json",
            "webhook-id": message["message_id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
        timeout=TIMEOUT_S,
    )
