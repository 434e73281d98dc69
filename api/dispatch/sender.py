"""Sends what waits in the outbox: webhooks signed by Standard Webhooks, and words to carriers."""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp
import asyncpg
import structlog
from standardwebhooks import Webhook

from api.wiring import House
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import carrier_told
from wms.outbox import commands as outbox

AT_ONCE = 200
# An endpoint that hangs holds up less than twice this much of what can be under way.
SHARE = 20
TIMEOUT = aiohttp.ClientTimeout(total=10)
ANSWER_BYTES_MAX = 65_536
# A lease outlasts the slowest answer, so that no second sender takes the message meanwhile.
LEASE = timedelta(seconds=60)
# What an endpoint can fail by; an address that no client can read is its fault too.
UNSENT = (aiohttp.ClientError, OSError, ValueError, OverflowError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a message: nothing to say, or why it was not taken."""

    message: asyncpg.Record
    error: str | None


class Sender:
    """Sends messages side by side: each object's in order, none waiting for another's endpoint."""

    def __init__(self, house: House, client: aiohttp.ClientSession) -> None:
        self._house = house
        self._client = client
        self._under_way: dict[asyncio.Task[Sent], tuple[str, int]] = {}
        self._unbooked: list[Sent] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives up what is under way; its lease runs out, and it is sent again."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def take_due(self) -> int:
        """Books what came of messages, and begins to send others that are due; how many."""
        for task in [task for task in self._under_way if task.done()]:
            del self._under_way[task]
            self._unbooked.append(task.result())
        async with staff_transaction(self._house.pool) as connection:
            for sent in self._unbooked:
                await _book(connection, sent, self._house)
            messages = await self._claim(connection)
        self._unbooked.clear()
        for message in messages:
            task = asyncio.create_task(self._send(message))
            self._under_way[task] = (message["topic"], message["target"])
        return len(messages)

    async def _claim(self, connection: asyncpg.Connection) -> list[asyncpg.Record]:
        free = min(SHARE, AT_ONCE - len(self._under_way))
        if free <= 0:
            return []
        busy = [target for target, n in Counter(self._under_way.values()).items() if n >= SHARE]
        now = self._house.now()
        return await outbox.claim_messages(connection, free, busy, now, now + LEASE)

    async def wait(self, news: Coroutine[Any, Any, None]) -> None:
        """Returns when something came of a message, or when the news come."""
        heard = asyncio.create_task(news)
        try:
            await asyncio.wait({heard, *self._under_way}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()

    async def _send(self, message: asyncpg.Record) -> Sent:
        try:
            url, headers, body = _request(self._house, message)
            async with self._client.post(
                url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                await response.content.read(ANSWER_BYTES_MAX)
        except UNSENT as failure:
            return Sent(message, f"{type(failure).__name__}: {failure}")
        return Sent(message, None if response.status < 300 else f"HTTP {response.status}")


async def _book(connection: asyncpg.Connection, sent: Sent, house: House) -> None:
    message, now = sent.message, house.now()
    if sent.error is not None:
        await outbox.postpone_message(
            connection, message["id"], message["attempts"], sent.error, now
        )
        log.warning(
            "message_not_sent",
            message=message["message_id"],
            subject=message["subject"],
            attempts=message["attempts"],
            error=sent.error,
        )
        return
    await outbox.finish_message(connection, message["id"], now)
    if message["topic"] == "carrier" and message["payload"]["path"] == "/pickups":
        tracking_number = message["payload"]["body"]["waybill"]["tracking_number"]
        await carrier_told(connection, tracking_number, now)


def _request(house: House, message: asyncpg.Record) -> tuple[str, dict[str, str], str]:
    if message["topic"] == "carrier":
        headers = {
            "Idempotency-Key": message["message_id"],
            "Authorization": f"Bearer {message['secret']}",
        }
        body = json.dumps(message["payload"]["body"], separators=(",", ":"))
        url = message["url"] + message["payload"]["path"]
    else:
        body = json.dumps(message["payload"], separators=(",", ":"))
        now = house.now()
        headers = {
            "webhook-id": message["message_id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(message["secret"]).sign(message["message_id"], now, body),
        }
        url = message["url"]
    return url, headers | {"Content-Type": "application/json"}, body
