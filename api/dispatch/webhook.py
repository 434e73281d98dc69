"""Webhooks to shops, signed by Standard Webhooks.

Source: Standard Webhooks 1.0.0, signature scheme and response status codes.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import aiohttp
import asyncpg
from standardwebhooks import Webhook

from api.dispatch.guard import open_client
from api.dispatch.topic import TIMEOUT, UNSENT, Outcome, Sent, Topic, failure, let_go
from api.wiring import House
from wms.journey.shop.endpoint import give_up_endpoint
from wms.outbox.schedule import webhook_wait_after

GONE = 410
# Who is overloaded may say when to come again; nobody puts us off for longer than this.
OVERLOADED = (429, 502, 503, 504)
RETRY_AFTER_S_MAX = 3_600
REFUSED_BEFORE_CALL = "the endpoint is gone or disabled"


@asynccontextmanager
async def open_webhooks(house: House, connections: int) -> AsyncIterator[Topic]:
    """The topic `webhook`, while its client is open."""
    async with open_client(
        connections=connections, private=house.settings.webhook_private == "yes"
    ) as client:
        yield webhook_topic(house, client)


def webhook_topic(house: House, client: aiohttp.ClientSession) -> Topic:
    """The topic `webhook` over a client that guards where it goes."""
    is_guarded = house.settings.webhook_private != "yes"

    async def send(message: asyncpg.Record) -> Outcome:
        if message["url"] is None:
            return Outcome(REFUSED_BEFORE_CALL, final=True)
        if is_guarded and not message["url"].lower().startswith("https://"):
            return Outcome("not sent: webhooks go by https only")
        try:
            body = json.dumps(message["payload"], separators=(",", ":"), ensure_ascii=False)
            async with client.post(
                message["url"],
                data=body.encode(),
                headers=_headers(message, body, house.now()),
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                await let_go(response)
        except UNSENT as error:
            return failure(error)
        return _outcome(response.status, response.headers.get("Retry-After"))

    return Topic(
        "webhook", send, lambda attempts: webhook_wait_after(attempts, house.rng), _disable_gone
    )


def _headers(message: asyncpg.Record, body: str, now: datetime) -> dict[str, str]:
    secrets = [message["secret"]]
    if message["old_secret"] is not None and now < message["old_secret_until"]:
        secrets.append(message["old_secret"])
    signatures = (Webhook(secret).sign(message["message_id"], now, body) for secret in secrets)
    return {
        "webhook-id": message["message_id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
        "User-Agent": "Stowline",
    }


def _outcome(status: int, retry_after: str | None) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status=status)
    wait = None
    if status in OVERLOADED and retry_after is not None and retry_after.strip().isdecimal():
        wait = timedelta(seconds=min(RETRY_AFTER_S_MAX, int(retry_after.strip()[:9])))
    return Outcome(f"HTTP {status}", status, wait, final=status == GONE)


async def _disable_gone(connection: asyncpg.Connection, sent: Sequence[Sent], house: House) -> None:
    """An endpoint that answers 410 wants no more; a sample that is answered so says the same."""
    for endpoint_id in {one.message["target"] for one in sent if one.outcome.status == GONE}:
        await give_up_endpoint(connection, endpoint_id, house.now())
