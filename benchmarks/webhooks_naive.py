"""The plain way to send webhooks: one at a time, each in a transaction that waits for an answer."""

import json
from datetime import UTC, datetime

import aiohttp
import asyncpg
from standardwebhooks import Webhook

from wms.database.pool import staff_transaction


async def send_all(pool: asyncpg.Pool, client: aiohttp.ClientSession) -> int:
    """Sends what waits, the oldest first, until nothing does; how many."""
    sent = 0
    while await _send_one(pool, client):
        sent += 1
    return sent


async def _send_one(pool: asyncpg.Pool, client: aiohttp.ClientSession) -> bool:
    async with staff_transaction(pool) as connection:
        message = await connection.fetchrow(
            """
            select o.id, o.message_id, o.payload, w.url, w.secret
            from outbox o join webhook_endpoint w on w.id = o.target
            where o.topic = 'webhook' and o.done_at is null and o.dead_at is null
            order by o.id limit 1 for update of o skip locked
            """
        )
        if message is None:
            return False
        now = datetime.now(UTC)
        body = json.dumps(message["payload"])
        headers = {
            "webhook-id": message["message_id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(message["secret"]).sign(message["message_id"], now, body),
            "Content-Type": "application/json",
        }
        async with client.post(message["url"], data=body, headers=headers) as response:
            assert response.status < 300, response.status
        await connection.execute(
            "update outbox set done_at = $2, attempts = attempts + 1 where id = $1",
            message["id"],
            now,
        )
        return True
